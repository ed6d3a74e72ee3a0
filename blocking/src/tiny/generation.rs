//! One server of the library on the shared listener, and a way to see that its accept thread has ended.
//!
//! An accept error comes out of `recv`, but a panic of the accept thread (out of descriptors while it clones an
//! accepted socket, or a failed thread start) comes out nowhere: connections are opened by the kernel and served
//! by nobody.
//!
//! Ways to notice were weighed. A request to oneself costs what is being measured, and waits behind other work. A
//! panic hook belongs to the program, not to a library in it. `/proc/self/task` shows threads that nothing tells
//! apart. But the accept thread owns its listener, and however it ends the listener is closed with it: so each
//! server gets a clone, and the clone's entry in `/proc/self/fd` says whether the thread lives. That is one system
//! call of about a microsecond, without a connection, and it does not err on a busy or idle server.

use std::io;
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::panic::catch_unwind;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use tiny_http::Server;

use super::InboxError;

/// A server of the library, with its accept thread.
pub(super) struct Generation {
    pub(super) server: Server,
    accepting: Option<OpenFile>,
    failure: Mutex<Option<io::Error>>,
}

impl Generation {
    /// Starts accepting on a clone of `listener`.
    ///
    /// # Errors
    ///
    /// [`InboxError::Start`] when there is no descriptor for the clone or no thread to accept.
    pub(super) fn start(listener: &TcpListener) -> Result<Self, InboxError> {
        let own = listener.try_clone().map_err(|error| InboxError::Start(error.into()))?;
        let accepting = OpenFile::of(&own);
        // The library starts its thread in a way that panics when there is none to be had.
        let server = catch_unwind(|| Server::from_listener(own, None))
            .unwrap_or_else(|_| Err("the kernel gives no thread; raise `ulimit -u`".into()))
            .map_err(InboxError::Start)?;
        Ok(Generation { server, accepting, failure: Mutex::new(None) })
    }

    /// Notes the error with which the accept thread took its leave.
    pub(super) fn has_failed_with(&self, error: io::Error) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    /// Why no connection is accepted any more; `None` as long as they are.
    pub(super) fn failure(&self) -> Option<String> {
        if let Some(error) = &*self.failure.lock().unwrap_or_else(PoisonError::into_inner) {
            return Some(error.to_string());
        }
        let ended = self.accepting.as_ref().is_some_and(OpenFile::is_closed);
        ended.then(|| "its accept thread has ended".to_owned())
    }
}

/// A descriptor of this process that somebody else owns and will close.
struct OpenFile {
    entry: PathBuf,
    /// Names the kernel's object, so that the number's next owner is not taken for it.
    target: PathBuf,
}

impl OpenFile {
    /// `None` without `/proc`: then only errors are noticed.
    fn of(listener: &TcpListener) -> Option<Self> {
        let entry = PathBuf::from(format!("/proc/self/fd/{}", listener.as_raw_fd()));
        let target = entry.read_link().ok()?;
        Some(OpenFile { entry, target })
    }

    fn is_closed(&self) -> bool {
        match self.entry.read_link() {
            Ok(target) => target != self.target,
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_descriptor_is_seen_though_its_number_is_used_again() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let file = OpenFile::of(&listener).unwrap();
        assert!(!file.is_closed());
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let elsewhere = OpenFile { entry: OpenFile::of(&other).unwrap().entry, target: file.target.clone() };
        assert!(elsewhere.is_closed());
        drop(listener);
        assert!(file.is_closed());
    }
}
