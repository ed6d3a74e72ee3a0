//! From the command line to an exit code.
//!
//! | code | when |
//! |---|---|
//! | 0 | the run is over, every request was answered as expected, or as many as `--max-error-rate` demands |
//! | 1 | no run could be had, or none of its requests succeeded, or any failed and no rate of errors is allowed |
//! | 2 | the command line is wrong |
//! | 3 | an objective was missed |
//! | 4 | the run is INVALID: the load was not the one asked for, so that its figures, objectives too, mean nothing |
//! | 130, 143 | ended by SIGINT or SIGTERM |
//!
//! Of several the first in this order holds: 130 and 143, 4, 3, 1. The report of a run is printed in any case.

mod bar;
mod flags;
mod gates;
mod hlog;
mod report;
mod signals;
mod values;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use loadgen::{Cancel, Interval, IntervalRecord, LoadError, Plan, RunRecord, Session, Status};

use flags::{Flags, OutputFormat};
use gates::Gates;
use signals::Signals;

const FAILED: u8 = 1;
const USAGE: u8 = 2;
const GATE_MISSED: u8 = 3;
const INVALID: u8 = 4;

/// Does what the command line asks for.
pub(crate) fn main() -> ExitCode {
    let flags = match Flags::read() {
        Ok(flags) => flags,
        Err(exit) => return exit,
    };
    let plan = match flags.plan() {
        Ok(plan) => plan,
        Err(error) => return complain(&error, USAGE),
    };
    match run(&plan, &flags) {
        Ok(exit) => exit,
        Err(error) => complain(&error, FAILED),
    }
}

fn run(plan: &Plan, flags: &Flags) -> anyhow::Result<ExitCode> {
    let cancel = Cancel::new();
    let signals = Signals::watch(&cancel).context("cannot watch for SIGINT and SIGTERM")?;
    let session = Session::open_unless(plan, &cancel);
    if let (Err(LoadError::Interrupted), Some(code)) = (&session, signals.exit_code()) {
        return Ok(complain(&LoadError::Interrupted.into(), code));
    }
    let mut session = session?;
    if let Some(warmup) = flags.warmup {
        // Its record is dropped: that is what a warm-up is. If it was cancelled, so will be the run, at once.
        session.warm_up(warmup, &cancel)?;
    }
    let bar = bar::show(plan.stop, session.progress());
    let record = measure(&mut session, plan, flags, &cancel);
    drop(bar);
    let record = record?;
    let missed = Gates { slo_p99: flags.slo_p99, max_error_rate: flags.max_error_rate }.missed(&record);
    print(&record, &missed, flags).context("cannot write the report to standard output")?;
    let errors = record.requests.ok == 0 || (record.requests.failed() > 0 && flags.max_error_rate.is_none());
    let code = match signals.exit_code().filter(|_| record.interrupted) {
        Some(signal) => signal,
        None if record.verdict.status == Status::Invalid => INVALID,
        None if !missed.is_empty() => GATE_MISSED,
        None if errors => FAILED,
        None => 0,
    };
    Ok(ExitCode::from(code))
}

/// Runs the window, and keeps its seconds as the flags want them.
fn measure(session: &mut Session, plan: &Plan, flags: &Flags, cancel: &Cancel) -> anyhow::Result<RunRecord> {
    if !flags.timeseries && flags.hdr.is_none() {
        return Ok(session.run(&plan.stop, cancel)?);
    }
    let mut seconds = Vec::new();
    let record = hlog::writing(flags.hdr.as_deref(), |write| {
        let mut tell = |interval: &Interval| {
            write(interval);
            if flags.timeseries {
                seconds.push(IntervalRecord::from(interval));
            }
        };
        session.run_telling(&plan.stop, cancel, Some(&mut tell))
    })??;
    Ok(RunRecord { timeseries: flags.timeseries.then_some(seconds), ..record })
}

fn print(record: &RunRecord, missed: &[String], flags: &Flags) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match flags.output_format {
        OutputFormat::Text => {
            write!(out, "{}", report::text(record))?;
            for objective in missed {
                writeln!(out, "Missed: {objective}")?;
            }
        }
        OutputFormat::Json => {
            serde_json::to_writer_pretty(&mut out, record)?;
            writeln!(out)?;
            for objective in missed {
                complain(&anyhow::anyhow!("missed: {objective}"), GATE_MISSED);
            }
        }
    }
    Ok(out.flush()?)
}

/// One line on standard error. That nobody may be listening there changes nothing.
fn complain(error: &anyhow::Error, code: u8) -> ExitCode {
    let _ = writeln!(io::stderr(), "loadgen: {error:#}");
    ExitCode::from(code)
}
