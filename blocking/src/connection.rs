//! The hyper stack: one connection, from its first byte to its end, on the calling thread and without a runtime.
//!
//! hyper's state machine asks for bytes by saying "not yet"; [`drive`] then receives, blocking, and asks it again. In
//! the steady state a request costs one `recv` and one `send`, and whatever [`Keeper::receive`] adds to wait.

use std::cell::RefCell;
use std::convert::Infallible;
use std::io;
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Instant;

use bytes::Bytes;
use contract::message::take;
use contract::{LimitFlags, Mark, Pace, Phase, limits};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};

use crate::Work;
use crate::wire::{End, Wire};

/// Bytes received at once; a request of a benchmark has about a hundred.
const BUFFER_BYTES: usize = 16 * 1_024;

/// What a server decides about a connection while it is driven; the rest is the same for all.
pub trait Keeper {
    /// Waits until bytes have come, for at most until `until`, and reads them; none is the end of the connection.
    ///
    /// # Errors
    ///
    /// Any error ends the connection, a timeout too.
    fn receive(&self, stream: &TcpStream, buffer: &mut [u8], until: Until) -> io::Result<usize>;

    /// Whether the answer that is about to be written is the last on this connection.
    fn gives_up(&self) -> bool;
}

/// How long a connection may be waited for, and in the middle of what.
#[derive(Debug, Clone, Copy)]
pub struct Until {
    /// When the waiting starts.
    pub now: Instant,
    /// When it ends.
    pub deadline: Instant,
    /// Whether a request has begun.
    pub phase: Phase,
}

/// Serves connections one after the other, with a buffer that they share.
pub struct Driver<'a> {
    work: &'a Work,
    limits: LimitFlags,
    buffer: RefCell<Box<[u8]>>,
}

impl<'a> Driver<'a> {
    /// For the connections of one thread.
    #[must_use]
    pub fn new(work: &'a Work, limits: LimitFlags) -> Self {
        Driver { work, limits, buffer: RefCell::new(vec![0; BUFFER_BYTES].into_boxed_slice()) }
    }

    /// Serves `stream` until it ends, by its client, by a deadline, or because `keeper` gives it up.
    ///
    /// What a client does to its own connection concerns nobody else, so there is no error. A panic ends this
    /// connection only; else the thread would go, and the server would be one short without anybody noticing.
    pub fn serve(&self, stream: &TcpStream, keeper: &impl Keeper) {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            stream.set_write_timeout(Some(self.limits.write_timeout()))?;
            let pace = Pace::new(&self.limits);
            let mark = pace.mark();
            drive(&Wire::new(stream, &self.buffer, pace), &mark, self.work, keeper)
        }));
        if outcome.is_err() {
            eprintln!("warning: survived a panic in a request");
        }
    }
}

fn drive(wire: &Wire<'_>, mark: &Mark, work: &Work, keeper: &impl Keeper) -> io::Result<()> {
    let service = service_fn(|request| answer(request, mark, work, keeper));
    let mut connection = pin!(
        http1::Builder::new()
            // The names of fields as tiny_http writes them: the answers of all servers are the same, byte for byte.
            .title_case_headers(true)
            // Without it hyper reads on for the end of the connection before it has written the answer.
            .half_close(true)
            // The limit of 100 fields is hyper's own: setting another allocates in each request.
            .max_buf_size(limits::HEAD_BUFFER_BYTES)
            .serve_connection(End(wire), service)
    );
    let again = Arc::new(Again::default());
    let waker = Waker::from(Arc::clone(&again));
    let mut context = Context::from_waker(&waker);
    while connection.as_mut().poll(&mut context).is_pending() {
        if again.0.swap(false, Ordering::Relaxed) {
            continue;
        }
        if wire.is_starved() {
            let now = Instant::now();
            let until = wire.until(now);
            wire.fill(|stream, buffer| keeper.receive(stream, buffer, until))?;
        } else {
            // It waits for neither bytes nor itself, which does not happen: better one connection lost than a thread.
            return Err(io::ErrorKind::Other.into());
        }
    }
    Ok(())
}

/// Set when the connection wants to be polled again at once: after many pipelined requests, or when one of its halves
/// has something for the other, as a body that is read has for its handler.
#[derive(Default)]
struct Again(AtomicBool);

impl Wake for Again {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

async fn answer(
    request: Request<Incoming>,
    mark: &Mark,
    work: &Work,
    keeper: &impl Keeper,
) -> Result<Response<Full<Bytes>>, Infallible> {
    mark.begun();
    let (mut taken, body) = take(request);
    if let Some(body) = body {
        taken.read_out(body).await;
    }
    if taken.is_greeted() {
        taken.reply = work.perform(taken.uri.path(), taken.reply);
    }
    taken.closes |= keeper.gives_up();
    mark.answered(taken.has_body());
    Ok(taken.render())
}
