//! The async server: a task a connection on a few threads of tokio.
//!
//! A task that waits gives its thread back, so the number of requests in flight is not bound to the number of
//! threads. With a wait of W seconds and c clients it serves about c/W requests a second, until the CPU is full.
//!
//! - [`serve`] accepts connections and drives each through hyper's HTTP/1 state machine, until told to stop.
//! - `app` is the axum router and its one handler.
//! - `wait` is the precise wait behind `--io-wait`.
//!
//! Costs to know before reading results: `axum::serve` is not used. It sets no timer, so its header timeout never
//! fires, it cannot be told how to write header names, and its graceful stop has no deadline; the accept loop here
//! does what it does, and these three things.

mod accept;
mod app;
mod wait;

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use contract::SharedFlags;

pub use accept::serve;

/// Flags of `async-server`.
#[derive(Debug, Clone, Parser)]
#[command(version, about = "The async server: a task a connection on a few threads of tokio")]
#[command(
    after_help = "Example:\n  async-server --threads 2 --io-wait 10ms\n  curl http://127.0.0.1:8080/World"
)]
pub struct Flags {
    /// Flags that all servers share.
    #[command(flatten)]
    pub shared: SharedFlags,

    /// HTTP library that reads requests and writes answers
    #[arg(long, value_enum, default_value_t = Http::Axum)]
    pub http: Http,

    /// Threads of the tokio runtime [default: the CPUs this process may use]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

impl Flags {
    /// The threads the runtime gets: as asked, or one a CPU of the process's affinity mask.
    #[must_use]
    pub fn runtime_threads(&self) -> NonZeroUsize {
        let cpus = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.threads.unwrap_or_else(cpus)
    }
}

/// The HTTP stacks this server can run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Http {
    /// axum: its router and extractors, over hyper
    Axum,
}

impl Http {
    /// The name on the command line and in the READY line.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Http::Axum => "axum",
        }
    }
}

/// What [`serve`] needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Which stack answers.
    pub http: Http,
    /// How long each request waits before it is answered.
    pub io_wait: Duration,
}

impl From<&Flags> for Options {
    fn from(flags: &Flags) -> Self {
        Options { http: flags.http, io_wait: flags.shared.io_wait }
    }
}
