//! The planned comparisons of a run, decided as one family.
//!
//! Each is a paired t test on log ratios and not a signed-rank test: few blocks cannot bring a signed-rank p-value down to where
//! Holm's correction asks for it ([`signed_rank`](super::signed_rank) has the figures). Two p-values are corrected, each over the
//! whole family: of "no difference" and of the verdict against the band. The interval shown is not widened, so that a
//! verdict may be inconclusive in the family though its own interval is clear.
//!
//! That Holm's procedure bounds a wrong *direction* too is proved for independent comparisons (Shaffer 1980). Ratios over one
//! common denominator depend on each other; there it rests on simulation (`tests/it/instrument.rs`).

use serde::{Deserialize, Serialize};

use super::equivalence::{AgainstBand, Comparison};
use super::error::StatsError;
use super::holm;
use super::interval::{Band, Interval};
use super::ratio::{self, ratio_interval};

/// One comparison, alone and as a member of its family.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// Geometric mean ratio with its interval, uncorrected.
    pub ratio: Interval,
    /// Adjusted p-value of "no difference".
    pub p_no_difference: f64,
    /// Whether a difference, of any size, is found within the family.
    pub differs: bool,
    /// Adjusted p-value of the verdict.
    pub p_decided: f64,
    /// The verdict were this the only question.
    pub alone: Comparison,
    /// The verdict within the family: [`alone`](Self::alone), or inconclusive.
    pub comparison: Comparison,
}

/// Decides a family of comparisons, each given by the log ratios of its blocks, with error rate `1 − level` for all
/// together.
///
/// # Errors
///
/// A comparison of fewer than two blocks, a value that is not finite, a level outside (0, 1).
pub fn decide<S: AsRef<[f64]>>(family: &[S], band: Band, level: f64) -> Result<Vec<Planned>, StatsError> {
    let each = family.iter().map(AsRef::as_ref);
    let alone = |one: &[f64]| {
        let decided = AgainstBand::of(one, band)?.p_decided();
        Ok(Alone { ratio: ratio_interval(one, level)?, differing: ratio::p_no_difference(one)?, decided })
    };
    together(&each.map(alone).collect::<Result<Vec<_>, _>>()?, band, level)
}

/// The same of comparisons whose sides share no block, each given by the logarithms of the one and of the other.
///
/// # Errors
///
/// A side of fewer than two values, a value that is not finite, a level outside (0, 1).
pub fn decide_independent(
    family: &[(Vec<f64>, Vec<f64>)],
    band: Band,
    level: f64,
) -> Result<Vec<Planned>, StatsError> {
    let alone = |(logs, over): &(Vec<f64>, Vec<f64>)| {
        let decided = AgainstBand::of_independent(logs, over, band)?.p_decided();
        let differing = ratio::p_no_difference_independent(logs, over)?;
        Ok(Alone { ratio: ratio::independent(logs, over, level)?, differing, decided })
    };
    together(&family.iter().map(alone).collect::<Result<Vec<_>, _>>()?, band, level)
}

/// A comparison by itself: its interval, and the p-values of "no difference" and of the verdict.
struct Alone {
    ratio: Interval,
    differing: f64,
    decided: f64,
}

fn together(family: &[Alone], band: Band, level: f64) -> Result<Vec<Planned>, StatsError> {
    let adjusted = |p: fn(&Alone) -> f64| holm::adjust(&family.iter().map(p).collect::<Vec<_>>());
    let (differing, deciding) = (adjusted(|one| one.differing)?, adjusted(|one| one.decided)?);
    let one = |(one, (p_no_difference, p_decided)): (&Alone, (f64, f64))| {
        let alone = Comparison::of(&one.ratio, band);
        let stands = p_decided <= 1.0 - level;
        Planned {
            ratio: one.ratio,
            p_no_difference,
            differs: p_no_difference <= 1.0 - level,
            p_decided,
            alone,
            comparison: if stands { alone } else { Comparison::Inconclusive },
        }
    };
    Ok(family.iter().zip(differing.into_iter().zip(deciding)).map(one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Log ratios around ln(`ratio`) with a standard error of about 1.6 %.
    fn blocks(ratio: f64) -> Vec<f64> {
        [-0.04, -0.02, 0.0, 0.02, 0.04].map(|noise| noise + ratio.ln()).to_vec()
    }

    #[test]
    fn a_verdict_that_stands_alone_may_fall_in_a_family() {
        let close = blocks(1.11);
        let alone = decide(&[&close], Band::PRACTICAL, 0.95).unwrap()[0];
        assert_eq!((alone.alone, alone.comparison), (Comparison::Faster, Comparison::Faster));
        let family: Vec<Vec<f64>> = vec![close, blocks(1.0), blocks(1.02), blocks(1.06)];
        let first = decide(&family, Band::PRACTICAL, 0.95).unwrap()[0];
        assert_eq!((first.alone, first.comparison), (Comparison::Faster, Comparison::Inconclusive));
        assert_eq!(first.ratio, alone.ratio);
    }

    #[test]
    fn clear_differences_stand_beside_unclear_ones() {
        let family = [blocks(2.0), blocks(0.5), blocks(1.0)];
        let decided = decide(&family, Band::PRACTICAL, 0.95).unwrap();
        let verdicts: Vec<_> = decided.iter().map(|one| (one.comparison, one.differs)).collect();
        let want = [
            (Comparison::Faster, true),
            (Comparison::Slower, true),
            (Comparison::NoPracticalDifference, false),
        ];
        assert_eq!(verdicts, want);
    }

    #[test]
    fn samples_of_two_runs_are_a_family_too() {
        let (old, new) = (blocks(1.0), blocks(0.8));
        let family = [(new.clone(), old.clone()), (old.clone(), old.clone()), (old, new)];
        let decided = decide_independent(&family, Band::PRACTICAL, 0.95).unwrap();
        let verdicts: Vec<_> = decided.iter().map(|one| (one.comparison, one.differs)).collect();
        let want = [
            (Comparison::Slower, true),
            (Comparison::NoPracticalDifference, false),
            (Comparison::Faster, true),
        ];
        assert_eq!(verdicts, want);
        assert!(decide_independent(&[(vec![0.1], vec![0.1, 0.2])], Band::PRACTICAL, 0.95).is_err());
    }

    #[test]
    fn no_family_no_verdicts_and_one_block_is_an_error() {
        assert_eq!(decide::<Vec<f64>>(&[], Band::PRACTICAL, 0.95), Ok(vec![]));
        let one = decide(&[vec![0.1]], Band::PRACTICAL, 0.95);
        assert_eq!(one, Err(StatsError::TooFew { got: 1, need: 2 }));
    }
}
