//! Deadlines and caps: the flags, their defaults, and which of them were given.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Args;
use thiserror::Error;

/// What bounds a client that is slow, silent, or one of too many.
///
/// A value that was not given stays `None`, so that a stack that cannot keep it can say so without complaining about
/// a default; read them through the methods.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitFlags {
    /// Time for a request's head, counted from its first byte, and again for its body [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = parse_timeout)]
    pub header_timeout: Option<Duration>,

    /// Time a connection may stay open without a byte of a request, fresh or kept alive [default: 60s]
    #[arg(long, value_name = "DURATION", value_parser = parse_timeout)]
    pub idle_timeout: Option<Duration>,

    /// Time an answer may wait for a client that takes nothing of it [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = parse_timeout)]
    pub write_timeout: Option<Duration>,

    /// Time for answers in flight to finish after SIGTERM or SIGINT; a second signal ends at once [default: 5s]
    #[arg(long, value_name = "DURATION", value_parser = parse_timeout)]
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

/// A time that is none, or no time at all.
#[derive(Debug, Error)]
pub enum TimeoutError {
    /// It cannot be read.
    #[error(transparent)]
    Duration(#[from] humantime::DurationError),
    /// It is zero.
    #[error(
        "a timeout of zero is over before anything can happen; write at least `1ms`, or a long one for none"
    )]
    Zero,
}

/// Reads the value of a timeout flag, such as `10s`; zero would end everything before it begins, and without a word.
///
/// # Errors
///
/// [`TimeoutError`] when it is no duration, or zero.
pub fn parse_timeout(text: &str) -> Result<Duration, TimeoutError> {
    match humantime::parse_duration(text)? {
        Duration::ZERO => Err(TimeoutError::Zero),
        timeout => Ok(timeout),
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
    fn a_timeout_is_a_duration_and_not_zero() {
        assert_eq!(parse_timeout("1ms").unwrap(), Duration::from_millis(1));
        for zero in ["0s", "0ms", "0s 0ns"] {
            let error = parse_timeout(zero).unwrap_err().to_string();
            assert!(error.contains("`1ms`"), "{zero}: {error}");
        }
        assert!(matches!(parse_timeout("soon"), Err(TimeoutError::Duration(_))));
    }

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
