//! The thread-pool server: a fixed number of blocking workers.
//!
//! Each worker is a thread of a rayon `ThreadPool` that takes a request, does its work, answers, and takes the
//! next. While one worker waits the others go on, so with a wait of W seconds k workers serve at most k/W requests
//! a second. What the pool costs is its threads; how many it needs, [`Options::threads`], is the choice that an
//! async server spares its user.
//!
//! The pool is the server's own: blocking work in rayon's global pool would starve everybody else who uses it.
//! The workers sleep on a condition variable rather than in rayon's scheduler, which spins when there is little to do.
//!
//! - On `tiny_http` a worker takes whole requests from the library's queue.
//! - On hyper (`pool`) a worker takes a connection and keeps it while its client goes on and nobody waits for a worker;
//!   `handover` is the queue and the rule by which connections give way, `need` when they have to, `seat` where one can be seen waiting.

mod handover;
mod need;
mod pool;
mod seat;

use std::io;
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use blocking::{DoorError, Http, Inbox, InboxError, Shutdown, Work, WorkError, with_hazards};
use clap::Parser;
use contract::{LimitFlags, SharedFlags, WorkFlags};
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use thiserror::Error;

const NOTES: &str = "\
With --http tiny-http --header-timeout and --max-connections have no effect; a limit that is given and has none is named \
on stderr. With --http hyper a connection whose client is slow or idle is ended when others wait and no worker is free.

Example:
  threaded-server --threads 64 --io-wait 10ms
  curl http://127.0.0.1:8080/World";

/// Flags of `threaded-server`.
#[derive(Debug, Clone, Parser)]
#[command(version, about = "The thread-pool server: a fixed number of blocking workers")]
#[command(after_help = NOTES, after_long_help = with_hazards(NOTES))]
pub struct Flags {
    /// HTTP library that reads requests and writes answers
    #[arg(long, value_enum, default_value_t = Http::TinyHttp)]
    pub http: Http,

    /// Workers in the pool: the number of requests that are handled at the same time
    #[arg(long, value_name = "N", default_value = "64")]
    pub threads: NonZeroUsize,

    /// Flags that all servers share; last, because their help headings would cover what follows.
    #[command(flatten)]
    pub shared: SharedFlags,
}

impl Flags {
    /// The limits that were given although the chosen stack cannot keep them.
    #[must_use]
    pub fn without_effect(&self) -> Vec<&'static str> {
        self.http.without_effect(&self.shared.limits)
    }
}

/// What [`serve`] needs to know.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which stack answers.
    pub http: Http,
    /// Workers in the pool.
    pub threads: NonZeroUsize,
    /// What each request does before it is answered.
    pub work: WorkFlags,
    /// What bounds its clients.
    pub limits: LimitFlags,
}

impl From<&Flags> for Options {
    fn from(flags: &Flags) -> Self {
        Options {
            http: flags.http,
            threads: flags.threads,
            work: flags.shared.work.clone(),
            limits: flags.shared.limits,
        }
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
    /// The `tiny_http` stack could not start.
    #[error(transparent)]
    Inbox(#[from] InboxError),
    /// The hyper stack cannot watch its listener.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// The upstream's client could not be made.
    #[error(transparent)]
    Work(#[from] WorkError),
    /// The kernel would not let it wait for connections any more.
    #[error("cannot wait for connections: {0}; restart the server")]
    Wait(io::Error),
}

/// Serves `listener` with a pool of workers until `shutdown` is requested.
///
/// Requests that had arrived by then are answered, for at most the drain timeout.
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
        Http::TinyHttp => serve_inbox(listener, options, &pool, shutdown),
        Http::Hyper => pool::serve(listener, options, &pool, shutdown),
    }
}

fn serve_inbox(
    listener: TcpListener,
    options: &Options,
    pool: &ThreadPool,
    shutdown: &Shutdown,
) -> Result<(), ServeError> {
    let work = Work::new(&options.work)?;
    let inbox = Arc::new(Inbox::open(listener, &options.limits, shutdown.clone())?);
    let (worker_done, all_done) = mpsc::channel::<()>();
    pool.spawn_broadcast({
        let inbox = Arc::clone(&inbox);
        move |_| {
            let _until_done = &worker_done;
            while let Some(request) = inbox.next() {
                request.serve(&work);
            }
        }
    });
    inbox.close_on_shutdown(options.threads.get());
    // Ends with `Disconnected` once the last worker is done and the sender goes with it; a worker that is stuck in a
    // request when the time is over goes down with the process.
    let since_stop = shutdown.requested_at().map_or(Duration::ZERO, |at| at.elapsed());
    let _ = all_done.recv_timeout(options.limits.drain_timeout().saturating_sub(since_stop));
    Ok(())
}
