//! The process around [`serve`]: runtimes, listeners, signals.
//!
//! Signals have a runtime of their own, on the main thread, where no request runs: what blocks the others cannot keep a stop from
//! being heeded, and is left behind when its time is over.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;
use contract::{Model, Ready};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::{Flags, Options, Runtime, ServeError, serve};

/// How much later than its drain timeout a runtime may say that it has ended.
const MARGIN: Duration = Duration::from_millis(100);

/// Listens, announces itself and serves until SIGTERM or SIGINT; a second one ends the process at once.
///
/// # Errors
///
/// When the address cannot be listened on, the kernel refuses threads, signals or descriptors, or a runtime ends by itself.
pub fn run(flags: &Flags) -> anyhow::Result<()> {
    end_at_once_on_second_signal()?;
    let threads = flags.runtime_threads();
    let (stop, stopped) = watch::channel(());
    let (ended, endings) = mpsc::channel();
    let signals = Builder::new_current_thread().enable_all().build()?;
    signals.block_on(async { stop_on_signals(stop.clone()) })?;
    let share = Share { options: Options::from(flags), stop, stopped: stopped.clone(), ended };
    // All that needs descriptors is there before the first client can take them.
    match flags.runtime {
        Runtime::Multi => {
            let runtime = Builder::new_multi_thread().worker_threads(threads.get()).enable_all().build()?;
            let listener = contract::listen(flags.shared.addr)?;
            announce(&listener, flags)?;
            // On a worker, where a connection is spawned without waking another thread.
            runtime.spawn(share.serve(listener));
            signals.block_on(asked(stopped));
            let outcome = wait_for(1, &endings, flags);
            // A thread that is held by a request must not hold up the end.
            runtime.shutdown_background();
            outcome
        }
        Runtime::PerCore => {
            let listeners = contract::listen_shared(flags.shared.addr, threads)?;
            let runtimes = listeners
                .iter()
                .map(|_| Builder::new_current_thread().enable_all().build())
                .collect::<io::Result<Vec<_>>>()?;
            announce(&listeners[0], flags)?;
            let cores = listeners.len();
            for (listener, runtime) in listeners.into_iter().zip(runtimes) {
                let share = share.clone();
                let serve_here = move || {
                    runtime.block_on(share.serve(listener));
                    runtime.shutdown_background();
                };
                thread::Builder::new().name("core".to_owned()).spawn(serve_here)?;
            }
            drop(share);
            signals.block_on(asked(stopped));
            wait_for(cores, &endings, flags)
        }
    }
}

/// What each runtime needs to serve its listener.
#[derive(Clone)]
struct Share {
    options: Options,
    stop: watch::Sender<()>,
    stopped: watch::Receiver<()>,
    ended: mpsc::Sender<Result<(), ServeError>>,
}

impl Share {
    async fn serve(self, listener: TcpListener) {
        let Share { options, stop, stopped, ended } = self;
        // One that ends by itself, by a panic too, leaves its share of the connections unserved: all end.
        let _stop = StopOnDrop(stop);
        let _ = ended.send(serve(listener, &options, asked(stopped)).await);
    }
}

struct StopOnDrop(watch::Sender<()>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.send_replace(());
    }
}

/// Waits for the end of `runtimes` that have been told to stop. Each keeps the drain timeout itself, unless a request blocks it:
/// that one goes down with the process.
fn wait_for(
    runtimes: usize,
    endings: &Receiver<Result<(), ServeError>>,
    flags: &Flags,
) -> anyhow::Result<()> {
    let start = Instant::now();
    let patience = flags.shared.limits.drain_timeout().saturating_add(MARGIN);
    for _ in 0..runtimes {
        match endings.recv_timeout(patience.saturating_sub(start.elapsed())) {
            Ok(outcome) => outcome?,
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => {
                bail!("accepting has panicked, stderr says where; restart the server")
            }
        }
    }
    Ok(())
}

fn announce(listener: &TcpListener, flags: &Flags) -> io::Result<()> {
    let threads = flags.runtime_threads().get();
    let ready = Ready::here(listener.local_addr()?, Model::Async, flags.http.label(), threads);
    // Without a reader on stdout the server still serves.
    let _ = ready.announce_with(&[("runtime", flags.runtime.label())]);
    Ok(())
}

/// Sends the stop when a signal asks for it; needs a runtime that is driven.
fn stop_on_signals(stop: watch::Sender<()>) -> io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stop.send_replace(());
    });
    Ok(())
}

async fn asked(mut stop: watch::Receiver<()>) {
    // Without a sender nobody could ever ask: that is an end as well.
    let _ = stop.changed().await;
}

fn end_at_once_on_second_signal() -> io::Result<()> {
    let asked_before = Arc::new(AtomicBool::new(false));
    for kind in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        // In this order: the first signal finds the flag unset, and sets it.
        signal_hook::flag::register_conditional_default(kind, Arc::clone(&asked_before))?;
        signal_hook::flag::register(kind, Arc::clone(&asked_before))?;
    }
    Ok(())
}
