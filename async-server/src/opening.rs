//! A connection before its first head is whole: a few bytes, until there is something for hyper to do.
//!
//! hyper's state of a connection is about 20 KB, most of it two buffers, from the moment it exists. So a client that begins
//! a head and never ends it would hold 20 KB for some bytes; a thousand of them, 20 MB, which the allocator does not give back
//! when they leave. Here they hold what they have sent.
//!
//! Which heads are waited for is decided as hyper does it, so that a client sees no difference: the bytes that come first are
//! read by the same parser, and from then on only the end is looked for.

use std::mem::MaybeUninit;

use contract::limits;
use httparse::{ParserConfig, Request, Status};

/// The bytes of a head that is not whole yet.
#[derive(Debug, Default)]
pub(crate) struct Opening {
    bytes: Vec<u8>,
}

impl Opening {
    /// Takes note of bytes that have arrived, and says whether hyper could do no more than wait for others.
    pub(crate) fn waits_after(&mut self, bytes: &[u8]) -> bool {
        let before = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        // The end may have begun in what came before.
        let ends = has_end(&self.bytes[before.saturating_sub(2)..]);
        !ends && self.bytes.len() < limits::HEAD_BUFFER_BYTES && (before > 0 || is_begun(&self.bytes))
    }

    /// Whether nothing is left, or nothing has come.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Hands out what has come, from its start, in pieces of at most `most` bytes.
    pub(crate) fn take(&mut self, most: usize, into: impl FnOnce(&[u8])) {
        let length = most.min(self.bytes.len());
        into(&self.bytes[..length]);
        self.bytes.drain(..length);
        if self.bytes.is_empty() {
            // An empty vector would keep its memory for as long as the connection lives.
            self.bytes = Vec::new();
        }
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
        let mut opening = Opening::default();
        parts.iter().take_while(|part| opening.waits_after(part)).count()
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

    #[test]
    fn what_has_come_is_handed_out_in_order_and_its_memory_freed() {
        let mut opening = Opening::default();
        assert!(opening.waits_after(b"GET /"));
        assert!(opening.waits_after(b"bob"));
        let mut out = Vec::new();
        while !opening.is_empty() {
            opening.take(3, |piece| {
                assert!(piece.len() <= 3);
                out.extend_from_slice(piece);
            });
        }
        assert_eq!(out, b"GET /bob");
        assert_eq!(opening.bytes.capacity(), 0);
    }
}
