//! When the next request is begun: the one place where closed and open loop differ.

use std::time::Instant;

use super::member::Service;
use super::{LAUNCH_BATCH, Window};
use crate::queue::Tickets;

/// What makes a request due.
#[derive(Debug)]
pub(crate) enum Pace<'a> {
    /// Closed loop: the answer to the one before on the same connection, so many times.
    Closed {
        /// Requests that may be sent.
        quota: u64,
    },
    /// Open loop: its time; it goes to the connection that has been free for longest.
    Open(Box<Tickets<'a>>),
}

impl Window<'_> {
    /// Closed loop: lets the next few connections send their first request. Open loop: sends what is due.
    pub(crate) fn launch(&mut self) {
        match self.bounds.pace {
            Pace::Closed { .. } => {
                let end = self.members.len().min(self.launched + LAUNCH_BATCH);
                for index in self.launched..end {
                    self.proceed(index, Instant::now());
                }
                self.launched = end;
            }
            Pace::Open(_) => {
                self.now = Instant::now();
                self.dispatch();
            }
        }
    }

    /// Closed loop: whether connections are left that have not begun.
    pub(crate) fn is_launching(&self) -> bool {
        matches!(self.bounds.pace, Pace::Closed { .. }) && self.launched < self.members.len()
    }

    /// When the next request is due; `None` in a closed loop, and while none is waited for.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        match &self.bounds.pace {
            Pace::Closed { .. } => None,
            Pace::Open(tickets) => tickets.held().map(|ticket| ticket.due),
        }
    }

    /// The connection has no request any more: closed loop, the next one is due; open loop, it takes a due one.
    pub(super) fn release(&mut self, index: usize) {
        match self.bounds.pace {
            Pace::Closed { .. } => self.proceed(index, self.now),
            Pace::Open(_) => {
                // The answer was there when the queue brought it; that it is read later is the generator's doing.
                self.line_up(index, self.woke.map_or(self.now, |woke| woke.min(self.now)));
                self.dispatch();
            }
        }
    }

    /// Whether the last request has been sent.
    pub(super) fn is_sold_out(&self) -> bool {
        match &self.bounds.pace {
            Pace::Closed { quota } => self.tally.sent >= *quota,
            Pace::Open(tickets) => tickets.are_out(),
        }
    }

    /// After a timeout or a pause. In a closed loop the first request of each connection is up to `launch`.
    pub(super) fn revive(&mut self, index: usize) {
        match self.bounds.pace {
            Pace::Closed { .. } if index < self.launched => self.proceed(index, self.now),
            Pace::Closed { .. } => {}
            Pace::Open(_) => self.line_up(index, self.now),
        }
    }

    /// Open loop: puts a connection without a request behind those that are free.
    /// `since` is when it became free.
    pub(super) fn line_up(&mut self, index: usize, since: Instant) {
        let member = &mut self.members[index];
        if member.connection.outstanding_since().is_some() || member.free_since.is_some() {
            return;
        }
        if member.connection.is_ready(self.now) {
            member.free_since = Some(since);
            self.free.push_back(index);
        } else {
            self.paused = true;
        }
    }

    /// Open loop: sends every due request for which there is a free connection.
    pub(super) fn dispatch(&mut self) {
        while let Some(&index) = self.free.front() {
            if self.is_past(self.now) {
                return;
            }
            let Pace::Open(tickets) = &mut self.bounds.pace else { return };
            let Some(ticket) = tickets.hold().filter(|ticket| ticket.due <= self.now) else { return };
            tickets.spend();
            self.free.pop_front();
            let now = self.now;
            let member = &mut self.members[index];
            let free_since = member.free_since.take().unwrap_or(now);
            member.due = Some(ticket.due);
            self.tally.lag.record(now - ticket.due, now - ticket.due.max(free_since));
            if !self.begin(index, now, ticket.place) {
                self.line_up(index, now);
            }
            // A send takes microseconds: the next one has a time of its own.
            self.now = Instant::now();
        }
    }

    /// Closed loop: begins requests on a connection until one is under way, the connection pauses, or none is left.
    fn proceed(&mut self, index: usize, now: Instant) {
        while !self.is_sold_out() && self.members[index].connection.is_ready(now) {
            let request = self.tally.sent * self.bounds.threads + self.bounds.thread;
            if self.begin(index, now, request) {
                return;
            }
        }
        self.paused |= !self.members[index].connection.is_ready(now);
    }

    /// Begins the request with this index of the run; false if it has failed at once.
    fn begin(&mut self, index: usize, now: Instant, request: u64) -> bool {
        let variant = self.exchange.variant_of(request);
        let member = &mut self.members[index];
        self.tally.sent += 1;
        self.tally.reconnects += u64::from(member.connection.must_connect());
        member.service = member.service.max(Service::Asked);
        member.entered = None;
        match member.connection.ask(now, variant, self.exchange, self.registry) {
            Ok(()) => true,
            Err(class) => {
                member.service = member.service.max(Service::Failed);
                self.tally.fail(class);
                false
            }
        }
    }
}
