//! Each gate alone, on made-up trials.

use std::time::Duration;

use loadgen::{Distribution, Status};

use super::*;
use crate::contender::Model;
use crate::matrix::{Offered, Work};
use crate::surroundings::Surroundings;
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
    let checked = check(setting, &task, 1, it);
    checked.iter().filter(|one| one.failed()).map(|one| one.gate).collect()
}

#[test]
fn a_good_trial_passes_every_gate_and_all_apply() {
    let task = Contender::ours(Model::Async, "hyper");
    let checked = check(&closed(10), &task, 1, &good());
    assert!(checked.iter().all(|one| one.passed == Some(true)), "{checked:?}");
    assert_eq!(checked.len(), 8);
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
        (Gate::Stolen, &|it: &mut Measurement| {
            it.surroundings = Surroundings { stolen_share: 0.021, others_share: 0.0 }
        }),
        (Gate::Others, &|it: &mut Measurement| {
            it.surroundings = Surroundings { stolen_share: 0.0, others_share: 0.051 }
        }),
    ] {
        // A wrong answer is a failure too, but one in 6,400 is within what may fail.
        assert_eq!(with(change), [expected]);
    }
    assert_eq!(with(&|it| it.peak_in_flight = Some(58)), []);
    assert_eq!(with(&|it| it.load.connections.starved = 3), []);
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

#[test]
fn what_is_looked_at_is_no_gate() {
    let mut troubled = good();
    troubled.load.connections.starved = 16;
    let beside = Setting { beside: Beside::SlowClients(9), ..closed(0) };
    assert_eq!(failed(&beside, &troubled), []);
    let mut missed = answered(10, 10);
    missed.load.verdict.status = Status::Invalid;
    missed.load.requests.errors.insert(ErrorClass::Timeout, 9);
    missed.load.connections.starved = 16;
    assert_eq!(failed(&open(Experiment::Overload), &missed), []);
    missed.load.connections.starved = 3;
    assert_eq!(failed(&open(Experiment::EqualRate), &missed), [Gate::Generator, Gate::Failures]);
}

#[test]
fn a_blocked_loop_is_expected_to_work_on_one_at_a_time() {
    let mut setting = closed(10);
    setting.work.block_the_loop = true;
    let one = Measurement { peak_in_flight: Some(1), ..good() };
    assert_eq!(failed(&setting, &one), []);
    assert_eq!(failed(&setting, &good()), [Gate::Concurrency]);
}
