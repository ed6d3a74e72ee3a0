//! The listening socket: the one place where the contract touches the network.
//!
//! It is here, and not in each server, because a different backlog or a forgotten `TCP_NODELAY` would show up
//! in the results as if it were the concurrency model.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;

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
    open(addr, Port::Alone).map_err(|source| refused(addr, source))
}

/// Opens `count` such sockets on the same port; the kernel spreads connections over them by a hash of their addresses.
///
/// With few connections the shares are uneven, and a connection stays where it was put.
///
/// # Errors
///
/// [`ListenError`] when the address is in use or the kernel refuses it.
pub fn listen_shared(addr: SocketAddr, count: NonZeroUsize) -> Result<Vec<TcpListener>, ListenError> {
    let try_all = || {
        let first = open(addr, Port::Shared)?;
        // With port 0 the kernel has chosen one: the others join it there.
        let addr = first.local_addr()?;
        let others = (1..count.get()).map(|_| open(addr, Port::Shared));
        std::iter::once(Ok(first)).chain(others).collect::<io::Result<Vec<_>>>()
    };
    try_all().map_err(|source| refused(addr, source))
}

fn refused(addr: SocketAddr, source: io::Error) -> ListenError {
    match source.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse(addr),
        _ => ListenError::Refused { addr, source },
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Port {
    Alone,
    Shared,
}

fn open(addr: SocketAddr, port: Port) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait for the old connections' TIME_WAIT to pass.
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(port == Port::Shared)?;
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
    fn shared_listeners_have_one_port() {
        let listeners = listen_shared(ANY_PORT.parse().unwrap(), NonZeroUsize::new(3).unwrap()).unwrap();
        assert_eq!(listeners.len(), 3);
        let addr = listeners[0].local_addr().unwrap();
        assert!(listeners.iter().all(|one| one.local_addr().unwrap() == addr));
        assert!(listen(addr).is_err(), "the port is not free for others");
    }

    #[test]
    fn a_used_port_is_named() {
        let first = listen(ANY_PORT.parse().unwrap()).unwrap();
        let addr = first.local_addr().unwrap();
        let message = listen(addr).unwrap_err().to_string();
        assert!(message.contains(&addr.to_string()) && message.contains("in use"), "{message}");
    }
}
