//! Whole pages, and that their words follow their numbers.

use super::*;
use crate::matrix::Load;
use crate::order::TrialSpec;
use crate::record::Outcome;
use crate::testing::{client_bound, measured, measurement, not_valid, planned, run, run_of, trials_of};

fn is_waiting(spec: &TrialSpec) -> bool {
    !spec.cell.setting.work.wait().is_zero()
}

/// sync is always slow under wait, threaded and async change places from block to block, one trial fails, one is doubted.
fn mixed(run: &ComparisonRecord) -> Vec<TrialRecord> {
    trials_of(run, |spec| match (is_waiting(spec), spec.cell.contender.as_str(), spec.block) {
        (true, "sync/tiny-http", _) => measured(measurement(98.0 - spec.block as f64 / 10.0)),
        (true, "threaded/tiny-http@64", 1) => {
            Outcome::Failed { reason: "the server ended under load".to_owned() }
        }
        (true, "sync/hyper", 1) => measured(not_valid(60.0)),
        (false, "async/axum", 0) => measured(client_bound(9_000.0)),
        (false, "async/axum", _) => measured(client_bound(8_900.0)),
        (_, contender, block) => {
            let even = (block + usize::from(contender == "async/axum")).is_multiple_of(2);
            measured(measurement(if even { 6_000.0 } else { 6_200.0 }))
        }
    })
}

#[test]
fn a_whole_page() {
    let run = run_of(planned(5));
    insta::assert_snapshot!(index(&run, &mixed(&run), &["b".to_owned(), "a".to_owned()]));
}

#[test]
fn an_unfinished_run_says_so() {
    let run = run();
    let trials = mixed(&run);
    assert!(!page(&run, &trials, "").contains("was stopped"));
    let text = page(&run, &trials[1..], "");
    assert!(
        text.contains(&format!("stopped after {} of {} trials", trials.len() - 1, trials.len())),
        "{text}"
    );
}

/// Each sentence is found for one record and gone for another: it comes from the numbers.
#[test]
fn words_change_with_their_numbers() {
    let run = run_of(planned(5));
    let with = |ratio: f64| {
        let trials = trials_of(&run, |spec| {
            let faster = if spec.cell.contender == "async/hyper" { ratio } else { 1.0 };
            measured(measurement(5_000.0 * faster * (1.0 + 0.001 * spec.block as f64)))
        });
        page(&run, &trials, "")
    };
    let over_sync = |words: &str| format!("`async/hyper` {words} `sync/hyper`");
    for (ratio, words) in [
        (1.5, over_sync("answered more requests per second than")),
        (0.5, over_sync("answered fewer requests per second than")),
        (1.0, "`async/hyper` and `sync/hyper` are within 5 % of each other".to_owned()),
    ] {
        for other in [1.5, 0.5, 1.0] {
            let same = f64::to_bits(other) == f64::to_bits(ratio);
            assert_eq!(with(other).contains(&words), same, "{words} at {other}");
        }
    }
}

#[test]
fn an_open_loop_shows_what_was_offered() {
    let entries = Experiment::EqualRate.entries(crate::matrix::Profile::Standard, &[]);
    let run = run_of(crate::agenda::plan(&entries, 3, &crate::testing::pilots(), 1));
    assert!(matches!(run.planned[0].cell.setting.load, Load::Open { .. }));
    let text = tables(&run, &trials_of(&run, |_| measured(measurement(25_000.0))));
    assert!(text.contains("offered/s") && text.contains("25,000"), "{text}");
    assert!(text.contains("CPU time a request") || text.contains("within 5 % of each other"), "{text}");
}
