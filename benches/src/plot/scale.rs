//! How values are spread along an axis: where one stands, which range is shown, which ticks are named.

use std::sync::Arc;

use kuva::TickFormat;
use kuva::render::layout::Layout;

use super::{Along, finish};
use crate::format;

/// How values are spread along an axis.
#[derive(Debug, Clone, PartialEq)]
pub enum Scale {
    /// Equal steps for equal differences.
    Linear {
        /// Whether zero is always in the picture; lengths and heights lie without it.
        from_zero: bool,
    },
    /// Equal steps for each doubling; values must be above zero.
    Log2,
    /// Equal steps for each factor of ten; values must be above zero.
    Log10,
    /// Equal steps for each further nine: 90 %, 99 %, 99.9 %. Values are percentages from 0 up to, but not, 100.
    Nines,
    /// Names, in order, away from the origin.
    Categories(Vec<String>),
}

/// As many ticks as names of ticks have room for.
const TICKS: f64 = 9.0;

/// Larger values are no measurements, and more than a whole number of a tick's name can count.
const LARGEST: f64 = 1e15;

/// Below this kuva's logarithmic axis ends.
const SMALLEST: f64 = 1e-9;

impl Scale {
    /// Where a value stands, in steps of the scale; nothing if it has no place.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        let place = match self {
            _ if value.abs() > LARGEST => f64::NAN,
            Self::Linear { .. } => value,
            Self::Log2 | Self::Log10 if value < SMALLEST => f64::NAN,
            Self::Log2 => value.log2(),
            Self::Log10 => value.log10(),
            Self::Nines if value < 0.0 => f64::NAN,
            Self::Nines => 0.0 - (1.0 - value / 100.0).log10(),
            Self::Categories(names) if value < 0.0 || value >= names.len() as f64 => f64::NAN,
            Self::Categories(_) => value + 1.0,
        };
        place.is_finite().then_some(place)
    }

    /// A place in the numbers that kuva draws with: it takes logarithms to base 10 itself.
    pub(super) fn drawn(&self, place: f64) -> f64 {
        if *self == Self::Log10 { 10f64.powf(place) } else { place }
    }

    /// The range to show for these places, with room at both ends so that no marker is cut in half.
    pub(super) fn range(&self, places: &[f64]) -> (f64, f64) {
        let low = places.iter().copied().fold(f64::INFINITY, f64::min);
        let high = places.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
        let room = (high - low) * 0.06;
        match self {
            Self::Linear { from_zero: true } if low >= 0.0 => {
                (0.0, if high > 0.0 { high * 1.06 } else { 1.0 })
            }
            Self::Linear { .. } => {
                let room = if room > 0.0 { room } else { low.abs().mul_add(0.1, 0.1) };
                (low - room, high + room)
            }
            Self::Log2 => (low - room.max(0.3), high + room.max(0.3)),
            Self::Log10 => (low - room.max(0.2), high + room.max(0.25)),
            Self::Nines => (0.0, high + room.max(0.2)),
            Self::Categories(names) => (0.5, names.len().max(1) as f64 + 0.5),
        }
    }

    /// Gives kuva's layout this axis.
    pub(super) fn configure(&self, layout: Layout, along: Along, (low, high): (f64, f64)) -> Layout {
        let layout = match along {
            Along::X => layout.with_x_axis_min(self.drawn(low)).with_x_axis_max(self.drawn(high)),
            Along::Y => layout.with_y_axis_min(self.drawn(low)).with_y_axis_max(self.drawn(high)),
        };
        let step = ((high - low) / TICKS).ceil().max(1.0);
        match (self, along) {
            (Self::Linear { .. }, Along::X) => layout.with_x_tick_format(names(number)),
            (Self::Linear { .. }, Along::Y) => layout.with_y_tick_format(names(number)),
            (Self::Log10, Along::X) => layout.with_log_x().with_x_tick_format(names(number)),
            (Self::Log10, Along::Y) => layout.with_log_y().with_y_tick_format(names(number)),
            (Self::Log2, Along::X) => {
                layout.with_x_tick_step(step).with_x_tick_format(names(|v| number(v.exp2())))
            }
            (Self::Log2, Along::Y) => {
                layout.with_y_tick_step(step).with_y_tick_format(names(|v| number(v.exp2())))
            }
            (Self::Nines, Along::X) => layout.with_x_tick_step(1.0).with_x_tick_format(names(nines)),
            (Self::Nines, Along::Y) => layout.with_y_tick_step(1.0).with_y_tick_format(names(nines)),
            (Self::Categories(names), Along::X) => layout.with_x_categories(names.clone()),
            (Self::Categories(names), Along::Y) => {
                layout.with_y_categories(names.iter().map(|name| finish::longest_line(name)).collect())
            }
        }
    }

    /// A value as the hover text says it, without its unit.
    pub(super) fn says(&self, value: f64) -> String {
        match self {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index, from 0")]
            Self::Categories(names) => names.get(value as usize).cloned().unwrap_or_default(),
            _ if value.fract() == 0.0 || *self == Self::Nines => number(value),
            _ => format::figures(value),
        }
    }
}

fn names(name: fn(f64) -> String) -> TickFormat {
    TickFormat::Custom(Arc::new(name))
}

/// A number without digits that say nothing: `0.25`, `16`, `20,000`.
pub(super) fn number(value: f64) -> String {
    if value.abs() >= 1_000.0 {
        return format!("{}{}", if value < 0.0 { "−" } else { "" }, format::grouped(value.abs()));
    }
    let places = match value.abs() {
        v if v < 0.01 => 9,
        v if v < 1.0 => 4,
        _ => 3,
    };
    let text = format!("{value:.places$}");
    text.trim_end_matches('0').trim_end_matches('.').replace('-', "−")
}

/// 0 → `0`, 1 → `90`, 2 → `99`, 3 → `99.9`.
fn nines(count: f64) -> String {
    number_of_places((1.0 - 10f64.powf(-count)) * 100.0, count)
}

fn number_of_places(percent: f64, count: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ticks stand at 0 and above")]
    let places = (count - 2.0).max(0.0) as usize;
    format!("{percent:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_ticks() {
        for (value, text) in [
            (0.0, "0"),
            (0.25, "0.25"),
            (0.062_5, "0.0625"),
            (0.001_953_125, "0.001953125"),
            (16.0, "16"),
            (-0.5, "−0.5"),
            (20_000.0, "20,000"),
            (-1_500.0, "−1,500"),
        ] {
            assert_eq!(number(value), text);
        }
        assert_eq!([0.0, 1.0, 2.0, 3.0, 5.0].map(nines), ["0", "90", "99", "99.9", "99.999"]);
    }

    #[test]
    fn places_and_values_without_one() {
        let line = Scale::Linear { from_zero: false };
        let names = Scale::Categories(vec!["a".into(), "b".into()]);
        for (scale, value, place) in [
            (&line, -3.0, Some(-3.0)),
            (&line, f64::INFINITY, None),
            (&line, 1e16, None),
            (&line, -1e16, None),
            (&Scale::Log10, 1e-10, None),
            (&Scale::Log2, 8.0, Some(3.0)),
            (&Scale::Log2, 0.0, None),
            (&Scale::Log10, 1_000.0, Some(3.0)),
            (&Scale::Log10, -1.0, None),
            (&Scale::Log10, f64::NAN, None),
            (&Scale::Nines, 0.0, Some(0.0)),
            (&Scale::Nines, 90.0, Some(1.0)),
            (&Scale::Nines, 100.0, None),
            (&Scale::Nines, -1.0, None),
            (&names, 1.0, Some(2.0)),
            (&names, 2.0, None),
            (&names, -1.0, None),
        ] {
            let found = scale.place(value);
            let agree = match (found, place) {
                (Some(found), Some(place)) => (found - place).abs() < 1e-9,
                (found, place) => found == place,
            };
            assert!(agree, "{scale:?} {value}: {found:?}, not {place:?}");
        }
    }

    #[test]
    fn ranges_hold_what_is_shown_with_room_to_spare() {
        for scale in [
            Scale::Linear { from_zero: false },
            Scale::Linear { from_zero: true },
            Scale::Log2,
            Scale::Log10,
            Scale::Nines,
        ] {
            for places in [vec![], vec![0.0], vec![3.0], vec![1.0, 5.0]] {
                let (low, high) = scale.range(&places);
                assert!(low < high, "{scale:?} {places:?}");
                assert!(places.iter().all(|place| low <= *place && *place < high), "{scale:?} {places:?}");
            }
        }
        assert_eq!(Scale::Linear { from_zero: true }.range(&[4.0, 5.0]).0.to_bits(), 0.0f64.to_bits());
    }
}
