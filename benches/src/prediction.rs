//! What theory says of a cell before it is measured: upper bounds from the wait, the pool, the clients and the CPU.
//!
//! With S the CPU seconds of a request, measured by a pilot on an idle-wait-free server at saturation, W the wait, C CPU work that is
//! asked for on top, m the server's CPUs, k its workers and c the clients, a closed loop serves at most
//!
//! - min(c, k) / (W + S + C) requests a second: Little's law (J. D. C. Little, "A Proof for the Queuing Formula L = λW", Operations
//!   Research 9 (1961), 383–387) with at most min(c, k) requests in the server; k is 1 for one at a time, absent for tasks;
//! - m / (S + C): the utilisation law (P. J. Denning and J. P. Buzen, "The Operational Analysis of Queueing Network
//!   Models", Computing Surveys 10 (1978), 225–261).
//!
//! An open loop serves no more than is offered. The pool as large as the CPU can feed is k* = m (W + S + C) / (S + C): below it
//! async leads, above it the model makes no difference to throughput by these bounds.

use serde::{Deserialize, Serialize};

use crate::contender::{Contender, Model};
use crate::matrix::{Beside, Load, Offered, Setting};

/// What a pilot run showed of a server: its CPU time and capacity for a greeting, with no wait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pilot {
    /// The server, without the size of its pool.
    pub base: String,
    /// CPU seconds of the server for each valid answer; null when the pilot failed.
    pub cpu_s: Option<f64>,
    /// Valid answers a second; null when the pilot failed.
    pub capacity_per_sec: Option<f64>,
    /// Why it failed.
    pub reason: Option<String>,
}

/// Which bound is the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// Requests in the server at a time, each held for wait and work.
    Concurrency,
    /// The server's CPUs.
    Cpu,
    /// The rate that is offered.
    Offered,
}

/// The predicted throughput of a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// At most so many valid answers a second; null where no formula applies.
    pub at_most_per_sec: Option<f64>,
    /// Which bound that is.
    pub bound: Option<Bound>,
    /// Why there is no prediction.
    pub reason: Option<String>,
}

impl Prediction {
    fn none(reason: &str) -> Self {
        Prediction { at_most_per_sec: None, bound: None, reason: Some(reason.to_owned()) }
    }
}

/// The pilot of a contender's server, if it succeeded: CPU seconds and capacity.
fn figures_of(base: &str, pilots: &[Pilot]) -> Option<(f64, f64)> {
    let pilot = pilots.iter().find(|pilot| pilot.base == base)?;
    pilot.cpu_s.zip(pilot.capacity_per_sec)
}

/// The rate that a setting offers to a contender, in requests per second; `rivals` are all contenders of the setting. `None` in
/// a closed loop, or where the pilot that it depends on failed.
#[must_use]
pub fn offered_per_sec(
    setting: &Setting,
    contender: &Contender,
    rivals: &[&Contender],
    pilots: &[Pilot],
) -> Option<f64> {
    let capacity = |one: &Contender| figures_of(&one.base, pilots).map(|(_, capacity)| capacity);
    match setting.load {
        Load::Closed { .. } => None,
        Load::Open { offered: Offered::PerSec(rate), .. } => Some(rate),
        Load::Open { offered: Offered::OfOwn(share), .. } => capacity(contender).map(|rate| rate * share),
        Load::Open { offered: Offered::OfSlowest(share), .. } => {
            let slowest = rivals
                .iter()
                .map(|one| capacity(one))
                .try_fold(f64::INFINITY, |least, one| one.map(|one| least.min(one)));
            slowest.filter(|slowest| slowest.is_finite()).map(|slowest| slowest * share)
        }
    }
}

/// Predicts the throughput of `contender` in `setting`. `offered` is the rate of an open loop, `cpus` the server's.
#[must_use]
pub fn predict(
    setting: &Setting,
    contender: &Contender,
    pilots: &[Pilot],
    offered: Option<f64>,
    cpus: usize,
) -> Prediction {
    if setting.beside != Beside::Nothing {
        return Prediction::none("no formula for what goes on beside");
    }
    let Some((service_s, capacity)) = figures_of(&contender.base, pilots) else {
        return Prediction::none("the pilot that would show the CPU time of a request failed");
    };
    let work_s = service_s + setting.work.cpu_work.as_secs_f64();
    // The CPU time of an upstream call is not known before; what is left out makes a bound no less of a bound.
    let held_s = setting.work.wait().as_secs_f64() + work_s;
    let at_a_time = at_a_time(setting, contender, cpus);
    // Without wait or work the pilot is the capacity itself; its CPU time alone would leave out what the kernel does in between.
    let cpu_bound =
        if held_s > service_s { cpus as f64 / work_s } else { capacity.max(cpus as f64 / work_s) };
    let mut lowest = (at_a_time as f64 / held_s, Bound::Concurrency);
    for bound in [(cpu_bound, Bound::Cpu), (offered.unwrap_or(f64::INFINITY), Bound::Offered)] {
        if bound.0 <= lowest.0 {
            lowest = bound;
        }
    }
    Prediction { at_most_per_sec: Some(lowest.0), bound: Some(lowest.1), reason: None }
}

/// The most requests that can be in the server at a time.
fn at_a_time(setting: &Setting, contender: &Contender, cpus: usize) -> usize {
    let clients = setting.load.connections();
    match contender.model {
        Model::Async if setting.work.block_the_loop => clients.min(cpus),
        _ => clients.min(contender.workers.unwrap_or(clients)),
    }
}

/// Between what and what a system's throughput lies, in requests per second, whatever the order in which it serves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// With n requests in the server and S the CPU seconds of each: all others stand before it in the queue for m CPUs, which are busy
    /// meanwhile, so it stays W + S (1 + (n − 1) / m) at most, and n / that is answered at least. So it is when all clients come at one
    /// moment, again and again. `None` in an open loop, which does not fix n.
    pub low: Option<f64>,
    /// The lowest of n / (W + S), where nobody queues, m / S, where the CPUs never rest, and the rate that is offered.
    pub high: f64,
}

impl Bounds {
    /// The asymptotic bounds (P. J. Denning and J. P. Buzen, Computing Surveys 10 (1978), 225–261; E. D. Lazowska, J. Zahorjan,
    /// G. S. Graham, K. C. Sevcik, "Quantitative System Performance", Prentice-Hall 1984, chapter 5), with `service_s` CPU seconds
    /// for each request, all work in it. `offered` is the rate of an open loop. `None` beside
    /// something else, or without service.
    #[must_use]
    pub fn of(
        setting: &Setting,
        contender: &Contender,
        offered: Option<f64>,
        service_s: f64,
        cpus: usize,
    ) -> Option<Self> {
        let closed = matches!(setting.load, Load::Closed { .. });
        let n = at_a_time(setting, contender, cpus) as f64;
        let (wait_s, m) = (setting.work.wait().as_secs_f64(), cpus as f64);
        (setting.beside == Beside::Nothing && service_s > 0.0).then(|| Bounds {
            low: closed.then(|| n / (wait_s + service_s * (1.0 + (n - 1.0) / m))),
            high: (n / (wait_s + service_s)).min(m / service_s).min(offered.unwrap_or(f64::INFINITY)),
        })
    }
}

/// The pool from which on more workers do not help, k* = m (W + S) / S; `None` where the pilot failed.
#[must_use]
pub fn crossover_workers(setting: &Setting, base: &str, pilots: &[Pilot], cpus: usize) -> Option<f64> {
    let (service_s, _) = figures_of(base, pilots)?;
    let work_s = service_s + setting.work.cpu_work.as_secs_f64();
    Some(cpus as f64 * (setting.work.wait().as_secs_f64() + work_s) / work_s)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::matrix::{Experiment, Work};

    /// 20 µs of CPU a request, 50,000 requests a second on one CPU.
    fn pilots() -> Vec<Pilot> {
        ["sync/hyper", "threaded/hyper", "async/hyper"]
            .map(|base| Pilot {
                base: base.to_owned(),
                cpu_s: Some(20e-6),
                capacity_per_sec: Some(50_000.0),
                reason: None,
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
}
