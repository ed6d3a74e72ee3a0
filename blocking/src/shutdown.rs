//! A stop that is asked for once and seen by every thread; from a signal, or from a test.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// A request to stop. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(Arc<State>);

#[derive(Debug, Default)]
struct State {
    requested_at: Mutex<Option<Instant>>,
    changed: Condvar,
}

impl Shutdown {
    /// A stop that nobody has asked for yet.
    #[must_use]
    pub fn new() -> Self {
        Shutdown::default()
    }

    /// A stop that SIGTERM and SIGINT ask for; a second signal ends the process at once, as by default.
    ///
    /// # Errors
    ///
    /// When the kernel refuses the signal handlers or the thread that waits for them.
    pub fn on_signals() -> io::Result<Self> {
        let shutdown = Shutdown::new();
        let mut signals = Signals::new([SIGTERM, SIGINT])?;
        let on_first = shutdown.clone();
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                if on_first.requested_at().is_some() {
                    // Nothing to report to: the default action ends the process, or there is none to take.
                    let _ = signal_hook::low_level::emulate_default_handler(signal);
                }
                on_first.request();
            }
        })?;
        Ok(shutdown)
    }

    /// Asks for the stop; a second call changes nothing.
    pub fn request(&self) {
        let mut requested_at = self.0.requested_at.lock().unwrap_or_else(PoisonError::into_inner);
        requested_at.get_or_insert_with(Instant::now);
        self.0.changed.notify_all();
    }

    /// When the stop was asked for, if it was.
    #[must_use]
    pub fn requested_at(&self) -> Option<Instant> {
        *self.0.requested_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Blocks until the stop is asked for.
    pub fn wait(&self) {
        let requested_at = self.0.requested_at.lock().unwrap_or_else(PoisonError::into_inner);
        drop(
            self.0
                .changed
                .wait_while(requested_at, |at| at.is_none())
                .unwrap_or_else(PoisonError::into_inner),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiting_thread_is_woken_and_the_first_request_counts() {
        let shutdown = Shutdown::new();
        assert!(shutdown.requested_at().is_none());
        let waiter = thread::spawn({
            let shutdown = shutdown.clone();
            move || shutdown.wait()
        });
        shutdown.request();
        waiter.join().unwrap();
        let first = shutdown.requested_at();
        shutdown.request();
        assert_eq!(shutdown.requested_at(), first);
    }
}
