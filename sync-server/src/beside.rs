//! The one thread that handles requests, and beside it the one that watches over the stop.
//!
//! A thread in the middle of a request cannot be asked to end. So it is never the main thread: that one waits until the stop
//! and then for at most the drain timeout, and what is still at work goes down with the process.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use blocking::Shutdown;

use crate::ServeError;

/// Runs `handle` on a thread of its own and `until_stopped` on this one, which comes back when the stop was asked for; then waits
/// for the first, until the drain timeout after the stop.
pub(crate) fn serve_beside(
    shutdown: &Shutdown,
    drain_timeout: Duration,
    handle: impl FnOnce() -> io::Result<()> + Send + 'static,
    until_stopped: impl FnOnce(),
) -> Result<(), ServeError> {
    let (ending, ended) = mpsc::channel();
    let stop = StopOnDrop(shutdown.clone());
    thread::Builder::new()
        .name("requests".to_owned())
        .spawn(move || {
            let _stop = stop;
            // The watching thread may have given up already.
            let _ = ending.send(handle());
        })
        .map_err(ServeError::Thread)?;
    until_stopped();
    let since_stop = shutdown.requested_at().map_or(Duration::ZERO, |at| at.elapsed());
    match ended.recv_timeout(drain_timeout.saturating_sub(since_stop)) {
        Ok(outcome) => outcome.map_err(ServeError::Wait),
        // What is still in flight goes down with the process.
        Err(RecvTimeoutError::Timeout) => Ok(()),
        Err(RecvTimeoutError::Disconnected) => Err(ServeError::Panicked),
    }
}

/// Asks for the stop when the handling thread ends, by a panic too: by itself it ends only when it cannot go on, and a process
/// that lived on would be deaf.
struct StopOnDrop(Shutdown);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.request();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of it when `handle` ends, or does not, before anybody asks for the stop.
    fn outcome(handle: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), ServeError> {
        let shutdown = Shutdown::new();
        serve_beside(&shutdown, Duration::from_secs(20), handle, || shutdown.wait())
    }

    #[test]
    fn a_handling_thread_that_ends_by_itself_ends_the_server_with_its_reason() {
        assert!(outcome(|| Ok(())).is_ok());
        let failed = outcome(|| Err(io::ErrorKind::OutOfMemory.into())).unwrap_err();
        assert!(matches!(failed, ServeError::Wait(_)), "{failed}");
        let panicked = outcome(|| panic!("as a test")).unwrap_err();
        assert!(matches!(panicked, ServeError::Panicked), "{panicked}");
    }

    #[test]
    fn a_handling_thread_that_never_ends_is_left_after_the_drain_timeout() {
        let shutdown = Shutdown::new();
        let (never, held) = mpsc::channel::<()>();
        let handle = move || held.recv().map_err(io::Error::other);
        serve_beside(&shutdown, Duration::from_millis(10), handle, || shutdown.request()).unwrap();
        drop(never);
    }
}
