//! Faster, slower, no practical difference, or not known.
//!
//! The rule is on the 95 % interval of the ratio: wholly above the band of ±5 % is faster, wholly below it slower, wholly inside it
//! no practical difference, anything else inconclusive. The middle one is the two one-sided t tests (TOST) at 2.5 %
//! each, stricter than the 5 % each (a 90 % interval) that TOST is mostly used with. Whether any difference was found, a
//! small one too, is another question: [`Interval::differs_from_one`]. A true difference at the edge of the band
//! stays inconclusive whatever the number of blocks.
//!
//! Source: Schuirmann, "A comparison of the two one-sided tests procedure and the power approach", *Journal of
//! Pharmacokinetics and Biopharmaceutics* 15 (1987).

use serde::{Deserialize, Serialize};

use super::error::StatsError;
use super::interval::{Band, Interval};
use super::ratio;
use super::student::{self, Mean};

/// What a ratio of rates says about its numerator. A ratio of times or costs is to be inverted first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// By more than the band.
    Faster,
    /// By more than the band.
    Slower,
    /// The difference, if any, is smaller than the band.
    NoPracticalDifference,
    /// The interval crosses an edge of the band.
    Inconclusive,
}

impl Comparison {
    /// Reads the verdict off the interval of a ratio of rates.
    #[must_use]
    pub fn of(ratio: &Interval, band: Band) -> Self {
        if ratio.is_above(band) {
            Comparison::Faster
        } else if ratio.is_below(band) {
            Comparison::Slower
        } else if ratio.within(band) {
            Comparison::NoPracticalDifference
        } else {
            Comparison::Inconclusive
        }
    }
}

/// One-sided p-values of the three things that may be claimed of a ratio.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AgainstBand {
    /// Against "the ratio is not above the band".
    pub p_faster: f64,
    /// Against "the ratio is not below the band".
    pub p_slower: f64,
    /// Against "the ratio is not inside the band": the larger of the two one-sided tests of TOST.
    pub p_equivalent: f64,
}

impl AgainstBand {
    /// By t tests on the log ratios of two or more blocks.
    ///
    /// # Errors
    ///
    /// Fewer than two blocks, or a value that is not finite.
    pub fn of(log_ratios: &[f64], band: Band) -> Result<Self, StatsError> {
        Ok(Self::of_mean(&Mean::of(log_ratios)?, band))
    }

    /// By Welch's t tests on the logarithms of two samples that share no block, the first over the second.
    ///
    /// # Errors
    ///
    /// Fewer than two values on a side, or a value that is not finite.
    pub fn of_independent(logs: &[f64], over: &[f64], band: Band) -> Result<Self, StatsError> {
        Ok(Self::of_mean(&ratio::welch(logs, over)?, band))
    }

    fn of_mean(mean: &Mean, band: Band) -> Self {
        let over_low = mean.t_above(band.low.ln());
        let over_high = mean.t_above(band.high.ln());
        let above = |t| student::above(t, mean.freedom);
        AgainstBand {
            p_faster: above(over_high),
            p_slower: above(-over_low),
            p_equivalent: above(over_low).max(above(-over_high)),
        }
    }

    /// p-value of the verdict: it is below 0.05 exactly when the 95 % interval decides, one way or another.
    ///
    /// The three claims exclude each other and an interval makes at most one of them, so that twice the smallest is
    /// a bound on a wrong one.
    #[must_use]
    pub fn p_decided(&self) -> f64 {
        (2.0 * self.p_faster.min(self.p_slower).min(self.p_equivalent)).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::ratio::ratio_interval;
    use super::*;

    #[test]
    fn the_rule() {
        use Comparison::{Faster, Inconclusive, NoPracticalDifference, Slower};
        let table = [
            (1.051, 1.30, Faster),
            (0.70, 0.95, Slower),
            (0.96, 1.04, NoPracticalDifference),
            (1.01, 1.04, NoPracticalDifference),
            (0.95, 1.04, Inconclusive),
            (0.97, 1.06, Inconclusive),
            (0.90, 1.10, Inconclusive),
            (1.05, 1.10, Inconclusive),
        ];
        for (low, high, want) in table {
            let interval = Interval { low, estimate: f64::midpoint(low, high), high, level: 0.95 };
            assert_eq!(Comparison::of(&interval, Band::PRACTICAL), want, "{low} to {high}");
        }
    }

    fn opposite(comparison: Comparison) -> Comparison {
        match comparison {
            Comparison::Faster => Comparison::Slower,
            Comparison::Slower => Comparison::Faster,
            same => same,
        }
    }

    proptest! {
        #[test]
        fn the_p_value_decides_as_the_interval_does_and_sides_may_be_swapped(
            noise in prop::collection::vec(-0.05..0.05, 2..12),
            effect in -0.2..0.2,
        ) {
            let log_ratios: Vec<f64> = noise.iter().map(|value| value + effect).collect();
            let p = AgainstBand::of(&log_ratios, Band::PRACTICAL).unwrap().p_decided();
            prop_assume!((p - 0.05).abs() > 1e-9);
            let verdict = Comparison::of(&ratio_interval(&log_ratios, 0.95).unwrap(), Band::PRACTICAL);
            prop_assert_eq!(p < 0.05, verdict != Comparison::Inconclusive);
            let swapped: Vec<f64> = log_ratios.iter().map(|value| -value).collect();
            let back = Comparison::of(&ratio_interval(&swapped, 0.95).unwrap(), Band::PRACTICAL);
            prop_assert_eq!(back, opposite(verdict));
        }
    }
}
