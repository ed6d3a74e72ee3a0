//! Verdicts on the ladder of users.

use super::*;

#[test]
fn the_ladder_of_users_ends_where_something_ends_it() {
    let (run, trials) = synthetic::standard_of(&[Experiment::Users]);
    let all = verdicts(&run, &trials);
    let verdict = of(Claim::Users, &all);
    let held: Vec<(f64, Finding)> =
        verdict.observations().map(|one| (one.value.unwrap().estimate, one.finding)).collect();
    assert_eq!(held, [(1_000.0, Finding::For), (1_000.0, Finding::Undecided)], "{verdict:#?}");
    assert_eq!(verdict.status, Status::OnlyWhen);
    // In an open loop whoever is asked just before the end goes unanswered in the window: that is no limit.
    let mut late = trials.clone();
    for trial in &mut late {
        let Outcome::Measured(it) = &mut trial.outcome else { panic!("all are measured") };
        it.load.connections.starved = 16;
    }
    assert_eq!(of(Claim::Users, &verdicts(&run, &late)), of(Claim::Users, &all));
    // A failed request was not served in time. One is within what may happen; with one in ten on its top rung async ends where the pool of 64
    // does, and which holds more is not known.
    for (failed, finding) in [(1, Finding::For), (400, Finding::Undecided)] {
        let mut worse = trials.clone();
        for trial in worse.iter_mut().filter(|trial| {
            trial.spec.cell.contender == "async/hyper" && trial.spec.cell.setting.load.connections() == 8_000
        }) {
            let Outcome::Measured(it) = &mut trial.outcome else { panic!("all are measured") };
            it.load.requests.errors.insert(loadgen::ErrorClass::Reset, failed);
        }
        let all = verdicts(&run, &worse);
        let observations: Vec<_> = of(Claim::Users, &all).observations().collect();
        let findings: Vec<Finding> = observations.iter().map(|one| one.finding).collect();
        assert_eq!(findings, [finding, Finding::Undecided]);
        let doubt = observations[0].doubt.as_deref().unwrap_or_default();
        let known = "both held 1,000 and not 8,000: which holds more is not known";
        assert_eq!(doubt.starts_with(known), finding == Finding::Undecided, "{doubt}");
    }
}

/// What the machine spoils is no limit of a server.
#[test]
fn a_rung_that_the_machine_spoilt_is_unknown_and_no_limit() {
    let (run, trials) = synthetic::standard_of(&[Experiment::Users]);
    let mut spoilt = trials.clone();
    for trial in spoilt.iter_mut().filter(|trial| trial.spec.cell.contender == "async/hyper") {
        let users = trial.spec.cell.setting.load.connections();
        let Outcome::Measured(it) = &mut trial.outcome else { panic!("all are measured") };
        if users > 1_000 {
            it.gates = not_valid(1.0).gates;
        }
    }
    let all = verdicts(&run, &spoilt);
    let verdict = of(Claim::Users, &all);
    let what = &verdict.deciding[0].what;
    assert!(what.starts_with("`async/hyper`: at least 1,000 users, 8,000 users cannot be told"), "{what}");
    assert_eq!(verdict.status, Status::Inconclusive);
}
