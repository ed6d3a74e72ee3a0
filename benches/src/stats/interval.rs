//! A confidence interval, and the band inside which a difference does not matter.

use serde::{Deserialize, Serialize};

/// An estimate with the interval that covers the true value in a share `level` of all experiments.
///
/// The unit is that of the estimate; for a ratio it is 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// What was estimated.
    pub estimate: f64,
    /// Upper end.
    pub high: f64,
    /// Confidence level that the method gives, from 0 to 1. A distribution-free interval of few blocks cannot reach
    /// the level that was asked for; then this is the one it reached.
    pub level: f64,
}

impl Interval {
    /// Whether `value` lies in the interval, ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Whether interval and `band` have no point in common.
    #[must_use]
    pub fn clear_of(&self, band: Band) -> bool {
        self.is_above(band) || self.is_below(band)
    }

    /// Whether the whole interval lies above `band`.
    #[must_use]
    pub fn is_above(&self, band: Band) -> bool {
        self.low > band.high
    }

    /// Whether the whole interval lies below `band`.
    #[must_use]
    pub fn is_below(&self, band: Band) -> bool {
        self.high < band.low
    }

    /// Whether the whole interval lies inside `band`, ends excluded.
    #[must_use]
    pub fn within(&self, band: Band) -> bool {
        band.low < self.low && self.high < band.high
    }

    /// Whether the interval of a ratio excludes 1: a difference was found, be it as small as it may.
    #[must_use]
    pub fn differs_from_one(&self) -> bool {
        !self.contains(1.0)
    }

    /// Of a ratio, the interval of its inverse: all three must be above 0.
    #[must_use]
    pub fn inverted(&self) -> Self {
        Interval { low: self.high.recip(), estimate: self.estimate.recip(), high: self.low.recip(), ..*self }
    }

    /// From the scale of logarithms to that of ratios.
    #[must_use]
    pub fn exp(self) -> Self {
        Interval { low: self.low.exp(), estimate: self.estimate.exp(), high: self.high.exp(), ..self }
    }
}

/// Ratios that make no practical difference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// Smallest such ratio.
    pub low: f64,
    /// Largest such ratio.
    pub high: f64,
}

impl Band {
    /// The project's ±5 %.
    pub const PRACTICAL: Band = Band::of_ratio(0.05);

    /// From 1/(1 + `margin`) to 1 + `margin`.
    ///
    /// The lower end is 1/1.05 = 0.952 and not 0.95, so that "a is faster than b" and "b is slower than a" are one
    /// statement.
    #[must_use]
    pub const fn of_ratio(margin: f64) -> Self {
        Band { low: 1.0 / (1.0 + margin), high: 1.0 + margin }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_an_interval_lies() {
        let band = Band::PRACTICAL;
        // low, high, contains 1, above, below, within
        let table = [
            (1.06, 1.10, false, true, false, false),
            (0.80, 0.95, false, false, true, false),
            (0.96, 1.04, true, false, false, true),
            (1.01, 1.04, false, false, false, true),
            (1.05, 1.10, false, false, false, false),
            (0.99, 1.05, true, false, false, false),
            (0.50, 2.00, true, false, false, false),
        ];
        for (low, high, one, above, below, within) in table {
            let interval = Interval { low, estimate: f64::midpoint(low, high), high, level: 0.95 };
            assert_eq!(interval.contains(1.0), one, "{interval:?}");
            assert_eq!(interval.differs_from_one(), !one, "{interval:?}");
            assert_eq!(interval.is_above(band), above, "{interval:?}");
            assert_eq!(interval.is_below(band), below, "{interval:?}");
            assert_eq!(interval.clear_of(band), above || below, "{interval:?}");
            assert_eq!(interval.within(band), within, "{interval:?}");
        }
    }

    #[test]
    fn the_logarithms_become_ratios_and_the_level_stays() {
        let interval = Interval { low: -1.0, estimate: 0.0, high: 1.0, level: 0.9 }.exp();
        let e = std::f64::consts::E;
        assert!((interval.low * e - 1.0).abs() < 1e-12 && (interval.high - e).abs() < 1e-12);
        assert!((interval.estimate - 1.0).abs() < 1e-12 && (interval.level - 0.9).abs() < 1e-12);
    }
}
