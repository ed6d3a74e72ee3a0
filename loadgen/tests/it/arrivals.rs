//! The arrivals of an open loop as a server sees them: what was really sent, not what was due.
//!
//! The machine's noise is in them and has to be too small to matter. A request is sent and stamped some 0.1 ms late, on
//! a busy machine up to a few ms, and a gap is wrong by the difference of two such delays. The test sees a change of the
//! gaps by a share of about 1/√n of their mean, and what moves the ends of a gap to and fro without moving its mean only
//! with the square of that share. So the gaps are few and long: 50 of 40 ms, for which even 5 ms of noise, squared as a
//! share and times n, is less than one.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use loadgen::{Arrivals, ErrorClass, Pacing, Plan, Schedule, measure};

use crate::server::{Reply, Server, assert_counts};

#[path = "../../src/schedule/anderson_darling.rs"]
mod anderson_darling;

const RATE: f64 = 25.0;
const GAPS: u64 = 50;
const RUNS: u64 = 200;
/// So many that the runs take seconds, and so few that the machine has time left.
const AT_ONCE: u64 = 40;
/// More than one, lest a late answer hold back what is due.
const CONNECTIONS: usize = 4;

/// The gaps in seconds between the requests of one run as they came to the server.
fn sent(schedule: Schedule) -> Vec<f64> {
    let stamps = Arc::new(Mutex::new(Vec::new()));
    let stamp = Arc::clone(&stamps);
    let server = Server::start(move |seen| {
        // The first answers of the connections are no part of the run.
        if seen.request > 0 {
            let mut stamps = stamp.lock().expect("nobody panics with it");
            stamps.push(Instant::now());
        }
        Reply::greeting()
    });
    let plan = Plan { pacing: Pacing::Open(schedule), ..server.plan(CONNECTIONS, GAPS + 1) };
    let record = measure(&plan).expect("a run");
    assert_counts(&record, GAPS + 1, ErrorClass::Protocol, 0);
    let stamps = stamps.lock().expect("nobody panics with it");
    stamps.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64()).collect()
}

/// The gaps of so many runs, each with a seed of its own.
fn sent_by(arrivals: Arrivals, runs: u64) -> Vec<Vec<f64>> {
    let share = |first| {
        let seeds = (first..runs).step_by(AT_ONCE.try_into().expect("a small number"));
        seeds.map(|seed| sent(Schedule { arrivals, seed, ..Schedule::steady(RATE) })).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|first| scope.spawn(move || share(first))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no run panics")).collect()
    })
}

fn rejected(runs: impl IntoIterator<Item = Vec<f64>>) -> usize {
    runs.into_iter().filter(|gaps| anderson_darling::rejects(gaps.clone(), 1.0 / RATE)).count()
}

#[test]
fn the_gaps_that_a_server_sees_are_those_of_a_poisson_process() {
    let runs = sent_by(Arrivals::Poisson, RUNS);
    // What a generator would send whose timer rings every 20 ms only.
    let tick = 0.02;
    let ticked = runs.iter().map(|gaps| gaps.iter().map(|gap| (gap / tick).ceil() * tick).collect());
    let ticked = rejected(ticked);
    let rejected = rejected(runs);
    println!("rejected of {RUNS}: {rejected}, in ticks {ticked}");
    assert!(anderson_darling::REJECTED_OF_200.contains(&rejected), "{rejected} of {RUNS} rejected");
    assert!(!anderson_darling::REJECTED_OF_200.contains(&ticked), "{ticked} of {RUNS} rejected");
}

#[test]
fn constant_arrivals_are_no_poisson_process() {
    let runs = sent_by(Arrivals::Constant, AT_ONCE);
    assert_eq!(rejected(runs) as u64, AT_ONCE);
}
