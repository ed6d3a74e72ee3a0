//! One contender in one setting, over its blocks.

use std::collections::BTreeMap;

use loadgen::Samples;

use super::measured;
use crate::contender::Contender;
use crate::gates::Gate;
use crate::matrix::{Cell, Load};
use crate::prediction::Prediction;
use crate::record::{ComparisonRecord, Measurement, Outcome, Planned, TrialRecord};
use crate::stats;

/// The share of its trials that must pass every gate for a row to be valid.
pub(crate) const VALID_SHARE: f64 = 0.8;

/// Median and range of a quantity over blocks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Middle value; the mean of the two middle ones where their number is even.
    pub median: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
}

impl Spread {
    /// Of no values there is no spread.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (&min, &max) = (values.first()?, values.last()?);
        Some(Spread { median: stats::median(values)?, min, max })
    }
}

/// A latency in nanoseconds, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Percentile {
    /// Nanoseconds.
    Ns(u64),
    /// Why it cannot be told.
    Missing(String),
}

impl Percentile {
    /// The value, if there is one.
    #[must_use]
    pub fn ns(&self) -> Option<u64> {
        match self {
            Percentile::Ns(ns) => Some(*ns),
            Percentile::Missing(_) => None,
        }
    }
}

/// Figures of one trial that count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The block.
    pub block: usize,
    /// Its place in the order of all trials.
    pub position: usize,
    /// Valid answers a second.
    pub rate_per_sec: f64,
    /// Server CPU time for each valid answer, in microseconds.
    pub cpu_us: Option<f64>,
    /// The server's memory with shared pages divided (PSS), in bytes; `None` where the kernel does not tell. Resident memory is no stand-in: it
    /// counts shared pages in full, and a slope or a ratio over both kinds would be of nothing.
    pub memory_bytes: Option<f64>,
    /// Connections that had been answered when the window opened.
    pub connections: usize,
}

/// One contender in one setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Who, where.
    pub cell: Cell,
    /// The contender in full.
    pub contender: Contender,
    /// Trials that were planned.
    pub planned: usize,
    /// Trials that were measured.
    pub measured: usize,
    /// Trials that passed every gate.
    pub valid: usize,
    /// In how many trials each gate was failed, and what was seen the first time.
    pub doubts: BTreeMap<Gate, (usize, String)>,
    /// Why the other trials failed.
    pub failures: Vec<String>,
    /// The trials that count: the valid ones in a valid row, all that were measured otherwise.
    pub points: Vec<Point>,
    /// Valid answers a second, over blocks.
    pub rate_per_sec: Option<Spread>,
    /// What theory said before.
    pub prediction: Prediction,
    /// The rate of an open loop.
    pub offered_per_sec: Option<f64>,
    /// Median latency of all counting trials' requests together; from the due time in an open loop.
    pub p50: Percentile,
    /// 99th percentile of the same.
    pub p99: Percentile,
    /// Server CPU time for each valid answer in microseconds, over blocks.
    pub cpu_us: Option<Spread>,
    /// The user part of it.
    pub cpu_user_us: Option<f64>,
    /// Resident memory of the server in bytes, median over blocks.
    pub rss_bytes: Option<f64>,
    /// Memory with shared pages divided, in bytes, median over blocks.
    pub pss_bytes: Option<f64>,
    /// Threads of the server, median over blocks.
    pub threads: Option<f64>,
    /// Voluntary and involuntary switches for each valid answer, medians over blocks.
    pub switches: Option<(f64, f64)>,
    /// Failed requests of all counting trials.
    pub errors: u64,
    /// Connections that were asked on and never answered, of all counting trials.
    pub starved: usize,
    /// Connections that were opened again in the window, of all counting trials.
    pub reconnects: u64,
    /// Trials in which the generator was nearly out of CPU, so that the server may be faster than it seems.
    pub client_bound: usize,
}

impl Row {
    pub(super) fn of(run: &ComparisonRecord, planned: &Planned, trials: &[TrialRecord]) -> Self {
        let mine: Vec<&TrialRecord> = trials.iter().filter(|trial| trial.spec.cell == planned.cell).collect();
        let all: Vec<(&TrialRecord, &Measurement)> =
            mine.iter().filter_map(|&trial| Some((trial, measured(trial)?))).collect();
        let good: Vec<_> = all.iter().copied().filter(|(_, one)| one.is_valid()).collect();
        let valid = good.len();
        let is_valid = is_valid(valid, planned.blocks);
        let counting = if is_valid { good } else { all.clone() };
        let spread = |value: &dyn Fn(&Measurement) -> Option<f64>| {
            Spread::of(counting.iter().filter_map(|(_, one)| value(one)).collect())
        };
        let median = |value: &dyn Fn(&Measurement) -> Option<f64>| spread(value).map(|spread| spread.median);
        let switches = |value: fn(&crate::usage::Switches) -> u64| {
            median(&|one| {
                let switches = one.server.switches.filter(|switches| switches.answers > 0)?;
                Some(value(&switches) as f64 / switches.answers as f64)
            })
        };
        let (p50, p99) = percentiles(planned, counting.iter().map(|(_, one)| *one));
        Row {
            contender: run.contender(&planned.cell.contender).clone(),
            cell: planned.cell.clone(),
            planned: planned.blocks,
            measured: all.len(),
            valid,
            doubts: doubts(&all),
            failures: failures(&mine),
            points: counting.iter().map(|(trial, one)| point(trial, one)).collect(),
            rate_per_sec: spread(&|one| Some(one.load.rate.achieved_per_sec)),
            prediction: planned.prediction.clone(),
            offered_per_sec: planned.offered_per_sec,
            p50,
            p99,
            cpu_us: spread(&Measurement::server_cpu_us_per_request),
            cpu_user_us: median(&|one| {
                let ok = one.load.requests.ok;
                (ok > 0).then(|| one.server.cpu_user_s * 1e6 / ok as f64)
            }),
            rss_bytes: median(&|one| Some(one.server.rss_bytes as f64)),
            pss_bytes: median(&|one| one.server.pss_bytes.map(|bytes| bytes as f64)),
            threads: median(&|one| Some(one.server.threads as f64)),
            switches: switches(|one| one.voluntary).zip(switches(|one| one.involuntary)),
            errors: counting.iter().map(|(_, one)| one.load.requests.failed()).sum(),
            starved: counting.iter().map(|(_, one)| one.load.connections.starved).sum(),
            reconnects: counting.iter().map(|(_, one)| one.load.connections.reconnects).sum(),
            client_bound: counting.iter().filter(|(_, one)| one.is_client_bound()).count(),
        }
    }

    /// Whether enough of its trials passed every gate.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        is_valid(self.valid, self.planned)
    }

    /// Whether the generator was the limit in more than half of the counting trials, and so in the median.
    #[must_use]
    pub fn is_client_bound(&self) -> bool {
        self.client_bound * 2 > self.points.len()
    }

    /// The latencies of its valid trials' requests together, as its percentiles are of.
    ///
    /// # Errors
    ///
    /// A sentence that says which histogram cannot be read.
    pub fn latencies(&self, trials: &[TrialRecord]) -> Result<Samples, String> {
        let mine = trials.iter().filter(|trial| trial.spec.cell == self.cell);
        together(&self.cell.setting.load, mine.filter_map(measured).filter(|one| one.is_valid()))
    }

    /// How far the median rate is from the predicted one, as a share of it.
    #[must_use]
    pub fn residual(&self) -> Option<f64> {
        Some(self.rate_per_sec?.median / self.prediction.at_most_per_sec? - 1.0)
    }
}

fn is_valid(valid: usize, planned: usize) -> bool {
    valid > 0 && valid as f64 >= VALID_SHARE * planned as f64
}

fn point(trial: &TrialRecord, one: &Measurement) -> Point {
    Point {
        block: trial.spec.block,
        position: trial.spec.position,
        rate_per_sec: one.load.rate.achieved_per_sec,
        cpu_us: one.server_cpu_us_per_request(),
        memory_bytes: one.server.pss_bytes.map(|bytes| bytes as f64),
        connections: one.load.connections.held,
    }
}

fn doubts(all: &[(&TrialRecord, &Measurement)]) -> BTreeMap<Gate, (usize, String)> {
    let mut doubts: BTreeMap<Gate, (usize, String)> = BTreeMap::new();
    for failed in all.iter().flat_map(|(_, one)| one.failed_gates()) {
        doubts.entry(failed.gate).or_insert_with(|| (0, failed.reason.clone())).0 += 1;
    }
    doubts
}

fn failures(mine: &[&TrialRecord]) -> Vec<String> {
    let reason = |trial: &&TrialRecord| match &trial.outcome {
        Outcome::Failed { reason } => Some(reason.clone()),
        Outcome::Measured(_) => None,
    };
    mine.iter().filter_map(reason).collect()
}

/// Percentiles of all requests together: percentiles of blocks are never averaged.
fn percentiles<'a>(
    planned: &Planned,
    counting: impl Iterator<Item = &'a Measurement>,
) -> (Percentile, Percentile) {
    let all = match together(&planned.cell.setting.load, counting) {
        Ok(all) => all,
        Err(missing) => return (Percentile::Missing(missing.clone()), Percentile::Missing(missing)),
    };
    let told = |q| all.percentile(q).map_or_else(|why| Percentile::Missing(why.to_string()), Percentile::Ns);
    (told(0.5), told(0.99))
}

/// Latencies of all requests of some trials: from the send in a closed loop, from when each was due in an open one.
fn together<'a>(load: &Load, trials: impl Iterator<Item = &'a Measurement>) -> Result<Samples, String> {
    let mut all: Option<Samples> = None;
    for measurement in trials {
        let latency = &measurement.load.latency;
        let distribution = match load {
            Load::Closed { .. } => &latency.uncorrected,
            Load::Open { .. } => &latency.corrected,
        };
        let samples = Samples::of(distribution)
            .map_err(|error| format!("a record's histogram cannot be read: {error}"))?;
        match &mut all {
            None => all = Some(samples),
            Some(all) => all.merge(&samples),
        }
    }
    Ok(all.unwrap_or_default())
}
