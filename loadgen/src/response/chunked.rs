//! The chunked transfer coding (RFC 9112, section 7.1): sizes, data, trailers.
//!
//! Chunk extensions are ignored and trailers are skipped, both within bounds.

use httparse::Status;

use super::{HEAD_LIMIT, ProtocolError};

/// The longest chunk-size line that is accepted, extensions and line end included.
pub(super) const LINE_LIMIT: usize = 4 * 1024;

/// The decoder of one chunked body.
#[derive(Debug)]
pub(super) struct Chunked {
    stage: Stage,
    /// The incomplete chunk-size line.
    line: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Size,
    Data {
        left: u64,
    },
    /// After the data: the line end, of which the carriage return may have been seen.
    DataEnd {
        returned: bool,
    },
    /// Trailer lines; `blank` as long as the current one holds nothing but a carriage return.
    Trailers {
        seen: usize,
        blank: bool,
    },
}

impl Chunked {
    pub(super) fn new() -> Self {
        Self { stage: Stage::Size, line: Vec::new() }
    }

    /// Takes what belongs to the body off the front of `bytes`; true as soon as the body has ended.
    pub(super) fn feed(
        &mut self,
        bytes: &mut &[u8],
        body: &mut impl FnMut(&[u8]),
    ) -> Result<bool, ProtocolError> {
        while !bytes.is_empty() {
            self.stage = match self.stage {
                Stage::Size => match self.take_size(bytes)? {
                    None => return Ok(false),
                    Some(0) => Stage::Trailers { seen: 0, blank: true },
                    Some(left) => Stage::Data { left },
                },
                Stage::Data { left } => {
                    let take = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
                    body(take_front(bytes, take));
                    match left - take as u64 {
                        0 => Stage::DataEnd { returned: false },
                        left => Stage::Data { left },
                    }
                }
                Stage::DataEnd { returned } => match (returned, take_front(bytes, 1)) {
                    (false, b"\r") => Stage::DataEnd { returned: true },
                    (true, b"\n") => Stage::Size,
                    _ => return Err(ProtocolError::Chunk),
                },
                Stage::Trailers { seen: HEAD_LIMIT, .. } => return Err(ProtocolError::LongTrailers),
                Stage::Trailers { seen, blank } => match take_front(bytes, 1) {
                    b"\n" if blank => return Ok(true),
                    b"\n" => Stage::Trailers { seen: seen + 1, blank: true },
                    b"\r" => Stage::Trailers { seen: seen + 1, blank },
                    _ => Stage::Trailers { seen: seen + 1, blank: false },
                },
            };
        }
        Ok(false)
    }

    /// Bytes of a line that are kept until the rest of it comes.
    #[cfg(any(test, feature = "fuzz"))]
    pub(super) fn held(&self) -> usize {
        self.line.len()
    }

    fn take_size(&mut self, bytes: &mut &[u8]) -> Result<Option<u64>, ProtocolError> {
        let window = &bytes[..bytes.len().min(LINE_LIMIT - self.line.len())];
        let end = window.iter().position(|byte| *byte == b'\n');
        let taken = take_front(bytes, end.map_or(window.len(), |newline| newline + 1));
        self.line.extend_from_slice(taken);
        if end.is_none() {
            return if self.line.len() == LINE_LIMIT { Err(ProtocolError::Chunk) } else { Ok(None) };
        }
        // httparse reads a line without any digit as the size 0, which would end the body.
        if !self.line[0].is_ascii_hexdigit() {
            return Err(ProtocolError::Chunk);
        }
        match httparse::parse_chunk_size(&self.line) {
            Ok(Status::Complete((length, size))) if length == self.line.len() => {
                self.line.clear();
                Ok(Some(size))
            }
            _ => Err(ProtocolError::Chunk),
        }
    }
}

/// Takes `count` bytes off the front.
fn take_front<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (front, rest) = bytes.split_at(count);
    *bytes = rest;
    front
}
