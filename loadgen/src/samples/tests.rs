//! The estimator against values worked out by hand, and against plain percentiles where nothing is censored.

use proptest::prelude::*;

use super::*;
use crate::histogram;

fn samples(answered: &[u64], censored: &[u64]) -> Samples {
    let mut samples = Samples::new();
    for latency in answered {
        samples.record_answered(*latency);
    }
    for age in censored {
        samples.record_censored(*age);
    }
    samples
}

#[test]
fn the_curve_is_that_of_the_product_limit_estimator() {
    // Worked by hand: at 1 of 5 at risk, at 3 of 3 (the censored 2 has left), at 5 of 1 (so has the censored 4).
    let survival: Vec<_> = samples(&[1, 3, 5], &[2, 4]).curve().map(|step| step.survival).collect();
    let expected = [4.0 / 5.0, 4.0 / 5.0 * 2.0 / 3.0, 0.0];
    for (found, expected) in survival.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{survival:?}");
    }
    assert_eq!(survival.len(), 3);
}

#[test]
fn of_equal_values_the_answer_comes_before_the_censoring() {
    let curve: Vec<_> = samples(&[7], &[7]).curve().map(|step| step.survival).collect();
    assert_eq!(curve, [0.5]);
}

/// Two connections over 10 s, worked by hand. One is asked at −1 s and answered at 3 s, then has answers after 2 s and 4 s and is asked once more
/// 1 s before the end; the other is asked at the beginning and ignored.
#[test]
fn what_the_ends_of_a_window_cut_off_is_outstanding_and_what_is_ignored_is_not() {
    const S: u64 = 1_000_000_000;
    let mut window = samples(&[4 * S, 2 * S, 4 * S], &[S, 10 * S]);
    window.record_entered(S);
    let outstanding = window.outstanding(10.0);
    assert!((outstanding - 1.0).abs() < 1e-3, "{outstanding}");
    assert!(samples(&[], &[S]).outstanding(10.0).abs() < f64::EPSILON, "nobody was answered");
}

#[test]
fn a_percentile_is_told_from_a_hundred_observations_beyond_it_on() {
    let of = |count: u64| samples(&(1..=count).collect::<Vec<_>>(), &[]);
    assert_eq!(of(199).percentile(0.5), Err(Missing::TooFew { needed: 200, observed: 199 }));
    assert_eq!(of(200).percentile(0.5), Ok(100));
    assert_eq!(of(9_999).percentile(0.99), Err(Missing::TooFew { needed: 10_000, observed: 9_999 }));
    assert!(of(10_000).percentile(0.99).is_ok());
    assert_eq!(of(99_999).percentile(0.999), Err(Missing::TooFew { needed: 100_000, observed: 99_999 }));
    assert!(of(100_000).percentile(0.999).is_ok());
}

#[test]
fn unfinished_requests_void_what_they_could_move() {
    // Of 1,000 requests 700 took 1 and 300 were unfinished at 2: the median is known, the 90th percentile is not.
    let samples = samples(&[1; 700], &[2; 300]);
    assert_eq!(samples.percentile(0.5), Ok(1));
    assert_eq!(samples.percentile(0.9), Err(Missing::Unfinished { censored: 300 }));
    assert_eq!(samples.mean(), Err(Missing::Unfinished { censored: 300 }));
    assert_eq!(samples.max(), Err(Missing::Unfinished { censored: 300 }));
}

#[test]
fn what_waits_in_a_queue_may_last_for_ever() {
    // An overloaded open loop: the 500 answered ones took up to 500, and the 500 that wait are younger than that.
    let mut queued = Samples::censored_as(Censoring::Queued);
    (1..=500).for_each(|latency| queued.record_answered(latency));
    (1..=500).for_each(|age| queued.record_censored(age));
    assert_eq!(queued.percentile(0.25), Ok(250));
    assert_eq!(queued.percentile(0.5), Ok(500));
    let unfinished = Missing::Unfinished { censored: 500 };
    assert_eq!(queued.percentile(0.75), Err(unfinished.clone()));
    assert_eq!(queued.mean(), Err(unfinished.clone()));
    assert_eq!(queued.max(), Err(unfinished));
}

#[test]
fn a_mean_leaves_out_only_what_could_not_move_it() {
    let mean = |answered: u64, took: u64, unfinished: u64, age: u64| {
        let mut queued = Samples::censored_as(Censoring::Queued);
        (0..answered).for_each(|_| queued.record_answered(took));
        (0..unfinished).for_each(|_| queued.record_censored(age));
        queued.mean()
    };
    let (ms, unfinished) = (1_000_000, |censored| Err(Missing::Unfinished { censored }));
    // Ten of ten thousand that gave up after ten seconds are eleven milliseconds in the mean, at least.
    assert_eq!(mean(9_990, ms, 10, 10_000 * ms), unfinished(10));
    // Older than any answer, though it would move the mean by less than is known of it.
    assert_eq!(mean(9_999, ms, 1, 3 * ms), unfinished(1));
    // As the window closes some are always under way.
    let told = mean(9_990, ms, 10, ms / 2).expect("they are like the others");
    assert!(histogram::empty().equivalent(told, ms), "{told}");
    assert_eq!(mean(9_980, ms, 20, ms / 2), unfinished(20));
}

#[test]
fn a_percentile_needs_a_hundred_that_were_watched_so_long() {
    // Of 2,000 requests 1,000 were given up at 5; at the median, 10, there are 60 left to look at beyond it.
    let mut heavy = Samples::new();
    (0..940).for_each(|_| heavy.record_answered(10));
    (0..1_000).for_each(|_| heavy.record_censored(5));
    (0..60).for_each(|_| heavy.record_answered(20));
    assert_eq!(heavy.percentile(0.5), Ok(10));
    assert_eq!(heavy.percentile(0.9), Ok(10));
    assert_eq!(heavy.percentile(0.92), Err(Missing::FewWatched { beyond: 80 }));
}

#[test]
fn whoever_is_first_watched_at_an_age_is_at_risk_from_it_on() {
    // By hand: two are watched from the start, one from 3 on. At 2 of 2, at 4 of 2, at 6 of 1.
    let mut samples = samples(&[2, 4, 6], &[]);
    samples.record_entered(3);
    let survival: Vec<_> = samples.curve().map(|step| step.survival).collect();
    assert_eq!(survival, [0.5, 0.25, 0.0]);
    // Of one that was watched from the start nothing follows for those that came later.
    let mut early = samples.clone();
    early.record_entered(3);
    assert_eq!(early.mean(), Err(Missing::Unfinished { censored: 0 }));
}

#[test]
fn the_interval_of_a_median_spans_its_binomial_ranks() {
    let samples = samples(&(1..=1_000).collect::<Vec<_>>(), &[]);
    // Ranks 500 ± 1.96·√250 ± 1, as the textbook has it.
    assert_eq!(samples.interval(0.5), Some([469, 532]));
    assert_eq!(samples.interval(0.99), None);
}

#[test]
fn early_censoring_moves_percentiles_up_and_never_down() {
    let finished: Vec<_> = (1..=1_000).collect();
    let plain = samples(&finished, &[]).percentile(0.5).expect("a thousand");
    let with_unfinished = samples(&finished, &[400; 500]).percentile(0.5).expect("a thousand");
    assert!(with_unfinished > plain, "{with_unfinished} {plain}");
}

#[test]
fn the_mean_is_the_area_under_the_curve() {
    assert_eq!(samples(&[1, 2, 3, 6], &[]).mean(), Ok(3));
    // The censored 2 shares its fate with the two that lasted longer: (1·1/4 + 4·3/8 + 8·3/8) = 4.75.
    assert_eq!(samples(&[1, 4, 8], &[2]).mean(), Ok(5));
}

#[test]
fn without_observations_nothing_is_told() {
    let nothing = Samples::new();
    assert_eq!(nothing.percentile(0.5), Err(Missing::Nothing));
    assert_eq!(nothing.mean(), Err(Missing::Nothing));
    assert_eq!(nothing.max(), Err(Missing::Nothing));
    assert_eq!(samples(&[], &[1]).max(), Err(Missing::Unfinished { censored: 1 }));
}

#[test]
fn what_exceeds_the_range_is_recorded_as_its_top_and_counted() {
    let top = HISTOGRAM_BOUNDS.highest_ns;
    let samples = samples(&[1, top + 1, u64::MAX], &[u64::MAX]);
    assert_eq!(samples.above_range(), 3);
    assert_eq!(samples.answered().count_between(top, top), 2);
    assert_eq!(samples.censored().len(), 1);
    let above = Missing::AboveRange { observations: 3 };
    assert_eq!(samples.quantile(0.1), Ok(1));
    assert_eq!(samples.quantile(0.5), Err(above.clone()));
    assert_eq!(samples.mean(), Err(above.clone()));
    assert_eq!(samples.max(), Err(above));
}

proptest! {
    #[test]
    fn without_censoring_it_is_the_plain_percentile(
        mut latencies in prop::collection::vec(1..HISTOGRAM_BOUNDS.highest_ns, 1..300),
        q in 0.0..0.999_f64,
    ) {
        let found = samples(&latencies, &[]).quantile(q).expect("nothing is censored");
        latencies.sort_unstable();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index into the list")]
        let rank = ((q * latencies.len() as f64 * (1.0 - EPSILON)).ceil() as usize).max(1);
        let plain = latencies[rank - 1];
        let histogram = histogram::empty();
        prop_assert!(histogram.equivalent(found, plain), "{found} {plain}");
    }

    #[test]
    fn merged_samples_are_the_samples_of_the_joined_observations(
        first in prop::collection::vec(0..2 * HISTOGRAM_BOUNDS.highest_ns, 0..100),
        second in prop::collection::vec(0..2 * HISTOGRAM_BOUNDS.highest_ns, 0..100),
        cut in 0..100_usize,
    ) {
        let split = |all: &[u64]| {
            let (answered, censored) = all.split_at(cut.min(all.len()));
            (answered.to_vec(), censored.to_vec())
        };
        let ((a1, c1), (a2, c2)) = (split(&first), split(&second));
        let mut merged = samples(&a1, &c1);
        merged.merge(&samples(&a2, &c2));
        prop_assert_eq!(merged, samples(&[a1, a2].concat(), &[c1, c2].concat()));
    }

    #[test]
    fn survival_never_rises_and_stays_a_share(
        answered in prop::collection::vec(1..10_000_u64, 0..100),
        censored in prop::collection::vec(1..10_000_u64, 0..100),
    ) {
        let mut last = 1.0;
        for step in samples(&answered, &censored).curve() {
            prop_assert!((0.0..=last).contains(&step.survival));
            last = step.survival;
        }
    }
}
