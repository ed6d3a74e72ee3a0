//! Spearman's rank correlation: whether one quantity rises or falls with another, in whatever shape; drift with trial
//! order, for one.
//!
//! Up to nine pairs the p-value is exact: all orders of one side are gone through, tied values and all. Beyond, it is
//! Student's t with n − 2 degrees of freedom, which at ten pairs is good to some thousandths where it matters.
//!
//! Source: Hollander, Wolfe and Chicken, *Nonparametric Statistical Methods* (2014), section 8.5.

use serde::{Deserialize, Serialize};

use super::error::StatsError;
use super::sample;
use super::student;

/// Most pairs of which all orders are gone through: 362,880 of them.
const MOST_EXACT: usize = 9;

/// How two quantities go together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// From −1, one falls wherever the other rises, to 1, they rise together.
    pub rho: f64,
    /// Two-sided p-value of "every order is equally likely".
    pub p_value: f64,
    /// Whether the p-value counts all orders, or comes from the t distribution.
    pub exact: bool,
}

/// Rank correlation of the two members of each pair.
///
/// # Errors
///
/// Fewer than three pairs, a value that is not finite, a side on which all values are equal.
pub fn correlation(pairs: &[(f64, f64)]) -> Result<Correlation, StatsError> {
    let (x, y) = sample::columns(pairs, 3)?;
    if sample::is_constant(&x) || sample::is_constant(&y) {
        return Err(StatsError::Constant);
    }
    let (x, y) = (doubled_centred_ranks(&x), doubled_centred_ranks(&y));
    let product = dot(&x, &y);
    let rho = product as f64 / (dot(&x, &x) as f64 * dot(&y, &y) as f64).sqrt();
    let rho = rho.clamp(-1.0, 1.0);
    if pairs.len() <= MOST_EXACT {
        let p_value = share_of_orders_as_far(&x, y, product.abs());
        return Ok(Correlation { rho, p_value, exact: true });
    }
    let freedom = pairs.len() as f64 - 2.0;
    let t = rho * (freedom / (1.0 - rho * rho)).sqrt();
    Ok(Correlation { rho, p_value: student::two_sided(t, freedom), exact: false })
}

/// Twice the rank of each value less twice the mean rank: whole numbers, so that orders compare exactly.
#[expect(clippy::cast_possible_wrap, reason = "a rank is at most the number of values in memory")]
fn doubled_centred_ranks(values: &[f64]) -> Vec<i64> {
    let twice_the_mean = values.len() as i64 + 1;
    sample::doubled_ranks(values).into_iter().map(|rank| rank as i64 - twice_the_mean).collect()
}

fn dot(x: &[i64], y: &[i64]) -> i64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

/// The share of all orders of `y` whose product with `x` is at least `distance` away from 0, by Heap's algorithm.
fn share_of_orders_as_far(x: &[i64], mut y: Vec<i64>, distance: i64) -> f64 {
    let mut counters = vec![0; y.len()];
    let (mut as_far, mut orders, mut place) = (1_u32, 1_u32, 1);
    while place < y.len() {
        if counters[place] < place {
            y.swap(if place % 2 == 0 { 0 } else { counters[place] }, place);
            orders += 1;
            as_far += u32::from(dot(x, &y).abs() >= distance);
            counters[place] += 1;
            place = 1;
        } else {
            counters[place] = 0;
            place += 1;
        }
    }
    f64::from(as_far) / f64::from(orders)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_order(values: &[f64]) -> Result<Correlation, StatsError> {
        let pairs: Vec<_> = values.iter().enumerate().map(|(at, value)| (at as f64, *value)).collect();
        correlation(&pairs)
    }

    #[test]
    fn a_steady_drift_and_its_least_p_value() {
        // Of n! orders two are as far: the rising and the falling one.
        for (values, rho, p_value) in [
            (&[1.0, 2.0, 3.0][..], 1.0, 2.0 / 6.0),
            (&[9.0, 7.0, 5.0, 1.0], -1.0, 2.0 / 24.0),
            (&[1.0, 4.0, 9.0, 16.0, 25.0], 1.0, 2.0 / 120.0),
        ] {
            let got = in_order(values).unwrap();
            assert!((got.rho - rho).abs() < 1e-12 && (got.p_value - p_value).abs() < 1e-12, "{got:?}");
            assert!(got.exact);
        }
    }

    #[test]
    fn of_two_ways_to_a_p_value_the_longer_series_takes_the_other() {
        let zigzag = |count: u32| (0..count).map(|at| f64::from(at ^ 1)).collect::<Vec<_>>();
        assert!(in_order(&zigzag(9)).unwrap().exact);
        let ten = in_order(&zigzag(10)).unwrap();
        assert!(!ten.exact && ten.p_value < 1e-4 && ten.rho > 0.9, "{ten:?}");
        let straight: Vec<f64> = (0..12).map(f64::from).collect();
        assert!(in_order(&straight).unwrap().p_value < 1e-12);
    }

    #[test]
    fn what_cannot_correlate_is_refused() {
        assert_eq!(in_order(&[1.0; 6]), Err(StatsError::Constant));
        assert_eq!(in_order(&[1.0, 2.0]), Err(StatsError::TooFew { got: 2, need: 3 }));
        assert_eq!(in_order(&[1.0, f64::NAN, 2.0]), Err(StatsError::NotFinite { index: 1 }));
    }
}
