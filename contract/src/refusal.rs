//! What hyper refuses by itself, before a handler sees it: made an answer of the contract on its way to the socket.
//!
//! A request that hyper cannot read is answered with a head whose length is 0, and no setting of hyper's changes that or
//! tells of it before. So it is known by its bytes: an answer of the contract has a body, or the length of one, hence a head of
//! an error with no length is hyper's own. It is always the last that hyper writes on a connection.

use std::io;
use std::task::{Poll, ready};

use crate::answer::{LINE_TOO_LONG, NOT_HTTP, TOO_MANY_FIELDS};
use crate::{CONTENT_TYPE, Pace, Reply, SERVER};

/// The refusals of one connection; it stands between hyper and the socket, where hyper writes all in one buffer.
#[derive(Debug, Default)]
pub struct Refusals {
    /// What the socket has not taken yet of an answer in a refusal's place; empty before and after.
    rest: Vec<u8>,
}

impl Refusals {
    /// Writes `bytes`, which hyper wants to be written, through `write`; a refusal at their end is written as an answer of
    /// the contract. Says how many of hyper's bytes that were: a refusal is all or nothing.
    ///
    /// # Errors
    ///
    /// Those of `write`.
    #[inline]
    pub fn poll_write(
        &mut self,
        bytes: &[u8],
        pace: &mut Pace,
        mut write: impl FnMut(&[u8]) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        // What has a body ends with it, and no body of the contract ends like this.
        if !bytes.ends_with(b"\r\n\r\n") {
            return write(bytes);
        }
        self.poll_write_head(bytes, pace, write)
    }

    #[cold]
    fn poll_write_head(
        &mut self,
        bytes: &[u8],
        pace: &mut Pace,
        mut write: impl FnMut(&[u8]) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let Some((ahead, mut refusal)) = Refusal::at_the_end_of(bytes) else {
            return write(bytes);
        };
        if !ahead.is_empty() {
            return write(ahead);
        }
        if refusal.status == FIELDS_TOO_LARGE && pace.is_in_request_line() {
            // hyper's buffer is full, and it does not look of what.
            refusal = Refusal { status: URI_TOO_LONG, reply: LINE_TOO_LONG, ..refusal };
        }
        if self.rest.is_empty() {
            self.rest = refusal.complete(pace.is_head_asked_for());
        }
        while !self.rest.is_empty() {
            match ready!(write(&self.rest))? {
                0 => return Poll::Ready(Ok(0)),
                written => drop(self.rest.drain(..written)),
            }
        }
        Poll::Ready(Ok(bytes.len()))
    }
}

/// What differs from one of hyper's refusals to the next.
struct Refusal<'a> {
    /// With the space behind it.
    version: &'a [u8],
    /// Code, reason and line end.
    status: &'static [u8],
    reply: Reply,
    /// The field's value.
    date: &'a [u8],
}

/// Every status hyper refuses with, its reason, and what the contract says then.
const REFUSALS: [(&[u8], Reply); 3] =
    [(b"400 Bad Request\r\n", NOT_HTTP), (URI_TOO_LONG, LINE_TOO_LONG), (FIELDS_TOO_LARGE, TOO_MANY_FIELDS)];

const URI_TOO_LONG: &[u8] = b"414 URI Too Long\r\n";
const FIELDS_TOO_LARGE: &[u8] = b"431 Request Header Fields Too Large\r\n";

impl<'a> Refusal<'a> {
    /// The refusal that `bytes` end with, and what stands before it.
    fn at_the_end_of(bytes: &'a [u8]) -> Option<(&'a [u8], Self)> {
        let fields = bytes.strip_suffix(b"\r\n\r\n")?;
        let (fields, date) = fields.split_at_checked(fields.len().checked_sub(DATE_BYTES)?)?;
        let head = fields.strip_suffix(b"Content-Length: 0\r\nDate: ")?;
        // Left out where HTTP/1.0 was spoken before.
        let head = head.strip_suffix(b"Connection: close\r\n").unwrap_or(head);
        let (before, status, reply) = REFUSALS
            .into_iter()
            .find_map(|(status, reply)| Some((head.strip_suffix(status)?, status, reply)))?;
        let ahead = before.strip_suffix(b"HTTP/1.1 ").or_else(|| before.strip_suffix(b"HTTP/1.0 "))?;
        Some((ahead, Refusal { version: &before[ahead.len()..], status, reply, date }))
    }

    /// The whole answer, field for field as hyper writes what `message` renders; without the body if HEAD was asked for.
    fn complete(&self, is_head_asked_for: bool) -> Vec<u8> {
        let length = self.reply.body.len().to_string();
        let body = if is_head_asked_for { "" } else { &self.reply.body };
        [
            self.version,
            self.status,
            b"Server: ",
            SERVER.as_bytes(),
            b"\r\nContent-Type: ",
            CONTENT_TYPE.as_bytes(),
            b"\r\nConnection: close\r\nContent-Length: ",
            length.as_bytes(),
            b"\r\nDate: ",
            self.date,
            b"\r\n\r\n",
            body.as_bytes(),
        ]
        .concat()
    }
}

/// Of a date as HTTP writes it (RFC 9110, 5.6.7).
const DATE_BYTES: usize = "Sun, 06 Nov 1994 08:49:37 GMT".len();

#[cfg(test)]
mod tests;
