//! The thread-pool server: a fixed number of blocking workers.
//!
//! Each worker is a thread of a rayon `ThreadPool` that takes a request, does its work, answers, and takes the
//! next. While one worker waits the others go on, so with a wait of W seconds k workers serve at most k/W requests
//! a second. What the pool costs is its threads; how many it needs, [`Options::threads`], is the choice that an
//! async server spares its user.
//!
//! The pool is the server's own: blocking work in rayon's global pool would starve everybody else who uses it.
//! The workers sleep on the inbox's condition variable rather than in rayon's scheduler, which spins when there
//! is little to do.

use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use blocking::{Http, Inbox, InboxError, Shutdown, Work};
use clap::Parser;
use contract::SharedFlags;
use rayon::{ThreadPoolBuildError, ThreadPoolBuilder};
use thiserror::Error;

/// How long a stop waits for workers: what the inbox hands out for draining, and one more request.
const STOP_TIMEOUT: Duration = Duration::from_secs(6);

/// Flags of `threaded-server`.
#[derive(Debug, Clone, Parser)]
#[command(version, about = "The thread-pool server: a fixed number of blocking workers")]
#[command(
    after_help = "Example:\n  threaded-server --threads 64 --io-wait 10ms\n  curl http://127.0.0.1:8080/World"
)]
pub struct Flags {
    /// Flags that all servers share.
    #[command(flatten)]
    pub shared: SharedFlags,

    /// HTTP library that reads requests and writes answers
    #[arg(long, value_enum, default_value_t = Http::TinyHttp)]
    pub http: Http,

    /// Workers in the pool: the number of requests that are handled at the same time
    #[arg(long, value_name = "N", default_value = "64")]
    pub threads: NonZeroUsize,
}

/// What [`serve`] needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Which stack answers.
    pub http: Http,
    /// Workers in the pool.
    pub threads: NonZeroUsize,
    /// What each request does before it is answered.
    pub work: Work,
}

impl From<&Flags> for Options {
    fn from(flags: &Flags) -> Self {
        Options { http: flags.http, threads: flags.threads, work: Work::from(&flags.shared) }
    }
}

/// Why the server stopped by itself.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The kernel would not start the workers.
    #[error("cannot start {threads} workers: {source}; ask for fewer with --threads or raise `ulimit -u`")]
    Workers {
        /// How many were asked for.
        threads: NonZeroUsize,
        /// What rayon said.
        source: ThreadPoolBuildError,
    },
    /// The HTTP stack could not start or ended.
    #[error(transparent)]
    Inbox(#[from] InboxError),
}

/// Serves `listener` with a pool of workers until `shutdown` is requested.
///
/// Requests that had arrived by then are answered, for at most five seconds.
///
/// # Errors
///
/// [`ServeError`] when the pool or the HTTP stack cannot start, or the stack ends by itself.
pub fn serve(listener: TcpListener, options: &Options, shutdown: &Shutdown) -> Result<(), ServeError> {
    let threads = options.threads;
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads.get())
        .thread_name(|index| format!("worker-{index}"))
        .build()
        .map_err(|source| ServeError::Workers { threads, source })?;
    match options.http {
        Http::TinyHttp => {
            let inbox = Arc::new(Inbox::open(listener, shutdown.clone())?);
            let (worker_done, all_done) = mpsc::channel::<()>();
            pool.spawn_broadcast({
                let inbox = Arc::clone(&inbox);
                let work = options.work;
                move |_| {
                    let _until_done = &worker_done;
                    while let Some(request) = inbox.next() {
                        request.serve(&work);
                    }
                }
            });
            inbox.close_on_shutdown(threads.get());
            // Ends with `Disconnected` once the last worker is done and the sender goes with it; a worker that is stuck in a
            // request when the time is over goes down with the process.
            let _ = all_done.recv_timeout(STOP_TIMEOUT);
            Ok(inbox.outcome()?)
        }
    }
}
