//! From the command line to an exit code.
//!
//! | code | when |
//! |---|---|
//! | 0 | the run is over, every request was answered as expected, or as many as `--max-error-rate` demands |
//! | 1 | no run could be had, or none of its requests succeeded, or any failed and no rate of errors is allowed |
//! | 2 | the command line is wrong, or names two records that cannot be compared |
//! | 3 | an objective was missed |
//! | 4 | the run is INVALID: the load was not the one asked for, so that its figures, objectives too, mean nothing |
//! | 130, 143 | ended by SIGINT or SIGTERM |
//!
//! Of several the first in this order holds: 130 and 143, 4, 3, 1. The report of a run is printed in any case.

mod bar;
mod compare;
mod describe;
mod flags;
mod gates;
mod hlog;
mod live;
mod max;
mod merge;
mod output;
mod report;
mod run;
mod schema;
mod signals;
mod values;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use describe::Task;

const FAILED: u8 = 1;
const USAGE: u8 = 2;
const GATE_MISSED: u8 = 3;
const INVALID: u8 = 4;

/// Does what the command line asks for. The first word may be that of another task than a run; a URL never is one.
pub(crate) fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    let task = args.get(1).and_then(|word| word.to_str()).and_then(Task::named);
    let outcome = match task {
        None => read(&args).map(|flags| run::main(&flags)),
        Some(Task::Max) => read(&args[1..]).map(|flags| max::main(&flags)),
        Some(Task::Merge) => read(&args[1..]).map(|flags| merge::main(&flags)),
        Some(Task::Compare) => read(&args[1..]).map(|flags| compare::main(&flags)),
        Some(Task::Schema) => read(&args[1..]).map(|flags| schema::main(&flags)),
        Some(Task::Completions) => read(&args[1..]).map(|flags| describe::completions(&flags)),
        Some(Task::Man) => read(&args[1..]).map(|flags| describe::man(&flags)),
    };
    match outcome {
        Ok(Ok(exit)) | Err(exit) => exit,
        Ok(Err(error)) => complain(&error, FAILED),
    }
}

/// Reads the command line. What is not a task (help, version, a mistake) is printed here and is an exit code.
fn read<T: Parser>(args: &[OsString]) -> Result<T, ExitCode> {
    T::try_parse_from(args).map_err(|error| {
        if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
            // A closed pipe, as behind `loadgen --help | head`, is no failure.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        let _ = writeln!(io::stderr(), "loadgen: {}; see loadgen --help", one_line(&error));
        ExitCode::from(USAGE)
    })
}

/// The first paragraph of clap's message, without its prefix.
fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let paragraph: Vec<_> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    paragraph.join(" ").trim_start_matches("error: ").to_owned()
}

/// One line on standard error. That nobody may be listening there changes nothing.
fn complain(error: &anyhow::Error, code: u8) -> ExitCode {
    let _ = writeln!(io::stderr(), "loadgen: {error:#}");
    ExitCode::from(code)
}
