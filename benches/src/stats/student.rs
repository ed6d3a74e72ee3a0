//! Student's t distribution, and the mean of a few normal values by it.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::error::StatsError;
use super::interval::Interval;
use super::sample;

fn distribution(freedom: f64) -> StudentsT {
    StudentsT::new(0.0, 1.0, freedom).expect("one degree of freedom or more")
}

/// The t that a share `share` of the distribution lies below.
pub(super) fn quantile(share: f64, freedom: f64) -> f64 {
    distribution(freedom).inverse_cdf(share)
}

/// Probability of a t above `t`.
pub(super) fn above(t: f64, freedom: f64) -> f64 {
    if t.is_infinite() {
        return if t > 0.0 { 0.0 } else { 1.0 };
    }
    distribution(freedom).sf(t)
}

/// Probability of a t at least as far from 0 as `t`.
pub(super) fn two_sided(t: f64, freedom: f64) -> f64 {
    (2.0 * above(t.abs(), freedom)).min(1.0)
}

/// The mean of values, with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mean {
    /// Arithmetic mean.
    pub(super) estimate: f64,
    /// Standard deviation over √n.
    pub(super) error: f64,
    /// n − 1.
    pub(super) freedom: f64,
}

impl Mean {
    /// Of two or more finite values.
    pub(super) fn of(values: &[f64]) -> Result<Self, StatsError> {
        sample::check(values, 2)?;
        let n = values.len() as f64;
        let error = sample::standard_deviation(values) / n.sqrt();
        Ok(Mean { estimate: sample::mean(values), error, freedom: n - 1.0 })
    }

    /// How many standard errors the mean lies above `value`. Without any spread: 0 or infinite.
    pub(super) fn t_above(&self, value: f64) -> f64 {
        let difference = self.estimate - value;
        if self.error > 0.0 {
            difference / self.error
        } else if difference.abs() <= f64::EPSILON * value.abs() {
            0.0
        } else {
            difference.signum() * f64::INFINITY
        }
    }

    /// The t interval of the true mean.
    pub(super) fn interval(&self, level: f64) -> Result<Interval, StatsError> {
        sample::check_level(level)?;
        let half = quantile(f64::midpoint(1.0, level), self.freedom) * self.error;
        Ok(Interval { low: self.estimate - half, estimate: self.estimate, high: self.estimate + half, level })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_without_spread_are_certain() {
        let none = Mean::of(&[0.0; 5]).unwrap();
        assert!((two_sided(none.t_above(0.0), none.freedom) - 1.0).abs() < 1e-12);
        let some = Mean::of(&[0.1; 5]).unwrap();
        assert!(two_sided(some.t_above(0.0), some.freedom) < 1e-12);
        assert!(above(some.t_above(0.2), some.freedom) > 1.0 - 1e-12);
        let interval = some.interval(0.95).unwrap();
        assert!((interval.high - interval.low).abs() < 1e-12);
    }

    #[test]
    fn one_value_is_refused() {
        assert_eq!(Mean::of(&[1.0]), Err(StatsError::TooFew { got: 1, need: 2 }));
    }
}
