//! The command line of `async-server`, and what [`crate::serve`] needs of it.

use std::num::NonZeroUsize;
use std::sync::Arc;

use clap::{Parser, ValueEnum};
use contract::{InFlight, LimitFlags, SharedFlags, WorkFlags};

use crate::Places;

/// Flags of `async-server`.
#[derive(Debug, Clone, Parser)]
#[command(version, about = "The async server: a task a connection on a few threads of tokio")]
#[command(
    after_help = "Example:\n  async-server --threads 2 --io-wait 10ms\n  curl http://127.0.0.1:8080/World"
)]
pub struct Flags {
    /// HTTP library that reads requests and writes answers
    #[arg(long, value_enum, default_value_t = Http::Axum)]
    pub http: Http,

    /// How tasks are spread over threads
    #[arg(long, value_enum, default_value_t = Runtime::Multi)]
    pub runtime: Runtime,

    /// Threads of the tokio runtime [default: the CPUs this process may use]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,

    /// Do the --io-wait as a blocking call inside the handler: the classic mistake, to be measured
    #[arg(long)]
    pub block_the_loop: bool,

    /// Flags that all servers share; last, because their help headings would cover what follows.
    #[command(flatten)]
    pub shared: SharedFlags,
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
    /// hyper's HTTP/1 alone
    Hyper,
}

impl Http {
    /// Every stack, the default first.
    pub const ALL: [Http; 2] = [Http::Axum, Http::Hyper];

    /// The name on the command line and in the READY line.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Http::Axum => "axum",
            Http::Hyper => "hyper",
        }
    }
}

/// How tasks are spread over threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Runtime {
    /// One runtime whose threads steal tasks from each other
    Multi,
    /// A runtime a thread, each with its own listening socket (`SO_REUSEPORT`); nothing moves between them
    PerCore,
}

impl Runtime {
    /// Every runtime, the default first.
    pub const ALL: [Runtime; 2] = [Runtime::Multi, Runtime::PerCore];

    /// The name on the command line and in the READY line.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Runtime::Multi => "multi",
            Runtime::PerCore => "per-core",
        }
    }
}

/// What [`crate::serve`] needs to know.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which stack answers.
    pub http: Http,
    /// What each request does before it is answered.
    pub work: WorkFlags,
    /// What bounds its clients.
    pub limits: LimitFlags,
    /// How many of them there may be, whichever runtime accepts them.
    pub places: Places,
    /// Whether the io-wait blocks the thread instead of the task.
    pub block_the_loop: bool,
    /// Counts the requests at work, of all runtimes together; none unless the peak is to be told.
    pub gauge: Option<Arc<InFlight>>,
}

impl From<&Flags> for Options {
    fn from(flags: &Flags) -> Self {
        Options {
            http: flags.http,
            work: flags.shared.work.clone(),
            limits: flags.shared.limits,
            places: Places::of(&flags.shared.limits),
            block_the_loop: flags.block_the_loop,
            gauge: flags.shared.work.gauge().map(Arc::new),
        }
    }
}
