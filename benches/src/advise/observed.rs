//! What a run's records teach: one observation a valid closed-loop cell with nothing beside it.

use std::time::Duration;

use crate::contender::Contender;
use crate::gates::Gate;
use crate::matrix::{Beside, Load, Setting, Work};
use crate::summary::row::VALID_SHARE;
use crate::summary::{Row, Summary};

/// How much longer than asked a server burns CPU: it looks at the clock every 2 to 4 µs, and is late by half of that on average.
pub const BURN_LATE_S: f64 = 1.5e-6;

/// A kind of load at a server, as far as it decides how the server works.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Clients.
    pub clients: usize,
    /// Requests that are in the server at a time: no more than it has workers.
    pub at_work: usize,
    /// The wait in each, in seconds.
    pub wait_s: f64,
    /// CPU time burnt in each on top of being answered, in seconds.
    pub burn_s: f64,
}

/// A measured cell, as far as it teaches something.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The server, without the size of its pool.
    pub base: String,
    /// Its workers, where it has such.
    pub workers: Option<usize>,
    /// The load.
    pub place: Place,
    /// Median of the valid answers a second, over blocks.
    pub rate_per_sec: f64,
    /// CPU seconds of the server for an answer, without what was burnt.
    pub service_s: Option<f64>,
    /// The 99th percentile over the mean that Little's law gives, clients / rate.
    pub tail: Option<f64>,
    /// User memory of the server in bytes, median over blocks.
    pub memory_bytes: Option<f64>,
    /// Whether the load generator was the limit, so that the server may be faster.
    pub client_bound: bool,
}

impl Place {
    /// Where a contender is under so much work from so many clients.
    #[must_use]
    pub fn of(contender: &Contender, io_wait: Duration, cpu_work: Duration, clients: usize) -> Self {
        let burn_s = if cpu_work.is_zero() { 0.0 } else { cpu_work.as_secs_f64() + BURN_LATE_S };
        Place {
            clients,
            at_work: clients.min(contender.workers.unwrap_or(clients)),
            wait_s: io_wait.as_secs_f64(),
            burn_s,
        }
    }

    /// Whether clients take turns, because the server has fewer workers.
    #[must_use]
    pub fn takes_turns(&self) -> bool {
        self.at_work < self.clients
    }

    /// Whether requests wait.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.wait_s > 0.0
    }

    /// How far another place is, in logarithms of clients, requests at work, and the time a request is held; `service_s` is what answering
    /// takes without wait and burn.
    #[must_use]
    pub fn distance(&self, other: &Place, service_s: f64) -> f64 {
        let held_s = |place: &Place| place.wait_s + place.burn_s + service_s;
        let ratio = |a: f64, b: f64| (a / b).ln();
        let clients = ratio(self.clients as f64, other.clients as f64);
        let at_work = ratio(self.at_work as f64, other.at_work as f64);
        let held = ratio(held_s(self), held_s(other));
        // How much of the CPU the load would ask for, if nothing queued: where that differs, so does what happens.
        let demand = |place: &Place| place.at_work as f64 * (place.burn_s + service_s) / held_s(place);
        let asked = ratio(demand(self), demand(other));
        (clients * clients + at_work * at_work + held * held + asked * asked).sqrt()
    }
}

/// A measured cell in which a server did not serve as it should, by its own doing and not by the machine's.
#[derive(Debug, Clone, PartialEq)]
pub struct Failed {
    /// The server, without the size of its pool.
    pub base: String,
    /// The load.
    pub place: Place,
    /// Where that was, and what was seen.
    pub seen: String,
}

/// Gates that a server fails by itself.
const OWN_FAULTS: [Gate; 3] = [Gate::Contract, Gate::Failures, Gate::Starved];
/// Gates that the machine fails for it. The generator's own verdict is of neither: it is missed connections too.
const OF_THE_MACHINE: [Gate; 2] = [Gate::Stolen, Gate::Others];

/// The cells in which servers of this workspace failed.
#[must_use]
pub fn failures(summary: &Summary) -> Vec<Failed> {
    summary.tables.iter().flat_map(|table| &table.rows).filter_map(failure).collect()
}

fn failure(row: &Row) -> Option<Failed> {
    let place = place_of(row)?;
    let most =
        |gates: &[Gate]| gates.iter().filter_map(|gate| row.doubts.get(gate)).max_by_key(|(times, _)| *times);
    let &(times, ref seen) = most(&OWN_FAULTS)?;
    // A machine that was busy in as many trials may be what made them fail.
    let others = most(&OF_THE_MACHINE).map_or(0, |(times, _)| *times);
    let own = !row.is_valid() && !row.cell.twin && row.contender.package().is_some();
    (own && times as f64 > (1.0 - VALID_SHARE) * row.measured as f64 && times > others).then(|| Failed {
        base: row.contender.base.clone(),
        place,
        seen: format!(
            "{} in {}, {times} of {} trials: {seen}",
            row.contender.label,
            row.cell.setting.label(),
            row.measured
        ),
    })
}

/// What the cells of a run teach.
#[must_use]
pub fn observe(summary: &Summary) -> Vec<Observed> {
    summary.tables.iter().flat_map(|table| &table.rows).filter_map(observation).collect()
}

fn observation(row: &Row) -> Option<Observed> {
    let place = place_of(row)?;
    let rate_per_sec = row.rate_per_sec?.median;
    let teaches = row.is_valid() && !row.cell.twin && row.contender.package().is_some() && rate_per_sec > 0.0;
    teaches.then(|| Observed {
        base: row.contender.base.clone(),
        workers: row.contender.workers,
        place,
        rate_per_sec,
        service_s: row.cpu_us.map(|cpu| cpu.median / 1e6 - place.burn_s).filter(|&service| service > 0.0),
        tail: row.p99.ns().map(|ns| ns as f64 / 1e9 * rate_per_sec / place.clients as f64),
        memory_bytes: row.pss_bytes.or(row.rss_bytes),
        client_bound: row.is_client_bound(),
    })
}

/// The place of a row; `None` for loads of another kind.
fn place_of(row: &Row) -> Option<Place> {
    let Setting { work, load, beside, .. } = row.cell.setting;
    let Load::Closed { connections } = load else { return None };
    let plain = Work { io_wait: work.io_wait, cpu_work: work.cpu_work, ..Work::NOTHING };
    (work == plain && beside == Beside::Nothing)
        .then(|| Place::of(&row.contender, work.io_wait, work.cpu_work, connections))
}
