//! `loadgen max`: the highest open-loop rate that keeps an objective.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use loadgen::limit::{self, CONFIRMATIONS, Limit};
use loadgen::verdict::Reason;
use loadgen::{Cancel, Pacing, Plan, RunRecord, Schedule, Session, Stop};
use serde_json::json;

use super::flags::Flags;
use super::gates::Gates;
use super::output::{self, OutputFormat};
use super::signals::Signals;
use super::values::per_second;
use super::{GATE_MISSED, USAGE, complain};

/// Load before each run that is not measured: the last run's queue must be gone.
const SETTLING: Duration = Duration::from_millis(300);
/// The shortest run.
const WINDOW: Duration = Duration::from_secs(2);
/// Requests in a run, so that it has a 99th percentile, with room for what is unfinished.
const REQUESTS: f64 = 12_000.0;

/// Finds the highest open-loop rate at which the 99th percentile keeps --slo-p99.
///
/// Doubles the rate until the objective is missed, halves the gap down to 5 %, and confirms the rate that is left by
/// three more runs. Each run lasts 2 s (or -d), and as long as 12,000 requests take. Arrivals are Poisson.
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

/// Searches, and tells what was found.
pub(crate) fn main(flags: &MaxFlags) -> anyhow::Result<ExitCode> {
    let run = &flags.run;
    let usage = |text: &str| Ok(complain(&anyhow::anyhow!("{text}; see loadgen max --help"), USAGE));
    let plan = match run.plan() {
        Ok(plan) => plan,
        Err(error) => return Ok(complain(&error, USAGE)),
    };
    if run.slo_p99.is_none() {
        return usage("an objective is needed: --slo-p99");
    }
    if plan.pacing != Pacing::Closed || matches!(plan.stop, Stop::Requests(_)) {
        return usage("the rate and the number of requests are what is searched: leave --rate and -n away");
    }
    if plan.watch.is_some() {
        return usage("a search has no one window to watch a server in: leave --server-pid away");
    }
    let cancel = Cancel::new();
    let signals = Signals::watch(&cancel).context("cannot watch for SIGINT and SIGTERM")?;
    let mut session = Session::open_unless(&plan, &cancel)?;
    let found =
        limit::search(flags.from, flags.most, |rate, number| probe(&mut session, run, rate, number, &cancel));
    match (found, signals.exit_code()) {
        (Err(error), Some(code)) if cancel.is_cancelled() => Ok(complain(&error, code)),
        (Err(error), _) => Err(error),
        (Ok(limit), _) => {
            tell(run, &plan, &limit)?;
            Ok(ExitCode::from(if limit.kept.is_some() { 0 } else { GATE_MISSED }))
        }
    }
}

/// Offers one rate; the reason if the objective was missed.
fn probe(
    session: &mut Session,
    flags: &Flags,
    rate: f64,
    number: usize,
    cancel: &Cancel,
) -> anyhow::Result<Option<String>> {
    session.pace(Pacing::Open(Schedule { seed: number as u64, ..Schedule::steady(rate) }))?;
    session.warm_up(flags.warmup.unwrap_or(SETTLING), cancel)?;
    let shortest = flags.duration.unwrap_or(WINDOW);
    let window = shortest.max(Duration::from_secs_f64(REQUESTS / rate));
    let record = session.run(&Stop::After(window), cancel)?;
    anyhow::ensure!(!record.interrupted, "interrupted before the limit was found");
    let missed = why_missed(
        &record,
        Gates { slo_p99: flags.slo_p99, max_error_rate: flags.max_error_rate.or(Some(0.0)) },
    );
    let outcome = missed.as_deref().unwrap_or("kept");
    // Runs take a while, and standard output may be a file.
    eprintln!("{rate:.0} requests/s: {outcome}");
    Ok(missed)
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

fn tell(flags: &Flags, plan: &Plan, limit: &Limit) -> anyhow::Result<()> {
    let probes: Vec<_> = limit
        .probes
        .iter()
        .map(|probe| json!({ "rate_per_sec": probe.rate, "missed": probe.missed }))
        .collect();
    let text = match (flags.output_format, limit.kept, limit.missed) {
        (OutputFormat::Json, ..) => {
            let record = json!({
                "schema_version": loadgen::record::SCHEMA_VERSION,
                "url": plan.target.to_string(),
                "slo_p99_s": flags.slo_p99.map(|limit| limit.as_secs_f64()),
                "kept_per_sec": limit.kept,
                "missed_per_sec": limit.missed,
                "confirmations": CONFIRMATIONS,
                "probes": probes,
            });
            format!("{record:#}\n")
        }
        (_, Some(kept), Some(missed)) => format!(
            "{kept:.0} requests/s kept the objective in {} runs; {missed:.0} missed it\n",
            CONFIRMATIONS + 1
        ),
        (_, Some(kept), None) => {
            format!("{kept:.0} requests/s kept the objective, and --most allows no more\n")
        }
        (_, None, _) => "no rate kept the objective\n".to_owned(),
    };
    output::bytes(text.as_bytes(), flags.output.as_deref())
}
