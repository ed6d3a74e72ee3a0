//! The Hodges–Lehmann estimator: the median of all pairwise means, with an interval that assumes no distribution.
//!
//! One block that went wrong moves it little: up to 29 % of the blocks may be arbitrarily far off. The interval is exact,
//! and few blocks cannot give much: its level is at most 1 − 2/2ⁿ, that is 75 % with 3 blocks, 93.75 % with 5, 96.9 %
//! with 6. [`Interval::level`] is what was reached. One-sample intervals assume log ratios that are symmetric
//! about their middle, which log ratios of two contenders with the same noise are.
//!
//! Source: Hollander, Wolfe and Chicken, *Nonparametric Statistical Methods* (2014), sections 3.2 and 3.3.

use super::error::StatsError;
use super::interval::Interval;
use super::sample;
use super::signed_rank;

/// Median of the Walsh averages of `values`: one value a block.
///
/// # Errors
///
/// No value, one that is not finite, more than 200, a level outside (0, 1).
pub fn one_sample(values: &[f64], level: f64) -> Result<Interval, StatsError> {
    sample::check(values, 1)?;
    sample::check_level(level)?;
    if values.len() > signed_rank::MOST {
        return Err(StatsError::TooMany { got: values.len(), most: signed_rank::MOST });
    }
    let averages = sample::sorted(walsh_averages(values));
    let ranks: Vec<usize> = (1..=values.len()).collect();
    Ok(between_order_statistics(&averages, &signed_rank::distribution(&ranks), level))
}

/// Median of the Walsh averages alone, of one value or more.
pub(super) fn estimate(values: &[f64]) -> f64 {
    sample::median(&mut walsh_averages(values))
}

/// The means of all pairs, each value with itself too.
fn walsh_averages(values: &[f64]) -> Vec<f64> {
    let from = |(index, one): (usize, &f64)| {
        let one = *one;
        values[index..].iter().map(move |other| f64::midpoint(one, *other))
    };
    values.iter().enumerate().flat_map(from).collect()
}

/// Ratio of two contenders that ran in the same blocks, from the log ratios.
///
/// # Errors
///
/// As [`one_sample`].
pub fn ratio(log_ratios: &[f64], level: f64) -> Result<Interval, StatsError> {
    Ok(one_sample(log_ratios, level)?.exp())
}

/// Median, and the narrowest pair of order statistics that `level` allows; or, where none is wide enough, the widest.
///
/// `probability` is that of each number of `sorted` values above the truth.
fn between_order_statistics(sorted: &[f64], probability: &[f64], level: f64) -> Interval {
    let mut outside = probability[0];
    let mut cut = 0;
    while 2 * (cut + 2) <= sorted.len() && outside + probability[cut + 1] <= (1.0 - level) / 2.0 {
        cut += 1;
        outside += probability[cut];
    }
    Interval {
        low: sorted[cut],
        estimate: sample::median_of_sorted(sorted),
        high: sorted[sorted.len() - 1 - cut],
        level: (1.0 - 2.0 * outside).max(0.0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_level_is_what_few_blocks_can_reach() {
        for (blocks, level) in [(1, 0.0), (3, 0.75), (5, 0.9375), (6, 0.968_75)] {
            let values: Vec<f64> = (1..=blocks).map(f64::from).collect();
            let interval = one_sample(&values, 0.95).unwrap();
            assert!((interval.level - level).abs() < 1e-12, "{blocks}: {interval:?}");
            assert!((interval.low - 1.0).abs() < 1e-12 && (interval.high - f64::from(blocks)).abs() < 1e-12);
        }
    }

    #[test]
    fn one_wild_block_moves_the_mean_and_not_the_estimate() {
        let quiet = [1.00, 1.01, 0.99, 1.02, 0.98, 1.00];
        let wild = [1.00, 1.01, 0.99, 1.02, 0.98, 100.0];
        let estimate = |values| one_sample(values, 0.95).unwrap().estimate;
        assert!((estimate(&quiet) - estimate(&wild)).abs() < 0.02);
    }

    #[test]
    fn wrong_input_is_refused() {
        assert_eq!(one_sample(&[], 0.95), Err(StatsError::TooFew { got: 0, need: 1 }));
        assert_eq!(one_sample(&[1.0; 201], 0.95), Err(StatsError::TooMany { got: 201, most: 200 }));
        assert_eq!(one_sample(&[1.0, f64::NAN], 0.95), Err(StatsError::NotFinite { index: 1 }));
    }

    proptest! {
        #[test]
        fn the_interval_excludes_0_when_the_exact_test_rejects(values in prop::collection::vec(-1.0..1.0, 6..14)) {
            let values: Vec<f64> = values.into_iter().map(|value: f64| value + 0.5).collect();
            let interval = one_sample(&values, 0.95).unwrap();
            let p = signed_rank::p_no_difference(&values).unwrap();
            prop_assert_eq!(p <= 0.05, !interval.contains(0.0), "p = {}", p);
        }
    }
}
