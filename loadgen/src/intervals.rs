//! A run second by second, told while it goes on.
//!
//! Each event loop keeps the latencies of the second that goes on, and hands them over when it is past; a second is
//! told as soon as all event loops are past it. So memory does not grow with the run: what is told is the listener's
//! to keep. Without a listener nothing of this exists but one comparison a request.

use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::histogram::{self, HISTOGRAM_BOUNDS};
use crate::samples::{Missing, Samples};
use crate::tally::{Age, Tally, nanoseconds};

/// The length of an interval; the last one of a run may be shorter.
const SECOND: Duration = Duration::from_secs(1);

/// What was observed in one second.
#[derive(Clone, Debug)]
pub struct Interval {
    /// Its beginning, from the start of the window.
    pub start: Duration,
    /// Its length.
    pub length: Duration,
    /// Valid answers that came in it.
    pub ok: u64,
    /// Requests that failed in it.
    pub failed: u64,
    /// The latencies of the valid answers in nanoseconds: corrected in an open loop, uncorrected in a closed one.
    pub latency: Histogram<u64>,
}

/// An interval as the record has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IntervalRecord {
    /// Its beginning in seconds from the start of the window.
    pub start_s: f64,
    /// Its length in seconds.
    pub length_s: f64,
    /// Valid answers that came in it.
    pub ok: u64,
    /// Requests that failed in it.
    pub failed: u64,
    /// Median latency of the valid answers in nanoseconds; null below 200 of them.
    pub p50_ns: Option<u64>,
    /// 99th percentile of it in nanoseconds; null below 10,000 answers.
    pub p99_ns: Option<u64>,
    /// The longest of it in nanoseconds; null without an answer.
    pub max_ns: Option<u64>,
}

impl From<&Interval> for IntervalRecord {
    fn from(interval: &Interval) -> Self {
        let samples = Samples::of_answers(interval.latency.clone());
        let told = |value: Result<u64, Missing>| value.ok();
        Self {
            start_s: interval.start.as_secs_f64(),
            length_s: interval.length.as_secs_f64(),
            ok: interval.ok,
            failed: interval.failed,
            p50_ns: told(samples.percentile(0.5)),
            p99_ns: told(samples.percentile(0.99)),
            max_ns: told(samples.max()),
        }
    }
}

/// One event loop's part of the second that goes on.
#[derive(Debug)]
pub(crate) struct Slicer {
    sender: Sender<Interval>,
    started: Instant,
    until: Instant,
    part: Interval,
    /// Valid answers and failures before this second.
    before: (u64, u64),
}

impl Slicer {
    pub(crate) fn new(sender: Sender<Interval>, started: Instant) -> Self {
        Self { sender, started, until: started + SECOND, part: Interval::at(Duration::ZERO), before: (0, 0) }
    }

    /// The same for a run that started then, made before.
    pub(crate) fn dated(self, started: Instant) -> Self {
        Self { started, until: started + SECOND, ..self }
    }

    /// Hands over every second that is past at this time. To be called before what happened then is counted.
    pub(crate) fn turn_to(&mut self, now: Instant, tally: &Tally) {
        while now >= self.until {
            self.hand_over(SECOND, tally);
            self.until += SECOND;
        }
    }

    pub(crate) fn record(&mut self, age: Age) {
        let latency = nanoseconds(age.since_due.unwrap_or(age.since_sent));
        self.part.latency.saturating_record(latency.min(HISTOGRAM_BOUNDS.highest_ns));
    }

    /// Hands the last second over, as far as it went.
    pub(crate) fn finish(mut self, ended: Instant, tally: &Tally) {
        self.turn_to(ended, tally);
        let length = ended.saturating_duration_since(self.started + self.part.start);
        if !length.is_zero() {
            self.hand_over(length, tally);
        }
    }

    fn hand_over(&mut self, length: Duration, tally: &Tally) {
        let now = (tally.ok, tally.failed());
        let (ok, failed) = (now.0 - self.before.0, now.1 - self.before.1);
        self.before = now;
        let next = Interval::at(self.part.start + length);
        let part = std::mem::replace(&mut self.part, next);
        // Nobody listening any more is no failure of the measurement.
        let _ = self.sender.send(Interval { length, ok, failed, ..part });
    }
}

impl Interval {
    fn at(start: Duration) -> Self {
        Self { start, length: Duration::ZERO, ok: 0, failed: 0, latency: histogram::empty() }
    }

    fn merge(&mut self, other: &Self) {
        self.length = self.length.max(other.length);
        self.ok += other.ok;
        self.failed += other.failed;
        self.latency.add(&other.latency).expect("all histograms have the same bounds");
    }
}

/// Puts the parts of the event loops together.
pub(crate) fn collect(
    parts: impl IntoIterator<Item = Interval>,
    threads: usize,
    tell: &mut dyn FnMut(&Interval),
) {
    let mut pending: BTreeMap<Duration, (usize, Interval)> = BTreeMap::new();
    for part in parts {
        let (count, whole) = pending.entry(part.start).or_insert_with(|| (0, Interval::at(part.start)));
        *count += 1;
        whole.merge(&part);
        while let Some(first) = pending.first_entry().filter(|first| first.get().0 == threads) {
            tell(&first.remove().1);
        }
    }
    // Event loops that were interrupted may have ended in different seconds.
    for (_, whole) in pending.values() {
        tell(whole);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(second: u64, ok: u64) -> Interval {
        Interval { ok, length: SECOND, ..Interval::at(Duration::from_secs(second)) }
    }

    #[test]
    fn a_second_is_told_when_every_event_loop_is_past_it() {
        let mut told = Vec::new();
        let parts = [part(0, 1), part(1, 2), part(0, 10), part(2, 3), part(1, 20)];
        collect(parts, 2, &mut |interval| told.push((interval.start.as_secs(), interval.ok)));
        assert_eq!(told, [(0, 11), (1, 22), (2, 3)]);
    }
}
