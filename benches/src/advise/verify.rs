//! Measuring what was advised, and judging the expectation by it.
//!
//! Three fresh processes of the recommended server under exactly that load. The expectation is right if the median rate is within 15 % of it,
//! and the objective is met or missed as it says. Whether it is met is counted, not read from a percentile: at most 1 % of
//! the requests of all three took longer, or failed. If too few trials passed their gates, nothing was shown.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use loadgen::{Cancel, Samples};
use serde::Serialize;

use super::Workload;
use super::advice::{Advice, Candidate};
use super::model::Expected;
use crate::binaries::Source;
use crate::comparison::cancel_on_signals;
use crate::guests::{self, Guests};
use crate::laboratory::ThisMachine;
use crate::matrix::Cell;
use crate::order::randomised_blocks;
use crate::placement::Placement;
use crate::prediction::Prediction;
use crate::progress::Progress;
use crate::record::{ComparisonRecord, Config, Measurement, Outcome, Planned, TrialRecord};
use crate::runner::{Ending, run_trials};
use crate::store::Store;
use crate::summary::{Row, Summary};

/// How far the median rate may be from the expected one, as a share of it.
const RATE_OFF: f64 = 0.15;
/// The share of requests that may take longer than the objective.
const LATE_SHARE: f64 = 0.01;
/// Fresh processes.
const BLOCKS: usize = 3;
/// The measured window of each.
const WINDOW: Duration = Duration::from_secs(1);
/// The load before it.
const WARMUP: Duration = Duration::from_millis(300);

/// Whether an expectation was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Rate and objective came out as it said.
    Right,
    /// One of them did not.
    Wrong,
    /// The trials say nothing, because their gates failed.
    Void,
}

/// What measuring the recommended server showed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verification {
    /// Whether the expectation was right.
    pub verdict: Verdict,
    /// Why it was not.
    pub reasons: Vec<String>,
    /// Trials that passed every gate.
    pub valid_trials: usize,
    /// Trials.
    pub trials: usize,
    /// Median rate in requests per second; null if nothing was measured.
    pub rate_per_sec: Option<f64>,
    /// How far that is from the expected one, as a share of it.
    pub rate_off: Option<f64>,
    /// Requests of all counting trials that were answered or are known to be late.
    pub requests: u64,
    /// How many of them took longer than the objective, or failed.
    pub late: u64,
    /// User memory of the server in bytes, median.
    pub memory_bytes: Option<f64>,
}

/// Measures what is recommended; `run` is the one that the advice comes from.
///
/// # Errors
///
/// When nothing is recommended, the machine is not the one of the run, another comparison is running, or a server cannot be had.
pub fn verify(
    advice: &Advice,
    run: ComparisonRecord,
    source: &Source,
    results: &Path,
) -> anyhow::Result<Verification> {
    let Candidate { contender, expected, .. } =
        advice.chosen().context("nothing is recommended, so there is nothing to verify")?;
    // Two comparisons at once would measure each other.
    let _alone = Store::open(results)?;
    let package = contender.package().context("only servers of this workspace are candidates")?;
    let binaries = source.binaries(&[package.to_owned()])?;
    let placement = Placement::of_this_machine().context("cannot read the CPUs this process may use")?;
    ensure!(
        placement.server_cpus.len() == advice.cpus,
        "{} was measured with {} CPUs for the server, here there are {}: make a run on this machine with `cargo compare --profile standard`",
        advice.run,
        advice.cpus,
        placement.server_cpus.len()
    );
    placement.pin_generator().context("cannot move the load generator to its CPUs")?;
    let planned = vec![Planned {
        cell: Cell::of(advice.workload.setting(), contender),
        blocks: BLOCKS,
        windows: 1,
        offered_per_sec: None,
        prediction: Prediction {
            at_most_per_sec: Some(expected.rate_per_sec),
            bound: Some(expected.bound),
            reason: None,
        },
    }];
    let config =
        Config { window: WINDOW, warmup: WARMUP, contenders: vec![contender.clone()], ..run.config.clone() };
    let mut machine = ThisMachine {
        binaries,
        guests: Guests::default(),
        programs: guests::this_machine(),
        placement: placement.clone(),
        config: config.clone(),
        cancel: Cancel::new(),
    };
    let _stopped = cancel_on_signals(&machine.cancel)?;
    let run = ComparisonRecord { config, planned, placement, ..run };
    let progress = Progress::over(BLOCKS);
    let (started, mut trials) = (Instant::now(), Vec::new());
    let specs = randomised_blocks(&run.planned, run.config.seed);
    let ending = run_trials(
        &mut machine,
        &run.planned,
        &specs,
        || started.elapsed(),
        |trial| {
            progress.finished(trial);
            trials.push(trial.clone());
            Ok(())
        },
    )?;
    progress.end();
    ensure!(ending == Ending::Complete, "interrupted: nothing is verified");
    judge(&advice.workload, expected, &run, &trials)
}

/// Holds what was expected against trials of one cell.
fn judge(
    workload: &Workload,
    expected: &Expected,
    run: &ComparisonRecord,
    trials: &[TrialRecord],
) -> anyhow::Result<Verification> {
    let summary = Summary::of(run, trials);
    let row: &Row = summary.tables.first().and_then(|table| table.rows.first()).context("no cell")?;
    let slo_ns = u64::try_from(workload.slo_p99.as_nanos()).unwrap_or(u64::MAX);
    let (mut requests, mut late) = (0, 0);
    for one in trials.iter().filter_map(measured).filter(|one| one.is_valid() || !row.is_valid()) {
        let (of_it, late_of_it) = count_late(one, slo_ns)?;
        requests += of_it;
        late += late_of_it;
    }
    let rate_per_sec = row.rate_per_sec.map(|rate| rate.median);
    let rate_off = rate_per_sec.map(|rate| rate / expected.rate_per_sec - 1.0);
    let mut reasons: Vec<String> = row.doubts.values().map(|(_, seen)| seen.clone()).collect();
    reasons.extend(row.failures.iter().cloned());
    let verdict = if row.is_valid() && requests > 0 {
        reasons.clear();
        if rate_off.is_none_or(|off| off.abs() > RATE_OFF) {
            reasons.push("the rate is more than 15 % off".to_owned());
        }
        let met = late as f64 <= LATE_SHARE * requests as f64;
        if met != (expected.p99_s <= workload.slo_p99.as_secs_f64()) {
            let came =
                if met { "met, and was expected to be missed" } else { "missed, and was expected to be met" };
            reasons.push(format!("the objective was {came}"));
        }
        if reasons.is_empty() { Verdict::Right } else { Verdict::Wrong }
    } else {
        Verdict::Void
    };
    Ok(Verification {
        verdict,
        reasons,
        valid_trials: row.valid,
        trials: row.planned,
        rate_per_sec,
        rate_off,
        requests,
        late,
        memory_bytes: row.pss_bytes.or(row.rss_bytes),
    })
}

fn measured(trial: &TrialRecord) -> Option<&Measurement> {
    match &trial.outcome {
        Outcome::Measured(measurement) => Some(measurement),
        Outcome::Failed { .. } => None,
    }
}

/// Requests that were answered, failed, or already waited longer than `slo_ns` when the window closed; and how many were late.
fn count_late(one: &Measurement, slo_ns: u64) -> anyhow::Result<(u64, u64)> {
    let samples = Samples::from_record(&one.load)?;
    let beyond = slo_ns.saturating_add(1);
    let answered_late = samples.answered().count_between(beyond, u64::MAX);
    let waiting_late = samples.censored().count_between(beyond, u64::MAX);
    let failed = one.load.requests.failed();
    Ok((one.load.requests.ok + failed + waiting_late, answered_late + failed + waiting_late))
}

#[cfg(test)]
mod tests;
