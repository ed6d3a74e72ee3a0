//! What the methods have in common: checked input, mean, spread, quantiles, ranks.

use super::error::StatsError;

/// Refuses fewer than `need` values, and values that are not finite.
pub(super) fn check(values: &[f64], need: usize) -> Result<(), StatsError> {
    if values.len() < need {
        return Err(StatsError::TooFew { got: values.len(), need });
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(StatsError::NotFinite { index }),
        None => Ok(()),
    }
}

/// Both coordinates of `points`, of which there are at least `need`, checked.
pub(super) fn columns(points: &[(f64, f64)], need: usize) -> Result<(Vec<f64>, Vec<f64>), StatsError> {
    let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    check(&x, need)?;
    check(&y, need)?;
    Ok((x, y))
}

/// Refuses a confidence level that is not between 0 and 1.
pub(super) fn check_level(level: f64) -> Result<(), StatsError> {
    if level > 0.0 && level < 1.0 { Ok(()) } else { Err(StatsError::OutOfRange(level)) }
}

/// Arithmetic mean; of no values NaN.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Standard deviation of the population that the values come from (divisor n − 1).
pub(super) fn standard_deviation(values: &[f64]) -> f64 {
    // The mean of equal values need not equal them in floating point, and their spread is none.
    if is_constant(values) {
        return 0.0;
    }
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (values.len() as f64 - 1.0)).sqrt()
}

/// Whether no value differs from the first.
pub(super) fn is_constant(values: &[f64]) -> bool {
    values.windows(2).all(|pair| pair[0].total_cmp(&pair[1]).is_eq())
}

/// The values in ascending order.
pub(super) fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// Middle of values in any order, or the mean of the two middle ones; changes their order. Of thousands of resamples it is most of the work,
/// so that it does not sort.
pub(super) fn median(values: &mut [f64]) -> f64 {
    let count = values.len();
    let (below, upper, _) = values.select_nth_unstable_by(count / 2, f64::total_cmp);
    let upper = *upper;
    if count % 2 == 1 {
        return upper;
    }
    f64::midpoint(below.iter().copied().fold(f64::NEG_INFINITY, f64::max), upper)
}

/// Middle of values in ascending order, or the mean of the two middle ones.
pub(super) fn median_of_sorted(sorted: &[f64]) -> f64 {
    f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2])
}

/// Quantile of values in ascending order by linear interpolation (Hyndman and Fan's type 7, the default of NumPy and R).
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the place is within the list")]
pub(super) fn quantile_of_sorted(sorted: &[f64], share: f64) -> f64 {
    let place = share.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (place - place.floor())
}

/// Twice the rank of each value from 1, so that the mean rank of tied values is a whole number too.
pub(super) fn doubled_ranks(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0; values.len()];
    let mut before = 0;
    for tied in order.chunk_by(|&a, &b| values[a].total_cmp(&values[b]).is_eq()) {
        for &index in tied {
            ranks[index] = 2 * before + tied.len() + 1;
        }
        before += tied.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_of_ties_are_shared() {
        assert_eq!(doubled_ranks(&[3.0, 1.0, 2.0]), [6, 2, 4]);
        assert_eq!(doubled_ranks(&[5.0, 5.0, 1.0, 5.0, 9.0]), [6, 6, 2, 6, 10]);
        assert!(doubled_ranks(&[]).is_empty());
    }

    #[test]
    fn quantiles_interpolate() {
        let values = [10.0, 20.0, 40.0];
        for (share, want) in [(0.0, 10.0), (0.25, 15.0), (0.5, 20.0), (0.75, 30.0), (1.0, 40.0)] {
            assert!((quantile_of_sorted(&values, share) - want).abs() < 1e-12, "{share}");
        }
        assert!((median_of_sorted(&[1.0, 2.0, 4.0, 9.0]) - 3.0).abs() < 1e-12);
        for shuffled in [&mut [9.0, 2.0, 1.0, 4.0][..], &mut [4.0, 9.0, 2.0], &mut [7.0], &mut [2.0, 2.0]] {
            let by_sorting = median_of_sorted(&sorted(shuffled.to_vec()));
            assert_eq!(median(shuffled).to_bits(), by_sorting.to_bits());
        }
    }

    #[test]
    fn equal_values_have_no_spread_at_all() {
        assert!(standard_deviation(&[0.1; 7]).abs() < f64::MIN_POSITIVE);
        assert!((standard_deviation(&[1.0, 2.0, 3.0, 4.0]) - (5.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn input_is_refused_with_its_reason() {
        assert_eq!(check(&[1.0], 2), Err(StatsError::TooFew { got: 1, need: 2 }));
        assert_eq!(check(&[1.0, f64::NAN], 2), Err(StatsError::NotFinite { index: 1 }));
        assert_eq!(columns(&[(1.0, 2.0), (3.0, f64::INFINITY)], 2), Err(StatsError::NotFinite { index: 1 }));
        for level in [0.0, 1.0, -0.5, 95.0] {
            assert_eq!(check_level(level), Err(StatsError::OutOfRange(level)));
        }
        assert!(check_level(f64::NAN).is_err());
    }
}
