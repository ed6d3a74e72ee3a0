//! What can go wrong, as values: the class of a failed request, and the reasons a run cannot be had at all.
//!
//! The two never mix. A request that fails is data and ends up in the record; a `LoadError` means that there is
//! no record.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::response::ProtocolError;

/// Why a request did not end in a valid answer. Each failed request belongs to exactly one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorClass {
    /// Nobody listens there, or no route leads there.
    ConnectRefused,
    /// The connection was not established within the timeout.
    ConnectTimeout,
    /// The local ports towards this address are used up (`EADDRNOTAVAIL`).
    OutOfPorts,
    /// The generator may not open another file descriptor (`EMFILE`, `ENFILE`).
    OutOfFiles,
    /// The peer reset the connection while a request was outstanding.
    Reset,
    /// The peer closed the connection before the answer was complete.
    ClosedEarly,
    /// No complete answer within the timeout.
    Timeout,
    /// A complete answer with another status than the expected one.
    BadStatus,
    /// The expected status with another body than the expected one.
    BadBody,
    /// What came is not an HTTP/1.x answer to one request.
    Protocol,
    /// The connection could not be made for another reason: forbidden (`EACCES`), or the system is out of buffers
    /// (`ENOBUFS`).
    ConnectFailed,
}

impl ErrorClass {
    /// Every class, in the order of the record.
    pub const ALL: [Self; 11] = [
        Self::ConnectRefused,
        Self::ConnectTimeout,
        Self::OutOfPorts,
        Self::OutOfFiles,
        Self::Reset,
        Self::ClosedEarly,
        Self::Timeout,
        Self::BadStatus,
        Self::BadBody,
        Self::Protocol,
        Self::ConnectFailed,
    ];

    /// The stable name that records and reports use, such as `connect-refused`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::ConnectRefused => "connect-refused",
            Self::ConnectTimeout => "connect-timeout",
            Self::OutOfPorts => "out-of-ports",
            Self::OutOfFiles => "out-of-files",
            Self::Reset => "reset",
            Self::ClosedEarly => "closed-early",
            Self::Timeout => "timeout",
            Self::BadStatus => "bad-status",
            Self::BadBody => "bad-body",
            Self::Protocol => "protocol",
            Self::ConnectFailed => "connect-failed",
        }
    }

    /// The class of an error that came while the connection was being made.
    pub(crate) fn of_connect(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AddrNotAvailable => Self::OutOfPorts,
            io::ErrorKind::TimedOut => Self::ConnectTimeout,
            io::ErrorKind::ConnectionReset => Self::Reset,
            _ if out_of_files(error) => Self::OutOfFiles,
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable => Self::ConnectRefused,
            _ => Self::ConnectFailed,
        }
    }
}

/// Whether the process, or the machine, has no file descriptor left.
pub(crate) fn out_of_files(error: &io::Error) -> bool {
    use nix::errno::Errno;
    error
        .raw_os_error()
        .map(Errno::from_raw)
        .is_some_and(|errno| matches!(errno, Errno::EMFILE | Errno::ENFILE))
}

/// Why a run could not be had. Each message says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The plan contradicts itself; the text says where.
    #[error("{0}")]
    BadPlan(&'static str),
    /// The very first connection could not be made.
    #[error("cannot connect to {addr}: {cause}; is the server running?")]
    Connect {
        /// Where the connection was meant to go.
        addr: SocketAddr,
        /// What the system said.
        cause: String,
    },
    /// The first request got no complete answer in time.
    #[error("no answer from {addr} within {}; is this an HTTP/1.1 server? (--timeout waits longer)", humantime::format_duration(*.after))]
    NoAnswer {
        /// Who was asked.
        addr: SocketAddr,
        /// How long the generator waited.
        after: Duration,
    },
    /// The first connection broke before its answer was complete.
    #[error("{addr} broke the first connection before it had answered: {cause}; look at the server's log")]
    Broken {
        /// Who was asked.
        addr: SocketAddr,
        /// What the system said.
        cause: String,
    },
    /// The first answer is not HTTP/1.x.
    #[error("the first answer from {addr} cannot be understood: {cause}; is this an HTTP/1.1 server?")]
    NotHttp {
        /// Who was asked.
        addr: SocketAddr,
        /// What is wrong with the answer.
        #[source]
        cause: ProtocolError,
    },
    /// The client library could not be set up.
    #[error("reqwest cannot be set up: {0}; --transport raw does without it")]
    Client(String),
    /// The client library would not send the path as it was written.
    #[error("reqwest would ask for {sent} instead of {url}; write it like that, or use --transport raw")]
    Rewritten {
        /// The URL as it was written.
        url: String,
        /// The URL as reqwest has it.
        sent: String,
    },
    /// No TLS session could be agreed on.
    #[error("the TLS handshake with {addr} failed: {cause}; --insecure accepts any certificate")]
    Tls {
        /// Who was asked.
        addr: SocketAddr,
        /// What the handshake failed for.
        cause: String,
    },
    /// The first answer has another status than the plan expects.
    #[error(
        "{url} answers with status {found}, not {expected}; correct the URL or pass --expect-status {found}"
    )]
    WrongStatus {
        /// What was asked for.
        url: String,
        /// The status of the plan.
        expected: u16,
        /// The status of the first answer.
        found: u16,
    },
    /// The first answer's body is too large to be kept as the reference.
    #[error(
        "the body of the first answer is larger than {limit} bytes and cannot be the reference; pass --no-validate"
    )]
    LargeReference {
        /// The largest body that can be one, in bytes.
        limit: usize,
    },
    /// The paths differ, and so will the bodies, but nothing says how.
    #[error(
        "the paths differ and the first answer is no greeting; pass --expect-body with {{name}} in it, or --no-validate"
    )]
    VaryingBodies,
    /// An event loop is to run where the process may not.
    #[error("CPU {cpu} is not there, or this process may not use it; see taskset -p $$")]
    Cpu {
        /// The CPU that was asked for.
        cpu: usize,
    },
    /// The connections need more file descriptors than the hard limit grants.
    #[error(
        "{needed} open files are needed and the hard limit is {hard}; raise it (ulimit -Hn) or use fewer connections"
    )]
    OpenFiles {
        /// Descriptors the plan needs.
        needed: u64,
        /// Descriptors the process may have at most.
        hard: u64,
    },
    /// The process that is to be watched is not there, or cannot be read.
    #[error("process {pid} cannot be watched: {cause}; see ps -p {pid}")]
    NoProcess {
        /// The process that was named.
        pid: u32,
        /// What the system said.
        cause: String,
    },
    /// The system refused something the event loop cannot do without.
    #[error("the event loop failed: {0}; fewer threads or connections need fewer resources")]
    EventLoop(#[from] io::Error),
    /// The run was cancelled before its clock had started.
    #[error("interrupted while the connections were being opened; nothing was measured")]
    Interrupted,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_the_names_in_the_record() {
        for class in ErrorClass::ALL {
            assert_eq!(serde_json::to_value(class).expect("a class is a string"), class.label());
        }
    }

    #[test]
    fn what_the_system_forbids_is_not_what_the_server_refuses() {
        use nix::errno::Errno;
        let class = |errno: Errno| ErrorClass::of_connect(&io::Error::from(errno));
        for errno in [Errno::ECONNREFUSED, Errno::EHOSTUNREACH, Errno::ENETUNREACH] {
            assert_eq!(class(errno), ErrorClass::ConnectRefused, "{errno}");
        }
        for errno in [Errno::EACCES, Errno::ENOBUFS, Errno::EPERM] {
            assert_eq!(class(errno), ErrorClass::ConnectFailed, "{errno}");
        }
        assert_eq!(class(Errno::EADDRNOTAVAIL), ErrorClass::OutOfPorts);
        assert_eq!(class(Errno::EMFILE), ErrorClass::OutOfFiles);
    }

    #[test]
    fn classes_come_in_the_order_of_the_list() {
        for (index, class) in ErrorClass::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, index);
        }
    }
}
