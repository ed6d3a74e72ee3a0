//! The `tiny_http` stack: its queue of requests, and the contract's answers written through it.
//!
//! `tiny_http` parses each connection on a thread of its own and queues whole requests. [`Inbox`] is that queue
//! with an end: it tells a requested stop from a dead accept thread, which the library itself does not.

use std::io::{self, Read};
use std::net::TcpListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use contract::{AnnouncedBody, CONTENT_TYPE, Reply, Request, SERVER, Version, answer, limits, path_of};
use thiserror::Error;
use tiny_http::{HTTPVersion, Header, Response, Server};

use crate::{Shutdown, Work};

/// How long requests that had arrived before the stop may still be answered.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a stack stopped by itself.
#[derive(Debug, Error)]
pub enum InboxError {
    /// The library would not take the listener.
    #[error("tiny_http cannot serve the listener: {0}")]
    Start(Box<dyn std::error::Error + Send + Sync>),
    /// The accept thread has ended, so no new connection would ever be served.
    #[error("tiny_http has stopped accepting connections: {0}; restart the server")]
    Accept(io::Error),
}

/// Requests as they arrive, for as many handling threads as call [`Inbox::next`].
pub struct Inbox {
    server: Server,
    shutdown: Shutdown,
    failure: Mutex<Option<io::Error>>,
}

impl Inbox {
    /// Starts accepting on `listener`; ends when `shutdown` is requested and [`Inbox::close`] was called.
    ///
    /// # Errors
    ///
    /// [`InboxError::Start`] when the library refuses the listener.
    pub fn open(listener: TcpListener, shutdown: Shutdown) -> Result<Self, InboxError> {
        let server = Server::from_listener(listener, None).map_err(InboxError::Start)?;
        Ok(Inbox { server, shutdown, failure: Mutex::new(None) })
    }

    /// The next request; `None` once the inbox is closed and what had arrived before is handed out, or the drain
    /// timeout has passed.
    pub fn next(&self) -> Option<Incoming> {
        if self.shutdown.requested_at().is_some_and(|at| at.elapsed() > DRAIN_TIMEOUT) {
            return None;
        }
        match self.server.recv() {
            Ok(request) => Some(Incoming(request)),
            Err(error) => {
                if self.shutdown.requested_at().is_none() {
                    *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    // The error came to this thread alone; the stop brings the others home.
                    self.shutdown.request();
                }
                None
            }
        }
    }

    /// Waits for the stop, then lets `handlers` threads out of [`Inbox::next`].
    ///
    /// Requests that had arrived before stand in front of the end mark in the same queue, so they are answered.
    pub fn close_on_shutdown(&self, handlers: usize) {
        self.shutdown.wait();
        for _ in 0..handlers {
            self.server.unblock();
        }
    }

    /// How it ended: well after a requested stop, or with the accept thread's error.
    ///
    /// # Errors
    ///
    /// [`InboxError::Accept`] when the accept thread ended by itself.
    pub fn outcome(&self) -> Result<(), InboxError> {
        match self.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            None => Ok(()),
            Some(error) => Err(InboxError::Accept(error)),
        }
    }
}

/// One request, not yet answered.
pub struct Incoming(tiny_http::Request);

impl Incoming {
    /// Does the work of the request if it is to be greeted, then answers it.
    ///
    /// A client that has gone away is not an error: nobody is left to tell. A panic ends this request only; else
    /// the thread would go, and the server would be one short without anybody noticing.
    pub fn serve(self, work: &Work) {
        if catch_unwind(AssertUnwindSafe(|| self.answer(work))).is_err() {
            eprintln!("warning: survived a panic in a request");
        }
    }

    fn answer(self, work: &Work) {
        let Incoming(mut request) = self;
        let (mut reply, body) = decide(&request);
        if !drop_body(&mut request, body) {
            reply = Reply::CONTENT_TOO_LARGE;
        }
        if reply.status == contract::Status::Ok {
            work.perform();
        }
        let _ = request.respond(render(reply));
    }
}

fn decide(request: &tiny_http::Request) -> (Reply, AnnouncedBody) {
    let target = request.url();
    let version = match request.http_version() {
        HTTPVersion(1, 1) => Version::Http11,
        _ => Version::Http10,
    };
    let mut facts = Request::new(request.method().as_str(), path_of(target), target.len(), version);
    for header in request.headers() {
        facts.add_field(header.field.as_str().as_str(), header.value.as_bytes());
    }
    (answer(&facts), facts.announced_body())
}

/// Reads a body and forgets it; says whether it stayed within the limit.
///
/// A chunked body must be read here: the library would take what is left of it for the next request.
fn drop_body(request: &mut tiny_http::Request, body: AnnouncedBody) -> bool {
    match body {
        AnnouncedBody::None | AnnouncedBody::Conflicting => true,
        AnnouncedBody::Bytes(announced) if announced > limits::BODY_BYTES => true,
        AnnouncedBody::Bytes(_) | AnnouncedBody::Chunked => {
            let mut limited = request.as_reader().take(limits::BODY_BYTES + 1);
            io::copy(&mut limited, &mut io::sink()).is_ok_and(|bytes| bytes <= limits::BODY_BYTES)
        }
    }
}

fn render(reply: Reply) -> Response<io::Cursor<Vec<u8>>> {
    let allow = reply.allow();
    let mut response = Response::from_data(reply.body.into_owned()).with_status_code(reply.status.code());
    response.add_header(header("Server", SERVER));
    response.add_header(header("Content-Type", CONTENT_TYPE));
    if let Some(methods) = allow {
        response.add_header(header("Allow", methods));
    }
    response
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("names and values are ASCII constants of the contract")
}
