//! How many requests are at work at the same time, told whenever it is more than ever before.
//!
//! A client sees how many requests it has sent; only the server knows how many of them it works on at once. The comparison
//! holds the two against each other: a row that claims concurrency must have had it.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The start of a line that tells a new peak; the number follows.
const PEAK: &str = "peak_in_flight=";

/// Counts the requests that are at work.
#[derive(Debug, Default)]
pub struct InFlight {
    now: AtomicUsize,
    peak: AtomicUsize,
}

/// A request at work; dropping it ends the work.
#[derive(Debug)]
pub struct AtWork<'a>(&'a InFlight);

impl InFlight {
    /// Counts one request for as long as the returned value lives, and prints the peak on stdout if that is a new one.
    ///
    /// A server prints at most as many lines as it ever has requests at a time, so a long run costs no more than its start.
    pub fn enter(&self) -> AtWork<'_> {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        if self.peak.fetch_max(now, Ordering::Relaxed) < now {
            // Without a reader on stdout the server still serves.
            let _ = writeln!(io::stdout().lock(), "{PEAK}{now}");
        }
        AtWork(self)
    }

    /// The peak that a line of a server's stdout tells, if it is such a line.
    #[must_use]
    pub fn told_by(line: &str) -> Option<usize> {
        line.strip_prefix(PEAK)?.parse().ok()
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_the_most_at_a_time() {
        let gauge = InFlight::default();
        let first = gauge.enter();
        drop(gauge.enter());
        drop((gauge.enter(), first));
        assert_eq!(gauge.now.load(Ordering::Relaxed), 0);
        assert_eq!(gauge.peak.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn only_its_own_lines_are_understood() {
        assert_eq!(InFlight::told_by("peak_in_flight=64"), Some(64));
        for line in ["peak_in_flight=", "peak_in_flight=x", "listening on http://127.0.0.1:1", ""] {
            assert_eq!(InFlight::told_by(line), None, "{line}");
        }
    }
}
