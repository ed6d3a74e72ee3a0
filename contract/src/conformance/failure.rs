//! Why a case failed, always with what came instead.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::response::ReadError;

/// Why a case failed. The sentence quotes what the server sent, so that a report can be read without a trace.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nothing accepts connections at the address.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// Where the server was expected.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The socket failed while a request was being sent.
    #[error("cannot send the request: {0}")]
    Send(#[source] io::Error),
    /// The case's deadline passed while it waited.
    #[error("no complete answer within {}; so far {came}", humantime::format_duration(*.deadline))]
    Deadline {
        /// How long the case was given.
        deadline: Duration,
        /// What had arrived by then.
        came: String,
    },
    /// The bytes that came are not one HTTP/1 response after the other.
    #[error(transparent)]
    Read(ReadError),
    /// The answer is HTTP, but not what the contract promises.
    #[error("wanted {wanted}, came {came}")]
    Answer {
        /// What the contract promises.
        wanted: String,
        /// What the server answered.
        came: String,
    },
}

/// How much of what came a failure quotes: a status line, the usual headers and a greeting.
const QUOTED: usize = 240;

/// The bytes as a reader can see them, on one line and cut where they get long.
pub(super) fn quote(bytes: &[u8]) -> String {
    match bytes {
        [] => "nothing".to_owned(),
        bytes if bytes.len() <= QUOTED => format!("\"{}\"", bytes.escape_ascii()),
        bytes => format!("\"{}\" and {} more bytes", bytes[..QUOTED].escape_ascii(), bytes.len() - QUOTED),
    }
}
