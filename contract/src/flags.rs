//! Command-line flags that every server understands in the same way.

use std::net::SocketAddr;

use clap::Args;

use crate::{LimitFlags, WorkFlags};

/// Flags shared by all servers; flatten them into a server's own.
#[derive(Debug, Clone, Args)]
pub struct SharedFlags {
    /// Address to listen on; port 0 lets the kernel choose, the first line on stdout says what it chose
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8080")]
    pub addr: SocketAddr,

    /// What a request does before it is answered.
    #[command(flatten)]
    pub work: WorkFlags,

    /// What bounds slow, silent and too many clients.
    #[command(flatten)]
    pub limits: LimitFlags,
}
