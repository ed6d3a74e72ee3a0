//! Colours, dashes and markers. The colours are those of Okabe and Ito (2008, <https://jfly.uni-koeln.de/color/>), which people
//! with any common colour vision tell apart; each comes with a marker and dashes of its own, for those who see none.

use kuva::Theme as Chrome;
use kuva::plot::scatter::MarkerShape;

/// Light or dark ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark ink on white.
    Light,
    /// Light ink on near-black.
    Dark,
}

/// Who a mark belongs to, as far as its looks go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A contender by its number: the same number looks the same in each picture of a page.
    Contender(usize),
    /// Nobody in particular, but one of several kinds, told apart by marker alone.
    Kind(usize),
    /// Nobody, because all are alike.
    Even,
    /// Nobody in particular: predictions, limits, what is undecided.
    Neutral,
}

impl Theme {
    /// Both, for a page that follows its reader's choice.
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];

    /// `light` or `dark`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The ground on which everything is drawn.
    pub(super) fn ground(self) -> &'static str {
        match self {
            Self::Light => "#ffffff",
            Self::Dark => "#0d1117",
        }
    }

    /// The colour of text and axes.
    pub(super) fn ink(self) -> &'static str {
        match self {
            Self::Light => "#1f2328",
            Self::Dark => "#e6edf3",
        }
    }

    /// Of Okabe and Ito's eight those that stand out by 3:1 from the ground.
    fn colours(self) -> [&'static str; 5] {
        match self {
            Self::Light => ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000"],
            Self::Dark => ["#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442"],
        }
    }

    fn grey(self) -> &'static str {
        match self {
            Self::Light => "#666666",
            Self::Dark => "#9da5ae",
        }
    }

    /// A band's colour: above the grid, below everything else.
    pub(super) fn shade(self) -> &'static str {
        match self {
            Self::Light => "#dde1e6",
            Self::Dark => "#30363d",
        }
    }

    /// What kuva calls a theme: ground, axes, grid, text.
    pub(super) fn chrome(self) -> Chrome {
        let grid = match self {
            Self::Light => "#e3e6ea",
            Self::Dark => "#262c34",
        };
        Chrome {
            background: self.ground().into(),
            axis_color: self.ink().into(),
            tick_color: self.ink().into(),
            grid_color: grid.into(),
            text_color: self.ink().into(),
            legend_bg: self.ground().into(),
            legend_border: "none".into(),
            ..Chrome::light()
        }
    }
}

/// Six shapes and five colours have no common divisor: thirty contenders before a pair repeats.
const MARKERS: [MarkerShape; 6] = [
    MarkerShape::Circle,
    MarkerShape::Square,
    MarkerShape::Triangle,
    MarkerShape::Diamond,
    MarkerShape::TriangleDown,
    MarkerShape::Star,
];

const DASHES: [Option<&str>; 5] = [None, Some("8 3"), Some("2 3"), Some("8 3 2 3"), Some("14 4")];

impl Style {
    pub(super) fn colour(self, theme: Theme) -> &'static str {
        match self {
            Self::Contender(number) => theme.colours()[number % theme.colours().len()],
            Self::Kind(_) => theme.ink(),
            Self::Even | Self::Neutral => theme.grey(),
        }
    }

    pub(super) fn marker(self) -> MarkerShape {
        match self {
            Self::Contender(number) | Self::Kind(number) => MARKERS[number % MARKERS.len()],
            Self::Even | Self::Neutral => MarkerShape::Cross,
        }
    }

    pub(super) fn dashes(self) -> Option<&'static str> {
        match self {
            Self::Contender(number) | Self::Kind(number) => DASHES[number % DASHES.len()],
            Self::Even | Self::Neutral => Some("6 4"),
        }
    }

    /// The colour of a whole square. What nobody wins stays in the background, known and unknown apart.
    pub(super) fn fill(self, theme: Theme) -> &'static str {
        match (self, theme) {
            (Self::Contender(_) | Self::Kind(_), _) => self.colour(theme),
            (Self::Even, Theme::Light) => "#f3e9b5",
            (Self::Even, Theme::Dark) => "#5a5022",
            (Self::Neutral, Theme::Light) => "#d5d9de",
            (Self::Neutral, Theme::Dark) => "#3d444d",
        }
    }
}

/// Black or white, whichever is easier to read on this colour.
pub(super) fn ink_on(fill: &str) -> &'static str {
    let inks = ["#000000", "#ffffff"].into_iter();
    inks.max_by(|a, b| contrast(a, fill).total_cmp(&contrast(b, fill))).unwrap_or("#000000")
}

/// Contrast of two colours, from 1 to 21: WCAG 2.2, "contrast ratio" and "relative luminance".
pub(crate) fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(colour: &str) -> f64 {
    let linear = |from: usize| {
        let byte = colour.get(from..from + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
        let share = f64::from(byte) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(1) + 0.7152 * linear(3) + 0.0722 * linear(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_of_known_pairs() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
    }

    #[test]
    fn text_has_4_5_to_1_and_marks_have_3_to_1() {
        for theme in Theme::ALL {
            assert!(contrast(theme.ink(), theme.ground()) >= 4.5, "{theme:?}");
            assert!(contrast(theme.ink(), theme.shade()) >= 4.5, "{theme:?}");
            for style in (0..30).map(Style::Contender).chain([Style::Kind(0), Style::Even, Style::Neutral]) {
                assert!(contrast(style.colour(theme), theme.ground()) >= 3.0, "{theme:?} {style:?}");
                assert!(contrast(ink_on(style.fill(theme)), style.fill(theme)) >= 4.5, "{theme:?} {style:?}");
            }
        }
    }

    #[test]
    fn thirty_contenders_differ_in_colour_or_marker() {
        let mut looks = Vec::new();
        for number in 0..30 {
            let style = Style::Contender(number);
            let look = (style.colour(Theme::Dark), style.marker());
            assert!(!looks.contains(&look), "{number} looks like another");
            looks.push(look);
        }
    }
}
