//! A socket that ends when its client is too slow.
//!
//! hyper's own header timeout starts when it begins to wait for a head, so on a kept-alive connection it is an idle timeout,
//! and there is none for bodies and writes. Here every wait has its deadline ([`contract::Pace`]). In the steady state
//! that costs a look at the clock a request: one timer a connection is left to run, and set anew only when it rings or a
//! deadline comes before it.
//!
//! It also waits for the first head by itself, without hyper ([`PacedStream::open`]).

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use contract::{LimitFlags, Pace};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep_until};

use crate::opening::Opening;

/// Bytes received at once before hyper has its own buffer; on the stack of the thread, for that moment.
const OPENING_BYTES: usize = 4 * 1_024;

/// A stream with deadlines; past one of them, reading or writing fails with `TimedOut`.
#[derive(Debug)]
pub(crate) struct PacedStream {
    stream: TcpStream,
    /// What came before there was a reader, which gets it first.
    opening: Opening,
    pace: Pace,
    write_timeout: Duration,
    /// When the client stopped taking bytes.
    blocked_since: Option<Instant>,
    alarm: Alarm,
}

impl PacedStream {
    pub(crate) fn new(stream: TcpStream, pace: Pace, limits: &LimitFlags) -> Self {
        PacedStream {
            stream,
            opening: Opening::default(),
            pace,
            write_timeout: limits.write_timeout(),
            blocked_since: None,
            alarm: Alarm::default(),
        }
    }

    /// Waits until there is something to serve: a whole head, or what cannot become one; false if the connection ends before.
    ///
    /// # Errors
    ///
    /// What the socket says, and `TimedOut` past a deadline.
    pub(crate) async fn open(&mut self) -> io::Result<bool> {
        poll_fn(|cx| self.poll_open(cx)).await
    }

    /// Whether nothing has come yet.
    pub(crate) fn is_silent(&self) -> bool {
        self.opening.is_empty()
    }

    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            let mut space = [const { MaybeUninit::uninit() }; OPENING_BYTES];
            let mut space = ReadBuf::uninit(&mut space);
            ready!(self.poll_receive(cx, &mut space))?;
            if space.filled().is_empty() {
                return Poll::Ready(Ok(false));
            }
            if !self.opening.waits_after(space.filled()) {
                return Poll::Ready(Ok(true));
            }
        }
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>, space: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let filled = space.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, space);
        if read.is_ready() {
            self.pace.received(&space.filled()[filled..]);
            return read;
        }
        let now = Instant::now();
        self.alarm.poll(cx, now, self.pace.deadline(now)).map(Err)
    }

    fn after_write(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.blocked_since = None;
            return written;
        }
        let now = Instant::now();
        let deadline = *self.blocked_since.get_or_insert(now) + self.write_timeout;
        self.alarm.poll(cx, now, deadline).map(Err)
    }
}

impl AsyncRead for PacedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.opening.is_empty() {
            return this.poll_receive(cx, space);
        }
        this.opening.take(space.remaining(), |bytes| space.put_slice(bytes));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for PacedStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.after_write(cx, written)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// A timer that is set as seldom as possible.
#[derive(Debug, Default)]
struct Alarm {
    timer: Option<Pin<Box<Sleep>>>,
    rings_at: Option<Instant>,
}

impl Alarm {
    /// Pending until `deadline`, then the error that says so. Rings early for another deadline, which does no harm.
    fn poll(&mut self, cx: &mut Context<'_>, now: Instant, deadline: Instant) -> Poll<io::Error> {
        if now >= deadline {
            return Poll::Ready(io::ErrorKind::TimedOut.into());
        }
        if self.rings_at.is_some_and(|at| now < at && at <= deadline) {
            return Poll::Pending;
        }
        self.rings_at = Some(deadline);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline.into())));
        timer.as_mut().reset(deadline.into());
        match timer.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(io::ErrorKind::TimedOut.into()),
            Poll::Pending => Poll::Pending,
        }
    }
}
