//! The place in which a worker serves its connection, and in which the accepting thread can see and end it.

use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::need::Need;

/// What a worker waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// The first byte of a connection.
    First,
    /// The next request of a kept-alive connection, of which nothing has come.
    Next,
    /// The rest of a head or of a body that has begun.
    Rest,
}

/// One worker's place.
#[derive(Debug)]
pub(crate) struct Seat {
    stream: Mutex<Option<Arc<TcpStream>>>,
    /// When the connection was accepted, in microseconds after the epoch.
    accepted: AtomicU64,
    /// [`BUSY`], or a [`Stamp`].
    waits_since: AtomicU64,
    /// When the time of the latest wait is over, in microseconds after the epoch.
    due: AtomicU64,
    /// Whether the connection ends after the answer it is in, so that the worker counts as available.
    ending: AtomicBool,
    /// Whether the rest of its message was given up.
    cut: AtomicBool,
    epoch: Instant,
}

/// A client that lets its worker wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wait {
    stamp: u64,
    pub(crate) lasted: Duration,
    pub(crate) awaited: Awaited,
}

const BUSY: u64 = 0;

/// When a client began to be waited for, in microseconds after the epoch, and what for in the lowest two bits, which are not zero.
struct Stamp;

impl Stamp {
    const fn of(micros: u64, awaited: Awaited) -> u64 {
        let bits = match awaited {
            Awaited::First => 1,
            Awaited::Next => 2,
            Awaited::Rest => 3,
        };
        micros << 2 | bits
    }

    const fn read(stamp: u64) -> Option<(u64, Awaited)> {
        let awaited = match stamp & 3 {
            1 => Awaited::First,
            2 => Awaited::Next,
            3 => Awaited::Rest,
            _ => return None,
        };
        Some((stamp >> 2, awaited))
    }
}

impl Seat {
    /// A free one; all seats of a server count time from the same `epoch`.
    pub(crate) fn new(epoch: Instant) -> Self {
        Seat {
            stream: Mutex::default(),
            accepted: AtomicU64::new(0),
            waits_since: AtomicU64::new(BUSY),
            due: AtomicU64::new(u64::MAX),
            ending: AtomicBool::new(false),
            cut: AtomicBool::new(false),
            epoch,
        }
    }

    pub(crate) fn take(&self, stream: TcpStream, accepted: Instant) -> Arc<TcpStream> {
        let stream = Arc::new(stream);
        // Only this worker reads it.
        self.accepted.store(self.micros(accepted), Ordering::Relaxed);
        *self.lock() = Some(Arc::clone(&stream));
        stream
    }

    /// Frees the seat, and says whether its end had been announced before.
    pub(crate) fn leave(&self) -> bool {
        *self.lock() = None;
        self.cut.store(false, Ordering::Release);
        self.ending.swap(false, Ordering::AcqRel)
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::SeqCst)
    }

    /// Whether the end that is read in the middle of a message is not its client's doing.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Acquire)
    }

    /// Counts the worker as available, once.
    pub(crate) fn announce_end(&self, need: &Need) {
        if !self.ending.swap(true, Ordering::SeqCst) {
            need.one_less();
        }
    }

    /// Ends `wait`, if it is still the one the worker is in: the connection reads what has arrived and then the end. Says whether
    /// it was.
    pub(crate) fn end_wait(&self, wait: &Wait, need: &Need) -> bool {
        // Held throughout, so that the worker cannot leave and take another connection in between.
        let stream = self.lock();
        let Some(stream) = stream.as_ref() else {
            return false;
        };
        if self.waits_since.load(Ordering::SeqCst) != wait.stamp || self.is_ending() {
            return false;
        }
        self.end(stream, wait.awaited, need);
        true
    }

    /// Ends the wait that the worker is in if its time is over, and says in how long there may be one to end here.
    pub(crate) fn end_overdue(&self, now: Instant, need: &Need) -> Option<Duration> {
        // In this order: what is due now may be that of a later wait, and then the stamp below is another.
        let stamp = self.waits_since.load(Ordering::Acquire);
        let (due, now) = (self.due.load(Ordering::Acquire), self.micros(now));
        if due > now {
            return Some(Duration::from_micros(due - now));
        }
        let (_, awaited) = Stamp::read(stamp)?;
        let stream = self.lock();
        if let Some(stream) = stream.as_ref()
            && self.waits_since.load(Ordering::SeqCst) == stamp
        {
            self.end(stream, awaited, need);
        }
        None
    }

    fn end(&self, stream: &TcpStream, awaited: Awaited, need: &Need) {
        self.cut.store(awaited == Awaited::Rest, Ordering::Release);
        self.announce_end(need);
        // The client may be gone already: then the worker knows it too.
        let _ = stream.shutdown(Shutdown::Read);
    }

    /// The stop: the answer that the connection is in, or about to be in, is its last. One that waits for a request ends at once.
    pub(crate) fn stop(&self, need: &Need) {
        let stream = self.lock();
        let Some(stream) = stream.as_ref() else {
            return;
        };
        // In this order, and the worker's is the other way round: it stamps its wait, then looks whether it has to end. So one of
        // the two sees the other.
        self.announce_end(need);
        let awaited = Stamp::read(self.waits_since.load(Ordering::SeqCst)).map(|(_, awaited)| awaited);
        let is_idle = matches!(awaited, Some(Awaited::First | Awaited::Next));
        // What has come by now makes the worker read on by itself.
        if is_idle && !blocking::has_arrived(stream).unwrap_or(false) {
            // As above.
            let _ = stream.shutdown(Shutdown::Read);
        }
    }

    /// Marks that the worker waits for its client from `now` until `deadline`, or until the guard is dropped.
    ///
    /// A first request has been waited for since its connection was accepted: its client could have sent it, and a worker that was
    /// waited for in the queue is not to be held by those who do not.
    pub(crate) fn begin_wait(&self, now: Instant, deadline: Instant, awaited: Awaited) -> Waiting<'_> {
        self.due.store(self.micros(deadline), Ordering::Release);
        let since = match awaited {
            Awaited::First => self.accepted.load(Ordering::Relaxed),
            Awaited::Next | Awaited::Rest => self.micros(now),
        };
        // In one order with `ending`, see `stop`.
        self.waits_since.store(Stamp::of(since, awaited), Ordering::SeqCst);
        Waiting(self)
    }

    fn micros(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.epoch).as_micros()).unwrap_or(u64::MAX >> 2)
    }

    /// For how long the worker has waited, if it waits and its connection is not about to end.
    pub(crate) fn wait(&self, now: Instant) -> Option<Wait> {
        let stamp = self.waits_since.load(Ordering::Acquire);
        let (micros, awaited) = Stamp::read(stamp)?;
        if self.is_ending() {
            return None;
        }
        let since = self.epoch + Duration::from_micros(micros);
        Some(Wait { stamp, lasted: now.saturating_duration_since(since), awaited })
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
        self.0.waits_since.store(BUSY, Ordering::Release);
    }
}

#[cfg(test)]
mod tests;
