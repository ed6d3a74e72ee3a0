//! The listening socket: the one place where the contract touches the network.
//!
//! It is here, and not in each server, because a different backlog or a forgotten `TCP_NODELAY` would show up
//! in the results as if it were the concurrency model.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};
use thiserror::Error;

use crate::limits;

/// Why a server cannot listen.
#[derive(Debug, Error)]
pub enum ListenError {
    /// Somebody else listens there already.
    #[error(
        "cannot listen on {0}: the address is in use; stop the other program or choose another port with --addr"
    )]
    InUse(SocketAddr),
    /// Anything else the kernel refuses.
    #[error("cannot listen on {addr}: {source}; choose another address with --addr")]
    Refused {
        /// The address that was asked for.
        addr: SocketAddr,
        /// What the kernel said.
        source: io::Error,
    },
}

/// Opens a blocking listening socket with [`limits::BACKLOG`] and `TCP_NODELAY`.
///
/// On Linux accepted sockets inherit `TCP_NODELAY`. Without it `tiny_http` delays every keep-alive answer of more
/// than 1,024 bytes by the peer's delayed acknowledgement, about 40 ms.
///
/// # Errors
///
/// [`ListenError`] when the address is in use or the kernel refuses it.
pub fn listen(addr: SocketAddr) -> Result<TcpListener, ListenError> {
    open(addr).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse(addr),
        _ => ListenError::Refused { addr, source },
    })
}

fn open(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait for the old connections' TIME_WAIT to pass.
    socket.set_reuse_address(true)?;
    socket.set_tcp_nodelay(true)?;
    socket.bind(&addr.into())?;
    socket.listen(limits::BACKLOG)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    const ANY_PORT: &str = "127.0.0.1:0";

    #[test]
    fn accepted_sockets_have_nodelay() {
        let listener = listen(ANY_PORT.parse().unwrap()).unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        assert!(listener.accept().unwrap().0.nodelay().unwrap());
    }

    #[test]
    fn a_used_port_is_named() {
        let first = listen(ANY_PORT.parse().unwrap()).unwrap();
        let addr = first.local_addr().unwrap();
        let message = listen(addr).unwrap_err().to_string();
        assert!(message.contains(&addr.to_string()) && message.contains("in use"), "{message}");
    }
}
