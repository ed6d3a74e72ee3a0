//! What counts as a regression, and what does not.

use super::*;
use crate::matrix::{Experiment, Profile};
use crate::order::TrialSpec;
use crate::record::Outcome;
use crate::synthetic::{self, World};
use crate::testing::{measured, measurement, not_valid, run, trials};

type Run = (ComparisonRecord, Vec<TrialRecord>);

fn with(outcome: impl Fn(&TrialSpec) -> Outcome) -> Run {
    (run(), trials(outcome))
}

fn noise(spec: &TrialSpec) -> f64 {
    1.0 + 0.002 * spec.block as f64
}

fn usual() -> Run {
    with(|spec| measured(measurement(6_000.0 * noise(spec))))
}

fn is_axum_without_wait(spec: &TrialSpec) -> bool {
    spec.cell.contender == "async/axum" && spec.cell.setting.work.wait().is_zero()
}

#[test]
fn a_cell_that_lost_a_third_is_a_regression_and_others_are_not() {
    let new = with(|spec| {
        let rate = if is_axum_without_wait(spec) { 4_000.0 } else { 6_000.0 };
        measured(measurement(rate * noise(spec)))
    });
    let differences = between(&usual(), &new);
    let worse: Vec<_> = differences.iter().filter(|one| one.is_regression()).collect();
    assert_eq!(worse.len(), 1, "{worse:?}");
    assert!(worse[0].cell.starts_with("hello/c=64 async/axum"), "{worse:?}");
    let same = |one: &&Difference| matches!(&one.change, Change::Compared(it) if it.comparison == Comparison::NoPracticalDifference);
    assert_eq!(differences.iter().filter(same).count(), differences.len() - 1);
    insta::assert_snapshot!(render::render(("old", "new"), &differences));
}

#[test]
fn a_server_that_breaks_is_a_regression_in_whichever_way_it_does() {
    let failed = with(|spec| {
        if is_axum_without_wait(spec) {
            Outcome::Failed { reason: "the server failed".to_owned() }
        } else {
            measured(measurement(6_000.0 * noise(spec)))
        }
    });
    let invalid = with(|spec| {
        measured(if is_axum_without_wait(spec) {
            not_valid(9_000.0)
        } else {
            measurement(6_000.0 * noise(spec))
        })
    });
    let mut missing = usual();
    let axum = |one: &crate::matrix::Cell| one.contender == "async/axum" && one.setting.work.wait().is_zero();
    missing.0.planned.retain(|one| !axum(&one.cell));
    missing.1.retain(|one| !axum(&one.spec.cell));
    let mut stopped = usual();
    stopped.1.retain(|one| !axum(&one.spec.cell));
    for (new, why) in [
        (failed, "0 of 3 trials are valid: the server failed"),
        (invalid, "0 of 3 trials are valid: other processes used"),
        (missing, "it was not measured"),
        (stopped, "0 of 3 trials are valid: its trials were not made"),
    ] {
        let worse: Vec<Difference> =
            between(&usual(), &new).into_iter().filter(Difference::is_regression).collect();
        let [Difference { cell, change: Change::Broken(seen), .. }] = worse.as_slice() else {
            panic!("{why}: {worse:?}")
        };
        assert!(cell.starts_with("hello/c=64 async/axum") && seen.contains(why), "{seen}");
        let text = render::render(("old", "new"), &worse);
        assert!(text.contains("regression: hello/c=64 async/axum: broken: "), "{text}");
        // The other way round it is no regression.
        assert!(!between(&new, &usual()).iter().any(Difference::is_regression), "{why}");
    }
}

/// Each run offers what its own pilot showed. Here the second pilot was a third lower, and the servers are the same.
#[test]
fn an_open_loop_is_compared_by_its_cost_and_not_by_what_was_offered() {
    let old = synthetic::run(Profile::Standard, &[Experiment::EqualRate]);
    let old_trials = synthetic::trials(&old, World::USUAL);
    let mut new = (old.clone(), old_trials.clone());
    for trial in &mut new.1 {
        let Outcome::Measured(it) = &mut trial.outcome else { continue };
        it.load.rate.achieved_per_sec /= 1.5;
        it.load.requests.ok = it.load.requests.ok * 2 / 3;
        it.server.cpu_s /= 1.5;
    }
    let differences = between(&(old, old_trials), &new);
    assert!(!differences.is_empty());
    for one in differences {
        assert_eq!(one.metric, Metric::RequestsPerCpu);
        let Change::Compared(decided) = &one.change else { panic!("{one:?}") };
        assert!((decided.ratio.estimate - 1.0).abs() < 0.01, "{one:?}");
        assert!(!one.is_regression(), "{one:?}");
    }
}

#[test]
fn one_doubtful_cell_among_many_is_chance() {
    // Slower by 8 % with a spread of 1 %, so that the cell alone would be clear of 5 %.
    let spread = |spec: &TrialSpec| 1.0 + 0.01 * (spec.block as f64 - 1.0);
    let old = with(|spec| measured(measurement(6_000.0 * spread(spec))));
    let new = with(|spec| {
        let rate = if is_axum_without_wait(spec) { 5_500.0 } else { 6_000.0 };
        measured(measurement(rate * spread(spec)))
    });
    let differences = between(&old, &new);
    let axum = differences.iter().find(|one| one.cell.starts_with("hello/c=64 async/axum")).unwrap();
    let Change::Compared(decided) = &axum.change else { panic!("{axum:?}") };
    assert_eq!((decided.alone, decided.comparison), (Comparison::Slower, Comparison::Inconclusive));
    assert!(!axum.is_regression());
}

#[test]
fn runs_that_are_not_alike_say_in_what() {
    let (old, _) = usual();
    assert_eq!(unlike(&old, &old), Vec::<String>::new());
    let mut new = old.clone();
    new.provenance.cpu.value = Some("Another CPU".to_owned());
    new.provenance.cpus = Some(8);
    new.placement.server_cpus = vec![0, 1];
    new.config.window *= 2;
    let told = unlike(&old, &new).join("\n");
    for part in ["A CPU and is Another CPU", "was 2 and is 8", "server on [0, 1]", "1s 500ms", "is 3s after"]
    {
        assert!(told.contains(part), "{told}");
    }
}
