//! The chunked transfer coding (RFC 9112, section 7.1): sizes, data, trailers.
//!
//! Chunk extensions are ignored and trailers are skipped, both within bounds.

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
    /// Trailer lines, of which so many bytes have been seen.
    Trailers {
        seen: usize,
        place: Place,
    },
}

/// Where in a trailer line the next byte stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    Start,
    Name,
    Value,
    /// After a carriage return, which ends the line, or the trailers if nothing was before it.
    Returned {
        blank: bool,
    },
}

impl Place {
    /// The place after this byte; `None` at the end of the trailers. The rules are those of a head's fields: a name is a
    /// token, its colon follows at once, a value has no control characters but tabs, and a line may end without its
    /// carriage return.
    fn after(self, byte: u8) -> Result<Option<Self>, ProtocolError> {
        match (self, byte) {
            (Self::Start | Self::Returned { blank: true }, b'\n') => Ok(None),
            (Self::Returned { blank: false } | Self::Value, b'\n') => Ok(Some(Self::Start)),
            (Self::Start, b'\r') => Ok(Some(Self::Returned { blank: true })),
            (Self::Value, b'\r') => Ok(Some(Self::Returned { blank: false })),
            (Self::Start | Self::Name, byte) if is_token(byte) => Ok(Some(Self::Name)),
            (Self::Name, b':') => Ok(Some(Self::Value)),
            (Self::Value, byte) if is_text(byte) => Ok(Some(Self::Value)),
            _ => Err(ProtocolError::Trailer),
        }
    }
}

/// RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// What may stand in a field's value, RFC 9110, section 5.5, or in a chunk's extension.
fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
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
                    Some(0) => Stage::Trailers { seen: 0, place: Place::Start },
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
                Stage::Trailers { seen, place } => match place.after(take_front(bytes, 1)[0])? {
                    None => return Ok(true),
                    Some(place) => Stage::Trailers { seen: seen + 1, place },
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
        if end.is_some() && self.line.is_empty() {
            return size(taken).map(Some);
        }
        self.line.extend_from_slice(taken);
        if end.is_none() {
            return if self.line.len() == LINE_LIMIT { Err(ProtocolError::Chunk) } else { Ok(None) };
        }
        let size = size(&self.line)?;
        self.line.clear();
        Ok(Some(size))
    }
}

/// The size that a whole line tells: hexadecimal digits, however many zeros before them, then nothing or an extension.
fn size(line: &[u8]) -> Result<u64, ProtocolError> {
    let line = line.strip_suffix(b"\r\n").ok_or(ProtocolError::Chunk)?;
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (digits, rest) = line.split_at(digits);
    // Space before an extension is bad, and to be borne (RFC 9112, section 7.1.1); without one it is only bad.
    let extended = rest.trim_ascii_start().starts_with(b";") && rest.iter().all(|byte| is_text(*byte));
    if digits.is_empty() || !(rest.is_empty() || extended) {
        return Err(ProtocolError::Chunk);
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).map(u64::from);
    let add = |size: u64, byte: &u8| size.checked_mul(16)?.checked_add(digit(*byte)?);
    digits.iter().try_fold(0, add).ok_or(ProtocolError::Chunk)
}

/// Takes `count` bytes off the front.
fn take_front<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (front, rest) = bytes.split_at(count);
    *bytes = rest;
    front
}
