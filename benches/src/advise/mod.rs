//! `cargo compare advise`: which model, and how large a pool, meets an objective on this machine, by what a run measured.
//!
//! [`observed`] takes from a run's records what can be learnt from, [`queueing`] is the formula, [`model`] joins the two into an expectation,
//! [`advice`] holds candidates against the objective and recommends one, `render` says it, [`verify`] measures exactly
//! that with real processes and says whether the expectation was right.
//!
//! The load is a closed loop: so many clients, each of which sends, waits for the answer, and sends. An objective under an offered rate is
//! another question, which this does not answer.

pub mod advice;
#[cfg(test)]
mod made_up;
pub mod model;
pub mod observed;
pub mod queueing;
mod render;
pub mod verify;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum, value_parser};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::binaries::Source;
use crate::cli::{ResultsFlag, positive_duration};
use crate::matrix::setting::seconds;
use crate::matrix::{Beside, Experiment, Load, Setting, Work};
use crate::record::ComparisonRecord;
use crate::store::{StoreError, is_readable, list_runs, read_run};
use advice::Advice;
use model::Model;
use verify::Verdict;

/// The most clients that are advised on: what the largest profile's ladder holds, with room.
const MOST_CLIENTS: i64 = 20_000;

/// Flags of `cargo compare advise`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:
  cargo compare advise --io-wait 20ms --cpu-work 100us --clients 2000 --slo-p99 200ms --verify

With --verify the exit code is 0 if the expectation was right: requests/s within 15 %, the objective met or not as it said.")]
pub struct Flags {
    /// How long each request waits, as if for a disk or another service
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    io_wait: Duration,
    /// CPU time that each request burns on top of being answered
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    cpu_work: Duration,
    /// Clients that each send, wait for the answer, and send again
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=MOST_CLIENTS))]
    clients: u32,
    /// The objective: 99 of 100 answers come within this time
    #[arg(long, value_name = "DURATION", value_parser = positive_duration)]
    slo_p99: Duration,
    /// The run to learn from [default: the newest that can be learnt from]
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    /// Measure what is recommended, in three fresh processes, and say whether the expectation was right
    #[arg(long)]
    verify: bool,
    /// Text for people, JSON for programs
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    output_format: Format,
    /// Take the server binaries from this folder instead of building them in the release profile
    #[arg(long, value_name = "DIR", requires = "verify")]
    binaries: Option<PathBuf>,
    #[command(flatten)]
    results: ResultsFlag,
}

/// How advice is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for people
    Text,
    /// One JSON object
    Json,
}

/// What is asked about: a closed loop of clients, and an objective.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// The wait in each request, in seconds.
    #[serde(rename = "io_wait_s", with = "seconds")]
    pub io_wait: Duration,
    /// CPU time burnt in each request, in seconds.
    #[serde(rename = "cpu_work_s", with = "seconds")]
    pub cpu_work: Duration,
    /// Clients.
    pub clients: usize,
    /// The longest time, in seconds, in which 99 of 100 answers should come.
    #[serde(rename = "slo_p99_s", with = "seconds")]
    pub slo_p99: Duration,
}

impl Workload {
    /// The setting in which it is measured.
    #[must_use]
    pub fn setting(&self) -> Setting {
        Setting {
            experiment: Experiment::Own,
            work: Work { io_wait: self.io_wait, cpu_work: self.cpu_work, ..Work::NOTHING },
            load: Load::Closed { connections: self.clients },
            beside: Beside::Nothing,
        }
    }
}

/// Why there is no advice.
#[derive(Debug, Error)]
pub enum AdviseError {
    /// There is nothing to learn from.
    #[error(
        "no run in {0} has a valid cell to learn from: advice comes from measurements; make them with `cargo compare --profile standard`"
    )]
    NoRun(PathBuf),
    /// The run that was named teaches nothing.
    #[error(
        "{0} has no valid closed-loop cell of a server of this workspace on hyper or axum; make a run with `cargo compare --profile standard`"
    )]
    NothingObserved(String),
    /// The run that was named cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Advises as the flags ask, prints it, and verifies it if that is asked for.
///
/// # Errors
///
/// When there is no run to learn from, or what is recommended cannot be measured.
pub fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let Learnt { run, model, doubts } = learn(&flags.results.results, flags.run.as_deref())?;
    let workload = Workload {
        io_wait: flags.io_wait,
        cpu_work: flags.cpu_work,
        clients: usize::try_from(flags.clients)?,
        slo_p99: flags.slo_p99,
    };
    let mut advice = Advice { doubts, ..Advice::of(&model, &workload) };
    if flags.verify {
        let source =
            flags.binaries.clone().map_or_else(|| Source::Build(Source::workspace()), Source::Folder);
        advice.verification = Some(verify::verify(&advice, run, &source, &flags.results.results)?);
    }
    match flags.output_format {
        Format::Text => print!("{}", render::text(&advice)),
        Format::Json => println!("{}", serde_json::to_string_pretty(&advice)?),
    }
    let wrong = advice.verification.is_some_and(|it| it.verdict != Verdict::Right);
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A run, what it teaches, and what makes that less sure.
#[derive(Debug)]
struct Learnt {
    run: ComparisonRecord,
    model: Model,
    doubts: Vec<String>,
}

/// What advice draws on; the quick profile has two of them.
const NEEDED: [Experiment; 4] =
    [Experiment::Hello, Experiment::Waiting, Experiment::Users, Experiment::CpuBound];

/// Which of them a run has no cell of.
fn lacking(run: &ComparisonRecord) -> Vec<&'static str> {
    let has = |one: &Experiment| run.planned.iter().any(|planned| planned.cell.setting.experiment == *one);
    NEEDED.iter().filter(|one| !has(one)).map(|one| one.label()).collect()
}

/// The run that is named; or the newest that has all that is needed; or, without such, the newest of those that lack least.
fn learn(results: &Path, named: Option<&str>) -> Result<Learnt, AdviseError> {
    if let Some(id) = named {
        let (run, trials) = read_run(&results.join(id))?;
        let model = Model::fit(&run, &trials).ok_or_else(|| AdviseError::NothingObserved(id.to_owned()))?;
        return Ok(Learnt { doubts: doubts(&run), run, model });
    }
    let runs = list_runs(results).unwrap_or_default();
    let (mut best, mut passed_over): (Option<Learnt>, Vec<String>) = (None, Vec::new());
    for id in runs.iter().rev().filter(|id| is_readable(&results.join(id))) {
        let (run, trials) = read_run(&results.join(id))?;
        let lacks = lacking(&run);
        let Some(model) = Model::fit(&run, &trials) else { continue };
        if best.as_ref().is_none_or(|best| lacks.len() < lacking(&best.run).len()) {
            passed_over.extend(best.map(|best| {
                format!(
                    "the newer run {} is not learnt from: it lacks {}",
                    best.run.id,
                    lacking(&best.run).join(", ")
                )
            }));
            let complete = lacks.is_empty();
            best = Some(Learnt { doubts: doubts(&run), run, model });
            if complete {
                break;
            }
        }
    }
    let mut best = best.ok_or_else(|| AdviseError::NoRun(results.to_owned()))?;
    best.doubts.extend(passed_over);
    Ok(best)
}

/// What makes advice from a run less sure, whatever is asked.
fn doubts(run: &ComparisonRecord) -> Vec<String> {
    let lacks = lacking(run);
    let mut doubts = Vec::new();
    if !lacks.is_empty() {
        doubts.push(format!(
            "it lacks {}; `cargo compare --profile standard` measures all that advice needs",
            lacks.join(", ")
        ));
    }
    let others = run.provenance.unlike_here();
    if !others.is_empty() {
        doubts.push(format!(
            "it was measured on another machine ({}): figures here will be others; measure here with `cargo compare --profile standard`",
            others.join("; ")
        ));
    }
    doubts
}

#[cfg(test)]
mod tests;
