//! A comparison from its beginning to its end: prepare, measure, keep, render, print.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use anyhow::Context;
use loadgen::Cancel;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::binaries::Source;
use crate::cli::RunFlags;
use crate::order::randomised_blocks;
use crate::placement::Placement;
use crate::progress::Progress;
use crate::provenance::Provenance;
use crate::record::{ComparisonRecord, Outcome, SCHEMA_VERSION, TrialRecord};
use crate::report;
use crate::runner::{Ending, run_trials};
use crate::store::{Store, StoreError, list_runs, read_run};
use crate::trial::ThisMachine;

/// Exit code after SIGINT, as shells have it: 128 and the signal's number.
const INTERRUPTED: u8 = 130;

/// Gets the binaries and moves the calling thread to the generator's CPUs.
///
/// # Errors
///
/// When a binary cannot be had or the CPUs cannot be divided.
pub fn prepare(flags: &RunFlags) -> anyhow::Result<ThisMachine> {
    let config = flags.config(0);
    let mut packages: Vec<&'static str> = config.contenders.iter().map(|one| one.package()).collect();
    packages.sort_unstable();
    packages.dedup();
    let binaries = flags.source().binaries(&packages)?;
    let placement = Placement::of_this_machine().context("cannot read the CPUs this process may use")?;
    placement.pin_generator().context("cannot move the load generator to its CPUs")?;
    Ok(ThisMachine { binaries, placement, config, cancel: Cancel::new() })
}

/// Makes a whole comparison, as `cargo compare` does.
///
/// # Errors
///
/// When something that every trial needs is missing. A trial that fails is part of the result.
pub fn compare(flags: &RunFlags) -> anyhow::Result<ExitCode> {
    // First of all, so that a folder that cannot be written costs nobody five minutes.
    let store = Store::open(&flags.results)?;
    measure(&store, flags, prepare(flags)?)
}

/// Makes the trials on a prepared machine, keeps and renders them.
///
/// # Errors
///
/// When results cannot be kept.
pub fn measure(store: &Store, flags: &RunFlags, mut machine: ThisMachine) -> anyhow::Result<ExitCode> {
    let provenance = Provenance::collect(&Source::workspace());
    let config = flags.config(seed_from(&provenance.started_utc));
    cancel_on_signals(&machine.cancel)?;
    machine.config = config.clone();
    let run = ComparisonRecord {
        schema_version: SCHEMA_VERSION,
        id: provenance.run_id(),
        config: config.clone(),
        placement: machine.placement.clone(),
        binaries: machine
            .binaries
            .iter()
            .map(|(&package, binary)| (package.to_owned(), binary.for_record()))
            .collect(),
        provenance,
    };
    let mut folder = store.begin(&run)?;
    let specs = randomised_blocks(config.blocks, &config.workloads, &config.contenders, config.seed);
    let progress = Progress::over(specs.len());
    let mut trials = Vec::with_capacity(specs.len());
    let started = Instant::now();
    let ending = run_trials(
        &mut machine,
        &specs,
        || started.elapsed(),
        |trial| {
            folder.append(trial)?;
            progress.finished(trial);
            trials.push(trial.clone());
            Ok(())
        },
    )?;
    progress.end();
    if ending == Ending::Interrupted {
        let (finished, planned, kept) = (trials.len(), specs.len(), flags.results.join(&run.id));
        eprintln!("interrupted: {finished} of {planned} trials are finished and kept in {}", kept.display());
        return Ok(ExitCode::from(INTERRUPTED));
    }
    folder.write("README.md", &report::page(&run, &trials, ""))?;
    show(&run, &trials, &write_index(store, &flags.results)?);
    let failed = trials.iter().filter(|trial| matches!(trial.outcome, Outcome::Failed { .. })).count();
    if failed > 0 {
        eprintln!("error: {failed} of {} trials failed; the report says why", trials.len());
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Renders a run again from its records, the newest if none is named, and the index with it.
///
/// # Errors
///
/// When there is no such run, or it cannot be read or written.
pub fn render_again(results: &Path, run: Option<&str>) -> anyhow::Result<ExitCode> {
    let store = Store::open(results)?;
    let id = match run {
        Some(id) => id.to_owned(),
        None => list_runs(results)?.pop().ok_or_else(|| StoreError::NoRun(results.to_owned()))?,
    };
    let (record, trials) = read_run(&results.join(&id))?;
    store.write(&format!("{id}/README.md"), &report::page(&record, &trials, ""))?;
    show(&record, &trials, &write_index(&store, results)?);
    Ok(ExitCode::SUCCESS)
}

fn show(run: &ComparisonRecord, trials: &[TrialRecord], index: &Path) {
    println!("\n{}\nThe whole report: {}", report::tables(run, trials), index.display());
}

fn write_index(store: &Store, results: &Path) -> Result<PathBuf, StoreError> {
    let mut runs = list_runs(results)?;
    runs.reverse();
    let newest = runs.first().ok_or_else(|| StoreError::NoRun(results.to_owned()))?;
    let (record, trials) = read_run(&results.join(newest))?;
    store.write("README.md", &report::index(&record, &trials, &runs))
}

/// Any number that differs from run to run will do: it is recorded, and that is what makes it repeatable.
fn seed_from(started_utc: &str) -> u64 {
    started_utc.bytes().filter(u8::is_ascii_digit).fold(0, |seed, digit| seed * 10 + u64::from(digit - b'0'))
}

/// The first signal ends the trial under way and keeps the others; the second ends the process, and with it, by the
/// kernel, its servers.
fn cancel_on_signals(cancel: &Cancel) -> anyhow::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("cannot watch for signals")?;
    let cancel = cancel.clone();
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            if cancel.is_cancelled() {
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
            cancel.cancel();
        }
    })?;
    Ok(())
}
