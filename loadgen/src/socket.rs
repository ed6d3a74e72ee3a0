//! What the event loop does with a socket: each function is one system call where nothing goes wrong.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, Socket, Type};

use crate::cancel::Cancel;

/// How long the cancel switch may go unseen.
const SLICE: Duration = Duration::from_millis(50);
/// The shortest wait that can be asked for.
const SHORTEST: Duration = Duration::from_millis(1);

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

/// Connects a new socket, and waits for that: no longer than `patience`, nor when it is cancelled.
pub(crate) fn connect(
    addr: SocketAddr,
    source: Option<Ipv4Addr>,
    patience: Duration,
    cancel: &Cancel,
) -> io::Result<std::net::TcpStream> {
    let started = Instant::now();
    let socket = match source {
        None => Socket::new(Domain::for_address(addr), Type::STREAM, None)?,
        Some(source) => bound(addr, source)?,
    };
    socket.set_nonblocking(true)?;
    match socket.connect(&addr.into()) {
        Err(error) if error.raw_os_error() != Some(Errno::EINPROGRESS as i32) => return Err(error),
        _ => {}
    }
    loop {
        let left = patience.saturating_sub(started.elapsed());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        if cancel.is_cancelled() {
            return Err(ErrorKind::Interrupted.into());
        }
        let slice = PollTimeout::try_from(left.clamp(SHORTEST, SLICE)).unwrap_or(PollTimeout::ZERO);
        let mut polled = [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)];
        match poll(&mut polled, slice) {
            Ok(0) | Err(Errno::EINTR) => {}
            Ok(_) => break,
            Err(errno) => return Err(errno.into()),
        }
    }
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    socket.set_nonblocking(false)?;
    let stream = std::net::TcpStream::from(socket);
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
