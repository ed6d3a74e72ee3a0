//! What handlers, janitors and the supervisor share: the serving generation, and requests that come back.
//!
//! Handlers wait in the library's own queue, so that an undisturbed request takes no detour. Whatever else they
//! must see (a request from a janitor or from a retired generation, a new generation, the end) is announced by a
//! *mark* in that queue (`Server::unblock`), which sends one handler to look here.
//!
//! The library lets requests of one connection be answered in their order only: answering one waits, without a
//! deadline, until the one before it is answered. So a handler may take a request only after those before it. The
//! library's queue sees to that, and the second way must too: while a body is read elsewhere, requests behind it on the
//! same connection wait here and not in a handler. Else a server with one handler would wait for itself.
//!
//! Of two handlers that take two requests of a connection, the one with the second may come here first. Then the first request seems to
//! stand behind a body that its client may send only when it has the answer. A request that is really behind is not read before the
//! body has come to its end, so its wait is short: whoever waits longer stands in front ([`Shared::release_overtaken`]).

use std::collections::VecDeque;
use std::mem;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tiny_http::Request;

use super::generation::Generation;

/// A request that has waited this long behind a body is in front of it: an end that has been read is told within far less.
const OVERTAKEN_AFTER: Duration = Duration::from_millis(50);

/// A request that takes the second way to a handler.
pub(super) struct Returned {
    pub(super) request: Request,
    /// Whether a janitor has read its body to the end.
    pub(super) body_is_read: bool,
}

/// See the module.
pub(super) struct Shared {
    current: RwLock<Arc<Generation>>,
    returned: Mutex<Queue>,
    /// Whether a request is in the queue, or its body is read elsewhere: only then others may have to wait behind it. Set
    /// before the library can read those, so the lock of its own queue carries it to the handler that takes one.
    detours: AtomicBool,
}

#[derive(Default)]
struct Queue {
    requests: VecDeque<Returned>,
    away: Vec<Absence>,
    closed: bool,
}

/// A connection with a request whose body is being read, and what has arrived behind that.
struct Absence {
    client: Option<SocketAddr>,
    behind: Vec<Returned>,
    /// Since when the first of them waits.
    waits_since: Option<Instant>,
}

/// A request's place in the order of its connection while its body is read; given up when dropped.
pub(super) struct Place {
    shared: Arc<Shared>,
    client: Option<SocketAddr>,
}

/// What a handler finds after a mark.
pub(super) enum Found {
    Request(Returned),
    Nothing,
    End,
}

impl Shared {
    pub(super) fn new(first: Generation) -> Self {
        Shared {
            current: RwLock::new(Arc::new(first)),
            returned: Mutex::default(),
            detours: AtomicBool::new(false),
        }
    }

    /// The generation that accepts, as far as anybody knows.
    pub(super) fn current(&self) -> Arc<Generation> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives a request to the next handler that is free, behind those that came before it on its connection.
    pub(super) fn give_back(&self, returned: Returned) {
        // Held across both steps: a mark in a generation that retires in between would wake nobody.
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let mut queue = self.queue();
        self.detours.store(true, Ordering::Relaxed);
        let client = returned.request.remote_addr().copied();
        if let Some(absence) = queue.away.iter_mut().find(|absence| absence.client == client) {
            absence.behind.push(returned);
            absence.waits_since.get_or_insert_with(Instant::now);
        } else {
            queue.requests.push_back(returned);
            current.server.unblock();
        }
    }

    /// Gives a request that has just come from the library to its handler, if it is its turn; if not, it comes back.
    pub(super) fn in_turn(&self, returned: Returned) -> Option<Returned> {
        if !self.detours.load(Ordering::Relaxed) || !self.queue().is_waited_for(&returned.request) {
            return Some(returned);
        }
        self.give_back(returned);
        None
    }

    /// Keeps the place of a request that a handler gives away, before its body is read.
    pub(super) fn keep_place(self: &Arc<Self>, request: &Request) -> Place {
        let client = request.remote_addr().copied();
        self.queue().away.push(Absence { client, behind: Vec::new(), waits_since: None });
        self.detours.store(true, Ordering::Relaxed);
        Place { shared: Arc::clone(self), client }
    }

    /// Gives requests to handlers that have waited for longer than any would behind a body. Not for a single handler, which is never
    /// overtaken, and would wait for itself if this should be wrong.
    pub(super) fn release_overtaken(&self, now: Instant) {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let queue = &mut *self.queue();
        for absence in &mut queue.away {
            if absence.waits_since.is_some_and(|since| now.duration_since(since) >= OVERTAKEN_AFTER) {
                absence.waits_since = None;
                for returned in absence.behind.drain(..) {
                    queue.requests.push_back(returned);
                    current.server.unblock();
                }
            }
        }
    }

    /// What a mark has called for.
    pub(super) fn take(&self) -> Found {
        let mut queue = self.queue();
        let next = queue.requests.pop_front();
        self.detours.store(!queue.requests.is_empty() || !queue.away.is_empty(), Ordering::Relaxed);
        match next {
            Some(returned) => Found::Request(returned),
            None if queue.closed => Found::End,
            None => Found::Nothing,
        }
    }

    /// Puts the next generation in place; returns the retired one, whose connections live on.
    ///
    /// From then on no handler enters the retired one; who is in there holds a clone of it, and wants a mark to
    /// leave.
    pub(super) fn replace(&self, next: Generation) -> Arc<Generation> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        // The marks of what waits here went to the old generation, where nobody will look any more.
        for _ in &self.queue().requests {
            next.server.unblock();
        }
        mem::replace(&mut *current, Arc::new(next))
    }

    /// Ends `handlers` threads once they have taken what had arrived before.
    pub(super) fn close(&self, handlers: usize) {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        self.queue().closed = true;
        for _ in 0..handlers {
            current.server.unblock();
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.returned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends an absence: `first`, if it is to be answered by a handler, then all that came behind it.
    fn end_absence(&self, client: Option<SocketAddr>, first: Option<Returned>) {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let mut queue = self.queue();
        let at = queue.away.iter().position(|absence| absence.client == client);
        let behind = at.map(|at| queue.away.swap_remove(at).behind).unwrap_or_default();
        for returned in first.into_iter().chain(behind) {
            queue.requests.push_back(returned);
            current.server.unblock();
        }
        self.detours.store(!queue.requests.is_empty() || !queue.away.is_empty(), Ordering::Relaxed);
    }
}

impl Queue {
    /// Whether a request of the same connection stands before this one.
    fn is_waited_for(&self, request: &Request) -> bool {
        let client = request.remote_addr();
        self.away.iter().any(|absence| absence.client.as_ref() == client)
            || self.requests.iter().any(|returned| returned.request.remote_addr() == client)
    }
}

impl Place {
    /// Gives the request to a handler, and those behind it after it.
    pub(super) fn give_back(mut self, request: Request) {
        let first = Returned { request, body_is_read: true };
        self.shared.end_absence(self.client.take(), Some(first));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.client.is_some() {
            self.shared.end_absence(self.client, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use tiny_http::TestRequest;

    use super::*;

    #[test]
    fn who_was_overtaken_by_a_body_is_served_before_it_comes() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let shared = Arc::new(Shared::new(Generation::start(&listener).unwrap()));
        let request = || Returned { request: TestRequest::new().into(), body_is_read: false };
        let place = shared.keep_place(&request().request);
        assert!(shared.in_turn(request()).is_none(), "it seems to be behind");
        let parked = Instant::now();
        shared.release_overtaken(parked);
        assert!(matches!(shared.take(), Found::Nothing), "it may be");
        shared.release_overtaken(parked + OVERTAKEN_AFTER);
        assert!(matches!(shared.take(), Found::Request(_)), "it is not");
        shared.release_overtaken(parked + 2 * OVERTAKEN_AFTER);
        assert!(matches!(shared.take(), Found::Nothing));
        drop(place);
        // As everywhere: it waits for a connection to itself.
        mem::forget(shared);
    }
}
