//! The `loadgen` binary: flags in, one session, report out. All that measures is in the library.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
