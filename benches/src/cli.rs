//! `cargo compare`: its flags and what they stand for.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, value_parser};

use crate::binaries::Source;
use crate::comparison;
use crate::contender::Contender;
use crate::record::Config;
use crate::workload::Workload;

/// Flags of `cargo compare`.
#[derive(Debug, Parser)]
#[command(name = "compare", bin_name = "cargo compare", version, args_conflicts_with_subcommands = true)]
#[command(about = "Compares the servers on this machine and writes the result tables")]
#[command(after_help = "Examples:
  cargo compare                                    all servers, all workloads, results in results/
  cargo compare --workload hello --blocks 10       one workload, more blocks
  cargo compare report                             the newest run's tables again, from its records")]
pub struct Flags {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunFlags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Render a run again from its records, and the index with it
    Report {
        /// The run's folder name [default: the newest]
        run: Option<String>,
        /// Folder of all results [default: results/ in the workspace]
        #[arg(long, value_name = "DIR", default_value_os_t = default_results(), hide_default_value = true)]
        results: PathBuf,
    },
}

/// Flags of a run.
#[derive(Debug, Clone, Args)]
pub struct RunFlags {
    /// Blocks: how often each server meets each workload, as a fresh process
    #[arg(long, value_name = "N", default_value = "5", value_parser = value_parser!(u16).range(1..))]
    blocks: u16,
    /// Length of the measured window of each trial
    #[arg(long, value_name = "DURATION", default_value = "1500ms", value_parser = positive_duration)]
    duration: Duration,
    /// Load before the window, not counted
    #[arg(long, value_name = "DURATION", default_value = "300ms", value_parser = humantime::parse_duration)]
    warmup: Duration,
    /// Connections of the load generator
    #[arg(long, value_name = "N", default_value = "64", value_parser = value_parser!(u16).range(1..))]
    connections: u16,
    /// Decides the random order of trials [default: from the clock]
    #[arg(long)]
    seed: Option<u64>,
    /// Only this workload; can be given several times
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Workload::ALL.map(Workload::label)))]
    workload: Vec<String>,
    /// Only this server; can be given several times
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Contender::ALL.map(Contender::label)))]
    contender: Vec<String>,
    /// Folder of all results [default: results/ in the workspace]
    #[arg(long, value_name = "DIR", default_value_os_t = default_results(), hide_default_value = true)]
    pub results: PathBuf,
    /// Take the server binaries from this folder instead of building them in the release profile
    #[arg(long, value_name = "DIR")]
    binaries: Option<PathBuf>,
}

fn default_results() -> PathBuf {
    Source::workspace().join("results")
}

fn positive_duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(duration) if duration.is_zero() => Err("it must be longer than zero".to_owned()),
        Ok(duration) => Ok(duration),
        Err(error) => Err(error.to_string()),
    }
}

impl RunFlags {
    /// What `cargo bench` runs: every default.
    #[must_use]
    pub fn quick() -> Self {
        Flags::parse_from(["compare"]).run
    }

    /// What they ask for, the seed apart.
    #[must_use]
    pub fn config(&self, seed: u64) -> Config {
        let chosen =
            |names: &[String], label: &str| names.is_empty() || names.iter().any(|name| name == label);
        Config {
            blocks: self.blocks.into(),
            duration: self.duration,
            warmup: self.warmup,
            connections: self.connections.into(),
            seed: self.seed.unwrap_or(seed),
            workloads: Workload::ALL.into_iter().filter(|one| chosen(&self.workload, one.label())).collect(),
            contenders: Contender::ALL
                .into_iter()
                .filter(|one| chosen(&self.contender, one.label()))
                .collect(),
        }
    }

    /// Where the server binaries come from.
    #[must_use]
    pub fn source(&self) -> Source {
        self.binaries.clone().map_or_else(|| Source::Build(Source::workspace()), Source::Folder)
    }
}

/// Does what the flags say.
#[must_use]
pub fn main(flags: Flags) -> ExitCode {
    let result = match flags.command {
        None => comparison::compare(&flags.run),
        Some(Command::Report { run, results }) => comparison::render_again(&results, run.as_deref()),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
