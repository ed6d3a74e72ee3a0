//! The line a server prints first, once its socket listens; written and read by this one module.

use std::fmt;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::str::FromStr;

use thiserror::Error;

/// A concurrency model, as results name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// One request at a time.
    Sync,
    /// A fixed pool of blocking workers.
    Threaded,
    /// Tasks on an event loop.
    Async,
}

impl Model {
    /// Every model, in the order in which results show them.
    pub const ALL: [Model; 3] = [Model::Sync, Model::Threaded, Model::Async];

    /// The stable name in the READY line and in records.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Model::Sync => "sync",
            Model::Threaded => "threaded",
            Model::Async => "async",
        }
    }
}

/// `listening on http://127.0.0.1:8080 model=async http=axum threads=2 pid=1234`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// Where it listens; with `--addr 127.0.0.1:0` the port the kernel chose.
    pub addr: SocketAddr,
    /// How it schedules requests.
    pub model: Model,
    /// Which HTTP library answers, as `--http` names it.
    pub http: String,
    /// Threads that handle requests; what the HTTP library adds of its own is not counted.
    pub threads: usize,
    /// Process id.
    pub pid: u32,
}

impl Ready {
    /// Describes the calling process.
    #[must_use]
    pub fn here(addr: SocketAddr, model: Model, http: &str, threads: usize) -> Self {
        Ready { addr, model, http: http.to_owned(), threads, pid: std::process::id() }
    }

    /// Prints the line on stdout and flushes it.
    ///
    /// # Errors
    ///
    /// What writing to stdout said; a server may ignore it, for its work needs no stdout.
    pub fn announce(&self) -> io::Result<()> {
        self.announce_with(&[])
    }

    /// Like [`Ready::announce`], with `key=value` words of the server's own at the end of the line.
    ///
    /// # Errors
    ///
    /// What writing to stdout said.
    pub fn announce_with(&self, more: &[(&str, &str)]) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        write!(stdout, "{self}")?;
        for (key, value) in more {
            write!(stdout, " {key}={value}")?;
        }
        writeln!(stdout)?;
        stdout.flush()
    }
}

impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ready { addr, model, http, threads, pid } = self;
        let model = model.label();
        write!(f, "listening on http://{addr} model={model} http={http} threads={threads} pid={pid}")
    }
}

/// A line that is no READY line.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("expected `listening on http://ADDR model=… http=… threads=… pid=…`, got {0:?}")]
pub struct ReadyError(String);

impl FromStr for Ready {
    type Err = ReadyError;

    /// Reads the line back. Unknown `key=value` words are passed over, so that a newer server can say more.
    fn from_str(line: &str) -> Result<Self, ReadyError> {
        parse(line).ok_or_else(|| ReadyError(line.to_owned()))
    }
}

fn parse(line: &str) -> Option<Ready> {
    let mut words = line.trim_end().strip_prefix("listening on http://")?.split(' ');
    let addr = words.next()?.parse().ok()?;
    let pairs: Vec<(&str, &str)> = words.filter_map(|word| word.split_once('=')).collect();
    let value = |key: &str| pairs.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
    Some(Ready {
        addr,
        model: Model::ALL.into_iter().find(|model| Some(model.label()) == value("model"))?,
        http: value("http")?.to_owned(),
        threads: value("threads")?.parse().ok()?,
        pid: value("pid")?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_and_read_back() {
        let ready = Ready {
            addr: "127.0.0.1:8080".parse().unwrap(),
            model: Model::Async,
            http: "axum".to_owned(),
            threads: 2,
            pid: 1234,
        };
        let line = "listening on http://127.0.0.1:8080 model=async http=axum threads=2 pid=1234";
        assert_eq!(ready.to_string(), line);
        assert_eq!(format!("{line} extra=1\n").parse(), Ok(ready));
    }

    #[test]
    fn other_lines_are_refused_and_quoted() {
        for line in [
            "",
            "hello",
            "listening on http://nowhere model=async",
            "listening on http://127.0.0.1:1 model=x",
        ] {
            let error = line.parse::<Ready>().unwrap_err();
            assert!(error.to_string().contains(&format!("{line:?}")));
        }
    }
}
