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
pub use crate::pilot::Pilot;

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

/// The pilot of greetings of a contender's server, if it succeeded: CPU seconds and capacity.
fn figures_of(base: &str, pilots: &[Pilot]) -> Option<(f64, f64)> {
    let pilot = pilots.iter().find(|pilot| pilot.base == base && pilot.cpu_work.is_zero())?;
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
    let capacity = |one: &Contender| {
        pilots.iter().find(|pilot| pilot.is_of(&one.base, setting)).and_then(|pilot| pilot.capacity_per_sec)
    };
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
mod tests;
