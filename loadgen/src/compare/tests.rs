//! Outcomes and intervals by hand, and pairs of equal runs by simulation.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;

fn outcome(low: f64, high: f64, good: f64) -> Outcome {
    Row::new("figure", Ok(([low, high], Basis::Blocks)), good).outcome
}

#[test]
fn only_what_is_clear_of_the_margin_is_better_or_worse() {
    assert_eq!(outcome(1.06, 1.2, 1.0), Outcome::Better);
    assert_eq!(outcome(1.06, 1.2, -1.0), Outcome::Worse);
    assert_eq!(outcome(0.5, 0.94, 1.0), Outcome::Worse);
    assert_eq!(outcome(0.5, 0.94, -1.0), Outcome::Better);
    assert_eq!(outcome(0.96, 1.04, 1.0), Outcome::NoDifference);
    assert_eq!(outcome(0.9, 1.2, 1.0), Outcome::Inconclusive);
    assert_eq!(Row::new("figure", Err("why".to_owned()), 1.0).outcome, Outcome::Inconclusive);
    // Requests of one run do not show that two runs are alike.
    assert_eq!(Row::new("figure", Ok(([0.99, 1.01], Basis::WithinRun)), 1.0).outcome, Outcome::Inconclusive);
}

#[test]
fn a_quotient_is_as_uncertain_as_both_of_its_parts() {
    let [low, high] = over([2.0, 3.0], [1.0, 2.0]);
    assert!((low - 1.0).abs() < 1e-12 && (high - 3.0).abs() < 1e-12, "{low} {high}");
}

#[test]
fn shares_of_failures_are_apart_or_not() {
    let outcome = |first, second| Row::of_shares("failed", Some(first), Some(second)).outcome;
    assert_eq!(outcome([0.0, 0.0005], [0.4, 0.6]), Outcome::Worse);
    assert_eq!(outcome([0.4, 0.6], [0.0, 0.0005]), Outcome::Better);
    assert_eq!(outcome([0.0, 0.0005], [0.0, 0.0007]), Outcome::NoDifference);
    assert_eq!(outcome([0.0, 0.02], [0.01, 0.03]), Outcome::Inconclusive);
    assert_eq!(Row::of_shares("failed", None, Some([0.0, 0.1])).outcome, Outcome::Inconclusive);
}

#[test]
fn the_interval_of_a_mean_is_students_over_its_blocks() {
    // Mean 3, standard deviation of the five √2.5, and 2.776 of its standard errors.
    let [low, high] = block_interval(&[1.0, 2.0, 3.0, 4.0, 5.0]).expect("five seconds");
    assert!((low - (3.0 - 2.776_445 * 0.5_f64.sqrt())).abs() < 1e-5, "{low}");
    assert!((high - (3.0 + 2.776_445 * 0.5_f64.sqrt())).abs() < 1e-5, "{high}");
    assert_eq!(block_interval(&[1.0; 4]), None);
    // Twenty seconds are ten blocks of two.
    let paired: Vec<_> = (0..20).map(|second| f64::from(second % 2)).collect();
    assert_eq!(block_interval(&paired), Some([0.5, 0.5]));
}

/// Throughput of seconds that depend on each other: good and bad stretches of a few seconds.
fn seconds(seed: u64) -> Vec<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut uniform = || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
    let mut stretch = 0.0;
    (0..30)
        .map(|_| {
            stretch = 0.5 * stretch + 0.3 * uniform();
            1_000.0 * (1.0 + stretch)
        })
        .collect()
}

#[test]
fn equal_runs_with_good_and_bad_stretches_are_seldom_called_different() {
    let interval = |seed| block_interval(&seconds(seed)).expect("thirty seconds");
    let different = |pair: &u64| {
        let ratio = over(interval(2 * pair + 1), interval(2 * pair));
        matches!(
            Row::new("throughput", Ok((ratio, Basis::Blocks)), 1.0).outcome,
            Outcome::Better | Outcome::Worse
        )
    };
    let called = (0..200).filter(different).count();
    assert!(called <= 5, "{called} of 200");
}
