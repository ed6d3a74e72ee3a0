//! The place in which a worker serves its connection, and in which the accepting thread can see and end it.

use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use contract::Phase;

/// One worker's place.
#[derive(Debug)]
pub(crate) struct Seat {
    stream: Mutex<Option<Arc<TcpStream>>>,
    /// When its client began to be waited for, in microseconds after the epoch and one; the lowest bit says whether it is idle.
    waits_since: AtomicU64,
    /// Whether the connection ends after the answer it is in, so that the worker counts as available.
    ending: AtomicBool,
    epoch: Instant,
}

/// A client that lets its worker wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wait {
    pub(crate) lasted: Duration,
    /// Idle means kept alive: a connection that has sent nothing yet counts as in the middle of a message.
    pub(crate) phase: Phase,
}

const BUSY: u64 = 0;

impl Seat {
    /// A free one; all seats of a server count time from the same `epoch`.
    pub(crate) fn new(epoch: Instant) -> Self {
        Seat {
            stream: Mutex::default(),
            waits_since: AtomicU64::new(BUSY),
            ending: AtomicBool::new(false),
            epoch,
        }
    }

    pub(crate) fn take(&self, stream: TcpStream) -> Arc<TcpStream> {
        let stream = Arc::new(stream);
        *self.lock() = Some(Arc::clone(&stream));
        stream
    }

    /// Frees the seat, and says whether its end had been announced before.
    pub(crate) fn leave(&self) -> bool {
        *self.lock() = None;
        self.ending.swap(false, Ordering::SeqCst)
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::SeqCst)
    }

    /// Counts the worker as available, once.
    pub(crate) fn announce_end(&self, available: &AtomicUsize) {
        if !self.ending.swap(true, Ordering::SeqCst) {
            available.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Lets the connection read what has arrived and then the end; says whether that is news.
    pub(crate) fn end(&self, available: &AtomicUsize) -> bool {
        // Held throughout, so that the worker cannot leave and take another connection in between.
        let stream = self.lock();
        let Some(stream) = stream.as_ref() else {
            return false;
        };
        let is_news = !self.is_ending();
        self.announce_end(available);
        // The client may be gone already: then the worker knows it too.
        let _ = stream.shutdown(Shutdown::Read);
        is_news
    }

    /// Marks that the worker waits for its client, until the guard is dropped.
    pub(crate) fn begin_wait(&self, now: Instant, phase: Phase) -> Waiting<'_> {
        let micros = u64::try_from(now.duration_since(self.epoch).as_micros()).unwrap_or(u64::MAX >> 2);
        let stamp = (micros + 1) << 1 | u64::from(phase == Phase::Idle);
        self.waits_since.store(stamp, Ordering::SeqCst);
        Waiting(self)
    }

    /// For how long the worker has waited, if it waits and its connection is not about to end.
    pub(crate) fn wait(&self, now: Instant) -> Option<Wait> {
        let stamp = self.waits_since.load(Ordering::SeqCst);
        if stamp == BUSY || self.is_ending() {
            return None;
        }
        let since = self.epoch + Duration::from_micros((stamp >> 1) - 1);
        Some(Wait {
            lasted: now.saturating_duration_since(since),
            phase: if stamp & 1 == 1 { Phase::Idle } else { Phase::Head },
        })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<TcpStream>>> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A worker waits for its client while this lives.
#[derive(Debug)]
pub(crate) struct Waiting<'a>(&'a Seat);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waits_since.store(BUSY, Ordering::SeqCst);
    }
}
