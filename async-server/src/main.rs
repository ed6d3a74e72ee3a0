//! `async-server`: parse, build the runtime, bind, announce, serve.

use std::process::ExitCode;

use async_server::{Flags, Options, serve};
use clap::Parser;
use contract::{Model, Ready};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    contract::exit_code(run(&Flags::parse()))
}

fn run(flags: &Flags) -> anyhow::Result<()> {
    let threads = flags.runtime_threads().get();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    runtime.block_on(async {
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let listener = contract::listen(flags.shared.addr)?;
        let ready = Ready::here(listener.local_addr()?, Model::Async, flags.http.label(), threads);
        // Without a reader on stdout the server still serves.
        let _ = ready.announce();
        let shutdown = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        Ok(serve(listener, &Options::from(flags), shutdown).await?)
    })
}
