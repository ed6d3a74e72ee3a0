//! One connection of the server: its requests in order, and when it ends.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::body::Ending;
use super::decision::{Answer, decide, knows_the_end};
use super::fault::Fault;
use super::parse::{Head, tokens};
use super::wire::to_bytes;

/// How long a server that looks for the end of the connection before it answers looks.
const LOOK: Duration = Duration::from_millis(50);

/// Serves until either side closes.
pub(super) fn serve(stream: TcpStream, fault: Option<Fault>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut connection = Connection { stream, fault, arrived: Vec::new(), answers: Vec::new() };
    while connection.answer_one()? {}
    connection.send_answers()
}

pub(super) struct Connection {
    stream: TcpStream,
    fault: Option<Fault>,
    arrived: Vec<u8>,
    /// Answers that wait until no further request is at hand, as a server that serves pipelines has them.
    answers: Vec<Vec<u8>>,
}

impl Connection {
    pub(super) fn is(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// Says whether the connection stays.
    fn answer_one(&mut self) -> io::Result<bool> {
        let Some(bytes) = self.read_head()? else {
            return Ok(false);
        };
        let Some(head) = Head::parse(&bytes, self.fault) else {
            let line = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
            let unanswered = self.is(Fault::GarbageIsIgnored)
                || (self.is(Fault::LongLinesUnanswered) && line.contains(&b'\n'));
            if !unanswered {
                let sentence = if self.is(Fault::GarbageHasNoBody) { "" } else { "This is no request." };
                let is_head = bytes.starts_with(b"HEAD ") && !self.is(Fault::BrokenHeadHasBody);
                let method = if is_head { "HEAD" } else { "GET" };
                self.push(&Answer { status: 400, body: sentence.to_owned() }, method);
            }
            return Ok(self.is(Fault::StaysAfterGarbage));
        };
        if self.is(Fault::HalfClosedIsGone) && self.client_is_gone()? {
            return Ok(false);
        }
        let lengths = head.values("Content-Length", self.fault);
        let is_left = lengths.len() > 1 && self.is(Fault::SameLengthTwiceLeftUnread);
        let length = lengths.first().and_then(|value| value.parse().ok()).filter(|_| !is_left);
        let mut answer = decide(&head, length, self.fault);
        let mut stays = self.stays(&head, answer.status);
        self.send_continue(&head, answer.status)?;
        match self.read_body(&head, length)? {
            Ending::Good => {}
            Ending::TooLong => {
                answer = Answer { status: 413, body: "The body is too long.".to_owned() };
                stays = self.is(Fault::StaysAfterChunked413);
            }
            Ending::Broken => {
                answer = Answer { status: 400, body: "The body is broken.".to_owned() };
                stays = self.is(Fault::StaysAfterBrokenBody);
            }
        }
        self.push(&answer, &head.method);
        if self.is(Fault::ForgetsPipelined) {
            self.arrived.clear();
        }
        Ok(stays)
    }

    /// Whether the connection stays after a request that was read to its end.
    fn stays(&self, head: &Head, status: u16) -> bool {
        let fields = head.values("Connection", self.fault);
        let fields =
            if self.is(Fault::FirstConnectionFieldOnly) { &fields[..fields.len().min(1)] } else { &fields };
        let says = |option: &str| match self.fault {
            Some(Fault::CloseInLowerCaseOnly) => fields.contains(&option),
            Some(Fault::CloseAloneOnly) => fields.iter().any(|field| field.eq_ignore_ascii_case(option)),
            _ => fields.iter().any(|field| tokens(field).any(|token| token.eq_ignore_ascii_case(option))),
        };
        let too_much = matches!(status, 414 | 431) || (status == 413 && !self.is(Fault::StaysAfter413));
        let kept = says("keep-alive") && !self.is(Fault::Http10NeverKept);
        let http10 = head.http10 && !kept && !self.is(Fault::Http10KeptAlive);
        let unknown_end = !knows_the_end(head, self.fault) && !self.is(Fault::StaysAfterTwoLengths);
        let two_ends = head.has_length_beside_chunked(self.fault)
            && !self.is(Fault::LengthBesideChunkedStays)
            && !self.is(Fault::LengthBesideChunkedCounts);
        let ended = self.is(Fault::ClosesAlways) || (self.is(Fault::ClosesAfterErrors) && status != 200);
        let closes = says("close") || too_much || http10 || unknown_end || two_ends || ended;
        self.is(Fault::ClosesNever) || !closes
    }

    fn send_continue(&mut self, head: &Head, status: u16) -> io::Result<()> {
        let expected = head.values("Expect", self.fault).contains(&"100-continue");
        let wanted = status != 413 || self.is(Fault::ContinuesAnyway);
        if expected && wanted && !self.is(Fault::NoContinue) {
            self.answers.push(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec());
            self.send_answers()?;
        }
        Ok(())
    }

    fn read_head(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            while self.arrived.starts_with(b"\r\n") && !self.is(Fault::EmptyLineRefused) {
                self.arrived.drain(..2);
            }
            if let Some(at) = self.arrived.windows(4).position(|window| window == b"\r\n\r\n") {
                return Ok(Some(self.arrived.drain(..at + 4).collect()));
            }
            if self.is(Fault::OneReadARequest) && !self.arrived.is_empty() {
                return Ok(Some(std::mem::take(&mut self.arrived)));
            }
            self.send_answers()?;
            if self.fill()? == 0 {
                return Ok(None);
            }
        }
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    pub(super) fn take_all(&mut self) {
        self.arrived.clear();
    }

    pub(super) fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.arrived.len() < length {
            self.send_answers()?;
            if self.fill()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.arrived.drain(..length).collect())
    }

    fn fill(&mut self) -> io::Result<usize> {
        let mut buffer = [0; 16 * 1_024];
        let length = self.stream.read(&mut buffer)?;
        self.arrived.extend(&buffer[..length]);
        Ok(length)
    }

    fn client_is_gone(&self) -> io::Result<bool> {
        self.stream.set_read_timeout(Some(LOOK))?;
        let gone = matches!(self.stream.peek(&mut [0]), Ok(0));
        self.stream.set_read_timeout(None)?;
        Ok(gone)
    }

    fn push(&mut self, answer: &Answer, method: &str) {
        self.answers.push(to_bytes(answer, method, self.fault));
    }

    fn send_answers(&mut self) -> io::Result<()> {
        if self.is(Fault::ReversesPipelined) {
            self.answers.reverse();
        }
        self.stream.write_all(&std::mem::take(&mut self.answers).concat())
    }
}
