//! Bounds by hand, and where there are none.

use std::time::Duration;

use super::*;
use crate::matrix::{Experiment, Work};

/// 20 µs of CPU a request, 50,000 requests a second on one CPU.
fn pilots() -> Vec<Pilot> {
    ["sync/hyper", "threaded/hyper", "async/hyper"]
        .map(|base| Pilot {
            cpu_s: Some(20e-6),
            capacity_per_sec: Some(50_000.0),
            ..Pilot::of_greetings(base)
        })
        .to_vec()
}

fn setting(wait_ms: u64, clients: usize) -> Setting {
    Setting {
        experiment: Experiment::Waiting,
        work: Work::waiting(Duration::from_millis(wait_ms)),
        load: Load::Closed { connections: clients },
        beside: Beside::Nothing,
    }
}

#[test]
fn the_lowest_bound_is_the_prediction() {
    let pool = |workers| Contender::ours(Model::Threaded, "hyper").with_workers(workers);
    let (sync, task) = (Contender::ours(Model::Sync, "hyper"), Contender::ours(Model::Async, "hyper"));
    let blocked = |mut setting: Setting| {
        setting.work.block_the_loop = true;
        setting
    };
    for (setting, contender, expected, bound) in [
        (setting(10, 64), &sync, 1.0 / 0.010_02, Bound::Concurrency),
        (setting(10, 64), &pool(8), 8.0 / 0.010_02, Bound::Concurrency),
        (setting(10, 4), &pool(8), 4.0 / 0.010_02, Bound::Concurrency),
        (setting(10, 1_024), &pool(1_024), 50_000.0, Bound::Cpu),
        (setting(10, 1_024), &task, 50_000.0, Bound::Cpu),
        (setting(10, 64), &task, 64.0 / 0.010_02, Bound::Concurrency),
        (setting(0, 64), &task, 50_000.0, Bound::Cpu),
        (blocked(setting(10, 64)), &task, 1.0 / 0.010_02, Bound::Concurrency),
    ] {
        let got = predict(&setting, contender, &pilots(), None, 1);
        assert_eq!(got.bound, Some(bound), "{}", setting.label());
        let rate = got.at_most_per_sec.unwrap();
        assert!((rate / expected - 1.0).abs() < 1e-9, "{}: {rate}", setting.label());
    }
}

#[test]
fn an_open_loop_serves_no_more_than_is_offered() {
    let mut open = setting(0, 64);
    open.load = Load::Open { connections: 64, offered: Offered::OfOwn(0.5) };
    let task = Contender::ours(Model::Async, "hyper");
    let offered = offered_per_sec(&open, &task, &[&task], &pilots());
    assert_eq!(offered, Some(25_000.0));
    assert_eq!(predict(&open, &task, &pilots(), offered, 1).bound, Some(Bound::Offered));
    let mut slow = pilots();
    slow[0].capacity_per_sec = Some(10_000.0);
    open.load = Load::Open { connections: 64, offered: Offered::OfSlowest(0.5) };
    let sync = Contender::ours(Model::Sync, "hyper");
    assert_eq!(offered_per_sec(&open, &task, &[&task, &sync], &slow), Some(5_000.0));
}

/// What a server is capable of with other work or on other connections says nothing of a share of its capacity there.
#[test]
fn a_share_is_of_the_capacity_at_the_same_work_and_connections() {
    let mut open = setting(0, 256);
    open.work.cpu_work = Duration::from_micros(100);
    open.load = Load::Open { connections: 256, offered: Offered::OfOwn(0.5) };
    let task = Contender::ours(Model::Async, "hyper");
    let mut pilots = pilots();
    assert_eq!(offered_per_sec(&open, &task, &[&task], &pilots), None);
    pilots.push(Pilot {
        connections: 256,
        cpu_work: open.work.cpu_work,
        cpu_s: Some(120e-6),
        capacity_per_sec: Some(8_000.0),
        ..Pilot::of_greetings("async/hyper")
    });
    let offered = offered_per_sec(&open, &task, &[&task], &pilots);
    assert_eq!(offered, Some(4_000.0));
    // The CPU time of a request in predictions stays that of a greeting, to which the work is added.
    pilots.rotate_right(1);
    let prediction = predict(&open, &task, &pilots, None, 1);
    assert!((prediction.at_most_per_sec.unwrap() * 120e-6 - 1.0).abs() < 1e-9, "{prediction:?}");
}

#[test]
fn without_a_pilot_there_is_a_reason_instead() {
    let axum = Contender::ours(Model::Async, "axum");
    let none = predict(&setting(0, 64), &axum, &pilots(), None, 1);
    assert!(none.at_most_per_sec.is_none() && none.reason.unwrap().contains("pilot"));
}

/// The figures of async/hyper in the committed run, by hand.
#[test]
fn a_closed_system_lies_between_a_convoy_and_no_queue() {
    let task = Contender::ours(Model::Async, "hyper");
    for (wait_ms, clients, service_us, cpus, low, high) in [
        (10, 256, 11.8, 1, 19_662.0, 25_570.0),
        (10, 1_024, 20.0, 1, 33_595.0, 50_000.0),
        // A request waits for half of the others where there are two CPUs: 3 / (1 ms + 2 × 1 ms).
        (1, 3, 1_000.0, 2, 1_000.0, 1_500.0),
    ] {
        let got = Bounds::of(&setting(wait_ms, clients), &task, None, service_us / 1e6, cpus).unwrap();
        assert!(
            (got.low.unwrap() / low - 1.0).abs() < 1e-4 && (got.high / high - 1.0).abs() < 1e-4,
            "{got:?}"
        );
    }
    let pool = Contender::ours(Model::Threaded, "hyper").with_workers(64);
    let few = Bounds::of(&setting(10, 64), &pool, None, 20e-6, 1);
    assert_eq!(
        Bounds::of(&setting(10, 1_024), &pool, None, 20e-6, 1),
        few,
        "no more than the pool is at work"
    );
    assert_eq!(Bounds::of(&setting(10, 64), &pool, None, 0.0, 1), None);
    let mut open = setting(0, 64);
    open.load = Load::Open { connections: 64, offered: Offered::OfOwn(0.5) };
    let offered = Bounds::of(&open, &pool, Some(25_000.0), 20e-6, 1).unwrap();
    assert_eq!(offered, Bounds { low: None, high: 25_000.0 });
}

#[test]
fn the_crossover_is_where_the_pool_feeds_the_cpu() {
    let k = crossover_workers(&setting(10, 64), "threaded/hyper", &pilots(), 1).unwrap();
    assert!((k - 501.0).abs() < 1e-9, "{k}");
}
