//! Expectations held against made-up trials.

use super::*;
use crate::contender::Contender;
use crate::prediction::Bound;
use crate::testing::{measured as as_measured, measurement, not_valid, run_of, trials_of};

/// Answers that took 1 to 2 ms, at `rate`, against an objective of so many microseconds and an expectation of 1,000 requests/s with a p99 of
/// so many.
fn judged(measurement: &Measurement, slo_us: u64, p99_us: f64) -> Verification {
    let workload = Workload {
        io_wait: Duration::from_millis(1),
        cpu_work: Duration::ZERO,
        clients: 64,
        slo_p99: Duration::from_micros(slo_us),
    };
    let contender = Contender::called("async/hyper", &[]).unwrap();
    let run = run_of(vec![Planned {
        cell: Cell::of(workload.setting(), &contender),
        blocks: BLOCKS,
        windows: 1,
        offered_per_sec: None,
        prediction: Prediction { at_most_per_sec: None, bound: None, reason: None },
    }]);
    let trials = trials_of(&run, |_| as_measured(measurement.clone()));
    let expected = Expected {
        rate_per_sec: 1_000.0,
        mean_s: p99_us / 1e6,
        p99_s: p99_us / 1e6,
        memory_bytes: None,
        bound: Bound::Concurrency,
        fails: None,
        doubts: Vec::new(),
    };
    judge(&workload, &expected, &run, &trials).unwrap()
}

#[test]
fn an_expectation_is_right_about_rate_and_objective_or_wrong() {
    // The 99th percentile of 1 to 2 ms is 1.99 ms.
    for (rate, slo_us, p99_us, verdict, words) in [
        (1_000.0, 3_000, 2_500.0, Verdict::Right, ""),
        (1_140.0, 3_000, 2_500.0, Verdict::Right, ""),
        (860.0, 3_000, 2_500.0, Verdict::Right, ""),
        (1_160.0, 3_000, 2_500.0, Verdict::Wrong, "15 % off"),
        (840.0, 3_000, 2_500.0, Verdict::Wrong, "15 % off"),
        (1_000.0, 1_900, 2_500.0, Verdict::Right, ""),
        (1_000.0, 1_900, 1_800.0, Verdict::Wrong, "missed, and was expected to be met"),
        (1_000.0, 1_999, 2_500.0, Verdict::Wrong, "met, and was expected to be missed"),
    ] {
        let it = judged(&measurement(rate), slo_us, p99_us);
        assert_eq!(it.verdict, verdict, "{rate} {slo_us} {p99_us}: {it:?}");
        assert_eq!(it.reasons.is_empty(), verdict == Verdict::Right, "{it:?}");
        assert!(it.reasons.iter().all(|reason| reason.contains(words)), "{it:?}");
        assert_eq!((it.valid_trials, it.trials), (3, 3));
    }
}

#[test]
fn what_failed_or_still_waits_is_late_and_what_may_not_be_believed_shows_nothing() {
    let mut some_failed = measurement(1_000.0);
    some_failed.load.requests.errors.insert(loadgen::ErrorClass::Timeout, 11);
    let it = judged(&some_failed, 3_000, 2_500.0);
    assert_eq!((it.verdict, it.requests, it.late), (Verdict::Wrong, 3_033, 33));

    let mut some_wait = measurement(1_000.0);
    let mut samples = Samples::new();
    (0..1_000).for_each(|_| samples.record_answered(1_000_000));
    (0..11).for_each(|_| samples.record_censored(4_000_000));
    (0..50).for_each(|_| samples.record_censored(500_000));
    some_wait.load.latency.uncorrected = loadgen::Distribution::from(&samples);
    let it = judged(&some_wait, 3_000, 2_500.0);
    assert_eq!((it.verdict, it.requests, it.late), (Verdict::Wrong, 3_033, 33));

    let it = judged(&not_valid(1_000.0), 3_000, 2_500.0);
    assert_eq!((it.verdict, it.valid_trials), (Verdict::Void, 0));
    assert!(it.reasons.iter().any(|reason| reason.contains("other processes")), "{it:?}");
}
