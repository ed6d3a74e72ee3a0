//! Verdicts on made-up runs: what they are, and that each turns when its records do.

mod users;

use super::*;
use crate::agenda;
use crate::cli::RunFlags;
use crate::guests::Guests;
use crate::matrix::Profile;
use crate::record::Outcome;
use crate::synthetic::{self, World};
use crate::testing::{not_valid, pilots, run_of};

fn verdicts(run: &ComparisonRecord, trials: &[TrialRecord]) -> Vec<Verdict> {
    judge(run, trials, &Summary::of(run, trials))
}

fn of(claim: Claim, verdicts: &[Verdict]) -> &Verdict {
    verdicts.iter().find(|one| one.claim == claim).unwrap()
}

#[test]
fn every_claim_has_a_verdict_a_command_and_words_of_its_own() {
    let (run, trials) = synthetic::standard();
    let all = verdicts(run, trials);
    let labels: Vec<&str> = all.iter().map(|one| one.claim.label()).collect();
    assert_eq!(labels, ["C1", "C2", "C3", "C4", "C5", "C6", "C7"]);
    insta::assert_debug_snapshot!(
        all.iter().map(|one| (one.claim.label(), one.status, &one.when)).collect::<Vec<_>>()
    );
}

#[test]
fn what_was_not_measured_is_said_and_how_to_measure_it() {
    let run = synthetic::run(Profile::Quick, &Experiment::ALL);
    let all = verdicts(&run, &synthetic::trials(&run, World::USUAL));
    for claim in [Claim::Blocking, Claim::Users, Claim::Resources, Claim::Simplicity] {
        let verdict = of(claim, &all);
        assert_eq!(verdict.status, Status::NotMeasured, "{claim:?}");
        assert!(verdict.command.starts_with("cargo compare --profile standard --experiment "), "{verdict:?}");
        assert!(verdict.missing.iter().any(|one| one.contains("was not measured")), "{verdict:?}");
    }
    assert_eq!(of(Claim::Overlap, &all).status, Status::Supported);
}

/// What is printed under a verdict measures the same cells again, as long and as often, and writes where the run did.
#[test]
fn every_command_plans_the_cells_of_its_claim_again() {
    let cells = |flags: &RunFlags, experiments: &[Experiment]| -> Vec<(String, usize)> {
        let entries = flags.entries(&Guests::default()).unwrap();
        let planned = agenda::plan(&entries, flags.blocks(), &pilots(), 1);
        // A run that has no server twice gives one a twin, wherever it begins.
        let mine =
            planned.iter().filter(|one| experiments.contains(&one.cell.setting.experiment) && !one.cell.twin);
        mine.map(|one| (one.cell.label(), one.blocks)).collect()
    };
    for given in [
        "compare --profile standard",
        "compare",
        "compare --profile full --blocks 3 --duration 1500ms --warmup 0s --results '/tmp/it is elsewhere'",
        "compare --profile standard --connections 32 --contender async/hyper --contender threaded/hyper@8",
        "compare --profile standard --experiment waiting --experiment hello --experiment overload",
    ] {
        let flags = RunFlags::of_line(given).unwrap();
        let mut run = run_of(agenda::plan(&flags.entries(&Guests::default()).unwrap(), 1, &pilots(), 1));
        run.config.profile = flags.profile();
        run.config.flags = flags.again();
        for verdict in verdicts(&run, &[]) {
            let again = RunFlags::of_line(verdict.command.strip_prefix("cargo ").unwrap());
            let again = again.unwrap_or_else(|error| panic!("{}: {error}", verdict.command));
            assert_eq!(again.results.results, flags.results.results, "{}", verdict.command);
            if !verdict.missing.is_empty() {
                let loads = |one: &&Experiment| **one != Experiment::Code;
                let decided_by: Vec<Experiment> =
                    verdict.claim.decided_by().iter().filter(loads).copied().collect();
                assert_eq!(
                    cells(&again, &decided_by).is_empty(),
                    decided_by.is_empty(),
                    "{}",
                    verdict.command
                );
                continue;
            }
            let all: Vec<Experiment> = Experiment::ALL
                .into_iter()
                .filter(|one| {
                    verdict.claim.decided_by().contains(one) || verdict.claim.widened_by().contains(one)
                })
                .collect();
            assert_eq!(cells(&again, &all), cells(&flags, &all), "{given}: {}", verdict.command);
            assert_eq!(again.window(), flags.window(), "{}", verdict.command);
            assert_eq!(again.warmup(), flags.warmup(), "{}", verdict.command);
        }
    }
}

#[test]
fn without_one_of_its_experiments_a_claim_is_inconclusive_at_best() {
    for (claim, left_out) in [
        (Claim::Throughput, Experiment::Hello),
        (Claim::Blocking, Experiment::SlowRoute),
        (Claim::Resources, Experiment::EqualRate),
    ] {
        let with = |wanted: &dyn Fn(&Experiment) -> bool| {
            let experiments: Vec<Experiment> = claim.decided_by().iter().copied().filter(wanted).collect();
            let (run, trials) = synthetic::standard_of(&experiments);
            of(claim, &verdicts(&run, &trials)).status
        };
        assert_eq!(with(&|one| *one != left_out), Status::Inconclusive, "{claim:?}");
        assert_eq!(with(&|_| false), Status::NotMeasured, "{claim:?}");
    }
}

#[test]
fn verdicts_turn_with_the_rates() {
    let at = |async_rate, noise| {
        let run = synthetic::run(Profile::Quick, &[Experiment::Hello, Experiment::Waiting]);
        let trials = synthetic::trials(&run, World { noise, async_rate, ..World::USUAL });
        of(Claim::Throughput, &verdicts(&run, &trials)).status
    };
    assert_eq!(at(3.0, 0.01), Status::Supported);
    assert_eq!(at(1.0, 0.01), Status::OnlyWhen);
    assert_eq!(at(0.001, 0.01), Status::Refuted);
}

#[test]
fn a_tie_is_no_difference_and_noise_is_inconclusive() {
    // Only hello, in which the best pool and async are held against each other.
    let run = synthetic::run(Profile::Quick, &[Experiment::Hello]);
    let finding = |async_rate, noise| {
        let trials = synthetic::trials(&run, World { noise, async_rate, ..World::USUAL });
        let all = verdicts(&run, &trials);
        let verdict = of(Claim::Throughput, &all);
        assert_eq!(verdict.status, Status::Inconclusive, "waiting is missing");
        verdict.deciding.iter().find(|group| group.what.contains("best pool")).unwrap().observations[0]
            .finding
    };
    // async/hyper needs 16.8 µs in the made-up world, the pool 29 µs.
    let tie = 16.8 / 29.0;
    assert_eq!(finding(tie, 0.005), Finding::Equal);
    assert_eq!(finding(tie, 0.4), Finding::Undecided);
    assert_eq!(finding(1.0, 0.005), Finding::For);
    assert_eq!(finding(tie / 2.0, 0.005), Finding::Against);
}

#[test]
fn rows_that_are_not_valid_decide_nothing_and_are_named() {
    let run = synthetic::run(Profile::Quick, &Experiment::ALL);
    let mut trials = synthetic::trials(&run, World::USUAL);
    for trial in trials.iter_mut().filter(|trial| trial.spec.cell.contender == "async/hyper") {
        let Outcome::Measured(it) = &mut trial.outcome else { panic!("all are measured") };
        it.gates = not_valid(1.0).gates;
    }
    let all = verdicts(&run, &trials);
    let verdict = of(Claim::Throughput, &all);
    let best = verdict.deciding.iter().find(|group| group.what.contains("best pool")).unwrap();
    assert!(best.observations.iter().all(|one| one.finding == Finding::Undecided && one.value.is_none()));
    assert!(
        verdict.doubts.iter().any(|one| one.contains("`async/hyper` is not valid in `hello/c=64`")),
        "{verdict:#?}"
    );
}

#[test]
fn memory_decides_on_resources() {
    let run = synthetic::run(Profile::Standard, &[Experiment::Users, Experiment::EqualRate]);
    let saved = |task_memory| {
        let all = verdicts(&run, &synthetic::trials(&run, World { task_memory, ..World::USUAL }));
        of(Claim::Resources, &all).deciding[1].observations.iter().map(|one| one.finding).collect::<Vec<_>>()
    };
    // The pool of 64, whose memory hardly grows, and one with a thread for each connection, over the numbers of users that both have.
    assert_eq!(saved(1.0), [Finding::Against, Finding::For]);
    assert_eq!(saved(4.0), [Finding::Against, Finding::Against]);
}

#[test]
fn without_a_valid_row_nothing_is_claimed_and_no_condition_is_named() {
    let (run, mut trials) = synthetic::standard().clone();
    for trial in &mut trials {
        let Outcome::Measured(it) = &mut trial.outcome else { panic!("all are measured") };
        it.gates = not_valid(1.0).gates;
    }
    for verdict in verdicts(&run, &trials) {
        let expected =
            if verdict.claim == Claim::Simplicity { Status::NotMeasured } else { Status::Inconclusive };
        assert_eq!(verdict.status, expected, "{verdict:#?}");
        assert!(verdict.when.is_none() && verdict.observations().all(|one| one.finding != Finding::For));
        let spurious = verdict.flips.iter().filter(|one| !one.contains("k*"));
        assert_eq!(spurious.count(), 0, "{:?}", verdict.flips);
        assert!(expected == Status::NotMeasured || !verdict.doubts.is_empty(), "{verdict:#?}");
    }
}

/// Memory a connection is compared over the numbers of users at which both servers are valid, and says which.
#[test]
fn two_slopes_go_through_the_same_numbers_of_users() {
    let (run, trials) = synthetic::standard_of(&[Experiment::Users, Experiment::EqualRate]);
    let rungs = |spoilt: &[usize]| {
        let mut trials = trials.clone();
        for trial in &mut trials {
            let users = trial.spec.cell.setting.load.connections();
            let is_spoilt = trial.spec.cell.contender == "async/hyper" && spoilt.contains(&users);
            let Outcome::Measured(it) = &mut trial.outcome else { panic!("all are measured") };
            // Beyond 1,000 users a task takes ten times the memory: no line goes through all.
            if trial.spec.cell.contender == "async/hyper" && users > 1_000 {
                it.server.pss_bytes = it.server.pss_bytes.map(|bytes| bytes * 10);
            }
            if is_spoilt {
                it.gates = not_valid(1.0).gates;
            }
        }
        let all = verdicts(&run, &trials);
        let memory = of(Claim::Resources, &all).deciding[1].observations.clone();
        memory.into_iter().find(|one| one.subject.contains("a worker a connection")).unwrap()
    };
    let both = rungs(&[]);
    assert_eq!(both.rungs, [500, 1_000]);
    assert!((both.value.unwrap().estimate - 28_000.0 / 11_000.0).abs() < 0.2, "{both:?}");
    let one = rungs(&[500]);
    assert!(one.value.is_none() && one.doubt.as_ref().unwrap().contains("fewer than two"), "{one:?}");
}

/// What the load generator held down shows no lead that it may have made.
#[test]
fn a_generator_at_its_limit_shows_one_direction_only() {
    let run = synthetic::run(Profile::Quick, &[Experiment::Hello]);
    let finding = |bound: &[&str], async_rate| {
        let mut trials = synthetic::trials(&run, World { async_rate, noise: 0.005, ..World::USUAL });
        for trial in trials.iter_mut().filter(|one| bound.contains(&one.spec.cell.contender.as_str())) {
            let Outcome::Measured(it) = &mut trial.outcome else { panic!("all are measured") };
            it.load.warnings = crate::testing::client_bound(1.0).load.warnings;
        }
        let all = verdicts(&run, &trials);
        let best =
            of(Claim::Throughput, &all).deciding.iter().find(|one| one.topic == Topic::BestPool).unwrap();
        let one = &best.observations[0];
        (one.finding, one.doubt.clone().unwrap_or_default())
    };
    let pool = "threaded/hyper@64";
    for (bound, async_rate, expected, words) in [
        (vec![], 1.0, Finding::For, ""),
        (vec!["async/hyper"], 1.0, Finding::For, "or more: "),
        (vec![pool], 1.0, Finding::Undecided, "or less, and so undecided: "),
        (vec![pool, "async/hyper"], 1.0, Finding::Undecided, "which says little: "),
        (vec![pool], 0.3, Finding::Against, "or less: "),
        (vec!["async/hyper"], 0.3, Finding::Undecided, "or more, and so undecided: "),
        (vec!["async/hyper"], 16.8 / 29.0, Finding::Undecided, "or more, and so undecided: "),
    ] {
        let (found, doubt) = finding(&bound, async_rate);
        assert_eq!(found, expected, "{bound:?} at {async_rate}");
        assert!(doubt.starts_with(words), "{doubt}");
    }
}
