//! Reads HTTP/1 responses from a byte stream, strictly: a server is not helped over bad framing.
//!
//! By hand, because a library forgives what the kit is there to find.

use std::io::{self, Read};

use super::failure::quote;
use super::syntax::{find, parse_chunk_size, parse_decimal, parse_head};

/// A response that was framed right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header fields in the order in which they came, whitespace around the values removed.
    pub fields: Vec<(String, String)>,
    /// The body, the chunked coding removed.
    pub body: Vec<u8>,
    /// The bytes of status line and header fields up to and including the empty line.
    pub head: Vec<u8>,
}

impl Response {
    /// The value of the field called `name`, in any case, if there is exactly one.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.fields.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }
}

/// Whether a body follows the head: framing depends on the request too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expecting {
    /// The answer to HEAD: its content-length is that of a body that does not come.
    HeadOnly,
    /// The answer to any other method.
    Body,
}

/// Why no response could be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The bytes break a rule of HTTP/1 framing.
    #[error("{what}: came {came}")]
    Framing {
        /// The rule that is broken.
        what: &'static str,
        /// The bytes, quoted.
        came: String,
    },
    /// The stream ended inside a response, or before one.
    #[error("the connection ended before the answer was complete; so far {came}")]
    Ended {
        /// What had arrived by then, quoted.
        came: String,
    },
    /// The stream failed.
    #[error("{source}; so far {came}")]
    Io {
        /// What the stream said.
        source: io::Error,
        /// What had arrived by then, quoted.
        came: String,
    },
}

/// Reads one response after another from `source`.
#[derive(Debug)]
pub struct ResponseReader<R> {
    source: R,
    /// What has arrived and is not yet part of a response that was returned.
    unread: Vec<u8>,
}

/// Longer than any answer the contract knows: it bounds what a broken server can make the kit hold.
const LONGEST: usize = 256 * 1024;

impl<R: Read> ResponseReader<R> {
    /// A reader at the start of a response.
    pub fn new(source: R) -> Self {
        Self { source, unread: Vec::new() }
    }

    /// The stream itself, to send on it.
    pub fn source_mut(&mut self) -> &mut R {
        &mut self.source
    }

    /// What has arrived and is not yet part of a response.
    pub fn unread(&self) -> &[u8] {
        &self.unread
    }

    /// Reads the next final response; interim ones (1xx) are passed over.
    pub fn read_response(&mut self, expecting: Expecting) -> Result<Response, ReadError> {
        loop {
            let response = self.read_any(expecting)?;
            if !(100..200).contains(&response.status) {
                return Ok(response);
            }
        }
    }

    /// Reads the next response, which may be an interim one (1xx).
    pub fn read_any(&mut self, expecting: Expecting) -> Result<Response, ReadError> {
        let length = self.arrive(0, |bytes| find(bytes, b"\r\n\r\n"))?;
        let (status, fields) = parse_head(&self.unread[..length])
            .map_err(|what| ReadError::Framing { what, came: quote(&self.unread) })?;
        let mut response = Response { status, fields, body: Vec::new(), head: Vec::new() };
        let end = if bodiless(status, expecting) { length } else { self.read_body(length, &mut response)? };
        response.head = self.unread[..length].to_vec();
        self.unread.drain(..end);
        Ok(response)
    }

    /// Waits for the end of the stream; anything before it is an error. A reset is an end too.
    pub fn read_end(&mut self) -> Result<(), ReadError> {
        loop {
            if !self.unread.is_empty() {
                return Err(self.framing("bytes came where none were due"));
            }
            match self.fill() {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(ReadError::Io { source, .. }) if source.kind() == io::ErrorKind::ConnectionReset => {
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads the body that starts at `start` into `response` and says where it ends.
    fn read_body(&mut self, start: usize, response: &mut Response) -> Result<usize, ReadError> {
        let named = |name: &str| response.fields.iter().any(|(field, _)| field.eq_ignore_ascii_case(name));
        match (named("transfer-encoding"), named("content-length")) {
            (true, true) => Err(self.framing("both transfer-encoding and content-length")),
            (true, false) => match response.field("transfer-encoding") {
                Some(coding) if coding.eq_ignore_ascii_case("chunked") => {
                    self.read_chunks(start, &mut response.body)
                }
                _ => Err(self.framing("a transfer-encoding other than chunked")),
            },
            (false, true) => {
                let length = response.field("content-length").and_then(parse_decimal);
                let length = length.ok_or_else(|| self.framing("content-length is not one number"))?;
                let end = self.arrive(start, |bytes| (bytes.len() >= length).then_some(length))?;
                response.body.extend(&self.unread[start..end]);
                Ok(end)
            }
            (false, false) => {
                while self.fill()? > 0 {}
                response.body.extend(&self.unread[start..]);
                Ok(self.unread.len())
            }
        }
    }

    fn read_chunks(&mut self, mut at: usize, body: &mut Vec<u8>) -> Result<usize, ReadError> {
        loop {
            let line_end = self.arrive(at, |bytes| find(bytes, b"\r\n"))?;
            let size = parse_chunk_size(&self.unread[at..line_end - 2]);
            let size = size.ok_or_else(|| self.framing("a chunk without a size"))?;
            if size == 0 {
                let end = self.arrive(line_end, |bytes| (bytes.len() >= 2).then_some(2))?;
                return match &self.unread[line_end..end] {
                    b"\r\n" => Ok(end),
                    _ => Err(self.framing("the last chunk is not followed by an empty line")),
                };
            }
            at = self.arrive(line_end, |bytes| (bytes.len() >= size + 2).then_some(size + 2))?;
            if &self.unread[at - 2..at] != b"\r\n" {
                return Err(self.framing("a chunk is longer than its size"));
            }
            body.extend(&self.unread[line_end..at - 2]);
        }
    }

    /// Reads until `ends` finds a length in what has arrived from `start` on; returns the position after it.
    fn arrive(&mut self, start: usize, ends: impl Fn(&[u8]) -> Option<usize>) -> Result<usize, ReadError> {
        loop {
            if let Some(length) = ends(&self.unread[start..]) {
                return Ok(start + length);
            }
            if self.fill()? == 0 {
                return Err(ReadError::Ended { came: quote(&self.unread) });
            }
        }
    }

    fn fill(&mut self) -> Result<usize, ReadError> {
        if self.unread.len() > LONGEST {
            return Err(self.framing("an answer longer than any the contract knows"));
        }
        let mut buffer = [0; 8 * 1024];
        loop {
            match self.source.read(&mut buffer) {
                Ok(length) => {
                    self.unread.extend(&buffer[..length]);
                    return Ok(length);
                }
                Err(source) if source.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => {
                    return Err(ReadError::Io { source, came: quote(&self.unread) });
                }
            }
        }
    }

    fn framing(&self, what: &'static str) -> ReadError {
        ReadError::Framing { what, came: quote(&self.unread) }
    }
}

fn bodiless(status: u16, expecting: Expecting) -> bool {
    expecting == Expecting::HeadOnly || matches!(status, 100..=199 | 204 | 304)
}
