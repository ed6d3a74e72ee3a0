//! `loadgen max`: the highest open-loop rate that keeps an objective.

mod found;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use loadgen::limit::{self, Probe};
use loadgen::verdict::Reason;
use loadgen::{Cancel, LoadError, Pacing, Plan, RunRecord, Schedule, Session, Stop};

use super::flags::Flags;
use super::gates::Gates;
use super::output;
use super::signals::Signals;
use super::values::per_second;
use super::{FAILED, GATE_MISSED, USAGE, complain};
use found::{Found, Run};

/// Load before each run that is not measured: the last run's queue must be gone.
const SETTLING: Duration = Duration::from_millis(300);
/// The shortest run.
const WINDOW: Duration = Duration::from_secs(2);
/// Requests in a run, so that it has a 99th percentile, with room for what is unfinished.
const REQUESTS: f64 = 12_000.0;
/// The longest run that is made to get so many.
const LONGEST: Duration = Duration::from_mins(2);

/// Finds the highest open-loop rate at which the 99th percentile keeps --slo-p99.
///
/// Doubles the rate until the objective is missed, halves the gap down to 5 %, and confirms the rate that is left by
/// three more runs. Each run lasts 2 s (or -d), and as long as 12,000 requests take, but not over two minutes: rates below
/// 100 requests/s (fewer with a longer -d) are not tried. Arrivals are Poisson.
///
/// What is told is an interval: the highest rate that was kept to the lowest that was missed; and with it the rate of
/// valid answers of the confirming runs, with the 95 % interval of its mean.
///
/// Exit codes: 0 found; 3 no rate kept the objective; 1 the search could not go on; 2 wrong usage; 130, 143 ended by
/// SIGINT, SIGTERM, with the runs that were made.
#[derive(Debug, Parser)]
#[command(name = "loadgen max", version, max_term_width = 100)]
pub(crate) struct MaxFlags {
    #[command(flatten)]
    run: Flags,
    /// The rate to begin with, in requests a second
    #[arg(long, default_value = "1000", value_parser = per_second)]
    from: f64,
    /// The highest rate to offer
    #[arg(long, default_value = "1000000", value_parser = per_second)]
    most: f64,
}

impl MaxFlags {
    /// The lowest rate of which a run is not too long.
    fn least(&self) -> f64 {
        REQUESTS / LONGEST.max(self.run.duration.unwrap_or_default()).as_secs_f64()
    }

    fn plan(&self) -> anyhow::Result<Plan> {
        if let Some(reason) = self.run.useless_to_a_search() {
            anyhow::bail!(reason);
        }
        anyhow::ensure!(self.run.slo_p99.is_some(), "an objective is needed: --slo-p99");
        let least = self.least();
        anyhow::ensure!(
            self.from.min(self.most) >= least,
            "below {least:.0} requests/s a run would take over {} to have a 99th percentile; begin higher, or give a longer -d",
            humantime::format_duration(LONGEST)
        );
        self.run.paced(Some(Pacing::Open(Schedule::steady(self.from))))
    }
}

/// Searches, and tells what was found.
pub(crate) fn main(flags: &MaxFlags) -> anyhow::Result<ExitCode> {
    let plan = match flags.plan() {
        Ok(plan) => plan,
        Err(error) => return Ok(complain(&anyhow::anyhow!("{error:#}; see loadgen max --help"), USAGE)),
    };
    output::check(flags.run.output.as_deref())?;
    let cancel = Cancel::new();
    let signals = Signals::watch(&cancel).context("cannot watch for SIGINT and SIGTERM")?;
    let mut session = match (Session::open_unless(&plan, &cancel), signals.exit_code()) {
        (Err(LoadError::Interrupted), Some(code)) => {
            return Ok(complain(&LoadError::Interrupted.into(), code));
        }
        (session, _) => session?,
    };
    let mut runs = Vec::new();
    let found = limit::search(flags.from, flags.least(), flags.most, |rate, number| {
        let run = probe(&mut session, &flags.run, rate, number, &cancel)?;
        let missed = run.probe.missed.clone();
        runs.push(run);
        Ok(missed)
    });
    let (limit, error) = match found {
        Ok(limit) => (Some(limit), None),
        Err(error) => (None, Some(error)),
    };
    // A search that was broken off still tells the runs that it made.
    let url = plan.target.to_string();
    Found { slo_p99: flags.run.slo_p99, url, least: flags.least(), limit: limit.as_ref(), runs: &runs }
        .write(flags.run.output_format, flags.run.output.as_deref())?;
    Ok(match (error, signals.exit_code()) {
        (Some(error), Some(code)) if cancel.is_cancelled() => complain(&error, code),
        (Some(error), _) => complain(&error, FAILED),
        (None, _) if limit.is_some_and(|limit| limit.kept.is_some()) => ExitCode::SUCCESS,
        (None, _) => ExitCode::from(GATE_MISSED),
    })
}

/// Offers one rate.
fn probe(
    session: &mut Session,
    flags: &Flags,
    rate: f64,
    number: usize,
    cancel: &Cancel,
) -> anyhow::Result<Run> {
    session.pace(Pacing::Open(Schedule { seed: number as u64, ..Schedule::steady(rate) }))?;
    session.warm_up(flags.warmup.unwrap_or(SETTLING), cancel)?;
    let shortest = flags.duration.unwrap_or(WINDOW);
    let window = shortest.max(Duration::from_secs_f64(REQUESTS / rate));
    let record = session.run(&Stop::After(window), cancel)?;
    anyhow::ensure!(!record.interrupted, "interrupted before the limit was found");
    let fewer = record.verdict.reasons.iter().find(|reason| matches!(reason, Reason::FewerHeld { .. }));
    if let Some(reason) = fewer {
        anyhow::bail!("no rate can be judged: {reason}");
    }
    let missed = why_missed(
        &record,
        Gates { slo_p99: flags.slo_p99, max_error_rate: flags.max_error_rate.or(Some(0.0)) },
    );
    let outcome = missed.as_deref().unwrap_or("kept");
    // Runs take a while, and standard output may be a file. That nobody may be listening there changes nothing.
    let _ = writeln!(io::stderr(), "{rate:.0} requests/s: {outcome}");
    Ok(Run { probe: Probe { rate, missed }, achieved: record.rate.achieved_per_sec })
}

/// Why a run does not count as kept. Lateness of the generator is in the corrected latency: an objective that is kept in
/// spite of it is kept, and one that is missed may have been missed by it.
fn why_missed(record: &RunRecord, gates: Gates) -> Option<String> {
    let lateness = |reason: &&Reason| matches!(reason, Reason::Late { .. } | Reason::Busy { .. });
    let reasons = &record.verdict.reasons;
    if let Some(reason) = reasons.iter().find(|reason| !lateness(reason)) {
        return Some(format!("INVALID: {reason}"));
    }
    let missed = gates.missed(record).into_iter().next()?;
    let excuse = reasons.iter().find(lateness).map_or_else(String::new, |reason| format!("; but {reason}"));
    Some(missed + &excuse)
}
