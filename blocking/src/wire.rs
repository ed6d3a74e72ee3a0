//! What hyper reads from and writes to: bytes that the driving thread has received, and a blocking socket.
//!
//! Reading never touches the socket here. The driver receives between two polls, so it knows when a connection is
//! idle, hyper renews its date on each poll, and a wait can be given up; the price is one copy of a request's bytes.

use std::cell::{Cell, RefCell};
use std::io::{self, Write as _};
use std::net::TcpStream;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use contract::{Pace, Refusals};
use hyper::rt::{Read, ReadBufCursor, Write};

use crate::connection::Until;

/// A stream and what has been received from it.
pub(crate) struct Wire<'a> {
    stream: &'a TcpStream,
    buffer: &'a RefCell<Box<[u8]>>,
    unread: Cell<Unread>,
    /// Whether hyper has asked for bytes since the last time it got some.
    starved: Cell<bool>,
    pace: RefCell<Pace>,
    refusals: RefCell<Refusals>,
}

#[derive(Clone, Copy)]
enum Unread {
    Bytes { start: usize, end: usize },
    End,
}

impl<'a> Wire<'a> {
    pub(crate) fn new(stream: &'a TcpStream, buffer: &'a RefCell<Box<[u8]>>, pace: Pace) -> Self {
        Wire {
            stream,
            buffer,
            unread: Cell::new(Unread::Bytes { start: 0, end: 0 }),
            starved: Cell::new(false),
            pace: RefCell::new(pace),
            refusals: RefCell::default(),
        }
    }

    /// Lets `receive` fill the buffer; call it only when hyper has asked for bytes.
    pub(crate) fn fill(
        &self,
        receive: impl FnOnce(&TcpStream, &mut [u8]) -> io::Result<usize>,
    ) -> io::Result<()> {
        let mut buffer = self.buffer.borrow_mut();
        let length = receive(self.stream, &mut buffer)?;
        self.unread.set(match length {
            0 => Unread::End,
            end => Unread::Bytes { start: 0, end },
        });
        self.starved.set(false);
        self.pace.borrow_mut().received(&buffer[..length]);
        Ok(())
    }

    /// Until when to wait for bytes, and what for.
    pub(crate) fn until(&self, now: Instant) -> Until {
        let mut pace = self.pace.borrow_mut();
        Until { now, deadline: pace.deadline(now), phase: pace.phase() }
    }

    /// Whether hyper waits for bytes.
    pub(crate) fn is_starved(&self) -> bool {
        self.starved.get()
    }
}

/// hyper's end of a [`Wire`].
pub(crate) struct End<'a>(pub(crate) &'a Wire<'a>);

impl Read for End<'_> {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut space: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let wire = self.0;
        match wire.unread.get() {
            Unread::End => Poll::Ready(Ok(())),
            Unread::Bytes { start, end } if start == end => {
                wire.starved.set(true);
                Poll::Pending
            }
            Unread::Bytes { start, end } => {
                let next = end.min(start + space.remaining());
                space.put_slice(&wire.buffer.borrow()[start..next]);
                wire.unread.set(Unread::Bytes { start: next, end });
                Poll::Ready(Ok(()))
            }
        }
    }
}

/// Blocks until the kernel has taken bytes; the stream's write timeout bounds it.
impl Write for End<'_> {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let Wire { mut stream, ref pace, ref refusals, .. } = *self.0;
        refusals.borrow_mut().poll_write(bytes, &mut pace.borrow_mut(), |bytes| {
            loop {
                match stream.write(bytes) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    written => return Poll::Ready(written),
                }
            }
        })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// The socket closes with its last owner, right after; saying so before would be one system call more.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
