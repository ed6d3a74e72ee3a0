//! One run: session, warm-up, window, report, exit code.

use std::fs::File;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use loadgen::{Cancel, Interval, IntervalRecord, LoadError, Plan, RunRecord, Session, Status};

use super::flags::Flags;
use super::gates::Gates;
use super::output::{self, OutputFormat};
use super::signals::Signals;
use super::{FAILED, GATE_MISSED, INVALID, USAGE, bar, complain, hlog};

/// How long a signal may go unseen before the clock has started.
const SLICE: Duration = Duration::from_millis(50);

/// Does what the flags ask for.
pub(crate) fn main(flags: &Flags) -> anyhow::Result<ExitCode> {
    match flags.plan() {
        Ok(plan) => run(&plan, flags),
        Err(error) => Ok(complain(&error, USAGE)),
    }
}

fn run(plan: &Plan, flags: &Flags) -> anyhow::Result<ExitCode> {
    if flags.start_at.is_some_and(has_passed) {
        let text = "the time of --start-at has passed; give one that is far enough off for the connections to be opened";
        return Ok(complain(&anyhow::Error::msg(text), USAGE));
    }
    output::check(flags.output.as_deref())?;
    let hdr = flags.hdr.as_deref().map(hlog::open).transpose()?;
    let cancel = Cancel::new();
    let signals = Signals::watch(&cancel).context("cannot watch for SIGINT and SIGTERM")?;
    let session = Session::open_unless(plan, &cancel);
    if let (Err(LoadError::Interrupted), Some(code)) = (&session, signals.exit_code()) {
        return Ok(complain(&LoadError::Interrupted.into(), code));
    }
    if let Err(error @ LoadError::NoProcess { .. }) = session {
        return Ok(complain(&error.into(), USAGE));
    }
    let mut session = session?;
    if let Some(warmup) = flags.warmup {
        // Its record is dropped: that is what a warm-up is. If it was cancelled, so will be the run, at once.
        session.warm_up(warmup, &cancel)?;
    }
    if let Some(time) = flags.start_at {
        let late = "the connections were opened only after the time of --start-at; give a later one";
        anyhow::ensure!(cancel.is_cancelled() || !has_passed(time), late);
        wait_for(time, &cancel);
    }
    let bar = bar::show(plan.stop, session.progress());
    let (record, written) = measure(&mut session, plan, flags, hdr, &cancel);
    drop(bar);
    // A run that was out of files would have none left for its report.
    drop(session);
    let record = record?;
    let missed = Gates { slo_p99: flags.slo_p99, max_error_rate: flags.max_error_rate }.missed(&record);
    output::record(&record, flags.output_format, flags.output.as_deref())?;
    for objective in &missed {
        // A report in a file, or for a program, leaves standard output alone.
        if flags.output_format == OutputFormat::Text && flags.output.is_none() {
            output::bytes(format!("Missed: {objective}\n").as_bytes(), None)?;
        } else {
            complain(&anyhow::anyhow!("missed: {objective}"), GATE_MISSED);
        }
    }
    if let Err(error) = &written {
        complain(error, FAILED);
    }
    let failed = record.requests.failed() + record.requests.carried_failed();
    let errors = record.requests.ok == 0 || (failed > 0 && flags.max_error_rate.is_none());
    let code = match signals.exit_code().filter(|_| record.interrupted) {
        Some(signal) => signal,
        None if record.verdict.status == Status::Invalid => INVALID,
        None if !missed.is_empty() => GATE_MISSED,
        None if errors || written.is_err() => FAILED,
        None => 0,
    };
    Ok(ExitCode::from(code))
}

/// Runs the window, and keeps its seconds as the flags want them. Beside the record: whether those were written too.
fn measure(
    session: &mut Session,
    plan: &Plan,
    flags: &Flags,
    hdr: Option<File>,
    cancel: &Cancel,
) -> (Result<RunRecord, LoadError>, anyhow::Result<()>) {
    if !flags.timeseries && hdr.is_none() {
        return (session.run(&plan.stop, cancel), Ok(()));
    }
    let mut seconds = Vec::new();
    let (record, written) = hlog::writing(hdr, |write| {
        let mut tell = |interval: &Interval| {
            write(interval);
            if flags.timeseries {
                seconds.push(IntervalRecord::from(interval));
            }
        };
        session.run_telling(&plan.stop, cancel, Some(&mut tell))
    });
    let timeseries = flags.timeseries.then_some(seconds);
    (record.map(|record| RunRecord { timeseries, ..record }), written)
}

/// How long it is until a time of day.
fn left(time: SystemTime) -> Duration {
    #[expect(clippy::disallowed_methods, reason = "the user names a wall-clock time to start at")]
    let now = SystemTime::now();
    time.duration_since(now).unwrap_or_default()
}

fn has_passed(time: SystemTime) -> bool {
    left(time).is_zero()
}

/// Waits for a time of day, so that several processes start together.
fn wait_for(time: SystemTime, cancel: &Cancel) {
    while !has_passed(time) && !cancel.is_cancelled() {
        thread::park_timeout(left(time).min(SLICE));
    }
}
