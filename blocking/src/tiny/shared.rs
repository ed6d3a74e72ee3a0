//! What handlers, janitors and the supervisor share: the serving generation, and requests that come back.
//!
//! Handlers wait in the library's own queue, so that an undisturbed request takes no detour. Whatever else they
//! must see (a request from a janitor or from a retired generation, a new generation, the end) is announced by a
//! *mark* in that queue (`Server::unblock`), which sends one handler to look here.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tiny_http::Request;

use super::generation::Generation;

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
}

#[derive(Default)]
struct Queue {
    requests: VecDeque<Returned>,
    closed: bool,
}

/// What a handler finds after a mark.
pub(super) enum Found {
    Request(Returned),
    Nothing,
    End,
}

impl Shared {
    pub(super) fn new(first: Generation) -> Self {
        Shared { current: RwLock::new(Arc::new(first)), returned: Mutex::default() }
    }

    /// The generation that accepts, as far as anybody knows.
    pub(super) fn current(&self) -> Arc<Generation> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives a request to the next handler that is free.
    pub(super) fn give_back(&self, returned: Returned) {
        // Held across both steps: a mark in a generation that retires in between would wake nobody.
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        self.queue().requests.push_back(returned);
        current.server.unblock();
    }

    /// What a mark has called for.
    pub(super) fn take(&self) -> Found {
        let mut queue = self.queue();
        match queue.requests.pop_front() {
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
}
