//! The generator's own schedule, queue and accounting against queueing theory, on a simulated clock.
//!
//! A queue whose latencies are known in closed form takes the place of server and network; arrivals, the choice of the
//! next request, ages, histograms and percentiles are the generator's own code. So a mistake in any of these shows as
//! a mean or a p99 that theory does not allow, and no noise of a machine can hide it or be mistaken for it.
//!
//! Latencies of neighbouring requests depend on each other, the more the busier the server. Intervals therefore come
//! from independent replications with a seed each, whose spread includes that dependence (A. M. Law, "Simulation
//! Modeling and Analysis", 5th edition (2015), section 9.5.2). Each replication begins with an empty queue and is long
//! enough for the bias of that, a few hundred service times at the busiest, to stay below half a percent.

mod formula;
mod simulation;
mod station;

use std::time::Duration;

use crate::distribution::Distribution;
use crate::plan::Stop;
use crate::schedule::Schedule;
use crate::tally::Tally;
use simulation::{closed_loop, open_loop};
use station::Service;

/// Mean service time of every server here.
const SERVICE: Duration = Duration::from_millis(1);
const REPLICATIONS: u64 = 16;
/// The point that Student's t with 15 degrees of freedom exceeds, either way, once in a thousand times.
const STUDENT: f64 = 4.073;
/// The widest half-interval, as a share of the value, with which a test still says something.
const WIDEST: f64 = 0.12;

/// Asserts that theory's value lies in the interval of the replications' mean, and that the interval is narrow.
fn assert_holds(what: &str, theory: f64, observed: &[f64]) {
    let n = observed.len() as f64;
    let mean = observed.iter().sum::<f64>() / n;
    let variance = observed.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (n - 1.0);
    // The histogram's precision: what is exact in theory may be off by so much.
    let half = STUDENT * (variance / n).sqrt() + theory * 1e-3;
    assert!(half < theory * WIDEST, "{what}: {mean} ± {half} says nothing about {theory}");
    assert!((mean - theory).abs() <= half, "{what}: {mean} ± {half}, theory says {theory}");
}

/// A statistic of a distribution, in mean service times.
fn in_service_times(nanoseconds: Option<u64>) -> f64 {
    nanoseconds.expect("enough answers for every statistic") as f64 / SERVICE.as_nanos() as f64
}

fn mean(distribution: &Distribution) -> f64 {
    in_service_times(distribution.mean_ns)
}

fn p99(distribution: &Distribution) -> f64 {
    in_service_times(distribution.p99_ns)
}

/// Replications of an open loop with this load: how many requests, on how many event loops and connections.
fn poisson(load: f64, service: Service, requests: u64, loops: usize, connections: usize) -> Vec<Tally> {
    let replication = |seed| {
        let schedule = Schedule { seed, ..Schedule::steady(load / SERVICE.as_secs_f64()) };
        let tally = open_loop(&schedule, Stop::Requests(requests), service, loops, connections);
        assert_eq!((tally.sent, tally.ok), (requests, requests));
        tally
    };
    (0..REPLICATIONS).map(replication).collect()
}

fn corrected(tallies: &[Tally]) -> Vec<Distribution> {
    tallies.iter().map(|tally| Distribution::from(&tally.corrected)).collect()
}

fn each(distributions: &[Distribution], statistic: fn(&Distribution) -> f64) -> Vec<f64> {
    distributions.iter().map(statistic).collect()
}

/// Loads, and requests for each replication: the busier, the longer a queue remembers.
const LOADS: [(f64, u64); 3] = [(0.5, 12_000), (0.7, 20_000), (0.9, 80_000)];

#[test]
fn exponential_service_in_an_open_loop_is_m_m_1() {
    for (load, requests) in LOADS {
        let found = corrected(&poisson(load, Service::Exponential, requests, 1, 64));
        assert_holds(&format!("mean at {load}"), formula::mm1::mean(load), &each(&found, mean));
        assert_holds(&format!("p99 at {load}"), formula::mm1::quantile(load, 0.99), &each(&found, p99));
    }
}

#[test]
fn constant_service_in_an_open_loop_is_m_d_1() {
    for (load, requests) in LOADS {
        let found = corrected(&poisson(load, Service::Constant, requests, 1, 64));
        assert_holds(&format!("mean at {load}"), formula::md1::mean(load), &each(&found, mean));
        assert_holds(&format!("p99 at {load}"), formula::md1::quantile(load, 0.99), &each(&found, p99));
    }
}

/// Where a request waits, for a connection or at the server, and which event loop has it, changes nothing for who
/// counts from the time it was due. Who counts from the time of sending sees nothing of the wait for a connection.
#[test]
fn the_corrected_latency_does_not_depend_on_connections_and_event_loops() {
    let load = 0.7;
    for (loops, connections) in [(1, 1), (3, 3), (4, 64)] {
        let tallies = poisson(load, Service::Constant, 15_000, loops, connections);
        let found = corrected(&tallies);
        let case = format!("{loops} event loops, {connections} connections");
        assert_holds(&format!("mean, {case}"), formula::md1::mean(load), &each(&found, mean));
        assert_holds(&format!("p99, {case}"), formula::md1::quantile(load, 0.99), &each(&found, p99));
        if connections == 1 {
            let sent: Vec<_> = tallies.iter().map(|tally| Distribution::from(&tally.samples)).collect();
            assert_holds("uncorrected mean", 1.0, &each(&sent, mean));
            assert_holds("uncorrected p99", 1.0, &each(&sent, p99));
        }
    }
}

/// What the generator says of its own lateness, which is none here, and of the wait for the one connection, which is
/// all the waiting there is.
#[test]
fn the_lag_is_the_wait_for_a_connection() {
    let load = 0.7;
    let tallies = poisson(load, Service::Constant, 15_000, 1, 1);
    let lag = |of: fn(&Tally) -> Distribution| tallies.iter().map(of).collect::<Vec<_>>();
    let schedule = lag(|tally| Distribution::from(&tally.lag.schedule));
    assert_holds("schedule lag", formula::md1::mean(load) - 1.0, &each(&schedule, mean));
    let generator = lag(|tally| Distribution::from(&tally.lag.generator));
    assert!(generator.iter().all(|lag| lag.max_ns == Some(0)));
}

/// More is offered than the server can take: served is what it can, the rest is unsent, and nothing is lost between.
#[test]
fn beyond_capacity_the_server_works_without_a_pause_and_the_rest_is_left() {
    let window = Duration::from_secs(20);
    let schedule = Schedule { seed: 1, ..Schedule::steady(1.5 / SERVICE.as_secs_f64()) };
    let tally = open_loop(&schedule, Stop::After(window), Service::Constant, 2, 16);
    let capacity = window.as_secs_f64() / SERVICE.as_secs_f64();
    assert!((tally.ok as f64 / capacity - 1.0).abs() < 0.001, "{} of {capacity}", tally.ok);
    assert_eq!((tally.sent, tally.in_flight), (tally.ok + 16, 16));
    let due = schedule.rate.mean_over(window) * window.as_secs_f64();
    let observed = tally.corrected.answered().len() + tally.corrected.censored().len();
    // A Poisson count: five standard deviations.
    assert!((observed as f64 - due).abs() < 5.0 * due.sqrt(), "{observed} {due}");
    // Who is served at time t was due at t/1.5: the oldest request has waited for a third of the window.
    let oldest = tally.corrected.censored().max() as f64 / 1e9;
    assert!((oldest / (window.as_secs_f64() / 3.0) - 1.0).abs() < 0.03, "{oldest}");
}

/// Replications of a closed loop.
fn patient(users: usize, delay: f64, service: Service) -> Vec<Distribution> {
    let replication = |seed| {
        let tally = closed_loop(seed, users, delay, service, 12_000);
        assert_eq!(tally.ok, 12_000);
        assert_eq!(tally.corrected.answered().len(), 0, "a closed loop has no due times");
        Distribution::from(&tally.samples)
    };
    (0..REPLICATIONS).map(replication).collect()
}

/// Users who never pause keep the server busy all the time: each waits for all the others.
#[test]
fn a_closed_loop_without_delay_waits_for_every_other_connection() {
    for users in [1, 4, 16] {
        let found = patient(users, 0.0, Service::Constant);
        assert_holds(&format!("{users} users, mean"), users as f64, &each(&found, mean));
        let found = patient(users, 0.0, Service::Exponential);
        assert_holds(&format!("{users} users, mean"), users as f64, &each(&found, mean));
        let theory = formula::repairman::quantile(users, 0.0, 0.99);
        assert_holds(&format!("{users} users, p99"), theory, &each(&found, p99));
    }
}

/// The machine-repairman model: each request waits for something that all can wait for at once, then for the one
/// server.
#[test]
fn a_closed_loop_with_a_delay_is_the_machine_repairman_model() {
    for (users, delay) in [(4, 8.0), (10, 10.0), (20, 10.0)] {
        let found = patient(users, delay, Service::Exponential);
        let case = format!("{users} users, delay {delay}");
        let theory = formula::repairman::mean(users, delay);
        assert_holds(&format!("{case}, mean"), theory, &each(&found, mean));
        let theory = formula::repairman::quantile(users, delay, 0.99);
        assert_holds(&format!("{case}, p99"), theory, &each(&found, p99));
    }
}

/// The search finds the limit that theory has: M/M/1 keeps a p99 of T up to the rate at which ln(100)/(μ − λ) = T.
#[test]
fn the_search_for_the_highest_rate_ends_around_the_one_of_theory() {
    let (service, objective) = (SERVICE.as_secs_f64(), 10.0);
    let limit = (1.0 - 100_f64.ln() / objective) / service;
    let probe = |rate, number: usize| {
        let schedule = Schedule { seed: number as u64, ..Schedule::steady(rate) };
        let tally = open_loop(&schedule, Stop::Requests(50_000), Service::Exponential, 1, 64);
        let p99 = p99(&Distribution::from(&tally.corrected));
        Ok::<_, std::convert::Infallible>((p99 > objective).then(|| format!("{p99}")))
    };
    let found =
        crate::limit::search(limit / 10.0, 1.0, 1.0 / service, probe).expect("the probe has no error");
    let (kept, missed) = (found.kept.expect("kept"), found.missed.expect("missed"));
    // A p99 of so many dependent requests is known to a few percent.
    assert!(kept / 1.06 <= limit && limit <= missed * 1.06, "{kept} to {missed}, theory says {limit}");
}
