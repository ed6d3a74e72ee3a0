//! Each gate alone, on made-up trials.

use std::time::Duration;

use loadgen::{Distribution, Status};

use super::*;
use crate::contender::Model;
use crate::matrix::{Offered, Work};
use crate::testing::measurement;

fn closed(wait_ms: u64) -> Setting {
    Setting {
        experiment: Experiment::Waiting,
        work: Work::waiting(Duration::from_millis(wait_ms)),
        load: Load::Closed { connections: 64 },
        beside: Beside::Nothing,
    }
}

fn open(experiment: Experiment) -> Setting {
    let load = Load::Open { connections: 64, offered: Offered::PerSec(100.0) };
    Setting { experiment, load, ..closed(0) }
}

/// `rate` answers in a second, each after `latency_ms`, on 64 connections.
fn answered(rate: u64, latency_ms: u64) -> Measurement {
    let mut it = measurement(rate as f64);
    let mut samples = Samples::new();
    (0..rate).for_each(|_| samples.record_answered(latency_ms * 1_000_000));
    it.load.latency.uncorrected = Distribution::from(&samples);
    it
}

/// 6,400 a second after 10 ms each: 64 at a time, as Little's law has it.
fn good() -> Measurement {
    Measurement { peak_in_flight: Some(64), ..answered(6_400, 10) }
}

fn failed(setting: &Setting, it: &Measurement) -> Vec<Gate> {
    let task = Contender::ours(Model::Async, "hyper");
    let checked = check(setting, &task, &[0], it);
    checked.iter().filter(|one| one.failed()).map(|one| one.gate).collect()
}

#[test]
fn a_good_trial_passes_every_gate_and_all_apply() {
    let task = Contender::ours(Model::Async, "hyper");
    let checked = check(&closed(10), &task, &[0], &good());
    assert!(checked.iter().all(|one| one.passed == Some(true)), "{checked:?}");
    assert_eq!(checked.len(), 9);
}

#[test]
fn each_fault_fails_its_gate_alone() {
    let with = |change: &dyn Fn(&mut Measurement)| {
        let mut it = good();
        change(&mut it);
        failed(&closed(10), &it)
    };
    for (expected, change) in [
        (
            Gate::Generator,
            &(|it: &mut Measurement| it.load.verdict.status = Status::Invalid) as &dyn Fn(&mut _),
        ),
        (Gate::Contract, &|it: &mut Measurement| {
            it.load.requests.errors.insert(ErrorClass::BadBody, 1);
        }),
        (Gate::Failures, &|it: &mut Measurement| {
            it.load.requests.errors.insert(ErrorClass::Timeout, 7);
        }),
        (Gate::Starved, &|it: &mut Measurement| it.load.connections.starved = 4),
        (Gate::Concurrency, &|it: &mut Measurement| it.peak_in_flight = Some(57)),
        (Gate::Concurrency, &|it: &mut Measurement| it.peak_in_flight = Some(65)),
        (Gate::Stolen, &|it: &mut Measurement| it.surroundings.stolen_share = Some(0.021)),
        (Gate::Others, &|it: &mut Measurement| it.surroundings.others_share = 0.051),
        (Gate::Placement, &|it: &mut Measurement| it.server_cpus = vec![0, 1]),
    ] {
        // A wrong answer is a failure too, but one in 6,400 is within what may fail.
        assert_eq!(with(change), [expected]);
    }
    assert_eq!(with(&|it| it.peak_in_flight = Some(58)), []);
    assert_eq!(with(&|it| it.load.connections.starved = 3), []);
    assert_eq!(with(&|it| it.surroundings.stolen_share = None), []);
    assert_eq!(
        with(&|it| {
            it.load.requests.errors.insert(ErrorClass::Timeout, 6);
        }),
        []
    );
}

/// The stub that ignores 30 % of its connections: the others are served as fast as all would be, so it looks no slower, and its
/// latencies are better. Little's law does not add up, with or without the generator's count of the starved.
#[test]
fn a_server_that_ignores_connections_never_passes() {
    // 45 of 64 connections at the full rate: each is served in 7 ms instead of 10.
    let mut stub = Measurement { peak_in_flight: Some(64), ..answered(6_400, 7) };
    assert_eq!(failed(&closed(10), &stub), [Gate::LittlesLaw]);
    stub.load.connections.starved = 19;
    assert_eq!(failed(&closed(10), &stub), [Gate::Starved, Gate::LittlesLaw]);
    assert_eq!(failed(&closed(0), &answered(0, 10)), [Gate::LittlesLaw], "nothing answered is not believed");
}

/// An open loop has no Little's law to break: what shows is who was asked and never answered.
#[test]
fn a_server_that_ignores_connections_in_an_open_loop_never_passes() {
    let mut stub = answered(100, 1);
    assert_eq!(failed(&open(Experiment::EqualRate), &stub), []);
    stub.load.connections.starved = 19;
    assert_eq!(failed(&open(Experiment::EqualRate), &stub), [Gate::Starved]);
}

#[test]
fn littles_law_has_room_for_five_percent() {
    for (rate, passed) in [(6_090, true), (6_070, false), (6_710, true), (6_730, false)] {
        let it = Measurement { peak_in_flight: Some(64), ..answered(rate, 10) };
        assert_eq!(failed(&closed(10), &it).is_empty(), passed, "{rate}");
    }
}

/// 3,000 answers after 20 ms are 60 of 64 at a time; the rest waits for the end of the window, among them what an answer may take.
#[test]
fn what_is_in_flight_at_the_end_of_a_window_counts_unless_no_answer_took_so_long() {
    for (age_ms, expected) in [(60, vec![]), (110, vec![Gate::LittlesLaw])] {
        let mut it = Measurement { peak_in_flight: Some(64), ..answered(3_000, 20) };
        let mut samples = Samples::from_record(&it.load).unwrap();
        samples.record_answered(100_000_000);
        (0..64).for_each(|_| samples.record_censored(age_ms * 1_000_000));
        it.load.latency.uncorrected = Distribution::from(&samples);
        assert_eq!(failed(&closed(10), &it), expected, "{age_ms} ms");
    }
}

#[test]
fn what_is_looked_at_is_no_gate() {
    let mut troubled = good();
    troubled.load.connections.starved = 16;
    let beside = Setting { beside: Beside::SlowClients(9), ..closed(0) };
    assert_eq!(failed(&beside, &troubled), []);
}

/// Past capacity a missed rate is what is looked at; a generator that is the limit itself is not.
#[test]
fn in_overload_only_the_missed_rate_is_waived() {
    let missed = Reason::RateMissed { sent: 9, scheduled: 10 };
    let busy = Reason::Busy { cpu_share: 0.95 };
    let held = Reason::FewerHeld { held: 1, wanted: 2 };
    for (reasons, failed_in_overload) in [
        (vec![missed], false),
        (vec![missed, busy], true),
        (vec![busy], true),
        (vec![held, missed], true),
        (vec![], true),
    ] {
        let mut it = answered(10, 10);
        it.load.verdict.status = Status::Invalid;
        it.load.verdict.reasons.clone_from(&reasons);
        it.load.requests.errors.insert(ErrorClass::Timeout, 9);
        let expected: &[Gate] = if failed_in_overload { &[Gate::Generator] } else { &[] };
        let many_wait = {
            let mut it = it.clone();
            it.load.connections.starved = 16;
            it
        };
        assert_eq!(failed(&open(Experiment::Overload), &many_wait), expected, "{reasons:?}");
        assert_eq!(
            failed(&open(Experiment::EqualRate), &it),
            [Gate::Generator, Gate::Failures],
            "{reasons:?}"
        );
    }
}

#[test]
fn an_open_loop_may_leave_out_only_those_whose_answer_is_not_due_yet() {
    // 1,000 a second that wait 10 ms: 10 are at work when the window ends, and 3 are a twentieth of 64.
    let mut setting = open(Experiment::Users);
    setting.work = Work::waiting(Duration::from_millis(10));
    for (starved, passed) in [(13, true), (14, false)] {
        let mut it = answered(1_000, 10);
        it.load.rate.target_per_sec = Some(1_000.0);
        it.load.connections.starved = starved;
        let expected: &[Gate] = if passed { &[] } else { &[Gate::Starved] };
        assert_eq!(failed(&setting, &it), expected, "{starved}");
    }
}

/// A pool that was asked for 64 workers and has 8: 8 clients at a time are served, in 10 ms each, and all others wait their turn. Little's law
/// holds, nobody is starved, and its rate is just what its peak gives.
#[test]
fn a_pool_of_fewer_workers_than_it_says_never_passes() {
    let pool = Contender::ours(Model::Threaded, "hyper").with_workers(64);
    let mut small = Measurement { peak_in_flight: Some(8), ..answered(800, 80) };
    let verdict = |it: &Measurement| {
        let checked = check(&closed(10), &pool, &[0], it);
        checked.into_iter().filter(Checked::failed).map(|one| one.gate).collect::<Vec<_>>()
    };
    for (cpu_s, expected) in [(0.02, &[Gate::Concurrency][..]), (0.94, &[Gate::Concurrency]), (0.96, &[])] {
        small.server.cpu_s = cpu_s;
        assert_eq!(verdict(&small), expected, "{cpu_s}");
    }
}

#[test]
fn others_are_seen_as_far_as_ticks_and_interrupts_allow() {
    for (others, error, interrupts, in_clocks, passed) in [
        (0.08, 0.0, 0.05, Some(true), Some(false)),
        (0.08, 0.0, 0.05, Some(false), Some(true)),
        (0.12, 0.0, 0.05, Some(false), Some(false)),
        (0.08, 0.0, 0.05, None, None),
        (0.12, 0.0, 0.05, None, Some(false)),
        (0.04, 0.0, 0.02, None, Some(true)),
        (0.08, 0.04, 0.0, Some(true), Some(true)),
        (-0.08, 0.02, 0.0, None, Some(true)),
    ] {
        let mut it = good();
        it.surroundings.others_share = others;
        it.surroundings.others_error = Some(error);
        it.surroundings.interrupts_share = Some(interrupts);
        it.surroundings.interrupts_in_clocks = in_clocks;
        let task = Contender::ours(Model::Async, "hyper");
        let checked = check(&closed(10), &task, &[0], &it);
        let found = checked.iter().find(|one| one.gate == Gate::Others).unwrap();
        assert_eq!(found.passed, passed, "{found:?}");
    }
}

#[test]
fn a_blocked_loop_is_expected_to_work_on_one_at_a_time() {
    let mut setting = closed(10);
    setting.work.block_the_loop = true;
    let one = Measurement { peak_in_flight: Some(1), ..good() };
    assert_eq!(failed(&setting, &one), []);
    assert_eq!(failed(&setting, &good()), [Gate::Concurrency]);
}
