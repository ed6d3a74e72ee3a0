//! A stop that is asked for once and seen by every thread; from a signal, or from a test.

use std::io::{self, PipeReader, PipeWriter};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// A request to stop. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(Arc<State>);

#[derive(Debug, Default)]
struct State {
    requested_at: Mutex<Option<Instant>>,
    changed: Condvar,
    /// Held until the stop: closing them is what the readers see.
    subscribed: Mutex<Vec<PipeWriter>>,
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
        drop(requested_at);
        self.0.changed.notify_all();
        self.0.subscribed.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// A pipe that ends when the stop is asked for, for threads that wait for sockets too.
    ///
    /// # Errors
    ///
    /// When the kernel has no pipe to give.
    pub fn subscribe(&self) -> io::Result<PipeReader> {
        let (reader, writer) = io::pipe()?;
        // Held while it is decided, so that a stop comes either before, and is seen, or after, and finds the writer.
        let requested_at = self.0.requested_at.lock().unwrap_or_else(PoisonError::into_inner);
        if requested_at.is_none() {
            self.0.subscribed.lock().unwrap_or_else(PoisonError::into_inner).push(writer);
        }
        Ok(reader)
    }

    /// When the stop was asked for, if it was.
    #[must_use]
    pub fn requested_at(&self) -> Option<Instant> {
        *self.0.requested_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Blocks until the stop is asked for, for at most `patience`; says when it was, if it was.
    #[must_use]
    pub fn wait_timeout(&self, patience: Duration) -> Option<Instant> {
        let requested_at = self.0.requested_at.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.changed.wait_timeout_while(requested_at, patience, |at| at.is_none());
        *waited.unwrap_or_else(PoisonError::into_inner).0
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
    use std::io::Read;

    use super::*;

    #[test]
    fn subscribers_see_the_end_of_their_pipe() {
        let shutdown = Shutdown::new();
        let mut early = shutdown.subscribe().unwrap();
        shutdown.request();
        let mut late = shutdown.subscribe().unwrap();
        for pipe in [&mut early, &mut late] {
            assert_eq!(pipe.read(&mut [0]).unwrap(), 0);
        }
    }

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
