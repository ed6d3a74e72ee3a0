//! The blocking server: one request at a time, on one thread.
//!
//! This is the model of a program that reads a request, does its work, answers, and only then looks at the next
//! one. While a request waits, everybody waits: with a wait of W seconds a request it serves at most 1/W requests
//! a second, however many cores and clients there are. [`serve`] is that loop; the HTTP part is in `blocking`.

use std::net::TcpListener;
use std::thread;

use blocking::{Http, Inbox, InboxError, Shutdown, Work};
use clap::Parser;
use contract::SharedFlags;

/// Flags of `sync-server`.
#[derive(Debug, Clone, Parser)]
#[command(version, about = "The blocking server: one request at a time, on one thread")]
#[command(after_help = "Example:\n  sync-server --io-wait 10ms\n  curl http://127.0.0.1:8080/World")]
pub struct Flags {
    /// Flags that all servers share.
    #[command(flatten)]
    pub shared: SharedFlags,

    /// HTTP library that reads requests and writes answers
    #[arg(long, value_enum, default_value_t = Http::TinyHttp)]
    pub http: Http,
}

/// What [`serve`] needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Which stack answers.
    pub http: Http,
    /// What each request does before it is answered.
    pub work: Work,
}

impl From<&Flags> for Options {
    fn from(flags: &Flags) -> Self {
        Options { http: flags.http, work: Work::from(&flags.shared) }
    }
}

/// Serves `listener` one request at a time until `shutdown` is requested.
///
/// Requests that had arrived by then are answered, for at most five seconds.
///
/// # Errors
///
/// [`InboxError`] when the HTTP stack cannot start or ends by itself.
pub fn serve(listener: TcpListener, options: &Options, shutdown: &Shutdown) -> Result<(), InboxError> {
    match options.http {
        Http::TinyHttp => {
            let inbox = Inbox::open(listener, shutdown.clone())?;
            thread::scope(|scope| {
                scope.spawn(|| inbox.close_on_shutdown(1));
                while let Some(request) = inbox.next() {
                    request.serve(&options.work);
                }
            });
            inbox.outcome()
        }
    }
}
