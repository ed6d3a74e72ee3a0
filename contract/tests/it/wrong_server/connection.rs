//! One connection of the server: framing in, framing out.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::decision::{Answer, decide};
use super::fault::Fault;
use super::parse::Head;

/// How long a server that looks for the end of the connection before it answers looks.
const LOOK: Duration = Duration::from_millis(50);

/// The longest body that is read.
const LONGEST_BODY: usize = 64 * 1_024;

/// Serves until either side closes.
pub(super) fn serve(stream: TcpStream, fault: Option<Fault>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut connection = Connection { stream, fault, arrived: Vec::new(), answers: Vec::new() };
    while connection.answer_one()? {}
    connection.send_answers()
}

struct Connection {
    stream: TcpStream,
    fault: Option<Fault>,
    arrived: Vec<u8>,
    /// Answers that wait until no further request is at hand, as a server that serves pipelines has them.
    answers: Vec<Vec<u8>>,
}

impl Connection {
    fn is(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// Says whether the connection stays.
    fn answer_one(&mut self) -> io::Result<bool> {
        let Some(bytes) = self.read_head()? else {
            return Ok(false);
        };
        let Some(head) = Head::parse(&bytes, self.fault) else {
            if !self.is(Fault::GarbageIsIgnored) {
                self.push(&Answer { status: 400, body: "This is no request.".to_owned() }, "GET");
            }
            return Ok(false);
        };
        if self.is(Fault::HalfClosedIsGone) && self.client_is_gone()? {
            return Ok(false);
        }
        let length = head.values("Content-Length", self.fault).first().and_then(|value| value.parse().ok());
        let answer = decide(&head, length, self.fault);
        if length.is_none_or(|length| length <= LONGEST_BODY) {
            self.read_body(&head, length)?;
        }
        self.push(&answer, &head.method);
        if self.is(Fault::ForgetsPipelined) {
            self.arrived.clear();
        }
        Ok(self.stays(&head, answer.status))
    }

    fn stays(&self, head: &Head, status: u16) -> bool {
        let closes = head.values("Connection", self.fault).iter().any(|value| match self.fault {
            Some(Fault::CloseInLowerCaseOnly) => *value == "close",
            _ => value.eq_ignore_ascii_case("close"),
        });
        let too_much = matches!(status, 413 | 414 | 431);
        let http10 = head.http10 && !self.is(Fault::Http10KeptAlive);
        let ended = self.is(Fault::ClosesAlways) || (self.is(Fault::ClosesAfterErrors) && status != 200);
        self.is(Fault::ClosesNever) || !(closes || too_much || http10 || ended)
    }

    fn read_head(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
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

    /// Reads and drops what belongs to the request.
    fn read_body(&mut self, head: &Head, length: Option<usize>) -> io::Result<()> {
        if head.values("Transfer-Encoding", self.fault).contains(&"chunked") {
            if self.is(Fault::ChunkedBodiesLeftUnread) {
                return Ok(());
            }
            while self.read_chunk()? > 0 {}
        } else if let Some(length) = length
            && !self.is(Fault::BodiesLeftUnread)
        {
            self.take(length)?;
            if self.is(Fault::BodyTakesTheRest) {
                self.arrived.clear();
            }
        }
        Ok(())
    }

    fn read_chunk(&mut self) -> io::Result<usize> {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.extend(self.take(1)?);
        }
        let size = str::from_utf8(&line).ok().and_then(|line| usize::from_str_radix(line.trim(), 16).ok());
        let size = size.ok_or(io::ErrorKind::InvalidData)?;
        self.take(size + 2)?;
        Ok(size)
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.arrived.len() < length {
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

fn to_bytes(answer: &Answer, method: &str, fault: Option<Fault>) -> Vec<u8> {
    let is = |wanted| fault == Some(wanted);
    let (head, error) = (method == "HEAD", answer.status >= 400);
    let body = if error && is(Fault::ErrorsHaveNoBody) { "" } else { &answer.body };
    let date = match fault {
        Some(Fault::NoDate) => "",
        Some(Fault::DateInAsctime) => "date: Sun Nov  6 08:49:37 1994\r\n",
        _ => "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
    };
    let media_type = match fault {
        Some(Fault::NoCharset) => "text/plain",
        Some(Fault::ErrorsAreHtml) if error => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };
    let allow = if answer.status == 405 && !is(Fault::NoAllow) { "Allow: GET, HEAD\r\n" } else { "" };
    let framing = match fault {
        Some(Fault::Chunked) => "Transfer-Encoding: chunked".to_owned(),
        Some(Fault::LengthInCharacters) => format!("Content-Length: {}", body.chars().count()),
        Some(Fault::HeadHasNoLength) if head => "Content-Length: 0".to_owned(),
        _ => format!("Content-Length: {}", body.len()),
    };
    let status = match answer.status {
        200 => "200 OK",
        400 => "400 Bad Request",
        404 => "404 Not Found",
        405 => "405 Method Not Allowed",
        413 => "413 Content Too Large",
        414 => "414 URI Too Long",
        431 => "431 Request Header Fields Too Large",
        _ => "501 Not Implemented",
    };
    let with_body = !head || is(Fault::HeadHasBody) || (is(Fault::HeadErrorHasBody) && error);
    let body = match fault {
        _ if !with_body => String::new(),
        Some(Fault::Chunked) => format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()),
        _ => body.to_owned(),
    };
    let head =
        format!("HTTP/1.1 {status}\r\nServer: hello\r\nContent-Type: {media_type}\r\n{allow}{date}{framing}");
    format!("{head}\r\n\r\n{body}").into_bytes()
}
