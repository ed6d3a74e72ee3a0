//! Command-line flags that every server understands in the same way.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;

/// Flags shared by all servers; flatten them into a server's own.
#[derive(Debug, Clone, Args)]
pub struct SharedFlags {
    /// Address to listen on; port 0 lets the kernel choose, the first line on stdout says what it chose
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8080")]
    pub addr: SocketAddr,

    /// Wait this long in every request, as if for a disk or another service (for example 10ms)
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    pub io_wait: Duration,
}
