//! The one queue of an open loop: which request is next, for all event loops and all their connections.
//!
//! The queue is a counter, because the schedule is a formula: taking the next request is one atomic addition. An event
//! loop takes a request only while it has a free connection to send it on, and one at a time. It may take it before it
//! is due and wait; the next request then goes to the next event loop that has a connection free. So no event loop and
//! no connection has a share of its own: a due request waits only if every connection is busy, or if the one event
//! loop that holds it is. The alternative, all loops awake for each arrival, costs a wake-up a loop a request.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::plan::Stop;
use crate::schedule::{Schedule, Timetable};

/// The requests of one run, shared by its event loops.
#[derive(Debug)]
pub(crate) struct Queue {
    timetable: Timetable,
    next: AtomicU64,
    /// Requests that the run may send.
    total: u64,
}

impl Queue {
    pub(crate) fn new(schedule: &Schedule, stop: Stop) -> Self {
        let mut timetable = Timetable::new(schedule);
        let total = match stop {
            Stop::After(window) => timetable.due_before(window),
            Stop::Requests(total) => schedule.segment.share_of(total),
        };
        Self { timetable, next: AtomicU64::new(0), total }
    }

    /// A view of the queue for one event loop.
    pub(crate) fn tickets(&self, started: Instant) -> Tickets<'_> {
        Tickets { queue: self, timetable: self.timetable.clone(), started, held: None }
    }

    /// How many requests were due in a window that took `elapsed`.
    pub(crate) fn scheduled(&self, elapsed: Duration, interrupted: bool) -> u64 {
        if !interrupted {
            return self.total;
        }
        // One more nanosecond, for the request that was sent at the very time it was due, which was the last.
        self.timetable.clone().due_before(elapsed + Duration::from_nanos(1)).min(self.total)
    }

    /// The age of each request that was due and not sent: those that event loops held, and those nobody took.
    pub(crate) fn left(
        &self,
        held: &[u64],
        scheduled: u64,
        elapsed: Duration,
    ) -> impl Iterator<Item = Duration> {
        let untaken = self.next.load(Ordering::SeqCst)..scheduled;
        let mut timetable = self.timetable.clone();
        let held: Vec<_> = held.iter().copied().filter(|index| *index < scheduled).collect();
        held.into_iter().chain(untaken).map(move |index| elapsed.saturating_sub(timetable.due(index)))
    }
}

/// What one event loop sees of the queue.
#[derive(Debug)]
pub(crate) struct Tickets<'a> {
    queue: &'a Queue,
    timetable: Timetable,
    started: Instant,
    held: Option<Ticket>,
}

/// A request that was taken off the queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    pub(crate) index: u64,
    /// Its place in the whole schedule, of which the queue may hold a segment.
    pub(crate) place: u64,
    pub(crate) due: Instant,
}

impl Tickets<'_> {
    /// The request this event loop is to send next, taken off the queue if none was held; `None` if none is left.
    ///
    /// To be called with a free connection only: nobody else can send what is held here.
    pub(crate) fn hold(&mut self) -> Option<Ticket> {
        if self.held.is_none() {
            // Beyond the end the counter is not moved, so that it cannot overflow, nor miscount what is left.
            let take = |next| (next < self.queue.total).then_some(next + 1);
            let index = self.queue.next.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).ok()?;
            let (place, due) = (self.timetable.place(index), self.started + self.timetable.due(index));
            self.held = Some(Ticket { index, place, due });
        }
        self.held
    }

    /// The request that is held, if there is one.
    pub(crate) fn held(&self) -> Option<Ticket> {
        self.held
    }

    /// The held request is being sent.
    pub(crate) fn spend(&mut self) {
        self.held = None;
    }

    /// Whether no request is held and none can be had.
    pub(crate) fn are_out(&self) -> bool {
        self.held.is_none() && self.queue.next.load(Ordering::Relaxed) >= self.queue.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(requests: u64) -> Queue {
        Queue::new(&Schedule::steady(1_000.0), Stop::Requests(requests))
    }

    #[test]
    fn every_request_is_taken_once() {
        let queue = queue(5);
        let started = Instant::now();
        let mut loops = [queue.tickets(started), queue.tickets(started)];
        let mut taken = Vec::new();
        for turn in 0..7 {
            let tickets = &mut loops[turn % 2];
            taken.extend(tickets.hold().map(|ticket| ticket.index));
            tickets.spend();
        }
        assert_eq!(taken, [0, 1, 2, 3, 4]);
        assert!(loops.iter().all(Tickets::are_out));
    }

    #[test]
    fn what_is_held_stays_the_same_until_it_is_spent() {
        let queue = queue(2);
        let mut tickets = queue.tickets(Instant::now());
        assert_eq!(tickets.hold().map(|ticket| ticket.index), Some(0));
        assert_eq!(tickets.hold().map(|ticket| ticket.index), Some(0));
        tickets.spend();
        assert_eq!(tickets.hold().map(|ticket| ticket.index), Some(1));
    }

    #[test]
    fn what_is_left_is_what_was_held_and_what_nobody_took() {
        let queue = queue(10);
        let mut tickets = queue.tickets(Instant::now());
        tickets.hold();
        tickets.spend();
        let held = tickets.hold().expect("ten requests").index;
        let elapsed = Duration::from_mins(1);
        assert_eq!(queue.left(&[held], 10, elapsed).count(), 9);
        // A window that was cut off before the held one was due has nothing left.
        assert_eq!(queue.left(&[held], 1, elapsed).count(), 0);
    }
}
