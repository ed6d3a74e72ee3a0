//! Whole pages, and that their words follow their numbers.

use super::*;
use crate::contender::Contender;
use crate::record::Outcome;
use crate::testing::{client_bound, measured, measurement, run, trials};
use crate::workload::Workload;

/// sync is always slow under wait, threaded and async change places from block to block, one trial fails.
fn mixed() -> Vec<TrialRecord> {
    trials(|spec| match (spec.workload, spec.contender, spec.block) {
        (Workload::IoWait10ms, Contender::SyncTinyHttp, _) => measured(measurement(98.0)),
        (Workload::IoWait10ms, Contender::ThreadedTinyHttp, 1) => {
            Outcome::Failed { reason: "the server ended under load".to_owned() }
        }
        (Workload::Hello, Contender::AsyncAxum, 0) => measured(client_bound(9_000.0)),
        (Workload::Hello, Contender::AsyncAxum, 1) => measured(client_bound(5_000.0)),
        (_, contender, block) => {
            let even = (block + usize::from(contender == Contender::AsyncAxum)).is_multiple_of(2);
            measured(measurement(if even { 6_000.0 } else { 6_200.0 }))
        }
    })
}

#[test]
fn a_whole_page() {
    insta::assert_snapshot!(index(&run(), &mixed(), &["b".to_owned(), "a".to_owned()]));
}

#[test]
fn sentences_follow_the_numbers() {
    let with_async_at = |rate: f64| {
        tables(
            &run(),
            &trials(|spec| {
                measured(measurement(if spec.contender == Contender::AsyncAxum { rate } else { 1_000.0 }))
            }),
        )
    };
    let text = with_async_at(2_000.0);
    assert!(text.contains("`async/axum` answered more requests per second than `sync/tiny-http`"), "{text}");
    assert!(text.contains("(2.00 ×, 2.00 to 2.00)"), "{text}");
    assert!(with_async_at(500.0).contains("answered fewer requests per second than `sync/tiny-http`"));
    assert!(with_async_at(1_040.0).contains("came within 5 % of `sync/tiny-http` in every block"));
    assert!(tables(&run(), &mixed()).contains("showed no difference that these blocks can tell"));
}

#[test]
fn a_generator_at_its_limit_is_said() {
    let text = |bound: &'static [Contender]| {
        tables(
            &run(),
            &trials(|spec| {
                let measurement =
                    if bound.contains(&spec.contender) { client_bound(900.0) } else { measurement(900.0) };
                measured(measurement)
            }),
        )
    };
    assert!(text(&[Contender::AsyncAxum]).contains(", or more: the load generator"));
    assert!(text(&[Contender::SyncTinyHttp]).contains(", or less: the load generator"));
    assert!(text(&Contender::ALL).contains(", which says little"));
    assert!(!text(&[]).contains("at its limit"));
}

#[test]
fn nothing_measured_is_said_and_not_compared() {
    let text = tables(&run(), &trials(|_| Outcome::Failed { reason: "no\nbinary".to_owned() }));
    assert!(text.contains("Nothing is compared"), "{text}");
    assert!(text.contains("a trial of 3 failed: no binary"), "{text}");
    assert!(!text.contains("NaN"), "{text}");
}

#[test]
fn a_stopped_run_says_so() {
    let some: Vec<_> = mixed().into_iter().take(5).collect();
    assert!(page(&run(), &some, "").contains("stopped after 5 of 36 trials"));
}
