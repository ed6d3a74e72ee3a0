//! How connections come from the one thread that accepts to the workers that serve, and how they give way.
//!
//! A queue and two counts: connections that wait for a worker, and workers that are free or about to be. While the first is the
//! larger, somebody has to give way: a busy worker at the end of its answer, which then says `connection: close`, or
//! a connection that waits for its client anyway, picked by the accepting thread ([`Handover::make_room`]).

use std::collections::VecDeque;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use contract::Phase;

use crate::seat::Seat;

/// How long a kept-alive connection may be idle before it can be ended for others: longer than a client needs that
/// sends its next request at once, so that no request meets a closing connection without need.
const IDLE_GRACE: Duration = Duration::from_millis(2);

/// How long a connection in the middle of a request, or before its first, may let its worker wait before that: longer
/// than the packets of one request are apart on most networks.
const MESSAGE_GRACE: Duration = Duration::from_millis(50);

/// Connections on their way, and the seats in which workers serve them.
#[derive(Debug)]
pub(crate) struct Handover {
    queue: Mutex<Queue>,
    arrived: Condvar,
    /// Connections in the queue.
    waiting: AtomicUsize,
    /// Workers that are free, or whose connection has been told to end.
    available: AtomicUsize,
    /// Connections in the queue or in a seat.
    open: AtomicUsize,
    /// Somebody is at the door who cannot be accepted, for want of room.
    turned_away: AtomicBool,
    seats: Box<[Seat]>,
}

#[derive(Debug, Default)]
struct Queue {
    connections: VecDeque<TcpStream>,
    closed: bool,
}

impl Handover {
    pub(crate) fn new(workers: usize) -> Self {
        let epoch = Instant::now();
        Handover {
            queue: Mutex::default(),
            arrived: Condvar::new(),
            waiting: AtomicUsize::new(0),
            available: AtomicUsize::new(workers),
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
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.lock().connections.push_back(stream);
        self.arrived.notify_one();
    }

    /// Takes the connection that has waited longest; `None` once the queue is closed and empty.
    pub(crate) fn pop(&self) -> Option<TcpStream> {
        let mut queue = self
            .arrived
            .wait_while(self.lock(), |queue| queue.connections.is_empty() && !queue.closed)
            .unwrap_or_else(PoisonError::into_inner);
        let stream = queue.connections.pop_front()?;
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        self.available.fetch_sub(1, Ordering::SeqCst);
        Some(stream)
    }

    /// Lets `serve` have the connection in seat number `worker`.
    pub(crate) fn seat(&self, worker: usize, stream: TcpStream, serve: impl FnOnce(&TcpStream, &Seat)) {
        let seat = &self.seats[worker];
        let stream = seat.take(stream);
        if self.lock().closed {
            // What had arrived before the stop can still be read, and is answered.
            seat.end(&self.available);
        }
        serve(&stream, seat);
        drop(stream);
        // The socket is closed first: a client that comes back at once must find room.
        if !seat.leave() {
            self.available.fetch_add(1, Ordering::SeqCst);
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
        let in_need = self.waiting.load(Ordering::SeqCst) > self.available.load(Ordering::SeqCst)
            || (self.turned_away.load(Ordering::SeqCst) && self.turned_away.swap(false, Ordering::SeqCst));
        if in_need {
            seat.announce_end(&self.available);
        }
        in_need
    }

    /// Somebody is at the door and there is no room for one more connection.
    pub(crate) fn turn_away(&self) {
        self.turned_away.store(true, Ordering::SeqCst);
    }

    /// Ends connections that wait for their clients, the longest waits first, until every connection in the queue has a
    /// worker to come, and whoever was turned away a place; says whether that was not enough.
    pub(crate) fn make_room(&self, now: Instant) -> bool {
        while self.waiting.load(Ordering::SeqCst) > self.available.load(Ordering::SeqCst) {
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
        let waiting = self.waiting.load(Ordering::SeqCst);
        let longest = self
            .seats
            .iter()
            .filter_map(|seat| Some((seat, seat.wait(now)?)))
            .filter(|(_, wait)| wait.lasted >= self.grace(wait.phase, waiting))
            .max_by_key(|(_, wait)| wait.lasted);
        longest.is_some_and(|(seat, _)| seat.end(&self.available))
    }

    /// The longer the queue, the less a slow client is waited for: with n times as many connections waiting as there are
    /// workers, each gets the n-th part, so that all have had their turn in about the same time.
    fn grace(&self, phase: Phase, waiting: usize) -> Duration {
        let full = match phase {
            Phase::Idle => IDLE_GRACE,
            Phase::Head | Phase::Body => MESSAGE_GRACE,
        };
        let workers = self.seats.len();
        full.mul_f64(workers as f64 / (workers + waiting) as f64)
    }

    /// The stop: what has arrived is answered, nothing further is read, and [`Handover::pop`] ends.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
        for seat in &self.seats {
            seat.end(&self.available);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (client, listener.accept().unwrap().0)
    }

    #[test]
    fn a_busy_worker_gives_way_only_while_somebody_waits_for_it() {
        let handover = Handover::new(1);
        let ((_a, first), (_b, second)) = (pair(), pair());
        handover.push(first);
        let first = handover.pop().unwrap();
        handover.seat(0, first, |_, seat| {
            assert!(!handover.gives_way(seat));
            handover.push(second);
            assert!(handover.gives_way(seat));
            assert!(handover.gives_way(seat), "it stays given up");
        });
        assert_eq!(handover.open(), 1);
        handover.pop().unwrap();
        assert_eq!(handover.available.load(Ordering::SeqCst), 0, "the one worker is busy again");
    }

    #[test]
    fn an_idle_connection_is_ended_after_its_grace_and_reads_what_had_arrived() {
        let handover = Handover::new(1);
        let ((mut client, first), (_b, second)) = (pair(), pair());
        handover.push(first);
        let first = handover.pop().unwrap();
        handover.seat(0, first, |mut stream, seat| {
            let start = Instant::now();
            let wait = seat.begin_wait(start, Phase::Idle);
            assert!(!handover.make_room(start + IDLE_GRACE), "nobody waits, nobody is ended");
            handover.push(second);
            assert!(handover.make_room(start), "not before its grace is over");
            std::io::Write::write_all(&mut client, b"late").unwrap();
            assert_eq!(stream.peek(&mut [0; 4]).unwrap(), 4, "it has arrived");
            assert!(!handover.make_room(start + IDLE_GRACE));
            drop(wait);
            let mut all = Vec::new();
            stream.read_to_end(&mut all).unwrap();
            assert_eq!(all, b"late");
        });
    }

    #[test]
    fn a_closed_queue_is_emptied_first() {
        let handover = Handover::new(1);
        let (_client, stream) = pair();
        handover.push(stream);
        handover.close();
        assert!(handover.pop().is_some());
        assert!(handover.pop().is_none());
    }
}
