//! From the command line to an exit code.
//!
//! 0: the run is over and every request was answered as expected. 1: no run could be had, or any request failed, or
//! none succeeded; the report of a run is printed all the same. 2: the command line is wrong. 130 and 143: the run was
//! ended by SIGINT or SIGTERM, and the report covers what was measured until then.

mod bar;
mod flags;
mod report;
mod signals;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use loadgen::{Cancel, LoadError, Plan, RunRecord, Session};

use flags::{Flags, OutputFormat};
use signals::Signals;

const FAILED: u8 = 1;
const USAGE: u8 = 2;

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
    match run(&plan, flags.output_format) {
        Ok(exit) => exit,
        Err(error) => complain(&error, FAILED),
    }
}

fn run(plan: &Plan, format: OutputFormat) -> anyhow::Result<ExitCode> {
    let cancel = Cancel::new();
    let signals = Signals::watch(&cancel).context("cannot watch for SIGINT and SIGTERM")?;
    let session = Session::open_unless(plan, &cancel);
    if let (Err(LoadError::Interrupted), Some(code)) = (&session, signals.exit_code()) {
        return Ok(complain(&LoadError::Interrupted.into(), code));
    }
    let mut session = session?;
    let bar = bar::show(plan.stop, session.progress());
    let record = session.run(&plan.stop, &cancel);
    drop(bar);
    let record = record?;
    print(&record, format).context("cannot write the report to standard output")?;
    let failed = record.requests.failed() > 0 || record.requests.ok == 0;
    let code = signals.exit_code().filter(|_| record.interrupted).unwrap_or(if failed { FAILED } else { 0 });
    Ok(ExitCode::from(code))
}

fn print(record: &RunRecord, format: OutputFormat) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match format {
        OutputFormat::Text => write!(out, "{}", report::text(record))?,
        OutputFormat::Json => {
            serde_json::to_writer_pretty(&mut out, record)?;
            writeln!(out)?;
        }
    }
    Ok(out.flush()?)
}

/// One line on standard error. That nobody may be listening there changes nothing.
fn complain(error: &anyhow::Error, code: u8) -> ExitCode {
    let _ = writeln!(io::stderr(), "loadgen: {error:#}");
    ExitCode::from(code)
}
