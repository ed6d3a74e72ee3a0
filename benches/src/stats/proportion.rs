//! How large a share may be of which a number of trials shows some: the exact interval of a binomial proportion.
//!
//! C. J. Clopper and E. S. Pearson, "The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial", Biometrika 26
//! (1934), 404–413. Its ends are quantiles of Beta distributions. It covers the truth at least as often as it says, for any number of
//! trials and any share, also for none and for all of them. It takes the trials to be independent.

use statrs::distribution::{Beta, ContinuousCDF};

use super::error::StatsError;
use super::interval::Interval;
use super::sample;

/// The interval of the share that `hits` of `trials` estimate.
///
/// # Errors
///
/// [`StatsError::TooFew`] without a trial, [`StatsError::OutOfRange`] for more hits than trials or a level outside (0, 1).
pub fn clopper_pearson(hits: u64, trials: u64, level: f64) -> Result<Interval, StatsError> {
    sample::check_level(level)?;
    if trials == 0 {
        return Err(StatsError::TooFew { got: 0, need: 1 });
    }
    let (k, n) = (hits as f64, trials as f64);
    if hits > trials {
        return Err(StatsError::OutOfRange(k / n));
    }
    let tail = (1.0 - level) / 2.0;
    let quantile =
        |share: f64, a: f64, b: f64| Beta::new(a, b).expect("both shapes are above zero").inverse_cdf(share);
    // Where one shape is 0 the Beta distribution degenerates to its end.
    let low = if hits == 0 { 0.0 } else { quantile(tail, k, n - k + 1.0) };
    let high = if hits == trials { 1.0 } else { quantile(1.0 - tail, k + 1.0, n - k) };
    Ok(Interval { low, estimate: k / n, high, level })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::LEVEL;

    #[test]
    fn nothing_tried_and_more_hits_than_trials_are_refused() {
        assert_eq!(clopper_pearson(0, 0, LEVEL), Err(StatsError::TooFew { got: 0, need: 1 }));
        assert_eq!(clopper_pearson(3, 2, LEVEL), Err(StatsError::OutOfRange(1.5)));
        assert!(clopper_pearson(1, 2, 1.0).is_err());
    }
}
