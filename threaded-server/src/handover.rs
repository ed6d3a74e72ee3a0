//! How connections come from the one thread that accepts to the workers that serve, and how they give way.
//!
//! While more connections wait for a worker than workers are free or about to be ([`Need`]), somebody has to give way: a busy
//! worker at the end of its answer, which then says `connection: close`, or a connection that waits for its client anyway, picked
//! by the accepting thread ([`Handover::make_room`]).

use std::collections::VecDeque;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::need::Need;
use crate::seat::{Awaited, Seat};

/// How long a client may let its worker wait before its connection can be ended for others.
///
/// It is longer than the packets of one request are apart on most networks, and than a client with a thousand connections needs to
/// get round to each: a connection that is ended while its next request is on the way loses it. Shorter is not needed, since busy
/// workers give way at their answers, which loses nothing.
const GRACE: Duration = Duration::from_millis(50);

/// Connections on their way, and the seats in which workers serve them.
#[derive(Debug)]
pub(crate) struct Handover {
    queue: Mutex<Queue>,
    arrived: Condvar,
    need: Need,
    /// Connections in the queue or in a seat.
    open: AtomicUsize,
    /// Somebody is at the door who cannot be accepted, for want of room.
    turned_away: AtomicBool,
    seats: Box<[Seat]>,
}

#[derive(Debug, Default)]
struct Queue {
    connections: VecDeque<Newcomer>,
    closed: bool,
}

/// A connection that has no seat yet.
#[derive(Debug)]
pub(crate) struct Newcomer {
    stream: TcpStream,
    accepted: Instant,
}

impl Handover {
    pub(crate) fn new(workers: usize) -> Self {
        let epoch = Instant::now();
        Handover {
            queue: Mutex::default(),
            arrived: Condvar::new(),
            need: Need::new(workers),
            open: AtomicUsize::new(0),
            turned_away: AtomicBool::new(false),
            seats: (0..workers).map(|_| Seat::new(epoch)).collect(),
        }
    }

    /// Connections in the queue or being served.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// Queues a connection; the caller bounds their number by [`Handover::open`].
    pub(crate) fn push(&self, stream: TcpStream) {
        self.open.fetch_add(1, Ordering::SeqCst);
        // Whoever stood at the door is in: nobody else has to leave for it.
        self.turned_away.store(false, Ordering::SeqCst);
        self.need.one_more();
        self.lock().connections.push_back(Newcomer { stream, accepted: Instant::now() });
        self.arrived.notify_one();
    }

    /// Takes the connection that has waited longest; `None` once the queue is closed and empty.
    pub(crate) fn pop(&self) -> Option<Newcomer> {
        let mut queue = self
            .arrived
            .wait_while(self.lock(), |queue| queue.connections.is_empty() && !queue.closed)
            .unwrap_or_else(PoisonError::into_inner);
        queue.connections.pop_front()
    }

    /// Lets `serve` have the connection in seat number `worker`.
    pub(crate) fn seat(&self, worker: usize, newcomer: Newcomer, serve: impl FnOnce(&TcpStream, &Seat)) {
        let seat = &self.seats[worker];
        let stream = self.sit_down(seat, newcomer);
        serve(&stream, seat);
        drop(stream);
        // The socket is closed first: a client that comes back at once must find room.
        self.stand_up(seat);
    }

    fn sit_down(&self, seat: &Seat, newcomer: Newcomer) -> Arc<TcpStream> {
        let stream = seat.take(newcomer.stream, newcomer.accepted);
        if self.lock().closed {
            // What had arrived before the stop is answered.
            seat.stop(&self.need);
        }
        stream
    }

    fn stand_up(&self, seat: &Seat) {
        if !seat.leave() {
            self.need.one_less();
        }
        self.open.fetch_sub(1, Ordering::SeqCst);
    }

    /// Whether the answer that is about to be written must be the last of the connection in `seat`.
    ///
    /// Two loads while nobody waits, which is the steady state.
    pub(crate) fn gives_way(&self, seat: &Seat) -> bool {
        if seat.is_ending() {
            return true;
        }
        let in_need = self.need.is_there()
            || (self.turned_away.load(Ordering::SeqCst) && self.turned_away.swap(false, Ordering::SeqCst));
        if in_need {
            seat.announce_end(&self.need);
        }
        in_need
    }

    /// Somebody is at the door and there is no room for one more connection.
    pub(crate) fn turn_away(&self) {
        self.turned_away.store(true, Ordering::SeqCst);
    }

    /// Ends every wait whose time is over, and says in how long the next may be.
    pub(crate) fn end_overdue(&self, now: Instant) -> Option<Duration> {
        self.seats.iter().filter_map(|seat| seat.end_overdue(now, &self.need)).min()
    }

    /// Ends connections that wait for their clients, the longest waits first, until every connection in the queue has a
    /// worker to come, and whoever was turned away a place; says whether that was not enough.
    pub(crate) fn make_room(&self, now: Instant) -> bool {
        while self.need.is_there() {
            if !self.end_longest_wait(now) {
                return true;
            }
        }
        if self.turned_away.load(Ordering::SeqCst) {
            if !self.end_longest_wait(now) {
                return true;
            }
            self.turned_away.store(false, Ordering::SeqCst);
        }
        false
    }

    fn end_longest_wait(&self, now: Instant) -> bool {
        let queued = self.lock().connections.len();
        let longest = self
            .seats
            .iter()
            .filter_map(|seat| Some((seat, seat.wait(now)?)))
            .filter(|(_, wait)| wait.lasted >= self.grace(wait.awaited, queued))
            .max_by_key(|(_, wait)| wait.lasted);
        // Its client may have sent something since: then it has not waited in vain, and who else waits is seen the next time.
        longest.is_some_and(|(seat, wait)| seat.end_wait(&wait, &self.need))
    }

    /// The longer the queue, the less the rest of a message is waited for: with n times as many connections waiting as there are
    /// workers, each gets the n-th part, so that clients that drip have had their turn in about the same time. The first request has
    /// had its time in the queue.
    fn grace(&self, awaited: Awaited, queued: usize) -> Duration {
        match awaited {
            Awaited::First | Awaited::Next => GRACE,
            Awaited::Rest => {
                let workers = self.seats.len();
                GRACE.mul_f64(workers as f64 / (workers + queued) as f64)
            }
        }
    }

    /// The stop: what has arrived or begun is answered, nothing further is waited for, and [`Handover::pop`] ends.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
        for seat in &self.seats {
            seat.stop(&self.need);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
