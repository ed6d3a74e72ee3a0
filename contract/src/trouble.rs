//! Troubles that may come a thousand times a second, said at most once a second.

use std::fmt::Display;
use std::io;
use std::time::{Duration, Instant};

/// How long accepting rests after the kernel refused a connection, most often for want of file descriptors: trying
/// again at once would spin until one is closed. Short against the two seconds in which service must be back.
pub const ACCEPT_BACK_OFF: Duration = Duration::from_millis(50);

/// A warning on stderr that is held back while it repeats, and then says how often it was.
#[derive(Debug, Default)]
pub struct Trouble {
    said_at: Option<Instant>,
    held_back: u64,
}

impl Trouble {
    const INTERVAL: Duration = Duration::from_secs(1);

    /// Prints `message`, unless a warning was printed less than a second ago.
    pub fn warn(&mut self, message: impl Display) {
        match self.admit(Instant::now()) {
            None => {}
            Some(0) => eprintln!("warning: {message}"),
            Some(more) => eprintln!("warning: {message} (and {more} more like it)"),
        }
    }

    /// Warns of a failed accept and says how long to rest before the next.
    pub fn warn_of_accept(&mut self, error: &io::Error) -> Duration {
        self.warn(format_args!("cannot accept a connection: {error}"));
        match error.kind() {
            // These concern the one connection that is gone, and took it out of the queue: no need to rest.
            io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted => Duration::ZERO,
            _ => ACCEPT_BACK_OFF,
        }
    }

    /// Whether a warning may be printed now, and how many were held back since the last one.
    fn admit(&mut self, now: Instant) -> Option<u64> {
        if self.said_at.is_some_and(|at| now.duration_since(at) < Self::INTERVAL) {
            self.held_back += 1;
            return None;
        }
        self.said_at = Some(now);
        Some(std::mem::take(&mut self.held_back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_a_second_with_the_count_of_what_was_held_back() {
        let mut trouble = Trouble::default();
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        assert_eq!(trouble.admit(start), Some(0));
        assert_eq!(trouble.admit(after(1)), None);
        assert_eq!(trouble.admit(after(999)), None);
        assert_eq!(trouble.admit(after(1_000)), Some(2));
        assert_eq!(trouble.admit(after(3_000)), Some(0));
    }

    #[test]
    fn only_what_will_repeat_is_rested_for() {
        let mut trouble = Trouble::default();
        for (errno, rest) in [
            (rustix::io::Errno::MFILE, ACCEPT_BACK_OFF),
            (rustix::io::Errno::NFILE, ACCEPT_BACK_OFF),
            (rustix::io::Errno::NOBUFS, ACCEPT_BACK_OFF),
            (rustix::io::Errno::NOMEM, ACCEPT_BACK_OFF),
            (rustix::io::Errno::CONNABORTED, Duration::ZERO),
        ] {
            assert_eq!(trouble.warn_of_accept(&errno.into()), rest, "{errno}");
        }
    }
}
