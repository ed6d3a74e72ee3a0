//! A socket that ends when its client is too slow.
//!
//! hyper's own header timeout starts when it begins to wait for a head, so on a kept-alive connection it is an idle timeout,
//! and there is none for bodies and writes. Here every wait has its deadline ([`contract::Pace`]). In the steady state
//! that costs a look at the clock a request: one timer a connection is left to run, and set anew only when it rings or a
//! deadline comes before it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use contract::{LimitFlags, Pace, Refusals};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep_until};

/// A stream with deadlines; past one of them, reading or writing fails with `TimedOut`.
#[derive(Debug)]
pub(crate) struct PacedStream {
    stream: TcpStream,
    /// What was read ahead of the reader, which gets it first.
    unread: Vec<u8>,
    pace: Pace,
    refusals: Refusals,
    write_timeout: Duration,
    /// When the client stopped taking bytes.
    blocked_since: Option<Instant>,
    alarm: Alarm,
}

impl PacedStream {
    pub(crate) fn new(stream: TcpStream, pace: Pace, limits: &LimitFlags) -> Self {
        PacedStream {
            stream,
            unread: Vec::new(),
            pace,
            refusals: Refusals::default(),
            write_timeout: limits.write_timeout(),
            blocked_since: None,
            alarm: Alarm::default(),
        }
    }

    /// Lets the next reader have `bytes` first.
    pub(crate) fn unread(&mut self, bytes: Vec<u8>) {
        self.unread = bytes;
    }

    fn read_again(&mut self, space: &mut ReadBuf<'_>) {
        let length = space.remaining().min(self.unread.len());
        space.put_slice(&self.unread[..length]);
        self.unread.drain(..length);
        if self.unread.is_empty() {
            // An empty vector would keep its memory for as long as the connection lives.
            self.unread = Vec::new();
        }
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
    #[expect(
        clippy::inline_always,
        reason = "hyper's reader is the hot caller, and would call it no longer inline because there is another"
    )]
    #[inline(always)]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.unread.is_empty() {
            this.read_again(space);
            return Poll::Ready(Ok(()));
        }
        let filled = space.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, space);
        if read.is_ready() {
            this.pace.received(&space.filled()[filled..]);
            return read;
        }
        let now = Instant::now();
        this.alarm.poll(cx, now, this.pace.deadline(now)).map(Err)
    }
}

impl AsyncWrite for PacedStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = this
            .refusals
            .poll_write(bytes, &mut this.pace, |bytes| Pin::new(&mut this.stream).poll_write(cx, bytes));
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

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::io::Write;
    use std::net::Ipv4Addr;

    use super::*;

    #[tokio::test]
    async fn what_was_read_ahead_comes_first_and_leaves_no_memory() {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let mut client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.write_all(b" HTTP/1.1").unwrap();
        let limits = LimitFlags::default();
        let mut stream = PacedStream::new(listener.accept().await.unwrap().0, Pace::new(&limits), &limits);
        stream.unread(b"GET /bob".to_vec());
        let mut all = Vec::new();
        while all.len() < b"GET /bob HTTP/1.1".len() {
            let mut buffer = [0; 3];
            let mut space = ReadBuf::new(&mut buffer);
            poll_fn(|cx| Pin::new(&mut stream).poll_read(cx, &mut space)).await.unwrap();
            all.extend_from_slice(space.filled());
        }
        assert_eq!(all, b"GET /bob HTTP/1.1");
        assert_eq!(stream.unread.capacity(), 0);
    }
}
