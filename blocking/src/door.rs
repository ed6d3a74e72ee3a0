//! The listening socket of a blocking server on hyper: waiting for it together with other things, and its errors.

use std::io::{self, PipeReader};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use contract::Trouble;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::SockRef;
use thiserror::Error;

use crate::Shutdown;

/// Why a door cannot be opened or watched.
#[derive(Debug, Error)]
#[error("cannot wait for connections: {0}; raise `ulimit -n`, then restart the server")]
pub struct DoorError(#[from] io::Error);

/// Where connections come in, until the stop.
#[derive(Debug)]
pub struct Door {
    listener: Arc<TcpListener>,
    stop: PipeReader,
    trouble: Trouble,
}

/// Closes a [`Door`] that another thread has charge of.
#[derive(Debug)]
pub struct Latch(Arc<TcpListener>);

impl Latch {
    /// From here on a client that connects is refused, though the door's thread may be busy with a request.
    pub fn close(self) {
        // On Linux the shutdown of a listening socket ends its listening; it fails only if it has none.
        let _ = SockRef::from(&*self.0).shutdown(std::net::Shutdown::Both);
    }
}

/// What a wait at the door has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Somebody waits to be accepted.
    pub visitor: bool,
    /// The connection that was waited for as well has bytes, or has ended.
    pub stream: bool,
    /// The stop was asked for.
    pub stop: bool,
}

impl Door {
    /// Takes charge of the listener.
    ///
    /// # Errors
    ///
    /// [`DoorError`] when the kernel refuses the pipe by which a stop is seen.
    pub fn open(listener: TcpListener, shutdown: &Shutdown) -> Result<Self, DoorError> {
        // Who was waiting may be gone when it is accepted: that must not block.
        listener.set_nonblocking(true)?;
        Ok(Door { listener: Arc::new(listener), stop: shutdown.subscribe()?, trouble: Trouble::default() })
    }

    /// What closes the door from another thread.
    #[must_use]
    pub fn latch(&self) -> Latch {
        Latch(Arc::clone(&self.listener))
    }

    /// Waits for a visitor, for `stream` if there is one, and for the stop; for ever without a `patience`.
    ///
    /// # Errors
    ///
    /// When the kernel will not wait, for want of memory.
    pub fn wait(&self, stream: Option<&TcpStream>, patience: Option<Duration>) -> io::Result<Seen> {
        let watch = |fd| PollFd::from_borrowed_fd(fd, PollFlags::IN);
        let (stop, listener) = (watch(self.stop.as_fd()), watch(self.listener.as_fd()));
        match stream {
            None => wait_for([stop, listener], patience).map(|[stop, visitor]| Seen {
                visitor,
                stream: false,
                stop,
            }),
            Some(stream) => {
                let all = [stop, listener, watch(stream.as_fd())];
                wait_for(all, patience).map(|[stop, visitor, stream]| Seen { visitor, stream, stop })
            }
        }
    }

    /// Waits for `stream` and for the stop, whoever stands at the door.
    ///
    /// # Errors
    ///
    /// When the kernel will not wait, for want of memory.
    pub fn wait_shut(&self, stream: &TcpStream, patience: Duration) -> io::Result<Seen> {
        let watch = |fd| PollFd::from_borrowed_fd(fd, PollFlags::IN);
        let both = [watch(self.stop.as_fd()), watch(stream.as_fd())];
        wait_for(both, Some(patience)).map(|[stop, stream]| Seen { visitor: false, stream, stop })
    }

    /// Waits for `patience`, or until the stop, which it tells.
    ///
    /// # Errors
    ///
    /// When the kernel will not wait, for want of memory.
    pub fn rest(&self, patience: Duration) -> io::Result<bool> {
        let [stop] = wait_for([PollFd::new(&self.stop, PollFlags::IN)], Some(patience))?;
        Ok(stop)
    }

    /// Accepts who waits, if anybody still does. A kernel that has no room is reported, and not asked again at once.
    ///
    /// # Errors
    ///
    /// When the kernel will not wait, for want of memory.
    pub fn accept(&mut self) -> io::Result<Option<TcpStream>> {
        match self.listener.accept() {
            Ok((stream, _)) => Ok(Some(stream)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => {
                let rest = self.trouble.warn_of_accept(&error);
                self.rest(rest)?;
                Ok(None)
            }
        }
    }
}

/// Whether bytes have come on `stream` that nobody has read yet.
///
/// # Errors
///
/// When the kernel does not say.
pub fn has_arrived(stream: &TcpStream) -> io::Result<bool> {
    Ok(rustix::io::ioctl_fionread(stream)? > 0)
}

/// Which of `fds` have something to read, or an end or error, which reading will show.
fn wait_for<const N: usize>(mut fds: [PollFd<'_>; N], patience: Option<Duration>) -> io::Result<[bool; N]> {
    // Longer than the kernel can count is for ever.
    let patience = patience.and_then(|patience| Timespec::try_from(patience).ok());
    match poll(&mut fds, patience.as_ref()) {
        Ok(_) => Ok(fds.map(|fd| !fd.revents().is_empty())),
        // A signal: whoever waits looks again.
        Err(rustix::io::Errno::INTR) => Ok([false; N]),
        Err(error) => Err(error.into()),
    }
}
