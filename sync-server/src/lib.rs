//! The blocking server: one request at a time, on one thread.
//!
//! This is the model of a program that reads a request, does its work, answers, and only then looks at the next
//! one. While a request waits, everybody waits: with a wait of W seconds a request it serves at most 1/W requests
//! a second, however many cores and clients there are. [`serve`] is that loop, in two forms:
//!
//! - on `tiny_http`, whose threads read ahead, it takes whole requests from a queue;
//! - on hyper (`alone`) it reads them itself, so that a slow client holds it too, for as long as the deadlines allow. That
//!   is the model, not a mistake in it.
//!
//! The loop runs on a thread that the main one watches (`beside`), so that a stop has its drain timeout.

mod alone;
mod beside;

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use blocking::{DoorError, Http, Inbox, InboxError, Shutdown, Work, WorkError, with_hazards};
use clap::Parser;
use contract::{LimitFlags, SharedFlags, WorkFlags};
use thiserror::Error;

const NOTES: &str = "\
With --http tiny-http --header-timeout and --max-connections have no effect; with --http hyper connections are served one \
after the other, so --max-connections has none. A limit that is given and has no effect is named on stderr.

Example:
  sync-server --io-wait 10ms
  curl http://127.0.0.1:8080/World";

/// Flags of `sync-server`.
#[derive(Debug, Clone, Parser)]
#[command(version, about = "The blocking server: one request at a time, on one thread")]
#[command(after_help = NOTES, after_long_help = with_hazards(NOTES))]
pub struct Flags {
    /// HTTP library that reads requests and writes answers
    #[arg(long, value_enum, default_value_t = Http::TinyHttp)]
    pub http: Http,

    /// Flags that all servers share; last, because their help headings would cover what follows.
    #[command(flatten)]
    pub shared: SharedFlags,
}

impl Flags {
    /// The limits that were given although the chosen stack cannot keep them.
    #[must_use]
    pub fn without_effect(&self) -> Vec<&'static str> {
        let mut flags = self.http.without_effect(&self.shared.limits);
        if self.http == Http::Hyper && self.shared.limits.max_connections.is_some() {
            flags.push("--max-connections");
        }
        flags
    }
}

/// What [`serve`] needs to know.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which stack answers.
    pub http: Http,
    /// What each request does before it is answered.
    pub work: WorkFlags,
    /// What bounds its clients.
    pub limits: LimitFlags,
}

impl From<&Flags> for Options {
    fn from(flags: &Flags) -> Self {
        Options { http: flags.http, work: flags.shared.work.clone(), limits: flags.shared.limits }
    }
}

/// Why the server could not start, or stopped by itself.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The `tiny_http` stack could not start.
    #[error(transparent)]
    Inbox(#[from] InboxError),
    /// The hyper stack cannot watch its listener.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// The upstream's client could not be made.
    #[error(transparent)]
    Work(#[from] WorkError),
    /// The kernel would not start the thread that serves.
    #[error("cannot start the serving thread: {0}; raise `ulimit -u`")]
    Thread(io::Error),
    /// The kernel would not let it wait for connections any more.
    #[error("cannot wait for connections: {0}; restart the server")]
    Wait(io::Error),
    /// The thread that serves has panicked, outside of any request.
    #[error("the serving thread has panicked, stderr says where; restart the server")]
    Panicked,
}

/// Serves `listener` one request at a time until `shutdown` is requested.
///
/// Requests that had arrived by then are answered, for at most the drain timeout.
///
/// # Errors
///
/// [`ServeError`] when the HTTP stack cannot start, or the thread that handles requests ends by itself.
pub fn serve(listener: TcpListener, options: &Options, shutdown: &Shutdown) -> Result<(), ServeError> {
    match options.http {
        Http::TinyHttp => {
            let work = Work::new(&options.work)?;
            let inbox = Arc::new(Inbox::open(listener, &options.limits, shutdown.clone())?);
            let requests = Arc::clone(&inbox);
            let handle = move || {
                while let Some(request) = requests.next() {
                    request.serve(&work);
                }
                Ok(())
            };
            let drain_timeout = options.limits.drain_timeout();
            beside::serve_beside(shutdown, drain_timeout, handle, || inbox.close_on_shutdown(1))
        }
        Http::Hyper => alone::serve(listener, options, shutdown),
    }
}
