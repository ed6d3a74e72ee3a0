//! `loadgen completions` and `loadgen man`: the command line described for shells and for `man`, from its own flags.

use std::process::ExitCode;

use anyhow::Context;
use clap::{Command, CommandFactory, Parser, ValueEnum};
use clap_complete::Shell;
use clap_mangen::Man;

use super::compare::CompareFlags;
use super::flags::Flags;
use super::max::MaxFlags;
use super::merge::MergeFlags;
use super::output;
use super::schema::SchemaFlags;

/// Prints what a shell needs to complete loadgen's flags.
///
/// bash: loadgen completions bash > ~/.local/share/bash-completion/completions/loadgen
#[derive(Debug, Parser)]
#[command(name = "loadgen completions", version, max_term_width = 100)]
pub(crate) struct CompletionsFlags {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the manual page, as man reads it.
///
/// To read it at once: loadgen man | man -l -
#[derive(Debug, Parser)]
#[command(name = "loadgen man", version, max_term_width = 100)]
pub(crate) struct ManFlags {
    /// The page of this task instead of that of a run
    #[arg(value_enum)]
    task: Option<Task>,
}

/// What loadgen does besides running; each is the first word of a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Task {
    /// Find the highest rate that keeps an objective
    Max,
    /// Merge records
    Merge,
    /// Compare two records
    Compare,
    /// Print the JSON Schema of the record
    Schema,
    /// Print completions for a shell
    Completions,
    /// Print the manual page
    Man,
}

impl Task {
    /// The task that this word begins, if it is one.
    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::value_variants().iter().copied().find(|task| task.word() == word)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Max => "max",
            Self::Merge => "merge",
            Self::Compare => "compare",
            Self::Schema => "schema",
            Self::Completions => "completions",
            Self::Man => "man",
        }
    }

    fn command(self) -> Command {
        match self {
            Self::Max => MaxFlags::command(),
            Self::Merge => MergeFlags::command(),
            Self::Compare => CompareFlags::command(),
            Self::Schema => SchemaFlags::command(),
            Self::Completions => CompletionsFlags::command(),
            Self::Man => ManFlags::command(),
        }
    }
}

/// The whole command line: a run, or a task.
fn whole() -> Command {
    let tasks = Task::value_variants().iter().map(|task| task.command().name(task.word()));
    Flags::command().subcommands(tasks).args_conflicts_with_subcommands(true).disable_help_subcommand(true)
}

/// Prints completions.
pub(crate) fn completions(flags: &CompletionsFlags) -> anyhow::Result<ExitCode> {
    let mut text = Vec::new();
    clap_complete::generate(flags.shell, &mut whole(), "loadgen", &mut text);
    output::bytes(&text, None)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints a manual page.
pub(crate) fn man(flags: &ManFlags) -> anyhow::Result<ExitCode> {
    let man = match flags.task {
        None => Man::new(whole()),
        Some(task) => Man::new(task.command()).title(format!("loadgen-{}", task.word())),
    };
    let mut page = Vec::new();
    man.render(&mut page).context("cannot write the manual page")?;
    output::bytes(&page, None)?;
    Ok(ExitCode::SUCCESS)
}
