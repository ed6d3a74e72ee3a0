//! A connection before its first head is whole: a few bytes, until there is something for hyper to do.
//!
//! hyper's state of a connection is about 20 KB, most of it two buffers, from the moment it exists. So a client that begins
//! a head and never ends it would hold 20 KB for some bytes; a thousand of them, 20 MB, which the allocator does not give back
//! when they leave. Here they hold what they have sent.
//!
//! Which heads are waited for is decided as hyper does it, so that a client sees no difference: the bytes that come first are
//! read by the same parser, and from then on only the end is looked for.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use contract::limits;
use httparse::{ParserConfig, Request, Status};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::watch;

use crate::paced::PacedStream;

/// Bytes received at once; on the stack of the thread, for that moment.
const BUFFER_BYTES: usize = 4 * 1_024;

/// A connection that hyper does not know yet.
pub(crate) struct Opening {
    stream: PacedStream,
    head: Head,
}

impl Opening {
    /// Of a connection that has just been accepted.
    pub(crate) fn new(stream: PacedStream) -> Self {
        Opening { stream, head: Head::default() }
    }

    /// Waits until there is something to serve, a whole head or what cannot become one; false if the connection ends before, by
    /// its client, by a deadline, or by the stop if it has not begun.
    pub(crate) async fn is_served(&mut self, stop: &mut watch::Receiver<bool>) -> bool {
        let before_the_stop = tokio::select! {
            biased;
            received = self.receive() => Some(received),
            _ = stop.wait_for(|stopped| *stopped) => None,
        };
        let received = match before_the_stop {
            Some(received) => received,
            None if self.head.0.is_empty() => return false,
            None => self.receive().await,
        };
        received.unwrap_or(false)
    }

    /// The stream, to be read from the start.
    pub(crate) fn into_stream(self) -> PacedStream {
        let Opening { mut stream, head: Head(bytes) } = self;
        stream.unread(bytes);
        stream
    }

    /// False if the connection ends before there is something to serve.
    async fn receive(&mut self) -> io::Result<bool> {
        poll_fn(|cx| self.poll_receive(cx)).await
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            let mut space = [const { MaybeUninit::uninit() }; BUFFER_BYTES];
            let mut space = ReadBuf::uninit(&mut space);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut space))?;
            if space.filled().is_empty() {
                return Poll::Ready(Ok(false));
            }
            if !self.head.waits_after(space.filled()) {
                return Poll::Ready(Ok(true));
            }
        }
    }
}

/// The bytes of a head that is not whole yet.
#[derive(Debug, Default)]
struct Head(Vec<u8>);

impl Head {
    /// Takes note of bytes that have arrived, and says whether hyper could do no more than wait for others.
    fn waits_after(&mut self, bytes: &[u8]) -> bool {
        let Head(all) = self;
        let before = all.len();
        all.extend_from_slice(bytes);
        // The end may have begun in what came before.
        let ends = has_end(&all[before.saturating_sub(2)..]);
        !ends && all.len() < limits::HEAD_BUFFER_BYTES && (before > 0 || is_begun(all))
    }
}

/// Whether an empty line is in it, however its lines end. One before the head counts too: better early than never.
fn has_end(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair == b"\n\n") || bytes.windows(3).any(|three| three == b"\n\r\n")
}

/// Whether it can become a head; what cannot is hyper's to refuse, at once.
fn is_begun(bytes: &[u8]) -> bool {
    let mut fields = [const { MaybeUninit::uninit() }; limits::FIELD_COUNT];
    let mut request = Request::new(&mut []);
    let parsed = ParserConfig::default().parse_request_with_uninit_headers(&mut request, bytes, &mut fields);
    matches!(parsed, Ok(Status::Partial))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `parts` and says how many were waited after.
    fn waits(parts: &[&[u8]]) -> usize {
        let mut head = Head::default();
        parts.iter().take_while(|part| head.waits_after(part)).count()
    }

    #[test]
    fn a_head_is_waited_for_to_its_end_wherever_it_is_cut() {
        let heads: [&[u8]; 3] = [
            b"GET /bob HTTP/1.1\r\nHost: test\r\n\r\n",
            b"GET /bob HTTP/1.1\nHost: test\n\n",
            b"GET /bob HTTP/1.1\nHost: test\n\r\n",
        ];
        for head in heads {
            for cut in 1..head.len() {
                let (first, second) = head.split_at(cut);
                assert_eq!(
                    waits(&[first, second]),
                    1,
                    "{} and {}",
                    first.escape_ascii(),
                    second.escape_ascii()
                );
            }
            let bytes: Vec<&[u8]> = head.chunks(1).collect();
            assert_eq!(waits(&bytes), head.len() - 1, "{}", head.escape_ascii());
            assert_eq!(waits(&[&[head, b"GET /next"].concat()]), 0, "what follows is not waited for");
        }
    }

    #[test]
    fn what_cannot_become_a_head_is_not_waited_for() {
        let many = "X-Field: value\r\n".repeat(limits::FIELD_COUNT + 1);
        let many = format!("GET /bob HTTP/1.1\r\n{many}");
        for garbage in [&b"\x16\x03\x01\x02\x00"[..], b"GET  /bob", b"GET /bob HTTP/9", many.as_bytes()] {
            assert_eq!(waits(&[garbage]), 0, "{}", garbage.escape_ascii());
        }
    }

    #[test]
    fn more_than_hyper_may_hold_is_not_waited_for() {
        let start = b"GET /bob HTTP/1.1\r\nX-Long: ";
        let long = vec![b'x'; limits::HEAD_BUFFER_BYTES - start.len() - 1];
        assert_eq!(waits(&[start, &long, b"x", b"x"]), 2);
    }
}
