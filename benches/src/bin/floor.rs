//! `floor`: parse and run.

use std::process::ExitCode;

use benches::floor;
use clap::Parser;

fn main() -> ExitCode {
    contract::exit_code(floor::run(&floor::Flags::parse()))
}
