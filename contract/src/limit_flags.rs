//! Deadlines and caps: the flags, their defaults, and which of them were given.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Args;

/// What bounds a client that is slow, silent, or one of too many.
///
/// A value that was not given stays `None`, so that a stack that cannot keep it can say so without complaining about
/// a default; read them through the methods.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitFlags {
    /// Time for a request's head, counted from its first byte, and again for its body [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub header_timeout: Option<Duration>,

    /// Time a connection may stay open without a byte of a request, fresh or kept alive [default: 60s]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub idle_timeout: Option<Duration>,

    /// Time an answer may wait for a client that takes nothing of it [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub write_timeout: Option<Duration>,

    /// Time for answers in flight to finish after SIGTERM or SIGINT; a second signal ends at once [default: 5s]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub drain_timeout: Option<Duration>,

    /// Connections open at the same time; others wait to be accepted [default: 1024 blocking, none async]
    #[arg(long, value_name = "N")]
    pub max_connections: Option<NonZeroUsize>,
}

impl LimitFlags {
    /// From the first byte of a request's head to its last, and from there to the end of its body.
    #[must_use]
    pub fn header_timeout(&self) -> Duration {
        self.header_timeout.unwrap_or(Duration::from_secs(10))
    }

    /// Of a connection that has sent nothing since it was opened or last answered.
    #[must_use]
    pub fn idle_timeout(&self) -> Duration {
        self.idle_timeout.unwrap_or(Duration::from_mins(1))
    }

    /// Of a write of which the client takes not one byte.
    #[must_use]
    pub fn write_timeout(&self) -> Duration {
        self.write_timeout.unwrap_or(Duration::from_secs(10))
    }

    /// From the stop to the end of the process, whatever is still in flight.
    #[must_use]
    pub fn drain_timeout(&self) -> Duration {
        self.drain_timeout.unwrap_or(Duration::from_secs(5))
    }

    /// The cap of a blocking server; the async server has none unless it was given.
    #[must_use]
    pub fn max_connections_blocking(&self) -> NonZeroUsize {
        const DEFAULT: NonZeroUsize = NonZeroUsize::new(1_024).expect("1,024 is not zero");
        self.max_connections.unwrap_or(DEFAULT)
    }

    /// The flags that were given, as they are written on the command line.
    #[must_use]
    pub fn given(&self) -> Vec<&'static str> {
        [
            ("--header-timeout", self.header_timeout.is_some()),
            ("--idle-timeout", self.idle_timeout.is_some()),
            ("--write-timeout", self.write_timeout.is_some()),
            ("--drain-timeout", self.drain_timeout.is_some()),
            ("--max-connections", self.max_connections.is_some()),
        ]
        .into_iter()
        .filter_map(|(flag, given)| given.then_some(flag))
        .collect()
    }
}

/// Says on stderr, in one line, which of the given flags the chosen stack cannot keep; nothing if there are none.
pub fn warn_of_no_effect(stack: &str, flags: &[&str]) {
    if !flags.is_empty() {
        eprintln!("warning: {} has no effect with {stack}", flags.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_given_is_listed() {
        assert!(LimitFlags::default().given().is_empty());
        let limits = LimitFlags {
            idle_timeout: Some(Duration::from_secs(1)),
            max_connections: NonZeroUsize::new(7),
            ..LimitFlags::default()
        };
        assert_eq!(limits.given(), ["--idle-timeout", "--max-connections"]);
        assert_eq!(limits.idle_timeout(), Duration::from_secs(1));
        assert_eq!(limits.header_timeout(), Duration::from_secs(10));
        assert_eq!(limits.max_connections_blocking().get(), 7);
    }
}
