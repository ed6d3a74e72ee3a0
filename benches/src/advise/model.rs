//! What is expected of a server under a load: a formula, its parameters measured, and what the formula was off by where it was measured.
//!
//! The rate is mean value analysis ([`queueing`](super::queueing)) with the CPU time of an answer as it was measured under such waits, times the
//! measured over the computed rate of the nearest cells of the same server (inverse distance weighting: D. Shepard, "A
//! two-dimensional interpolation function for irregularly-spaced data", Proceedings of the 1968 ACM National Conference, 517–524). The mean
//! response time is clients over rate, by Little's law; the 99th percentile is that times the ratio of the two in the nearest cells.

use serde::Serialize;

use super::observed::{BURN_LATE_S, Failed, Observed, Place, failures, observe};
use super::queueing::rate_per_sec;
use crate::contender::{Contender, Model as Concurrency};
use crate::prediction::{Bound, Pilot};
use crate::record::{ComparisonRecord, TrialRecord};
use crate::summary::{Memory, Summary};

/// From this share of the server's CPUs on a cell shows what an answer costs when that matters.
const BUSY: f64 = 0.7;
/// Added to a squared distance, so that a cell at no distance does not silence all others.
const NEAR: f64 = 0.01;
/// The 99 % quantile of the normal distribution.
const Z99: f64 = 2.326_347_9;

/// All that a run teaches about the servers of this workspace on this machine.
#[derive(Debug, Clone)]
pub struct Model {
    /// The run.
    pub run: String,
    /// CPUs of the server.
    pub cpus: usize,
    /// What was observed.
    pub observed: Vec<Observed>,
    /// Where servers failed.
    failed: Vec<Failed>,
    pilots: Vec<Pilot>,
    memory: Vec<Memory>,
}

/// What is expected of a server.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Expected {
    /// Valid answers a second.
    pub rate_per_sec: f64,
    /// Mean response time in seconds.
    pub mean_s: f64,
    /// 99th percentile of the response time in seconds.
    pub p99_s: f64,
    /// User memory of the server in bytes; null where the run has no cell and no ladder to tell.
    pub memory_bytes: Option<f64>,
    /// What limits the rate.
    pub bound: Bound,
    /// Why it is not expected to serve as it should: it failed in the nearest cell that was measured; null if it did not.
    pub fails: Option<String>,
    /// What makes this less sure than a measurement: extrapolation, assumptions.
    pub doubts: Vec<String>,
}

impl Model {
    /// Learns from a run; `None` if no cell teaches anything.
    #[must_use]
    pub fn fit(run: &ComparisonRecord, trials: &[TrialRecord]) -> Option<Self> {
        let summary = Summary::of(run, trials);
        let observed = observe(&summary);
        (!observed.is_empty()).then(|| Model {
            run: run.id.clone(),
            cpus: run.placement.server_cpus.len(),
            observed,
            failed: failures(&summary),
            pilots: run.pilots.clone(),
            memory: summary.memory,
        })
    }

    /// What is expected of `contender` at `place`; `None` if the run teaches nothing of that server.
    #[must_use]
    pub fn expect(&self, contender: &Contender, place: &Place) -> Option<Expected> {
        let cells: Vec<&Observed> = self.observed.iter().filter(|one| one.base == contender.base).collect();
        let (service_s, from_pilot) = self.service_s(&contender.base, place)?;
        let demand_s = service_s + place.burn_s;
        let formula = rate_per_sec(place.at_work, place.wait_s, demand_s, self.cpus);
        let near = alike(&cells, place);
        let off: Vec<(f64, f64)> = near
            .iter()
            .filter_map(|cell| {
                let (service_s, _) = self.service_s(&cell.base, &cell.place)?;
                let demand_s = service_s + cell.place.burn_s;
                let formula = rate_per_sec(cell.place.at_work, cell.place.wait_s, demand_s, self.cpus);
                Some((cell.place.distance(place, service_s), cell.rate_per_sec / formula))
            })
            .collect();
        let rate_per_sec = formula * weighted(&off).unwrap_or(1.0);
        let mean_s = place.clients as f64 / rate_per_sec;
        let distance = |cell: &Observed| cell.place.distance(place, service_s);
        let tails: Vec<(f64, f64)> =
            near.iter().filter_map(|cell| Some((distance(cell), cell.tail?))).collect();
        let tail = weighted(&tails);
        // Each answer waits for about as many others as there are clients; of so many times, none more scattered than exponential ones,
        // the sum is nearly normal.
        let p99_s = mean_s * tail.unwrap_or(1.0 + Z99 / (place.clients as f64).sqrt());

        let used = rate_per_sec * demand_s / self.cpus as f64;
        let mut doubts = beyond(&cells, contender, place);
        if from_pilot && place.waits() && used > BUSY / 2.0 {
            doubts.push(
                "no cell with a wait kept its CPU busy, so the CPU time of an answer is that without waits: the rate may be lower"
                    .to_owned(),
            );
        }
        if tail.is_none() {
            doubts.push("no cell of it has a p99, so that is by formula".to_owned());
        }
        let nearest = near.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        if nearest.is_some_and(|cell| cell.client_bound) {
            doubts.push(
                "in the nearest cell the load generator was the limit: the server may be faster".to_owned(),
            );
        }
        Some(Expected {
            fails: self.fails(&cells, contender, place, service_s),
            rate_per_sec,
            mean_s,
            p99_s,
            memory_bytes: self.memory_bytes(&cells, contender, place),
            bound: if used >= 0.9 { Bound::Cpu } else { Bound::Concurrency },
            doubts,
        })
    }

    /// What was seen of a server in the nearest cell, if it failed there; a row that is not valid gives no figure, and would else be forgotten.
    fn fails(
        &self,
        cells: &[&Observed],
        contender: &Contender,
        place: &Place,
        service_s: f64,
    ) -> Option<String> {
        let distance = |at: &Place| (at.waits() == place.waits()).then(|| at.distance(place, service_s));
        let mine = self.failed.iter().filter(|one| one.base == contender.base);
        let (far, nearest) = mine
            .filter_map(|one| Some((distance(&one.place)?, one)))
            .min_by(|(a, _), (b, _)| a.total_cmp(b))?;
        let good = cells.iter().filter_map(|one| distance(&one.place)).min_by(f64::total_cmp);
        good.is_none_or(|good| far < good).then(|| nearest.seen.clone())
    }

    /// CPU seconds of an answer, burnt time apart, at a place, and whether only the pilot tells: from cells of the server that kept its CPU
    /// busy, with a wait or without one as the place has it, by straight lines over the logarithm of the clients.
    fn service_s(&self, base: &str, place: &Place) -> Option<(f64, bool)> {
        let used =
            |one: &Observed| Some(one.rate_per_sec * (one.service_s? + one.place.burn_s) / self.cpus as f64);
        let tells = |one: &&Observed| {
            let alike = one.place.waits() == place.waits() && one.place.burn_s == 0.0;
            one.base == base && alike && (!place.waits() || used(one).is_some_and(|used| used >= BUSY))
        };
        let cells: Vec<&Observed> = self.observed.iter().filter(tells).collect();
        let same: Vec<&&Observed> =
            cells.iter().filter(|one| one.place.takes_turns() == place.takes_turns()).collect();
        let points = |cells: &mut dyn Iterator<Item = &Observed>| -> Vec<(f64, f64)> {
            cells.filter_map(|one| Some(((one.place.clients as f64).ln(), one.service_s?))).collect()
        };
        let mut line = points(&mut same.into_iter().copied());
        if line.is_empty() {
            line = points(&mut cells.into_iter());
        }
        let pilot = || self.pilots.iter().find(|pilot| pilot.base == base)?.cpu_s;
        interpolated(line, (place.clients as f64).ln())
            .map(|service| (service, false))
            .or_else(|| Some((pilot()?, true)))
    }

    /// Memory of the nearest cell, and what the ladder of users says that clients and workers more or less cost.
    fn memory_bytes(&self, cells: &[&Observed], contender: &Contender, place: &Place) -> Option<f64> {
        let workers = |one: Option<usize>| one.unwrap_or(1) as f64;
        let distance = |one: &Observed| {
            let clients = (one.place.clients as f64 / place.clients as f64).ln();
            clients.abs() + (workers(one.workers) / workers(contender.workers)).ln().abs()
        };
        let known = cells.iter().filter(|one| one.memory_bytes.is_some());
        let cell = known.min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
        let more_clients = place.clients as f64 - cell.place.clients as f64;
        let more_workers = workers(contender.workers) - workers(cell.workers);
        let slope = |grows: bool| {
            let mine = |one: &&Memory| {
                let name = one.contender.split('@').next().unwrap_or_default();
                one.pool_grows == grows && name == contender.base
            };
            self.memory.iter().find(mine)?.bytes.map(|bytes| bytes.estimate)
        };
        let client = match contender.model {
            // It holds one connection at a time; the others wait in the kernel.
            Concurrency::Sync => Some(0.0),
            _ if more_clients == 0.0 => Some(0.0),
            _ => slope(false),
        };
        let worker = if more_workers == 0.0 { Some(0.0) } else { Some(slope(true)? - slope(false)?) };
        Some((cell.memory_bytes? + client? * more_clients + worker? * more_workers).max(0.0))
    }
}

/// The cells that work as a place does: waits and turns alike, or else waits alike, or else all.
fn alike<'a>(cells: &[&'a Observed], place: &Place) -> Vec<&'a Observed> {
    let waits = |one: &&&Observed| one.place.waits() == place.waits();
    let turns = |one: &&&Observed| one.place.takes_turns() == place.takes_turns();
    let choices: [Vec<&Observed>; 3] = [
        cells.iter().filter(|one| waits(one) && turns(one)).copied().collect(),
        cells.iter().filter(waits).copied().collect(),
        cells.to_vec(),
    ];
    choices.into_iter().find(|cells| !cells.is_empty()).unwrap_or_default()
}

/// The mean of values at distances, the near ones' weight by far the largest.
fn weighted(values: &[(f64, f64)]) -> Option<f64> {
    let weight = |distance: f64| (distance * distance + NEAR).powi(-2);
    let all: f64 = values.iter().map(|&(distance, _)| weight(distance)).sum();
    (all > 0.0).then(|| values.iter().map(|&(distance, value)| weight(distance) * value).sum::<f64>() / all)
}

/// The value at `x` on the straight lines between points; that of the outermost point beyond it. Points of one x are averaged.
fn interpolated(mut points: Vec<(f64, f64)>, x: f64) -> Option<f64> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let groups: Vec<(f64, f64)> = points
        .chunk_by(|a, b| (a.0 - b.0).abs() < 1e-9)
        .map(|group| (group[0].0, group.iter().map(|point| point.1).sum::<f64>() / group.len() as f64))
        .collect();
    let (first, last) = (groups.first()?, groups.last()?);
    if x <= first.0 {
        return Some(first.1);
    }
    let between = groups.windows(2).find(|pair| x <= pair[1].0);
    Some(between.map_or(last.1, |pair| {
        let share = (x - pair[0].0) / (pair[1].0 - pair[0].0);
        pair[0].1 + share * (pair[1].1 - pair[0].1)
    }))
}

/// In what a place lies beyond all that was measured of a server.
fn beyond(cells: &[&Observed], contender: &Contender, place: &Place) -> Vec<String> {
    let mut told = Vec::new();
    let mut check = |what: &str, value: f64, measured: &mut dyn Iterator<Item = f64>| {
        let (least, most) = measured.fold((f64::INFINITY, 0.0_f64), |(a, b), one| (a.min(one), b.max(one)));
        if least > most {
            told.push(format!("no cell of it had {what}"));
        } else if !(least * 0.999..=most * 1.001).contains(&value) {
            let range = if least < most { format!("{least} to {most}") } else { format!("{most}") };
            told.push(format!("beyond what was measured: {value} {what}, measured {range}"));
        }
    };
    let waiting = || cells.iter().filter(|one| one.place.waits() == place.waits());
    check("clients", place.clients as f64, &mut waiting().map(|one| one.place.clients as f64));
    if place.waits() {
        let ms = |s: f64| (s * 1e6).round() / 1e3;
        check("ms of wait", ms(place.wait_s), &mut waiting().map(|one| ms(one.place.wait_s)));
    }
    if place.burn_s > 0.0 {
        let us = |s: f64| ((s - BURN_LATE_S).max(0.0) * 1e7).round() / 10.0;
        check("µs of CPU work", us(place.burn_s), &mut waiting().map(|one| us(one.place.burn_s)));
    }
    if let Some(workers) = contender.workers.filter(|&workers| workers > 1) {
        let measured = cells.iter().filter_map(|one| one.workers);
        check("workers", workers as f64, &mut measured.map(|workers| workers as f64));
    }
    told
}

#[cfg(test)]
mod tests;
