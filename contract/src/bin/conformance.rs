//! Checks whether an HTTP server keeps the contract; everything it does is in [`contract::conformance`].

use std::io;
use std::process::ExitCode;

use clap::Parser;
use contract::conformance::cli::{self, Arguments};

fn main() -> ExitCode {
    match cli::run(&Arguments::parse(), &mut io::stdout().lock()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: cannot write the report: {error}");
            ExitCode::FAILURE
        }
    }
}
