//! The head of an answer: status, how its body is framed, whether the connection outlives it.
//!
//! The rules are those of RFC 9112, sections 6.3 (body length) and 9.3 (persistence); where it lets a client choose
//! between repairing and rejecting, this one rejects: a load generator must not be kinder than real clients. Two things
//! are borne because all clients bear them: lines that end without a carriage return, and empty lines before the head.

use std::mem::MaybeUninit;

use httparse::{Header, ParserConfig, Status};

/// More header fields than this are a protocol error.
const HEADER_LIMIT: usize = 100;

/// Why bytes are not one HTTP/1.x answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// The head is malformed.
    #[error("malformed head ({0})")]
    Head(httparse::Error),
    /// The head does not end within 64 KiB.
    #[error("the head is longer than 64 KiB")]
    LongHead,
    /// More interim (1xx) answers than anybody needs.
    #[error("too many interim answers")]
    Interim,
    /// 101 although no upgrade was asked for.
    #[error("a protocol switch that nobody asked for")]
    Upgrade,
    /// A content-length that is not a number.
    #[error("malformed content-length")]
    Length,
    /// Content-lengths that contradict each other, or stand beside a transfer-encoding.
    #[error("contradictory body framing")]
    Framing,
    /// A transfer-encoding other than chunked, or one in an HTTP/1.0 answer.
    #[error("unsupported transfer-encoding")]
    Encoding,
    /// A malformed or overlong chunk-size line, or a chunk without its line end.
    #[error("malformed chunk")]
    Chunk,
    /// A trailer that is no header field.
    #[error("malformed trailer")]
    Trailer,
    /// The trailers do not end within 64 KiB.
    #[error("the trailers are longer than 64 KiB")]
    LongTrailers,
    /// Bytes after a complete answer.
    #[error("bytes that nobody asked for after a complete answer")]
    Surplus,
}

/// How the end of the body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Not the answer yet: a 1xx head, another one follows.
    Interim,
    Length(u64),
    Chunked,
    UntilClose,
}

/// What the rest of the answer depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) framing: Framing,
    /// Whether the connection outlives the answer, unless it is the connection's end that ends the answer.
    pub(super) keep_alive: bool,
}

impl Head {
    /// Reads a head from the start of `bytes`; gives it with its length, or `None` while it is incomplete.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, ProtocolError> {
        // Uninitialised, because clearing a hundred slots costs more than filling the few in use.
        let mut fields = [const { MaybeUninit::uninit() }; HEADER_LIMIT];
        let mut response = httparse::Response::new(&mut []);
        let parsed = ParserConfig::default()
            .parse_response_with_uninit_headers(&mut response, bytes, &mut fields)
            .map_err(ProtocolError::Head)?;
        let Status::Complete(length) = parsed else {
            return Ok(None);
        };
        let status = response.code.unwrap_or_default();
        let minor = response.version.unwrap_or_default();
        let fields = Fields::read(response.headers)?;
        let framing = fields.framing(status, minor)?;
        let keep_alive = !fields.close && (minor == 1 || fields.keep_alive);
        Ok(Some((Self { status, framing, keep_alive }, length)))
    }
}

/// The header fields that matter here.
#[derive(Default)]
struct Fields {
    length: Option<u64>,
    chunked: bool,
    close: bool,
    keep_alive: bool,
}

impl Fields {
    fn read(headers: &[Header<'_>]) -> Result<Self, ProtocolError> {
        let mut fields = Self::default();
        for header in headers {
            // The lengths of the three names differ, which spares most fields any comparison.
            match header.name.len() {
                10 if header.name.eq_ignore_ascii_case("connection") => {
                    for token in tokens(header.value) {
                        fields.close |= token.eq_ignore_ascii_case(b"close");
                        fields.keep_alive |= token.eq_ignore_ascii_case(b"keep-alive");
                    }
                }
                14 if header.name.eq_ignore_ascii_case("content-length") => {
                    for token in tokens(header.value) {
                        let length = number(token).ok_or(ProtocolError::Length)?;
                        if fields.length.replace(length).is_some_and(|earlier| earlier != length) {
                            return Err(ProtocolError::Framing);
                        }
                    }
                }
                17 if header.name.eq_ignore_ascii_case("transfer-encoding") => {
                    for token in tokens(header.value) {
                        if fields.chunked || !token.eq_ignore_ascii_case(b"chunked") {
                            return Err(ProtocolError::Encoding);
                        }
                        fields.chunked = true;
                    }
                }
                _ => {}
            }
        }
        Ok(fields)
    }

    fn framing(&self, status: u16, minor: u8) -> Result<Framing, ProtocolError> {
        match status {
            101 => return Err(ProtocolError::Upgrade),
            100..=199 => return Ok(Framing::Interim),
            204 | 304 => return Ok(Framing::Length(0)),
            _ => {}
        }
        match (self.chunked, self.length) {
            (true, Some(_)) => Err(ProtocolError::Framing),
            (true, None) if minor == 0 => Err(ProtocolError::Encoding),
            (true, None) => Ok(Framing::Chunked),
            (false, Some(length)) => Ok(Framing::Length(length)),
            (false, None) => Ok(Framing::UntilClose),
        }
    }
}

/// The members of a comma-separated field value.
fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

/// A number of plain digits: `+5`, `0x5` and the empty string are none.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}
