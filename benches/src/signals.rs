//! Being asked to stop.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;

use anyhow::Context;
use loadgen::Cancel;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// By which signal the process was asked to stop, once it was.
#[derive(Debug, Clone)]
pub(crate) struct Stopped(Arc<AtomicU8>);

impl Stopped {
    /// As shells have it: 128 and the signal's number, 130 after SIGINT and 143 after SIGTERM.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(128 + self.0.load(Ordering::SeqCst))
    }
}

/// The first signal ends the trial under way and keeps the others; the second ends the process, and with it, by the
/// kernel, its servers.
pub(crate) fn cancel_on_signals(cancel: &Cancel) -> anyhow::Result<Stopped> {
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("cannot watch for signals")?;
    let cancel = cancel.clone();
    // Who cancels without a signal is somebody at the keyboard of a test; it is as if by SIGINT.
    let stopped = Stopped(Arc::new(AtomicU8::new(number(SIGINT))));
    let first = stopped.clone();
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            if cancel.is_cancelled() {
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
            // Before the cancelling, so that whoever sees that knows why.
            first.0.store(number(signal), Ordering::SeqCst);
            cancel.cancel();
        }
    })?;
    Ok(stopped)
}

fn number(signal: i32) -> u8 {
    u8::try_from(signal).expect("signals are small numbers")
}
