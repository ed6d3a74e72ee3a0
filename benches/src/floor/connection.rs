//! One connection of the floor: how many requests have come, and how many bytes of answers are still to go.
//!
//! Both are numbers. Requests are told apart by the empty line at their end and nothing else; answers are all the
//! same, so those that are owed are a count of bytes and not a buffer.

use std::io::{self, ErrorKind, Read, Write};

use mio::net::TcpStream;

/// What ends the head of a request, and so a request, since none here has a body.
const END: &[u8; 4] = b"\r\n\r\n";

/// Counts ends of heads in bytes that come in fragments.
#[derive(Debug, Default)]
pub(super) struct Heads {
    /// How much of [`END`] the bytes so far end with.
    matched: usize,
}

impl Heads {
    /// How many heads end in `bytes`, the next ones of the connection.
    pub(super) fn count(&mut self, bytes: &[u8]) -> usize {
        let mut ended = 0;
        for byte in bytes {
            self.matched = match *byte {
                byte if byte == END[self.matched] => self.matched + 1,
                b'\r' => 1,
                _ => 0,
            };
            if self.matched == END.len() {
                self.matched = 0;
                ended += 1;
            }
        }
        ended
    }
}

/// The one answer, many times in a row, so that those to pipelined requests leave in one piece.
#[derive(Debug)]
pub(super) struct Answers {
    repeated: Vec<u8>,
    /// Length of one answer.
    length: usize,
}

impl Answers {
    /// Answers that leave together at most.
    const TOGETHER: usize = 64;

    pub(super) fn new(answer: &[u8]) -> Self {
        Self { repeated: answer.repeat(Self::TOGETHER), length: answer.len() }
    }

    /// The next bytes to send when so many bytes of answers are still to go; all that fit into one piece.
    fn due(&self, owed: usize) -> &[u8] {
        let begun = (self.length - owed % self.length) % self.length;
        &self.repeated[begun..self.repeated.len().min(begun + owed)]
    }
}

/// Whether a connection lives on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    /// The client has closed it, or it has failed: to be dropped.
    Over,
}

/// A client.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    heads: Heads,
    /// Bytes of answers that are still to go.
    owed: usize,
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self { stream, heads: Heads::default(), owed: 0 }
    }

    pub(super) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Whether answers are still to go.
    pub(super) fn owes(&self) -> bool {
        self.owed > 0
    }

    /// Answers what has come, until nothing is left to read or the client takes no more.
    ///
    /// Nothing is read while answers are owed: a client that sends and does not read is held up by the kernel, and
    /// costs no memory here. `ended` says that the client will send no more, so that it must be read to its end.
    pub(super) fn serve(&mut self, buffer: &mut [u8], answers: &Answers, ended: bool) -> State {
        self.try_serve(buffer, answers, ended).unwrap_or(State::Over)
    }

    fn try_serve(&mut self, buffer: &mut [u8], answers: &Answers, ended: bool) -> io::Result<State> {
        loop {
            self.send(answers)?;
            if self.owes() {
                return Ok(State::Open);
            }
            let count = match self.stream.read(buffer) {
                Ok(0) => return Ok(State::Over),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(State::Open),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.owed = self.heads.count(&buffer[..count]) * answers.length;
            if count < buffer.len() && !ended {
                // The socket is empty, and what comes next is a new event: a read that says so would be one too many.
                self.send(answers)?;
                return Ok(State::Open);
            }
        }
    }

    fn send(&mut self, answers: &Answers) -> io::Result<()> {
        while self.owes() {
            match self.stream.write(answers.due(self.owed)) {
                Ok(count) => self.owed -= count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_counted_wherever_they_are_cut() {
        for (bytes, expected) in [
            ("", 0),
            ("GET / HTTP/1.1\r\nHost: a\r\n", 0),
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 1),
            ("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\nGET", 2),
            ("\r\r\n\r\n", 1),
            ("\r\n\r\r\n\r\n", 1),
            ("\r\n\r\n\r\n", 1),
            ("\r\n \r\n", 0),
            ("\n\n", 0),
        ] {
            let bytes = bytes.as_bytes();
            for cut in 0..=bytes.len() {
                let mut heads = Heads::default();
                let counted = heads.count(&bytes[..cut]) + heads.count(&bytes[cut..]);
                assert_eq!(counted, expected, "{bytes:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn answers_go_on_where_they_were_cut() {
        let answers = Answers::new(b"abc");
        assert_eq!(answers.due(3), b"abc");
        assert_eq!(answers.due(2), b"bc");
        assert_eq!(answers.due(1), b"c");
        assert_eq!(answers.due(7), b"cabcabc");
        let most = 3 * Answers::TOGETHER;
        assert_eq!(answers.due(most + 3).len(), most);
        assert_eq!(answers.due(most + 1).len(), most - 2);
        assert!(answers.due(0).is_empty());
    }
}
