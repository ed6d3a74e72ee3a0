//! Whether gaps are those of a Poisson process: Anderson and Darling's test.
//!
//! Its own file because two kinds of tests need it: those of the schedule, beside the code, and those from outside, of
//! what was really sent.

use std::ops::RangeInclusive;

/// Anderson and Darling's A² of gaps against the exponential distribution of this mean.
fn statistic(mut gaps: Vec<f64>, mean: f64) -> f64 {
    gaps.sort_by(f64::total_cmp);
    let n = gaps.len();
    let sum: f64 = (0..n)
        .map(|i| {
            // ln F(x) + ln(1 − F(y)), and the latter is −y/mean.
            let below = (-(-gaps[i] / mean).exp_m1()).ln();
            (2 * i + 1) as f64 * (below - gaps[n - 1 - i] / mean)
        })
        .sum();
    -(n as f64) - sum / n as f64
}

/// The 5 % point for a distribution that is fully given (M. A. Stephens, Journal of the American Statistical
/// Association 69 (1974), 730–737).
const CRITICAL_5_PERCENT: f64 = 2.492;

/// Whether such gaps are too unlikely at the 5 % level.
pub(crate) fn rejects(gaps: Vec<f64>, mean: f64) -> bool {
    statistic(gaps, mean) > CRITICAL_5_PERCENT
}

/// How many of 200 Poisson processes may be rejected: binomial with p = 0.05, mean 10, and 99.9 % of it within.
pub(crate) const REJECTED_OF_200: RangeInclusive<usize> = 2..=21;
