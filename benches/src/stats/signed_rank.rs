//! Wilcoxon's signed ranks, exactly: every one of the 2ⁿ ways to deal signs is counted, also with tied values.
//!
//! n blocks deal signs in 2ⁿ ways, so no two-sided p-value is below 2/2ⁿ: with 5 blocks 0.0625, whatever the values. At
//! 0.05 it takes 6 blocks to find anything at all, and behind Holm's correction for a family of 5 it takes 8. That
//! is why planned comparisons use the t test ([`planned`](super::planned)) and this one stands beside it.
//!
//! Source: Hollander, Wolfe and Chicken, *Nonparametric Statistical Methods* (2014), sections 3.1 to 3.3.

use super::error::StatsError;
use super::sample;

/// Past this the count, of order n³, takes noticeable time.
pub(super) const MOST: usize = 200;

/// Probabilities of each sum of the (doubled) ranks whose sign is positive, each sign a fair coin.
pub(super) fn distribution(doubled_ranks: &[usize]) -> Vec<f64> {
    let mut probability = vec![0.0; doubled_ranks.iter().sum::<usize>() + 1];
    probability[0] = 1.0;
    let mut most = 0;
    for &rank in doubled_ranks {
        most += rank;
        for sum in (0..=most).rev() {
            let with = if sum >= rank { probability[sum - rank] } else { 0.0 };
            probability[sum] = f64::midpoint(probability[sum], with);
        }
    }
    probability
}

/// Exact two-sided p-value of "the log ratios lie symmetrically about 0". Zeros are left out, as Wilcoxon did; of nothing
/// but zeros it is 1.
///
/// # Errors
///
/// No value, one that is not finite, or more than 200 of them.
pub fn p_no_difference(log_ratios: &[f64]) -> Result<f64, StatsError> {
    sample::check(log_ratios, 1)?;
    if log_ratios.len() > MOST {
        return Err(StatsError::TooMany { got: log_ratios.len(), most: MOST });
    }
    let values: Vec<f64> = log_ratios.iter().copied().filter(|value| *value != 0.0).collect();
    let sizes: Vec<f64> = values.iter().map(|value| value.abs()).collect();
    let ranks = sample::doubled_ranks(&sizes);
    let sum_of = |positive: bool| -> usize {
        let chosen = ranks.iter().zip(&values).filter(|(_, value)| (**value > 0.0) == positive);
        chosen.map(|(rank, _)| rank).sum()
    };
    let smaller = sum_of(true).min(sum_of(false));
    let tail: f64 = distribution(&ranks)[..=smaller].iter().sum();
    Ok((2.0 * tail).min(1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_least_p_value_of_n_blocks() {
        for (blocks, least) in [(3, 0.25), (4, 0.125), (5, 0.0625), (6, 0.031_25), (8, 0.007_812_5)] {
            let values: Vec<f64> = (1..=blocks).map(f64::from).collect();
            assert!((p_no_difference(&values).unwrap() - least).abs() < 1e-15, "{blocks}");
        }
    }

    #[test]
    fn nothing_but_zeros_is_no_difference() {
        assert!((p_no_difference(&[0.0; 4]).unwrap() - 1.0).abs() < 1e-15);
        assert_eq!(p_no_difference(&[]), Err(StatsError::TooFew { got: 0, need: 1 }));
        assert_eq!(p_no_difference(&[1.0; 201]), Err(StatsError::TooMany { got: 201, most: 200 }));
    }

    proptest! {
        #[test]
        fn as_many_as_a_walk_over_all_signs_finds(values in prop::collection::vec(-3_i32..=3, 1..9)) {
            let values: Vec<f64> = values.into_iter().filter(|value| *value != 0).map(f64::from).collect();
            prop_assume!(!values.is_empty());
            let ranks = sample::doubled_ranks(&values.iter().map(|value| value.abs()).collect::<Vec<_>>());
            let total: usize = ranks.iter().sum();
            let distance = |sum: usize| (2 * sum).abs_diff(total);
            let sum_of = |positive: &dyn Fn(usize) -> bool| -> usize {
                (0..ranks.len()).filter(|index| positive(*index)).map(|index| ranks[index]).sum()
            };
            let observed = distance(sum_of(&|index| values[index] > 0.0));
            let ways = 1_u32 << values.len();
            let as_far = (0..ways).filter(|signs| distance(sum_of(&|index| signs >> index & 1 == 1)) >= observed);
            let want = as_far.count() as f64 / f64::from(ways);
            prop_assert!((p_no_difference(&values).unwrap() - want).abs() < 1e-12);
        }
    }
}
