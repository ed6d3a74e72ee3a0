//! A comparison from its beginning to its end: prepare, fly pilots, predict, measure, keep, render, print.

use std::collections::{BTreeMap, HashSet};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use loadgen::Cancel;

use crate::agenda;
use crate::binaries::{Binary, Source};
use crate::cli::RunFlags;
use crate::code::{self, Code};
use crate::contender::{Contender, Launch};
use crate::guests::{self, Guests};
use crate::laboratory::ThisMachine;
use crate::matrix::Entry;
use crate::order::randomised_blocks;
use crate::pilot;
use crate::placement::Placement;
use crate::progress::Progress;
use crate::provenance::Provenance;
use crate::record::{ComparisonRecord, Config, GuestFacts, Outcome, SCHEMA_VERSION, Session, TrialRecord};
use crate::rendering;
use crate::runner::{Ending, run_trials};
use crate::signals::Stopped;
pub(crate) use crate::signals::cancel_on_signals;
use crate::store::{RunFolder, Store, StoreError, read_run};
use crate::trial::{TrialError, UPSTREAM_PACKAGE};

pub use crate::rendering::render_again;

/// A machine that is ready, and what is to be measured on it.
#[derive(Debug)]
pub struct Prepared {
    /// Binaries, CPUs and windows.
    pub machine: ThisMachine,
    entries: Vec<Entry>,
    provenance: Provenance,
    code: (Option<Code>, Option<String>),
}

/// Gets the binaries and moves the calling thread to the generator's CPUs.
///
/// # Errors
///
/// When nothing is asked for, a binary cannot be had or the CPUs cannot be divided.
pub fn prepare(flags: &RunFlags) -> anyhow::Result<Prepared> {
    let names = flags.guest_names();
    guests::make_venv_if_asked(&names);
    let guests = Guests::chosen(&names, &guests::this_machine())?;
    let entries = flags.entries(&guests)?;
    let asked = flags.code_asked();
    ensure!(
        !(entries.is_empty() && asked.packages.is_empty()),
        "nothing is to be measured: no chosen server takes part in a chosen experiment; `cargo compare list` shows what there is"
    );
    let provenance = Provenance::collect(&Source::workspace());
    let contenders = contenders_of(&entries);
    let config = Config {
        profile: flags.profile(),
        flags: flags.again(),
        window: flags.window(),
        warmup: flags.warmup(),
        seed: flags.seed.unwrap_or_else(|| seed_from(&provenance.started_utc)),
        contenders,
        absent: guests.absent.clone(),
        guest_versions: BTreeMap::new(),
        guests: guests.facts(&guests::this_machine()),
    };
    // Before the process is moved to some of the CPUs, which would bind builds to them too.
    let code = code::for_record(&asked, &Source::workspace(), &flags.source())?;
    let with_upstream = entries.iter().any(|entry| entry.setting.work.upstream_wait.is_some());
    let machine = machine(flags, config, guests, with_upstream)?;
    Ok(Prepared { machine, entries, provenance, code })
}

fn machine(
    flags: &RunFlags,
    config: Config,
    guests: Guests,
    with_upstream: bool,
) -> anyhow::Result<ThisMachine> {
    let mut packages: Vec<String> =
        config.contenders.iter().filter_map(|one| one.package().map(str::to_owned)).collect();
    packages.extend(with_upstream.then(|| UPSTREAM_PACKAGE.to_owned()));
    packages.sort_unstable();
    packages.dedup();
    let binaries = flags.source().binaries(&packages)?;
    let placement = Placement::of_this_machine().context("cannot read the CPUs this process may use")?;
    placement.pin_generator().context("cannot move the load generator to its CPUs")?;
    let programs = guests::this_machine();
    Ok(ThisMachine { binaries, guests, programs, placement, config, cancel: Cancel::new() })
}

fn contenders_of(entries: &[Entry]) -> Vec<Contender> {
    let mut all: Vec<Contender> = Vec::new();
    for one in entries.iter().flat_map(|entry| &entry.contenders) {
        if !all.iter().any(|known| known.label == one.label) {
            all.push(one.clone());
        }
    }
    all
}

/// Makes a whole comparison, or goes on with one, as `cargo compare` does.
///
/// # Errors
///
/// When something that every trial needs is missing. A trial that fails is part of the result.
pub fn compare(flags: &RunFlags) -> anyhow::Result<ExitCode> {
    // First of all, so that a folder that cannot be written costs nobody five minutes.
    let store = Store::open(&flags.results.results)?;
    match &flags.resume {
        Some(id) => resume(&store, flags, id),
        None => measure(&store, flags, prepare(flags)?),
    }
}

/// Flies the pilots, then makes the trials on a prepared machine, keeps and renders them.
///
/// # Errors
///
/// When results cannot be kept.
pub fn measure(store: &Store, flags: &RunFlags, prepared: Prepared) -> anyhow::Result<ExitCode> {
    let Prepared { mut machine, entries, provenance, code: (code, code_missing) } = prepared;
    let stopped = cancel_on_signals(&machine.cancel)?;
    let progress = Progress::over(0);
    let pilots = match pilot::fly_pilots(&mut machine, &entries, |pilot| progress.flown(pilot)) {
        Ok(pilots) => pilots,
        Err(TrialError::Interrupted) => {
            eprintln!("interrupted before the first trial: nothing is kept");
            return Ok(stopped.exit_code());
        }
        Err(error) => return Err(error.into()),
    };
    progress.end();
    let cpus = machine.placement.server_cpus.len();
    let run = ComparisonRecord {
        schema_version: SCHEMA_VERSION,
        id: provenance.run_id(),
        config: machine.config.clone(),
        planned: agenda::plan(&entries, flags.blocks(), &pilots, cpus),
        pilots,
        placement: machine.placement.clone(),
        binaries: for_record(&machine.binaries),
        provenance,
        code,
        code_missing,
        sessions: Vec::new(),
    };
    let folder = store.begin(&run)?;
    go_on(store, (machine, stopped), &run, folder, Vec::new())
}

fn for_record(binaries: &BTreeMap<String, Binary>) -> BTreeMap<String, Binary> {
    binaries.iter().map(|(package, binary)| (package.clone(), binary.for_record())).collect()
}

/// Goes on with a run that was stopped or died: the same configuration, binaries and machine, or not at all.
fn resume(store: &Store, flags: &RunFlags, id: &str) -> anyhow::Result<ExitCode> {
    let (mut run, trials) = read_run(&flags.results.results.join(id))?;
    let changed = |what: &str| StoreError::Changed { id: id.to_owned(), what: what.to_owned() };
    if let Some(contradiction) = flags.contradiction(&run.config) {
        return Err(changed(&contradiction).into());
    }
    let now = Provenance::collect(&Source::workspace());
    let (refused, told) = now.since(&run.provenance);
    if !refused.is_empty() {
        return Err(changed(&refused.join("; ")).into());
    }
    let with_upstream = run.planned.iter().any(|one| one.cell.setting.work.upstream_wait.is_some());
    let guests = Guests::chosen(&manifests_of(&run), &guests::this_machine())?;
    let machine = machine(flags, run.config.clone(), guests, with_upstream)?;
    for (package, binary) in &run.binaries {
        if machine.binaries.get(package).is_none_or(|now| now.sha256 != binary.sha256) {
            return Err(changed(&format!("the binary of {package} is another one")).into());
        }
    }
    if let Some((name, reason)) = machine.guests.absent.first_key_value() {
        return Err(changed(&format!("{name} is gone: {reason}")).into());
    }
    if let Some(what) = guests_changed(&run.config.guests, &machine.guests.facts(&machine.programs)) {
        return Err(changed(&what).into());
    }
    if machine.placement != run.placement {
        return Err(changed("the CPUs are others").into());
    }
    // Trials are told apart by their place in the order, which is made anew from the seed.
    let order = randomised_blocks(&run.planned, run.config.seed);
    if trials.iter().any(|trial| order.get(trial.spec.position) != Some(&trial.spec)) {
        return Err(changed("it was begun by a version that puts trials in another order").into());
    }
    for one in &told {
        eprintln!("warning: since the run began {one}");
    }
    let stopped = cancel_on_signals(&machine.cancel)?;
    let folder = store.reopen(id)?;
    let session = Session::of(&now, trials.len(), told);
    folder.resumed(&session)?;
    run.sessions.push(session);
    go_on(store, (machine, stopped), &run, folder, trials)
}

/// In what guests are not those of the record, which may be from before they were identified.
fn guests_changed(
    recorded: &BTreeMap<String, GuestFacts>,
    now: &BTreeMap<String, GuestFacts>,
) -> Option<String> {
    recorded.iter().find_map(|(name, before)| {
        let Some(after) = now.get(name) else { return Some(format!("{name} is gone")) };
        if before.version.value != after.version.value {
            let (before, after) = (before.version.text(), after.version.text());
            return Some(format!("the version of {name} was {before} and is {after}"));
        }
        let files = before.sha256.keys().chain(after.sha256.keys());
        let other = files.into_iter().find(|file| before.sha256.get(*file) != after.sha256.get(*file));
        other.map(|file| format!("{file} of {name} is another one"))
    })
}

/// The manifests of a run's guests.
fn manifests_of(run: &ComparisonRecord) -> Vec<String> {
    let file = |one: &Contender| match &one.launch {
        Launch::Manifest { file, .. } => Some(Source::workspace().join(file).display().to_string()),
        Launch::Package { .. } => None,
    };
    run.config.contenders.iter().filter_map(file).collect()
}

/// Makes the trials that are not among `trials` yet.
fn go_on(
    store: &Store,
    (mut machine, stopped): (ThisMachine, Stopped),
    run: &ComparisonRecord,
    mut folder: RunFolder,
    mut trials: Vec<TrialRecord>,
) -> anyhow::Result<ExitCode> {
    let finished: HashSet<usize> = trials.iter().map(|trial| trial.spec.position).collect();
    let mut specs = randomised_blocks(&run.planned, run.config.seed);
    let all = specs.len();
    specs.retain(|spec| !finished.contains(&spec.position));
    let before = trials.iter().map(|one| one.ended_s.unwrap_or(one.started_s)).fold(0.0, f64::max);
    let progress = Progress::over(specs.len());
    let started = Instant::now();
    let ending = run_trials(
        &mut machine,
        &run.planned,
        &specs,
        || Duration::from_secs_f64(before) + started.elapsed(),
        |trial| {
            folder.append(trial)?;
            progress.finished(trial);
            trials.push(trial.clone());
            Ok(())
        },
    )?;
    progress.end();
    if ending == Ending::Interrupted {
        eprintln!(
            "interrupted: {} of {all} trials are finished and kept in {}; go on with `cargo compare --resume {}`",
            trials.len(),
            folder.path().display(),
            run.id
        );
        return Ok(stopped.exit_code());
    }
    let index = rendering::write_pages(store, run, &trials)?;
    rendering::show(run, &trials, &index);
    let failed = trials.iter().filter(|trial| matches!(trial.outcome, Outcome::Failed { .. })).count();
    if failed > 0 {
        eprintln!("error: {failed} of {} trials failed; the report says why", trials.len());
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Any number that differs from run to run will do: it is recorded, and that is what makes it repeatable.
fn seed_from(started_utc: &str) -> u64 {
    started_utc.bytes().filter(u8::is_ascii_digit).fold(0, |seed, digit| seed * 10 + u64::from(digit - b'0'))
}
