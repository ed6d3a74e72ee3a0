//! Holm's correction: several questions at once, and the chance that any "yes" is wrong stays at the rate of one.
//!
//! Source: Holm, "A simple sequentially rejective multiple test procedure", *Scandinavian Journal of Statistics* 6 (1979).

use super::error::StatsError;

/// The p-value of each question, raised for having asked all of them; in the order given.
///
/// A question is answered at error rate α when its adjusted p-value is at most α. An empty family stays empty.
///
/// # Errors
///
/// A p-value outside 0 to 1.
pub fn adjust(p_values: &[f64]) -> Result<Vec<f64>, StatsError> {
    if let Some(&wrong) = p_values.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(StatsError::OutOfRange(wrong));
    }
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut least = 0.0_f64;
    for (answered, &index) in order.iter().enumerate() {
        let left = (p_values.len() - answered) as f64;
        least = least.max((left * p_values[index]).min(1.0));
        adjusted[index] = least;
    }
    Ok(adjusted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn by_hand() {
        // p-values, adjusted
        let table: [(&[f64], &[f64]); 4] = [
            (&[], &[]),
            (&[0.03], &[0.03]),
            (&[0.01, 0.04, 0.03], &[0.03, 0.06, 0.06]),
            (&[0.9, 0.8, 0.001], &[1.0, 1.0, 0.003]),
        ];
        for (p_values, want) in table {
            let got = adjust(p_values).unwrap();
            assert_eq!(got.len(), want.len());
            assert!(got.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-12), "{got:?}, {want:?}");
        }
        assert_eq!(adjust(&[0.5, 1.5]), Err(StatsError::OutOfRange(1.5)));
        assert!(adjust(&[f64::NAN]).is_err());
    }

    proptest! {
        #[test]
        fn never_lower_and_never_out_of_order(p_values in prop::collection::vec(0.0..=1.0, 0..12)) {
            let adjusted = adjust(&p_values).unwrap();
            let most = p_values.len() as f64;
            for (index, (p, raised)) in p_values.iter().zip(&adjusted).enumerate() {
                prop_assert!(p <= raised && *raised <= (p * most).min(1.0) + 1e-12);
                let later = p_values.iter().zip(&adjusted).skip(index + 1);
                prop_assert!(later.into_iter().all(|(q, other)| p > q || raised <= other));
            }
        }
    }
}
