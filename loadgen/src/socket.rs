//! What the event loop does with a socket: each function is one system call where nothing goes wrong.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use nix::errno::Errno;
use socket2::{Domain, Socket, Type};

/// What a `recv` brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    Bytes(usize),
    /// Nothing yet.
    Nothing,
    /// The peer has closed.
    End,
}

/// Watches the socket, edge-triggered and for good.
pub(crate) fn register(stream: &mut TcpStream, token: Token, registry: &Registry) -> io::Result<()> {
    registry.register(stream, token, Interest::READABLE | Interest::WRITABLE)
}

/// Begins to connect a new socket, from this local address if one is given.
pub(crate) fn open(
    addr: SocketAddr,
    source: Option<Ipv4Addr>,
    token: Token,
    registry: &Registry,
) -> io::Result<TcpStream> {
    let mut stream = match source {
        None => TcpStream::connect(addr)?,
        Some(source) => {
            let socket = bound(addr, source)?;
            socket.set_nonblocking(true)?;
            match socket.connect(&addr.into()) {
                Err(error) if error.raw_os_error() != Some(Errno::EINPROGRESS as i32) => return Err(error),
                _ => TcpStream::from_std(socket.into()),
            }
        }
    };
    register(&mut stream, token, registry)?;
    Ok(stream)
}

/// Connects a new socket, and waits for that.
pub(crate) fn connect(
    addr: SocketAddr,
    source: Option<Ipv4Addr>,
    patience: Duration,
) -> io::Result<std::net::TcpStream> {
    let stream = match source {
        None => std::net::TcpStream::connect_timeout(&addr, patience)?,
        Some(source) => {
            let socket = bound(addr, source)?;
            socket.connect_timeout(&addr.into(), patience)?;
            socket.into()
        }
    };
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A new socket with this local address and a port that the kernel chooses.
fn bound(addr: SocketAddr, source: Ipv4Addr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, None)?;
    // A bind that finds no port says "in use"; to connecting it is the same as being out of ports.
    socket.bind(&SocketAddr::from((source, 0)).into()).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => ErrorKind::AddrNotAvailable.into(),
        _ => error,
    })?;
    Ok(socket)
}

/// Whether a socket that is being connected has got there; if so, makes it ready for requests.
pub(crate) fn is_connected(stream: &TcpStream) -> io::Result<bool> {
    if let Some(error) = stream.take_error()? {
        return Err(error);
    }
    match stream.peer_addr() {
        Ok(_) => stream.set_nodelay(true).map(|()| true),
        Err(error) if error.kind() == ErrorKind::NotConnected => Ok(false),
        Err(error) => Err(error),
    }
}

/// Sends as much as the socket takes, and says how much that was.
pub(crate) fn send(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut sent = 0;
    while sent < bytes.len() {
        match stream.write(&bytes[sent..]) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}

/// Receives once.
pub(crate) fn receive(stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<Received> {
    loop {
        match stream.read(buffer) {
            Ok(0) => return Ok(Received::End),
            Ok(count) => return Ok(Received::Bytes(count)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Received::Nothing),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
