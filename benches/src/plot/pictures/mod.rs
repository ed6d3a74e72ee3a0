//! The pictures of the report, each from a plain struct of numbers. Who computes the numbers is not asked here.
//!
//! A contender's number, which chooses its looks, is the caller's; the same number should mean the same contender on a whole page.

mod forest;
mod load;
mod memory;
mod pool;
mod predictions;
mod winners;

pub use forest::{Duel, Forest, Outcome};
pub use load::{HockeyStick, LatencyCurve, LoadPoint, PercentileCurve, Percentiles};
pub use memory::{Memory, MemoryCurve};
pub use pool::PoolSweep;
pub use predictions::{Predicted, Predictions};
pub use winners::{Lead, Winner, Winners};

use super::{Point, Series, Shape, Style};

/// A value with the ends of its interval, where one is known. All three in the same unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The value itself, a median for instance.
    pub value: f64,
    /// Lower and upper end.
    pub interval: Option<(f64, f64)>,
}

impl Estimate {
    /// A value of which only itself is known.
    #[must_use]
    pub fn exact(value: f64) -> Self {
        Self { value, interval: None }
    }

    /// A value between two ends.
    #[must_use]
    pub fn between(low: f64, value: f64, high: f64) -> Self {
        Self { value, interval: Some((low, high)) }
    }

    fn scaled(self, factor: f64) -> Self {
        let interval = self.interval.map(|(low, high)| (low * factor, high * factor));
        Self { value: self.value * factor, interval }
    }
}

/// A contender's name, and the number that chooses its looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contender {
    /// As the tables call it.
    pub name: String,
    /// The same for this contender in each picture.
    pub number: usize,
}

impl Contender {
    fn series(&self, shape: Shape, points: Vec<Point>) -> Series {
        Series { label: self.name.clone(), style: Style::Contender(self.number), shape, points }
    }
}

/// Nanoseconds are measured, milliseconds are shown.
const MS_PER_NS: f64 = 1e-6;
