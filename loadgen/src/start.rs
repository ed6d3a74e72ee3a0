//! When a run started, by the wall clock, and its name.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime};

/// How many runs this process has begun.
static RUNS: AtomicU64 = AtomicU64::new(0);

/// The two clocks, read one after the other shortly before a run, and what it is called.
#[derive(Debug)]
pub(crate) struct Start {
    wall: SystemTime,
    monotonic: Instant,
    /// No other run has it: process, time to the nanosecond, and a number.
    pub(crate) name: String,
}

impl Start {
    pub(crate) fn now() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the record of a run's start; no duration comes from it"
        )]
        let wall = SystemTime::now();
        let since = wall.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let number = RUNS.fetch_add(1, Ordering::Relaxed);
        let name = format!("{:x}-{:x}-{number}", std::process::id(), since.as_nanos());
        Self { wall, monotonic: Instant::now(), name }
    }

    /// A time of the monotonic clock, not before this one, by the wall clock: UTC as RFC 3339 has it.
    pub(crate) fn told(&self, at: Instant) -> String {
        let wall = self.wall + at.saturating_duration_since(self.monotonic);
        humantime::format_rfc3339_nanos(wall).to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_start_is_told_to_the_nanosecond_and_no_name_twice() {
        let wall = SystemTime::UNIX_EPOCH + Duration::from_nanos(1_700_000_000_123_456_789);
        let start = Start { wall, ..Start::now() };
        let told = start.told(start.monotonic + Duration::from_secs(1));
        assert_eq!(told, "2023-11-14T22:13:21.123456789Z");
        assert_ne!(Start::now().name, Start::now().name);
    }
}
