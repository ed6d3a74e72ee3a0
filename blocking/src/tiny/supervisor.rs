//! Keeps the inbox accepting: sees that an accept thread has ended, waits for relief, starts the next generation.
//!
//! It runs on the thread that waits for the stop anyway. In the steady state it looks ten times a second, at the
//! price of one system call (see `generation`), and once in twenty seconds it makes a connection of its own and
//! closes it. That is no probe: the read timeout of the listener, which accepted sockets inherit, holds for
//! `accept` too, and without any connection for a minute it would end the accept thread.
//!
//! A retired generation accepts nothing, but its connections live on and their requests arrive in its own queue.
//! They are forwarded from here, at once while they keep coming, else within 100 ms. It is never dropped: that
//! can hang, and would drop what arrives later unanswered. A retired generation costs some kilobytes and a
//! glance; the back-off bounds how many a flapping limit can make to one a second.

use std::io;
use std::mem;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::generation::Generation;
use super::inbox::Inbox;
use super::shared::{Returned, Shared};

/// How often it looks, and with it the longest delay of a request from a retired generation.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How often it looks while retired generations have requests.
const WHILE_FORWARDING: Duration = Duration::from_millis(1);

/// Longest wait between two attempts, and shortest between two warnings.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(1);

/// A generation that has lived this long starts the back-off anew.
const STABLE_AFTER: Duration = Duration::from_secs(5);

/// Descriptors that must be free before a generation is started: its listener, and three connections of two
/// each. With less it would end at once.
const SPARE_DESCRIPTORS: usize = 7;

/// How long a connection to ourselves may take; it does not wait for `accept`.
const WAKE_PATIENCE: Duration = Duration::from_millis(100);

/// See the module.
pub(super) struct Supervisor<'a> {
    inbox: &'a Inbox,
    wake_every: Duration,
    handlers: usize,
    woken_at: Instant,
    retired: Vec<Retired>,
    tried_at: Option<Instant>,
    back_off: Duration,
    warned_at: Option<Instant>,
}

impl<'a> Supervisor<'a> {
    pub(super) fn new(inbox: &'a Inbox, wake_every: Duration, handlers: usize) -> Self {
        Supervisor {
            inbox,
            wake_every,
            handlers,
            woken_at: Instant::now(),
            retired: Vec::new(),
            tried_at: None,
            back_off: LOOK_EVERY,
            warned_at: None,
        }
    }

    /// Supervises until the stop; returns when it was asked for.
    pub(super) fn run(&mut self) -> Instant {
        let mut pause = LOOK_EVERY;
        loop {
            if let Some(requested_at) = self.inbox.shutdown().wait_timeout(pause) {
                return requested_at;
            }
            pause = if self.forward_retired() { WHILE_FORWARDING } else { LOOK_EVERY.min(pause * 2) };
            self.wake_accept();
            self.inbox.janitors.staff();
            if self.handlers > 1 {
                self.inbox.shared.release_overtaken(Instant::now());
            }
            if let Some(reason) = self.inbox.shared.current().failure() {
                self.rebuild(&reason);
            }
        }
    }

    /// Hands what has arrived on old connections to the handlers; says whether there was anything to do.
    pub(super) fn forward_retired(&mut self) -> bool {
        let shared = &self.inbox.shared;
        self.retired
            .iter_mut()
            .map(|retired| retired.forward_to(shared))
            .fold(false, |busy, found| busy | found)
    }

    fn wake_accept(&mut self) {
        if self.woken_at.elapsed() >= self.wake_every {
            self.woken_at = Instant::now();
            if let Ok(addr) = self.inbox.listener().local_addr() {
                // Closed at once. If it fails, accept times out later, and that is dealt with like any accept
                // error.
                let _ = TcpStream::connect_timeout(&addr, WAKE_PATIENCE);
            }
        }
    }

    fn rebuild(&mut self, reason: &str) {
        if let Some(tried_at) = self.tried_at {
            let since = tried_at.elapsed();
            if since < self.back_off {
                return;
            }
            self.back_off =
                if since > STABLE_AFTER { LOOK_EVERY } else { LONGEST_BACK_OFF.min(self.back_off * 2) };
        }
        self.tried_at = Some(Instant::now());
        let listener = self.inbox.listener();
        let next = spare_descriptors(listener)
            .map_err(|error| error.to_string())
            .and_then(|()| Generation::start(listener).map_err(|error| error.to_string()));
        match next {
            Ok(next) => {
                self.retired.push(Retired {
                    generation: self.inbox.shared.replace(next),
                    marks: 0,
                });
                self.forward_retired();
                self.woken_at = Instant::now();
                self.warn(&format!("tiny_http had stopped accepting ({reason}); it was started again"));
            }
            Err(error) => self.warn(&format!(
                "tiny_http has stopped accepting ({reason}) and cannot go on yet ({error}); trying again every second"
            )),
        }
    }

    /// Prints a warning unless the last one was less than a second ago.
    fn warn(&mut self, text: &str) {
        if self.warned_at.is_none_or(|at| at.elapsed() >= LONGEST_BACK_OFF) {
            self.warned_at = Some(Instant::now());
            eprintln!("warning: {text}");
        }
    }
}

impl Drop for Supervisor<'_> {
    fn drop(&mut self) {
        // See the module: nothing drops a generation.
        mem::forget(mem::take(&mut self.retired));
    }
}

/// A generation that accepts nothing any more.
struct Retired {
    generation: Arc<Generation>,
    /// How many marks may still be in its queue.
    marks: usize,
}

impl Retired {
    /// Sends handlers away that still wait here; once there are none, hands its requests over to `shared`.
    fn forward_to(&mut self, shared: &Shared) -> bool {
        let server = &self.generation.server;
        // A handler holds a clone while it waits, and no new one comes. It also takes the requests meanwhile.
        let waiting = Arc::strong_count(&self.generation) - 1;
        for _ in 0..waiting {
            server.unblock();
            self.marks += 1;
        }
        if waiting > 0 {
            return true;
        }
        let mut found = false;
        loop {
            match server.try_recv() {
                Ok(Some(request)) => {
                    found = true;
                    let body_is_read = false;
                    shared.give_back(Returned { request, body_is_read });
                }
                // A mark that nobody has taken and an empty queue look alike.
                Ok(None) if self.marks > 0 => self.marks -= 1,
                Ok(None) => return found,
                Err(_ended) => {}
            }
        }
    }
}

/// Opens and closes as many descriptors as the next generation needs to get anywhere.
fn spare_descriptors(listener: &TcpListener) -> io::Result<()> {
    let spare: io::Result<Vec<TcpListener>> = (0..SPARE_DESCRIPTORS).map(|_| listener.try_clone()).collect();
    spare.map(drop)
}
