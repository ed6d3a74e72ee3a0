//! A request's work, as far as it is the same for every concurrency model: what to wait, burn and ask for.
//!
//! How a server waits and asks is its concurrency model, and so is not here. The three add up in the order in which
//! [`WorkFlags`] lists them, and only a request that is greeted does any.

mod burn;
mod io_wait;
mod upstream;

use std::time::Duration;

use clap::Args;

pub use burn::burn;
pub use io_wait::{IoWait, IoWaitError};
pub use upstream::{Upstream, UpstreamError};

/// What a request does before it is answered, in this order.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Work of a request")]
pub struct WorkFlags {
    /// Wait as if for a disk or another service: `10ms`, or `exp:10ms` for exponential waits with that mean
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    pub io_wait: IoWait,

    /// Burn this much CPU time of the handling thread
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    pub cpu_work: Duration,

    /// Ask this HTTP server for the greeting: the name is appended as a path segment, its body is the answer
    #[arg(long, value_name = "URL")]
    pub upstream: Option<Upstream>,

    /// Time for the whole call of the upstream
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = humantime::parse_duration)]
    pub upstream_timeout: Duration,
}

impl Default for WorkFlags {
    /// No work, and the upstream timeout of the command line.
    fn default() -> Self {
        WorkFlags {
            io_wait: IoWait::default(),
            cpu_work: Duration::ZERO,
            upstream: None,
            upstream_timeout: Duration::from_secs(10),
        }
    }
}
