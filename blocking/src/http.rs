//! The HTTP stacks a blocking server can run on.

use std::net::{SocketAddr, TcpListener};

use clap::ValueEnum;
use contract::{LimitFlags, ListenError};
use thiserror::Error;

use crate::tiny::{self, NotLoopback, require_loopback};

/// HTTP library that reads requests and writes answers, as `--http` chooses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Http {
    /// `tiny_http`: a reader thread a connection, one queue of requests; on the loopback only
    TinyHttp,
    /// hyper's HTTP/1 on blocking sockets, driven by the thread that serves the connection
    Hyper,
}

impl Http {
    /// Every stack, the default first.
    pub const ALL: [Http; 2] = [Http::TinyHttp, Http::Hyper];

    /// The name on the command line and in the READY line.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Http::TinyHttp => "tiny-http",
            Http::Hyper => "hyper",
        }
    }

    /// The limits that were given although this stack cannot keep them.
    #[must_use]
    pub fn without_effect(self, limits: &LimitFlags) -> Vec<&'static str> {
        match self {
            Http::TinyHttp => tiny::without_effect(limits),
            Http::Hyper => Vec::new(),
        }
    }

    /// Opens the listening socket, where this stack may listen.
    ///
    /// # Errors
    ///
    /// [`AddressError`] when the stack must not listen there, or the kernel refuses.
    pub fn listen(self, addr: SocketAddr) -> Result<TcpListener, AddressError> {
        match self {
            Http::TinyHttp => require_loopback(addr)?,
            Http::Hyper => {}
        }
        Ok(contract::listen(addr)?)
    }
}

/// Why a server does not listen on an address.
#[derive(Debug, Error)]
pub enum AddressError {
    /// The stack is for the loopback only.
    #[error(transparent)]
    NotLoopback(#[from] NotLoopback),
    /// The kernel refuses it.
    #[error(transparent)]
    Listen(#[from] ListenError),
}
