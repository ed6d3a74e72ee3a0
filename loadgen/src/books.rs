//! What a window counts in, made before its clock starts.
//!
//! The histograms of a window are megabytes that the kernel has to give and to clear, page by page: milliseconds, in which
//! a window that was already open would send nothing, be late with what is due, and lack the answers.

use std::sync::mpsc::Sender;
use std::time::Instant;

use crate::intervals::{Interval, Slicer};
use crate::tally::Tally;

/// Empty books.
#[derive(Debug)]
pub(crate) struct Books {
    pub(crate) tally: Tally,
    /// Keeps the seconds apart, if anybody wants to know.
    pub(crate) slicer: Option<Slicer>,
}

impl Books {
    /// Makes them, with everything in memory that they need; `listener` is told second by second.
    pub(crate) fn new(listener: Option<Sender<Interval>>) -> Self {
        let now = Instant::now();
        Self { tally: Tally::new(now), slicer: listener.map(|listener| Slicer::new(listener, now)) }
    }

    /// The same for a window whose clock was started then.
    pub(crate) fn dated(mut self, started: Instant) -> Self {
        self.tally.ended = started;
        self.slicer = self.slicer.map(|slicer| slicer.dated(started));
        self
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use nix::sys::resource::{UsageWho, getrusage};

    use super::*;
    use crate::tally::Age;

    /// Pages that the kernel had to find for the calling thread.
    fn faults() -> i64 {
        getrusage(UsageWho::RUSAGE_THREAD).expect("getrusage knows RUSAGE_THREAD").minor_page_faults()
    }

    #[test]
    fn after_the_clock_has_started_no_memory_is_to_be_found() {
        let (listener, _parts) = mpsc::channel();
        let books = Books::new(Some(listener));
        let made = faults();
        let mut books = books.dated(Instant::now());
        for exponent in 0..36 {
            let latency = Duration::from_nanos(1 << exponent);
            let age = Age { since_sent: latency, since_due: Some(latency), entered: None, first_byte: None };
            books.tally.succeed(age);
            books.tally.lag.record(latency, latency);
            if let Some(slicer) = &mut books.slicer {
                slicer.record(age);
            }
        }
        let used = faults();
        // Each latency is in a page of its own, of five histograms.
        assert!(used - made < 36, "{} pages were found after the start", used - made);
    }

    #[test]
    fn seconds_count_from_the_start_of_the_clock() {
        let (listener, parts) = mpsc::channel();
        let books = Books::new(Some(listener));
        let started = Instant::now() + Duration::from_secs(5);
        let Books { tally, slicer } = books.dated(started);
        assert_eq!(tally.ended, started);
        slicer.expect("there is a listener").finish(started + Duration::from_millis(1_500), &tally);
        let told: Vec<_> = parts.iter().map(|part| (part.start, part.length)).collect();
        let (second, half) = (Duration::from_secs(1), Duration::from_millis(500));
        assert_eq!(told, [(Duration::ZERO, second), (second, half)]);
    }
}
