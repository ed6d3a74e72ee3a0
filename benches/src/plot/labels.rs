//! Where the names of reference lines stand: beside their line, where they cover the fewest points, lines and other names.

use kuva::render::render::{Primitive, TextAnchor};

use super::Along;

/// Height of the letters of names and legend, in units of the picture.
pub(super) const SIZE: u32 = 13;

/// Wider than the letters of most fonts: the reader's font is not known here.
const LETTER: f64 = 0.58;

/// Free ground around a name.
const MARGIN: f64 = 3.0;

/// How far the letters of a text of this size reach, at most as a rule.
fn width(text: &str, size: u32) -> f64 {
    text.chars().count() as f64 * f64::from(size) * LETTER
}

/// How many letters of this size surely fit into `width`, at least one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count, at least 1")]
pub(super) fn letters(width: f64, size: u32) -> usize {
    (width / (f64::from(size) * LETTER)).max(1.0) as usize
}

/// A rectangle in the picture, from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Area {
    fn around(left: f64, top: f64, text: &str) -> Self {
        let right = left + width(text, SIZE) + 2.0 * MARGIN;
        Self { left, top, right, bottom: top + f64::from(SIZE) + 2.0 * MARGIN }
    }

    fn holds(&self, (x, y): (f64, f64)) -> bool {
        self.left <= x && x <= self.right && self.top <= y && y <= self.bottom
    }

    fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    fn inside(&self, outer: &Self) -> bool {
        outer.left <= self.left
            && self.right <= outer.right
            && outer.top <= self.top
            && self.bottom <= outer.bottom
    }
}

/// A name and the line it belongs to, in the picture's units.
pub(super) struct Name<'a> {
    pub(super) text: &'a str,
    pub(super) along: Along,
    pub(super) at: f64,
}

/// The areas of the names, each beside its line and inside `plot`. `ink` are points that better stay visible.
pub(super) fn place(names: &[Name<'_>], plot: &Area, ink: &[(f64, f64)]) -> Vec<Area> {
    let mut taken: Vec<Area> = Vec::new();
    for name in names {
        let cost = |area: &Area| {
            let covered = ink.iter().filter(|point| area.holds(**point)).count();
            let collisions = taken.iter().filter(|other| area.meets(other)).count();
            let crossed = names.iter().filter(|other| crosses(other, area)).count();
            covered + 1_000 * collisions + 20 * crossed
        };
        let mut best = None;
        for area in candidates(name, plot).into_iter().filter(|area| area.inside(plot)) {
            let cost = cost(&area);
            if best.is_none_or(|(lowest, _)| cost < lowest) {
                best = Some((cost, area));
            }
        }
        // A picture too small for the name: it stands at the left, whatever it covers.
        taken.push(best.map_or_else(|| Area::around(plot.left, plot.top, name.text), |(_, area)| area));
    }
    taken
}

fn crosses(line: &Name<'_>, area: &Area) -> bool {
    match line.along {
        Along::X => area.left < line.at && line.at < area.right,
        Along::Y => area.top < line.at && line.at < area.bottom,
    }
}

/// Both sides of the line, at twenty places along it; the earlier, the better liked.
fn candidates(name: &Name<'_>, plot: &Area) -> Vec<Area> {
    let size = Area::around(0.0, 0.0, name.text);
    let (width, height) = (size.right, size.bottom);
    let steps = (0..=20).map(|step| f64::from(step) / 20.0);
    steps
        .flat_map(|share| match name.along {
            Along::X => {
                let top = plot.top + share * (plot.bottom - plot.top - height);
                [(name.at, top), (name.at - width, top)]
            }
            Along::Y => {
                let left = plot.left + share * (plot.right - plot.left - width);
                [(left, name.at - height), (left, name.at)]
            }
        })
        .map(|(left, top)| Area::around(left, top, name.text))
        .collect()
}

/// The name in its area, on ground of its own so that grid lines do not strike it through.
pub(super) fn draw(text: &str, area: &Area, ground: &str) -> [Primitive; 2] {
    [
        Primitive::Rect {
            x: area.left + 1.0,
            y: area.top + 1.0,
            width: area.right - area.left - 2.0,
            height: area.bottom - area.top - 2.0,
            fill: ground.into(),
            stroke: None,
            stroke_width: None,
            opacity: Some(0.8),
        },
        write(text, (area.left + MARGIN, area.bottom - MARGIN - 2.0), SIZE, TextAnchor::Start, None),
    ]
}

/// One line of text at its baseline.
pub(super) fn write(
    text: &str,
    (x, y): (f64, f64),
    size: u32,
    anchor: TextAnchor,
    ink: Option<&str>,
) -> Primitive {
    let color = ink.map(Into::into);
    Primitive::Text { x, y, content: text.to_owned(), size, anchor, rotate: None, bold: false, color }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLOT: Area = Area { left: 0.0, top: 0.0, right: 400.0, bottom: 300.0 };

    #[test]
    fn names_of_crossing_lines_stand_apart_and_inside() {
        let names = [
            Name { text: "async 20,900", along: Along::Y, at: 40.0 },
            Name { text: "processor limit 9,900", along: Along::Y, at: 60.0 },
            Name { text: "k* = 120", along: Along::X, at: 330.0 },
            Name { text: "clients 256", along: Along::X, at: 390.0 },
        ];
        let areas = place(&names, &PLOT, &[]);
        for (i, area) in areas.iter().enumerate() {
            assert!(area.inside(&PLOT), "{area:?}");
            for other in &areas[..i] {
                assert!(!area.meets(other), "{area:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_name_avoids_the_points() {
        let name = Name { text: "limit", along: Along::Y, at: 150.0 };
        let ink: Vec<_> = (0..40).map(|step| (f64::from(step) * 9.0, 140.0)).collect();
        let area = place(&[name], &PLOT, &ink)[0];
        assert!(!ink.iter().any(|point| area.holds(*point)), "{area:?}");
    }

    #[test]
    fn a_name_wider_than_the_picture_is_still_there() {
        let name = Name { text: &"long ".repeat(40), along: Along::Y, at: 150.0 };
        assert_eq!(place(&[name], &PLOT, &[]).len(), 1);
    }
}
