//! `cargo compare`: parse and run.

use std::process::ExitCode;

use benches::{cli, launch};
use clap::Parser;

fn main() -> ExitCode {
    if let Some(failed) = launch::intercept() {
        return failed;
    }
    cli::main(cli::Flags::parse())
}
