//! How far a run has come, for whoever watches it.
//!
//! The event loops write their counts every tick, relaxed, and read nothing: no watcher can change a measurement, and
//! they do it whether anybody watches or not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::coarse::{Coarse, PLACES};
use crate::samples::OBSERVATIONS_BEYOND;
use crate::tally::{Tally, nanoseconds};

/// A view of the current run's counts, at most one tick (50 ms) old. Clones see the same run.
#[derive(Clone, Debug)]
pub struct Progress(Arc<[Counters]>);

/// What one event loop tells.
#[derive(Debug)]
pub(crate) struct Counters {
    elapsed_ns: AtomicU64,
    ok: AtomicU64,
    failed: AtomicU64,
    latencies: [AtomicU64; PLACES],
}

impl Counters {
    fn new() -> Self {
        let zero = || AtomicU64::new(0);
        Self { elapsed_ns: zero(), ok: zero(), failed: zero(), latencies: [(); PLACES].map(|()| zero()) }
    }

    /// Another run begins.
    pub(crate) fn clear(&self) {
        self.store(Duration::ZERO, 0, 0, &Coarse::EMPTY);
    }

    /// What has been counted this long after the start.
    pub(crate) fn publish(&self, elapsed: Duration, tally: &Tally) {
        self.store(elapsed, tally.ok, tally.failed(), &tally.coarse);
    }

    fn store(&self, elapsed: Duration, ok: u64, failed: u64, latencies: &Coarse) {
        self.elapsed_ns.store(nanoseconds(elapsed), Ordering::Relaxed);
        self.ok.store(ok, Ordering::Relaxed);
        self.failed.store(failed, Ordering::Relaxed);
        for (told, count) in self.latencies.iter().zip(latencies.0) {
            told.store(count, Ordering::Relaxed);
        }
    }
}

impl Progress {
    pub(crate) fn new(threads: usize) -> Self {
        Self((0..threads).map(|_| Counters::new()).collect())
    }

    pub(crate) fn counters(&self, thread: usize) -> &Counters {
        &self.0[thread]
    }

    fn sum(&self, of: impl Fn(&Counters) -> &AtomicU64) -> u64 {
        self.0.iter().map(|counters| of(counters).load(Ordering::Relaxed)).sum()
    }

    /// How long after the start the counts were taken, in the mean of the event loops. Zero before the first tick.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.sum(|counters| &counters.elapsed_ns) / self.0.len() as u64)
    }

    /// Valid answers so far.
    #[must_use]
    pub fn ok(&self) -> u64 {
        self.sum(|counters| &counters.ok)
    }

    /// Failed requests so far.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.sum(|counters| &counters.failed)
    }

    /// The latency that the share `q` of the valid answers so far does not exceed, to 6 %: from when a request was due
    /// if there is such a time, otherwise from when it was sent. `None` with fewer than [`OBSERVATIONS_BEYOND`] answers
    /// beyond it.
    ///
    /// For the eye only: unfinished requests are not in it, as they are in a record's percentiles.
    #[must_use]
    pub fn percentile(&self, q: f64) -> Option<Duration> {
        let mut all = Coarse::EMPTY;
        for (place, count) in all.0.iter_mut().enumerate() {
            *count = self.sum(|counters| &counters.latencies[place]);
        }
        all.percentile(q, OBSERVATIONS_BEYOND).map(Duration::from_nanos)
    }
}
