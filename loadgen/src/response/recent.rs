//! The head that was read last, so that the same bytes need not be read again.
//!
//! What a head says depends on its bytes alone, and the answers on one connection mostly begin with the same ones: the
//! date changes once a second. Comparing costs a tenth of reading. A head that differs is read as ever, and remembered
//! in its turn; nothing is taken from the one before.

use super::ProtocolError;
use super::head::{Framing, Head};

/// Longer heads are not remembered, in bytes: with tens of thousands of connections each byte counts.
pub(super) const LONGEST: usize = 512;

/// The head of the answer before, on this connection.
#[derive(Debug, Default)]
pub(super) struct Recent {
    bytes: Vec<u8>,
    /// `None` as long as nothing is remembered.
    head: Option<Head>,
}

impl Recent {
    /// What [`Head::parse`] says of `bytes`.
    pub(super) fn parse(&mut self, bytes: &[u8]) -> Result<Option<(Head, usize)>, ProtocolError> {
        if let Some(head) = self.head
            && bytes.starts_with(&self.bytes)
        {
            return Ok(Some((head, self.bytes.len())));
        }
        let parsed = Head::parse(bytes)?;
        if let Some((head, length)) = parsed
            && length <= LONGEST
            // The final head is the one worth remembering.
            && head.framing != Framing::Interim
        {
            self.bytes.clear();
            self.bytes.extend_from_slice(&bytes[..length]);
            self.head = Some(head);
        }
        Ok(parsed)
    }

    /// Bytes that are kept.
    #[cfg(any(test, feature = "fuzz"))]
    pub(super) fn held(&self) -> usize {
        self.bytes.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_head_takes_the_place_of_the_one_before() {
        let mut recent = Recent::default();
        for length in 0..100 {
            let bytes = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
            let (head, used) = recent.parse(bytes.as_bytes()).expect("good").expect("complete");
            assert_eq!((head.framing, used), (Framing::Length(length), bytes.len()));
            assert_eq!(recent.bytes, bytes.as_bytes());
        }
    }

    #[test]
    fn neither_long_heads_nor_interim_ones_are_remembered() {
        let mut recent = Recent::default();
        let long = format!("HTTP/1.1 200 OK\r\na: {}\r\n\r\n", "a".repeat(LONGEST));
        for bytes in [long.as_str(), "HTTP/1.1 103 Early Hints\r\n\r\n"] {
            recent.parse(bytes.as_bytes()).expect("good").expect("complete");
            assert_eq!((recent.head, recent.held()), (None, 0), "{bytes:.30}");
        }
    }
}
