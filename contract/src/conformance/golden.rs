//! The byte-exact answers of the servers in this workspace: a comparison never measures different bytes.
//!
//! Separate from the cases, because another server may keep the contract with other headers in another order.
//! The `Date` line is left out wherever it stands, and an error's sentence is free: its length is taken from
//! what came.

use std::net::SocketAddr;

use super::expect;
use super::failure::{Failure, quote};
use super::probe::Probe;
use super::report::Report;
use super::request::Request;
use super::response::Response;
use super::run::{DEFAULT_TIMEOUT, run_table};

/// A request and what our servers answer to it.
#[derive(Debug, Clone, Copy)]
pub struct Exchange {
    /// The stable name.
    pub id: &'static str,
    /// The request's method.
    pub method: &'static str,
    /// The request's target.
    pub target: &'static str,
    /// The answer.
    pub answer: Answer,
}

/// What an exchange is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The greeting of this name.
    Greeting(&'static str),
    /// An error: status and reason, and whether `Allow` is told.
    Error(&'static str, Allow),
}

/// Whether an error tells which methods are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allow {
    /// It does.
    Told,
    /// It does not.
    Untold,
}

use Allow::{Told, Untold};
use Answer::{Error, Greeting};

const RULE: &str = "the answer is the same on every server of the comparison, byte for byte";

const fn row(id: &'static str, method: &'static str, target: &'static str, answer: Answer) -> Exchange {
    Exchange { id, method, target, answer }
}

/// Every exchange, in the order in which they run.
pub const EXCHANGES: &[Exchange] = &[
    row("golden.get-name", "GET", "/World", Greeting("World")),
    row("golden.head-name", "HEAD", "/World", Greeting("World")),
    row("golden.get-anonymous", "GET", "/", Greeting("Anonymous")),
    row("golden.head-anonymous", "HEAD", "/", Greeting("Anonymous")),
    row("golden.get-encoded", "GET", "/%C3%A9%20x", Greeting("é x")),
    row("golden.head-encoded", "HEAD", "/%C3%A9%20x", Greeting("é x")),
    row("golden.get-encoded-slash", "GET", "/a%2Fb", Greeting("a/b")),
    row("golden.head-encoded-slash", "HEAD", "/a%2Fb", Greeting("a/b")),
    row("golden.get-query", "GET", "/bob?x=1", Greeting("bob")),
    row("golden.head-query", "HEAD", "/bob?x=1", Greeting("bob")),
    row("golden.get-absolute-form", "GET", "http://host/bob", Greeting("bob")),
    row("golden.head-absolute-form", "HEAD", "http://host/bob", Greeting("bob")),
    row("golden.two-segments", "GET", "/a/b", Error("404 Not Found", Untold)),
    row("golden.empty-segments", "GET", "//", Error("404 Not Found", Untold)),
    row("golden.not-utf8", "GET", "/%FF", Error("400 Bad Request", Untold)),
    row("golden.post", "POST", "/x", Error("405 Method Not Allowed", Told)),
];

impl Exchange {
    /// The bytes of the request.
    #[must_use]
    pub fn request(&self) -> Vec<u8> {
        Request::new(self.method, self.target).to_bytes()
    }

    /// The bytes of the answer without its `Date` line; `sentence` is the body if the answer is an error.
    #[must_use]
    pub fn expected(&self, sentence: &[u8]) -> Vec<u8> {
        let greeting;
        let (status, allow, body) = match self.answer {
            Answer::Greeting(name) => {
                greeting = format!("Hello, {name}!");
                ("200 OK", Allow::Untold, greeting.as_bytes())
            }
            Answer::Error(status, allow) => (status, allow, sentence),
        };
        let allow = if allow == Allow::Told { "Allow: GET, HEAD\r\n" } else { "" };
        let mut bytes = format!(
            "HTTP/1.1 {status}\r\nServer: hello\r\nContent-Type: text/plain; charset=utf-8\r\n\
             {allow}Content-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        if self.method != "HEAD" {
            bytes.extend(body);
        }
        bytes
    }

    fn run(&self, probe: &Probe) -> Result<(), Failure> {
        let came = probe.ask(&Request::new(self.method, self.target))?;
        let wanted = self.expected(&came.body);
        let came = without_date(&came);
        expect::holds(came == wanted, || quote(&wanted), || quote(&came))
    }
}

/// Puts every exchange to the server at `address`.
#[must_use]
pub fn run_golden(address: SocketAddr) -> Report {
    let run = |exchange: &Exchange, probe: &Probe| (exchange.id, RULE, exchange.run(probe));
    run_table(address, DEFAULT_TIMEOUT, EXCHANGES, run, |_| ())
}

fn without_date(response: &Response) -> Vec<u8> {
    let dates = |line: &&[u8]| !line.get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"date:"));
    let lines = response.head.split_inclusive(|&byte| byte == b'\n').filter(dates);
    lines.flatten().chain(&response.body).copied().collect()
}
