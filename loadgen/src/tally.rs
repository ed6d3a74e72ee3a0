//! What one event loop counted in one window.

use std::time::{Duration, Instant};

use crate::cpu::CpuTime;
use crate::error::ErrorClass;
use crate::samples::Samples;

/// Counts and latencies of one event loop; those of several are merged into a record.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    pub(crate) sent: u64,
    pub(crate) ok: u64,
    pub(crate) in_flight: u64,
    pub(crate) reconnects: u64,
    pub(crate) starved: usize,
    pub(crate) interrupted: bool,
    pub(crate) ended: Instant,
    pub(crate) cpu: CpuTime,
    pub(crate) samples: Samples,
    errors: [u64; ErrorClass::ALL.len()],
}

impl Tally {
    pub(crate) fn new(started: Instant) -> Self {
        Self {
            sent: 0,
            ok: 0,
            in_flight: 0,
            reconnects: 0,
            starved: 0,
            interrupted: false,
            ended: started,
            cpu: CpuTime::default(),
            samples: Samples::new(),
            errors: [0; ErrorClass::ALL.len()],
        }
    }

    /// A valid answer.
    pub(crate) fn succeed(&mut self, latency: Duration) {
        self.ok += 1;
        self.samples.record_answered(nanoseconds(latency));
    }

    /// A failed request.
    pub(crate) fn fail(&mut self, class: ErrorClass) {
        self.errors[class as usize] += 1;
    }

    /// A request that was given up at this age: failed, and known to take at least so long.
    pub(crate) fn time_out(&mut self, class: ErrorClass, age: Duration) {
        self.fail(class);
        self.samples.record_censored(nanoseconds(age));
    }

    /// A request that was unanswered, at this age, when the window closed.
    pub(crate) fn leave(&mut self, age: Duration) {
        self.in_flight += 1;
        self.samples.record_censored(nanoseconds(age));
    }

    pub(crate) fn errors(&self, class: ErrorClass) -> u64 {
        self.errors[class as usize]
    }

    pub(crate) fn failed(&self) -> u64 {
        self.errors.iter().sum()
    }

    /// Requests begun that have not ended; those left at the close of the window are among them.
    pub(crate) fn outstanding(&self) -> u64 {
        self.sent - self.ok - self.failed()
    }

    /// Adds the counts of another event loop of the same window, which ends when the last of them ends.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.sent += other.sent;
        self.ok += other.ok;
        self.in_flight += other.in_flight;
        self.reconnects += other.reconnects;
        self.starved += other.starved;
        self.interrupted |= other.interrupted;
        self.ended = self.ended.max(other.ended);
        self.cpu += other.cpu;
        self.samples.merge(&other.samples);
        for (mine, theirs) in self.errors.iter_mut().zip(other.errors) {
            *mine += theirs;
        }
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
