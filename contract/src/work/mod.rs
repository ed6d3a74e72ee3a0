//! A request's work, as far as it is the same for every concurrency model: what to wait, burn and ask for.
//!
//! How a server waits and asks is its concurrency model, and so is not here. The three add up in the order in which
//! [`WorkFlags`] lists them, and only a request that is greeted does any.

mod burn;
mod in_flight;
mod io_wait;
mod upstream;

use std::time::Duration;

use clap::Args;

use crate::parse_timeout;

pub use burn::burn;
pub use in_flight::{AtWork, InFlight};
pub use io_wait::{IoWait, IoWaitError};
pub use upstream::{Upstream, UpstreamError};

/// The route that `--slow-wait` slows down.
pub const SLOW_PATH: &str = "/slow";

/// What a request does before it is answered, in this order.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Work of a request")]
pub struct WorkFlags {
    /// Wait as if for a disk or another service: `10ms`, or `exp:10ms` for exponential waits with that mean
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    pub io_wait: IoWait,

    /// Wait this long instead when the name is `slow`: one slow route beside fast ones
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub slow_wait: Option<Duration>,

    /// Burn this much CPU time of the handling thread
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    pub cpu_work: Duration,

    /// Ask this HTTP server for the greeting: the name is appended as a path segment, its body is the answer
    #[arg(long, value_name = "URL")]
    pub upstream: Option<Upstream>,

    /// Time for the whole call of the upstream
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = parse_timeout)]
    pub upstream_timeout: Duration,

    /// Print `peak_in_flight=N` on stdout whenever more requests are at work than ever before
    #[arg(long)]
    pub tell_peak: bool,
}

impl Default for WorkFlags {
    /// No work, and the upstream timeout of the command line.
    fn default() -> Self {
        WorkFlags {
            io_wait: IoWait::default(),
            slow_wait: None,
            cpu_work: Duration::ZERO,
            upstream: None,
            upstream_timeout: Duration::from_secs(10),
            tell_peak: false,
        }
    }
}

impl WorkFlags {
    /// How long a request for `path` waits.
    #[must_use]
    pub fn wait_for(&self, path: &str) -> Duration {
        match self.slow_wait {
            Some(slow) if path == SLOW_PATH => slow,
            _ => self.io_wait.draw(),
        }
    }

    /// Whether no request waits, burns or asks.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.io_wait.mean().is_zero()
            && self.slow_wait.is_none()
            && self.cpu_work.is_zero()
            && self.upstream.is_none()
    }

    /// The gauge of requests at work, if it was asked for.
    #[must_use]
    pub fn gauge(&self) -> Option<InFlight> {
        self.tell_peak.then(InFlight::default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_slow_route_waits_longer() {
        let (fast, slow) = (Duration::from_millis(1), Duration::from_secs(1));
        let flags = WorkFlags { io_wait: IoWait::Fixed(fast), slow_wait: Some(slow), ..WorkFlags::default() };
        for (path, wait) in [("/slow", slow), ("/World", fast), ("/slower", fast), ("/", fast)] {
            assert_eq!(flags.wait_for(path), wait, "{path}");
        }
        assert_eq!(WorkFlags { slow_wait: None, ..flags }.wait_for("/slow"), fast);
    }
}
