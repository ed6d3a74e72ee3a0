//! How far a run has come, for whoever watches it.
//!
//! The event loops write their counts every tick, relaxed, and read nothing: no watcher can change a measurement.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A view of the current run's counts, at most one tick (50 ms) old. Clones see the same run.
#[derive(Clone, Debug)]
pub struct Progress(Arc<[Counters]>);

/// What one event loop tells.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    ok: AtomicU64,
    failed: AtomicU64,
}

impl Counters {
    pub(crate) fn publish(&self, ok: u64, failed: u64) {
        self.ok.store(ok, Ordering::Relaxed);
        self.failed.store(failed, Ordering::Relaxed);
    }
}

impl Progress {
    pub(crate) fn new(threads: usize) -> Self {
        Self((0..threads).map(|_| Counters::default()).collect())
    }

    pub(crate) fn counters(&self, thread: usize) -> &Counters {
        &self.0[thread]
    }

    /// Valid answers so far.
    #[must_use]
    pub fn ok(&self) -> u64 {
        self.0.iter().map(|counters| counters.ok.load(Ordering::Relaxed)).sum()
    }

    /// Failed requests so far.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.0.iter().map(|counters| counters.failed.load(Ordering::Relaxed)).sum()
    }
}
