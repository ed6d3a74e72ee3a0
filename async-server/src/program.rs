//! The process around [`serve`]: runtimes, listeners, signals.

use std::io;
use std::net::TcpListener;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use contract::{Model, Ready};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::{Flags, Options, Runtime, serve};

/// Listens, announces itself and serves until SIGTERM or SIGINT; a second one ends the process at once.
///
/// # Errors
///
/// When the address cannot be listened on, or the kernel refuses threads, signals or descriptors.
pub fn run(flags: &Flags) -> anyhow::Result<()> {
    end_at_once_on_second_signal()?;
    let threads = flags.runtime_threads();
    let options = Options::from(flags);
    let (stop, stopped) = watch::channel(());
    match flags.runtime {
        Runtime::Multi => {
            let runtime = Builder::new_multi_thread().worker_threads(threads.get()).enable_all().build()?;
            let listener = contract::listen(flags.shared.addr)?;
            runtime.block_on(async {
                stop_on_signals(stop)?;
                announce(&listener, flags)?;
                // On a worker, where a connection is spawned without waking another thread.
                tokio::spawn(async move { serve(listener, &options, asked(stopped)).await }).await??;
                anyhow::Ok(())
            })?;
            // A thread that is held by a request must not hold up the end.
            runtime.shutdown_background();
        }
        Runtime::PerCore => {
            let signals = Builder::new_current_thread().enable_all().build()?;
            signals.block_on(async { stop_on_signals(stop.clone()) })?;
            let listeners = contract::listen_shared(flags.shared.addr, threads)?;
            // All that needs descriptors is there before the first client can take them.
            let runtimes = listeners
                .iter()
                .map(|_| Builder::new_current_thread().enable_all().build())
                .collect::<io::Result<Vec<_>>>()?;
            announce(&listeners[0], flags)?;
            let (ended, endings) = mpsc::channel();
            let cores = listeners.len();
            for (listener, runtime) in listeners.into_iter().zip(runtimes) {
                let core = (options.clone(), stop.clone(), stopped.clone(), ended.clone());
                start_core(runtime, listener, core)?;
            }
            signals.block_on(asked(stopped));
            for _ in 0..cores {
                // Each keeps the drain timeout itself, unless a request blocks it: that one goes down with the process.
                let Ok(outcome) = endings.recv_timeout(options.limits.drain_timeout() + MARGIN) else {
                    break;
                };
                outcome?;
            }
        }
    }
    Ok(())
}

/// How much later than its drain timeout a runtime may say that it has ended.
const MARGIN: Duration = Duration::from_millis(100);

type Core = (Options, watch::Sender<()>, watch::Receiver<()>, mpsc::Sender<anyhow::Result<()>>);

fn start_core(
    runtime: tokio::runtime::Runtime,
    listener: TcpListener,
    (options, stop, stopped, ended): Core,
) -> io::Result<()> {
    let serve_here = move || {
        runtime.block_on(serve(listener, &options, asked(stopped)))?;
        runtime.shutdown_background();
        Ok(())
    };
    thread::Builder::new().name("core".to_owned()).spawn(move || {
        let _ = ended.send(serve_here());
        // One that ends by itself leaves its share of the connections unserved: all end.
        stop.send_replace(());
    })?;
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
