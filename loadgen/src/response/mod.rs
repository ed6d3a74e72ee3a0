//! One HTTP/1.x answer, read from fragments of any size. Pure: no socket, no clock.
//!
//! The body is handed on as it streams and never kept; what is kept of a head or a chunk line is bounded, so a
//! server cannot make the generator grow.
//! Whether the request was HEAD, whose answer announces a body and has none, is told from outside.
//!
//! Invariant: the result depends on the bytes of this answer alone, never on where the network cut them, nor on the
//! answers before, of which a reader remembers the last head.

mod chunked;
mod head;
#[cfg(any(test, feature = "fuzz"))]
mod invariants;
mod recent;

use chunked::Chunked;
pub use head::ProtocolError;
use head::{Framing, Head};
#[cfg(feature = "fuzz")]
pub use invariants::fuzz;
use recent::Recent;

/// The longest head that is accepted, in bytes; trailers have the same bound.
pub(crate) const HEAD_LIMIT: usize = 64 * 1024;
/// How many interim (1xx) heads may come before the answer.
const INTERIM_LIMIT: u8 = 16;

/// A complete answer, less its body, which was streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Whether another request may be sent on the same connection.
    pub(crate) reusable: bool,
}

/// The reader of one answer; `reset` makes it ready for the next one.
#[derive(Debug)]
pub(crate) struct Response {
    stage: Stage,
    answer: Answer,
    /// The incomplete head; empty as long as heads arrive in one piece.
    stash: Vec<u8>,
    /// How much of it has been read and found incomplete.
    read: usize,
    recent: Recent,
    interim: u8,
    /// The answer to a HEAD request: it ends with its head, whatever that announces.
    bodiless: bool,
}

#[derive(Debug)]
enum Stage {
    Head,
    Fixed { left: u64 },
    Chunked(Chunked),
    UntilClose,
    Done,
}

impl Response {
    /// A reader of an answer that has a body, or of one to HEAD, which has none.
    pub(crate) fn new(bodiless: bool) -> Self {
        let answer = Answer { status: 0, reusable: false };
        Self {
            stage: Stage::Head,
            answer,
            stash: Vec::new(),
            read: 0,
            recent: Recent::default(),
            interim: 0,
            bodiless,
        }
    }

    /// Makes the reader ready for the next answer on the same connection, or on a new one.
    pub(crate) fn reset(&mut self, bodiless: bool) {
        self.bodiless = bodiless;
        self.stage = Stage::Head;
        self.stash.clear();
        self.interim = 0;
    }

    /// Takes the next bytes and hands those of the body to `body`. `Some` as soon as the answer is complete.
    pub(crate) fn feed(
        &mut self,
        mut bytes: &[u8],
        mut body: impl FnMut(&[u8]),
    ) -> Result<Option<Answer>, ProtocolError> {
        loop {
            match &mut self.stage {
                Stage::Head => {
                    let Some((head, used)) = self.take_head(bytes)? else {
                        return Ok(None);
                    };
                    bytes = &bytes[used..];
                    self.begin_body(head)?;
                    if matches!(self.stage, Stage::Done) {
                        return self.finish(bytes);
                    }
                }
                Stage::Fixed { left } => {
                    let take = usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
                    body(&bytes[..take]);
                    *left -= take as u64;
                    return if *left == 0 { self.finish(&bytes[take..]) } else { Ok(None) };
                }
                Stage::Chunked(chunked) => {
                    return if chunked.feed(&mut bytes, &mut body)? { self.finish(bytes) } else { Ok(None) };
                }
                Stage::UntilClose => {
                    body(bytes);
                    return Ok(None);
                }
                Stage::Done => {
                    return if bytes.is_empty() { Ok(None) } else { Err(ProtocolError::Surplus) };
                }
            }
        }
    }

    /// The peer has closed: a close-delimited answer is complete by that, any other is cut off (`None`).
    ///
    /// # Errors
    ///
    /// If what came was no answer at all, which nobody had looked at yet.
    pub(crate) fn end(&mut self) -> Result<Option<Answer>, ProtocolError> {
        if matches!(self.stage, Stage::Head) && self.read < self.stash.len() {
            self.recent.parse(&self.stash)?;
        }
        let complete = matches!(self.stage, Stage::UntilClose);
        self.stage = Stage::Done;
        Ok(complete.then_some(self.answer))
    }

    fn take_head(&mut self, bytes: &[u8]) -> Result<Option<(Head, usize)>, ProtocolError> {
        let stashed = self.stash.len();
        let window = &bytes[..bytes.len().min(HEAD_LIMIT - stashed)];
        let parsed = if stashed == 0 {
            self.recent.parse(window)?
        } else {
            self.stash.extend_from_slice(window);
            // A head that comes in many parts is not read from its start for each of them, which would cost its length
            // squared: only when it may be complete, and when it has doubled, lest nonsense be waited out.
            let tail = &self.stash[stashed.saturating_sub(2)..];
            let ended =
                tail.windows(2).any(|two| two == b"\n\n") || tail.windows(3).any(|three| three == b"\n\r\n");
            let due = ended || self.stash.len() >= 2 * self.read || self.stash.len() == HEAD_LIMIT;
            self.read = if due { self.stash.len() } else { self.read };
            if due { self.recent.parse(&self.stash)? } else { None }
        };
        if let Some((head, length)) = parsed {
            self.stash.clear();
            return Ok(Some((head, length - stashed)));
        }
        if stashed + window.len() == HEAD_LIMIT {
            return Err(ProtocolError::LongHead);
        }
        if stashed == 0 {
            self.stash.extend_from_slice(window);
            self.read = self.stash.len();
        }
        Ok(None)
    }

    fn begin_body(&mut self, head: Head) -> Result<(), ProtocolError> {
        let ends_with_connection = head.framing == Framing::UntilClose && !self.bodiless;
        self.answer = Answer { status: head.status, reusable: head.keep_alive && !ends_with_connection };
        self.stage = match head.framing {
            Framing::Interim => {
                self.interim += 1;
                if self.interim > INTERIM_LIMIT {
                    return Err(ProtocolError::Interim);
                }
                Stage::Head
            }
            _ if self.bodiless => Stage::Done,
            Framing::Length(0) => Stage::Done,
            Framing::Length(left) => Stage::Fixed { left },
            Framing::Chunked => Stage::Chunked(Chunked::new()),
            Framing::UntilClose => Stage::UntilClose,
        };
        Ok(())
    }

    fn finish(&mut self, rest: &[u8]) -> Result<Option<Answer>, ProtocolError> {
        self.stage = Stage::Done;
        if rest.is_empty() { Ok(Some(self.answer)) } else { Err(ProtocolError::Surplus) }
    }
}

#[cfg(test)]
mod tests;
