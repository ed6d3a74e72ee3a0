//! `sync-server`: parse, bind, announce, serve.

use std::process::ExitCode;

use blocking::Shutdown;
use clap::Parser;
use contract::{Model, Ready};
use sync_server::{Flags, Options, serve};

fn main() -> ExitCode {
    contract::exit_code(run(&Flags::parse()))
}

fn run(flags: &Flags) -> anyhow::Result<()> {
    let shutdown = Shutdown::on_signals()?;
    let listener = contract::listen(flags.shared.addr)?;
    let ready = Ready::here(listener.local_addr()?, Model::Sync, flags.http.label(), 1);
    // Without a reader on stdout the server still serves.
    let _ = ready.announce();
    Ok(serve(listener, &Options::from(flags), &shutdown)?)
}
