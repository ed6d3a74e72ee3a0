//! The queue of requests that handling threads wait on: it survives the library's accept thread.

use std::mem;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use contract::LimitFlags;
use socket2::SockRef;
use thiserror::Error;

use super::generation::Generation;
use super::incoming::Incoming;
use super::janitor::Janitors;
use super::shared::{Found, Returned, Shared};
use super::supervisor::Supervisor;
use super::{NotLoopback, require_loopback};
use crate::Shutdown;

/// Why a stack does not start. Once started it does not end by itself.
#[derive(Debug, Error)]
pub enum InboxError {
    /// The listener is open to others.
    #[error(transparent)]
    Address(#[from] NotLoopback),
    /// The library or the kernel would not take the listener.
    #[error("tiny_http cannot serve the listener: {0}")]
    Start(Box<dyn std::error::Error + Send + Sync>),
}

/// What the kernel enforces on every connection, since the library has no deadline at all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadlines {
    /// How long a client may be silent: between requests, in a header, in a body.
    pub(super) idle: Duration,
    /// How long a client may leave what was sent to it unread.
    pub(super) write: Duration,
    /// How often an idle accept is woken, see [`Supervisor`].
    pub(super) wake: Duration,
    /// How long requests that had arrived before the stop may still be answered.
    pub(super) drain: Duration,
}

impl From<&LimitFlags> for Deadlines {
    fn from(limits: &LimitFlags) -> Self {
        let idle = limits.idle_timeout();
        Deadlines { idle, write: limits.write_timeout(), wake: idle / 3, drain: limits.drain_timeout() }
    }
}

impl Deadlines {
    /// Sets them on the listener: on Linux accepted sockets inherit both.
    fn set_on(&self, listener: &TcpListener) -> std::io::Result<()> {
        let socket = SockRef::from(listener);
        socket.set_read_timeout(Some(self.idle))?;
        socket.set_tcp_user_timeout(Some(self.write))
    }
}

/// Requests as they arrive, for as many handling threads as call [`Inbox::next`].
pub struct Inbox {
    listener: TcpListener,
    shutdown: Shutdown,
    deadlines: Deadlines,
    pub(super) shared: Arc<Shared>,
    pub(super) janitors: Arc<Janitors>,
}

impl Inbox {
    /// Starts accepting on `listener`; ends when `shutdown` is requested while [`Inbox::close_on_shutdown`] runs.
    ///
    /// # Errors
    ///
    /// [`InboxError::Address`] when the listener is not on the loopback, [`InboxError::Start`] when the library
    /// or the kernel refuses it.
    pub fn open(listener: TcpListener, limits: &LimitFlags, shutdown: Shutdown) -> Result<Self, InboxError> {
        Inbox::open_with(listener, shutdown, Deadlines::from(limits))
    }

    pub(super) fn open_with(
        listener: TcpListener,
        shutdown: Shutdown,
        deadlines: Deadlines,
    ) -> Result<Self, InboxError> {
        let start_error = |error: std::io::Error| InboxError::Start(error.into());
        require_loopback(listener.local_addr().map_err(start_error)?)?;
        deadlines.set_on(&listener).map_err(start_error)?;
        let first = Generation::start(&listener)?;
        Ok(Inbox {
            listener,
            shutdown,
            deadlines,
            shared: Arc::new(Shared::new(first)),
            janitors: Arc::default(),
        })
    }

    /// The next request; `None` once the inbox is closed and what had arrived before is handed out, or the drain
    /// timeout has passed.
    #[must_use]
    pub fn next(&self) -> Option<Incoming<'_>> {
        loop {
            let stop = self.shutdown.requested_at();
            if stop.is_some_and(|at| at.elapsed() > self.deadlines.drain) {
                return None;
            }
            let current = self.shared.current();
            match current.server.recv() {
                Ok(request) => {
                    let returned = Returned { request, body_is_read: false };
                    if let Some(returned) = self.shared.in_turn(returned) {
                        return Some(Incoming::new(returned, self));
                    }
                }
                // The supervisor goes to work on it; old connections are still served meanwhile.
                Err(error) if error.raw_os_error().is_some() => current.has_failed_with(error),
                // A mark: the library has no other word for it than an error of its own.
                Err(_) => match self.shared.take() {
                    Found::Request(returned) => return Some(Incoming::new(returned, self)),
                    Found::Nothing => {}
                    Found::End => return None,
                },
            }
        }
    }

    /// Keeps the inbox accepting until the stop, then lets `handlers` threads out of [`Inbox::next`].
    ///
    /// Somebody has to be in here for as long as the inbox is used: accept errors are dealt with here. From the
    /// stop on no connection is accepted; requests that had arrived stand in front of the end in the same queue,
    /// so they are answered. Returns once janitors have answered theirs too, after the drain timeout at the
    /// latest.
    pub fn close_on_shutdown(&self, handlers: usize) {
        let mut supervisor = Supervisor::new(self, self.deadlines.wake, handlers);
        let requested_at = supervisor.run();
        self.refuse_connections();
        supervisor.forward_retired();
        self.shared.close(handlers);
        self.janitors.wait_until_idle(requested_at + self.deadlines.drain);
    }

    /// Ends the accept thread, and refuses who comes now instead of leaving them in the kernel's queue.
    fn refuse_connections(&self) {
        // A listener that cannot be shut down is closed with the process; a second time changes nothing.
        let _ = SockRef::from(&self.listener).shutdown(std::net::Shutdown::Both);
    }

    pub(super) fn listener(&self) -> &TcpListener {
        &self.listener
    }

    pub(super) fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.refuse_connections();
        // What is left in the queues are requests that nobody may drop: each may block, or abort the process,
        // and the library's server would wait for a connection to itself (tiny-http#244). A process ends only
        // once, a test that opens many leaves some kilobytes each.
        mem::forget(Arc::clone(&self.shared));
        mem::forget(Arc::clone(&self.janitors));
    }
}
