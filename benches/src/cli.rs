//! `cargo compare`: its flags and what they stand for.

mod again;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, value_parser};

use crate::add::AddFlags;
use crate::binaries::Source;
use crate::contender::Contender;
use crate::guests::{self, Guests};
use crate::matrix::file::{self, FileError};
use crate::matrix::{Entry, Experiment, Load, Profile};
use crate::rendering::USUAL;
use crate::{advise, code, comparison, diff, floor, listing};

/// Flags of `cargo compare`.
#[derive(Debug, Parser)]
#[command(name = "compare", bin_name = "cargo compare", version, args_conflicts_with_subcommands = true)]
#[command(about = "Compares the servers on this machine and writes the result tables")]
#[command(after_help = "Examples:
  cargo compare                                      the quick comparison, results in results/
  cargo compare --profile standard                   every experiment, about half an hour
  cargo compare --experiment waiting --blocks 10     one experiment, more blocks
  cargo compare --profile standard --dry-run         what would be done, and how long it would take
  cargo compare --with python,nginx,floor            beside Python's servers, nginx and the floor
  cargo compare add                                  a manifest for a server of your own
  cargo compare --resume 2026-01-02T03-04-05Z        go on with a run that was stopped
  cargo compare report                               the newest run's pages again, from its records
  cargo compare diff OLD NEW                         two runs against each other, exit code 1 on a regression")]
pub struct Flags {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunFlags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Experiments, contenders and profiles
    List,
    /// Describe a server of your own by a manifest: asks, tries it, writes the file
    Add(AddFlags),
    /// Render a run again from its records, and the index with it
    Report {
        /// The run's folder name [default: the newest]
        run: Option<String>,
        /// Write nothing; exit with 1 if a page differs from what its records give
        #[arg(long)]
        check: bool,
        #[command(flatten)]
        results: ResultsFlag,
    },
    /// Which model and pool size meet an objective on this machine, by what a run measured
    Advise(advise::Flags),
    /// Serve as the floor of the machine, which contenders/floor.toml does; not a web server
    #[command(hide = true)]
    Floor(floor::Flags),
    /// Compare two runs; exit with 1 if in the newer one a cell is slower beyond doubt or valid no more, with 2 if they cannot be compared
    Diff {
        /// The folder name of the run that is the measure
        old: String,
        /// The folder name of the run that is judged
        new: String,
        /// Compare although CPUs, placement or windows differ
        #[arg(long)]
        other_machine: bool,
        #[command(flatten)]
        results: ResultsFlag,
    },
}

/// Where results are.
#[derive(Debug, Clone, Args)]
pub struct ResultsFlag {
    /// Folder of all results [default: results/ in the workspace]
    #[arg(long, value_name = "DIR", default_value_os_t = default_results(), hide_default_value = true)]
    pub results: PathBuf,
}

/// Flags of a run.
#[derive(Debug, Clone, Args)]
pub struct RunFlags {
    /// How much is measured [default: quick]
    #[arg(long, value_enum)]
    profile: Option<Profile>,
    /// Only this experiment; can be given several times
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Experiment::ALL.map(Experiment::label)))]
    experiment: Vec<String>,
    /// Experiments of your own, from this TOML file; without --experiment only these
    #[arg(long, value_name = "FILE")]
    experiments: Option<PathBuf>,
    /// Only this server, with or without the size of its pool; can be given several times
    #[arg(long, value_name = "NAME", value_parser = contender_name)]
    contender: Vec<String>,
    /// Also measure this contender from contenders/: a name, `python` or `all` for groups, or the path of a manifest; can be
    /// given several times, or with commas
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub with: Vec<String>,
    /// Blocks: how often each server meets each setting, as a fresh process [default: the profile's]
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..))]
    blocks: Option<u16>,
    /// Length of the measured window of each trial [default: the profile's]
    #[arg(long, value_name = "DURATION", value_parser = positive_duration)]
    duration: Option<Duration>,
    /// Load before the window, not counted [default: the profile's]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    warmup: Option<Duration>,
    /// Connections of every closed loop, instead of the experiments' own
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..))]
    connections: Option<u16>,
    /// Decides the random order of trials [default: from the clock]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Print the trials, what is expected of them and how long they take; measure nothing
    #[arg(long, conflicts_with = "resume")]
    pub dry_run: bool,
    /// Go on with this run, with its own flags and the same binaries on the same machine
    #[arg(long, value_name = "RUN")]
    pub resume: Option<String>,
    /// Where results go.
    #[command(flatten)]
    pub results: ResultsFlag,
    /// Take the server binaries from this folder instead of building them in the release profile
    #[arg(long, value_name = "DIR")]
    binaries: Option<PathBuf>,
}

fn default_results() -> PathBuf {
    Source::workspace().join(USUAL)
}

fn contender_name(name: &str) -> Result<String, String> {
    if Contender::called(name, &[]).is_some() || guests::is_known(name) {
        return Ok(name.to_owned());
    }
    let names: Vec<String> = Contender::all_of_ours().into_iter().map(|one| one.base).collect();
    Err(format!(
        "there is {}, those in contenders/, or the path of a manifest that ends in .toml; a pool's size goes behind an @, as in threaded/hyper@256",
        names.join(", ")
    ))
}

pub(crate) fn positive_duration(text: &str) -> Result<Duration, String> {
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

    /// The size of the comparison.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profile.unwrap_or(Profile::Quick)
    }

    /// Blocks of every setting that has no number of its own.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.blocks.map_or(self.profile().blocks(), usize::from)
    }

    /// The measured window of a trial.
    #[must_use]
    pub fn window(&self) -> Duration {
        self.duration.unwrap_or(self.profile().window())
    }

    /// The load before the window.
    #[must_use]
    pub fn warmup(&self) -> Duration {
        self.warmup.unwrap_or(self.profile().warmup())
    }

    /// Names of contenders that are not ours, of both flags that can name them.
    #[must_use]
    pub fn guest_names(&self) -> Vec<String> {
        let not_ours = |name: &&String| Contender::called(name, &[]).is_none();
        let named = self.contender.iter().filter(not_ours);
        // A pool's size chooses among the contenders of a manifest, it is not part of the manifest's name.
        let named = named.map(|name| name.split_once('@').map_or(name.as_str(), |(base, _)| base).to_owned());
        self.with.iter().cloned().chain(named).collect()
    }

    /// The settings and contenders that are asked for.
    ///
    /// # Errors
    ///
    /// [`FileError`] when the user's own experiments cannot be read.
    pub fn entries(&self, all_guests: &Guests) -> Result<Vec<Entry>, FileError> {
        let guests = all_guests.contenders.as_slice();
        let named = |one: &Experiment| self.experiment.iter().any(|name| name == one.label());
        let all = self.experiment.is_empty() && self.experiments.is_none();
        // One that is asked for by name is measured as in the standard profile where the quick one leaves it out.
        let of = |one: Experiment| match one.entries(self.profile(), guests) {
            none if none.is_empty() && named(&one) => one.entries(Profile::Standard, guests),
            entries => entries,
        };
        let mut entries: Vec<Entry> =
            Experiment::ALL.into_iter().filter(|one| all || named(one)).flat_map(of).collect();
        if let Some(path) = &self.experiments {
            entries.extend(file::read(path, guests)?);
        }
        for entry in &mut entries {
            let chosen = |one: &Contender| {
                self.contender.iter().any(|name| one.is_called(name) || all_guests.is_from(one, name))
            };
            entry.contenders.retain(|one| self.contender.is_empty() || chosen(one));
            entry.give(self.blocks.is_some(), self.duration.is_some());
            if let (Some(connections), load @ Load::Closed { .. }) = (self.connections, entry.setting.load) {
                entry.setting.load = load.with_connections(connections.into());
            }
        }
        entries.retain(|entry| !entry.contenders.is_empty());
        // With connections of their own gone, settings that differed in them only are one.
        let mut seen = Vec::new();
        entries.retain(|entry| {
            let label = entry.setting.label();
            let new = !seen.contains(&label);
            seen.push(label);
            new
        });
        Entry::give_a_twin(&mut entries);
        Ok(entries)
    }

    /// What is to be found out about code: with all experiments, and when it is asked for by name; built anew only in the full profile, and
    /// by name.
    #[must_use]
    pub fn code_asked(&self) -> code::Asked {
        let named = self.experiment.iter().any(|name| name == Experiment::Code.label());
        let asked = named || (self.experiment.is_empty() && self.experiments.is_none());
        let chosen = |one: &Contender| {
            self.contender.is_empty() || self.contender.iter().any(|name| one.is_called(name))
        };
        let ours = Contender::all_of_ours().into_iter().filter(|one| asked && chosen(one));
        code::Asked::of(ours, named || self.profile() == Profile::Full)
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
    // Whoever reads the exit code of a comparison must be able to tell "slower" from "not read".
    let cannot = match flags.command {
        Some(Command::Diff { .. }) => ExitCode::from(diff::CANNOT),
        _ => ExitCode::FAILURE,
    };
    let result = match flags.command {
        None if flags.run.dry_run => listing::dry_run(&flags.run),
        None => comparison::compare(&flags.run),
        Some(Command::List) => listing::list(),
        Some(Command::Add(flags)) => crate::add::run(&flags),
        Some(Command::Report { run, check, results }) => {
            comparison::render_again(&results.results, run.as_deref(), check)
        }
        Some(Command::Advise(flags)) => advise::run(&flags),
        Some(Command::Floor(flags)) => floor::run(&flags).map(|()| ExitCode::SUCCESS),
        Some(Command::Diff { old, new, other_machine, results }) => {
            diff::run(&results.results, (&old, &new), other_machine)
        }
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        cannot
    })
}

#[cfg(test)]
mod tests;
