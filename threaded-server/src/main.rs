//! `threaded-server`: parse, bind, announce, serve.

use std::process::ExitCode;

use blocking::Shutdown;
use clap::Parser;
use contract::{Model, Ready};
use threaded_server::{Flags, Options, serve};

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    contract::exit_code(run(&Flags::parse()))
}

fn run(flags: &Flags) -> anyhow::Result<()> {
    contract::warn_of_no_effect(flags.http.label(), &flags.without_effect());
    let shutdown = Shutdown::on_signals()?;
    let listener = flags.http.listen(flags.shared.addr)?;
    let ready = Ready::here(listener.local_addr()?, Model::Threaded, flags.http.label(), flags.threads.get());
    // Without a reader on stdout the server still serves.
    let _ = ready.announce();
    Ok(serve(listener, &Options::from(flags), &shutdown)?)
}
