//! SIGINT and SIGTERM end a run early, and its exit code says so.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;

use loadgen::Cancel;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator;

/// Which signal has come, if any.
#[derive(Debug)]
pub(crate) struct Signals(Arc<AtomicI32>);

impl Signals {
    /// Starts a thread that cancels on the first signal.
    pub(crate) fn watch(cancel: &Cancel) -> io::Result<Self> {
        let mut signals = iterator::Signals::new([SIGINT, SIGTERM])?;
        let seen = Arc::new(AtomicI32::new(0));
        let (cancel, first) = (cancel.clone(), Arc::clone(&seen));
        thread::spawn(move || {
            for signal in signals.forever() {
                // The second one changes nothing: a run that was cancelled is over within a tick.
                let _ = first.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
                cancel.cancel();
            }
        });
        Ok(Self(seen))
    }

    /// The exit code that shells expect after the signal; `None` if there was none.
    pub(crate) fn exit_code(&self) -> Option<u8> {
        match self.0.load(Ordering::SeqCst) {
            0 => None,
            signal => u8::try_from(128 + signal).ok(),
        }
    }
}
