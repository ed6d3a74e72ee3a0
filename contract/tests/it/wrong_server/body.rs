//! The body of a request: read to its end, and dropped.

use std::io;

use super::connection::Connection;
use super::fault::Fault;
use super::parse::Head;

/// The longest body that is read.
const LONGEST: usize = 64 * 1_024;

/// How a body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// As was announced; or it was refused before, and not read.
    Good,
    /// Not before it was too long.
    TooLong,
    /// Nobody knows where.
    Broken,
}

impl Connection {
    /// Reads and drops what belongs to the request.
    pub(super) fn read_body(&mut self, head: &Head, length: Option<usize>) -> io::Result<Ending> {
        let length_counts = length.is_some() && self.is(Fault::LengthBesideChunkedCounts);
        if head.is_chunked(self.fault()) && !length_counts {
            if self.is(Fault::ChunkedBodiesLeftUnread) {
                return Ok(Ending::Good);
            }
            return self.read_chunks();
        }
        if let Some(length) = length.filter(|length| *length <= LONGEST)
            && !self.is(Fault::BodiesLeftUnread)
        {
            self.take(length)?;
            if self.is(Fault::BodyTakesTheRest) {
                self.take_all();
            }
        }
        Ok(Ending::Good)
    }

    fn read_chunks(&mut self) -> io::Result<Ending> {
        let longest = match self.fault() {
            Some(Fault::NoChunkedLimit) => usize::MAX,
            Some(Fault::ChunkedOf32Kib) => LONGEST / 2,
            _ => LONGEST,
        };
        let mut left = longest;
        loop {
            let line = self.take_line()?;
            let Some(size) = chunk_size(&line, self.fault()) else {
                return Ok(Ending::Broken);
            };
            if size == 0 {
                return self.read_trailers();
            }
            let Some(rest) = left.checked_sub(size) else {
                return Ok(Ending::TooLong);
            };
            left = rest;
            self.take(size)?;
            let end = self.take_line()?;
            if !end.is_empty() && !self.is(Fault::ChunkEndsNotChecked) {
                return Ok(Ending::Broken);
            }
        }
    }

    fn read_trailers(&mut self) -> io::Result<Ending> {
        loop {
            match self.take_line()?.as_slice() {
                [] => return Ok(Ending::Good),
                _ if self.is(Fault::TrailersRefused) => return Ok(Ending::Broken),
                _ => {}
            }
        }
    }

    fn take_line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.extend(self.take(1)?);
        }
        line.truncate(line.len() - 2);
        Ok(line)
    }
}

fn chunk_size(line: &[u8], fault: Option<Fault>) -> Option<usize> {
    let text = str::from_utf8(line).ok()?;
    let size = match fault {
        Some(Fault::ExtensionsRefused) => text,
        _ => text.split(';').next()?.trim_end(),
    };
    let small = |size: &str| fault == Some(Fault::ChunkSizesInLowerCase) && size.contains(char::is_uppercase);
    if size.is_empty() || !size.bytes().all(|byte| byte.is_ascii_hexdigit()) || small(size) {
        return (fault == Some(Fault::ChunkSizesReadLoosely)).then_some(0);
    }
    let wrapped =
        || size.get(size.len().checked_sub(16)?..).and_then(|end| usize::from_str_radix(end, 16).ok());
    let number = usize::from_str_radix(size, 16).ok();
    if fault == Some(Fault::ChunkSizesWrap) { number.or_else(wrapped) } else { number }
}
