//! The measured window of one event loop: which connection asks when, and what is counted.
//!
//! Everything that ends a request passes through here exactly once, which is why the counts add up.

mod account;
mod member;
mod pace;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use mio::Registry;
use mio::event::Event;

use crate::books::Books;
use crate::connection::Connection;
use crate::exchange::Exchange;
use crate::intervals::Slicer;
use crate::progress::Counters;
use crate::tally::Tally;
pub(crate) use member::Member;
use member::Service;
pub(crate) use pace::Pace;

/// How often timeouts are looked for, counts published, and the clock and the cancel switch looked at when idle.
const TICK: Duration = Duration::from_millis(50);
/// The same while some connection is paused: the shortest pause.
const SHORT_TICK: Duration = Duration::from_millis(10);
/// First requests sent between two looks at the event queue, so that early answers need not wait for late starts.
const LAUNCH_BATCH: usize = 64;

/// What bounds the window of one event loop: a time, a number of requests, or both.
#[derive(Debug)]
pub(crate) struct Bounds<'a> {
    pub(crate) deadline: Option<Instant>,
    pub(crate) pace: Pace<'a>,
    /// Which of how many event loops it is: in a closed loop they take the requests in turn.
    pub(crate) thread: u64,
    pub(crate) threads: u64,
}

/// How the window stands after a batch of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It goes on.
    On,
    /// It goes on, and a tick has passed.
    Ticked,
    /// It is over.
    Over,
}

/// The window of one event loop, while it is open.
#[derive(Debug)]
pub(crate) struct Window<'a> {
    members: &'a mut [Member],
    exchange: &'a Exchange,
    registry: &'a Registry,
    bounds: Bounds<'a>,
    tally: Tally,
    /// The latest time that was read from the clock.
    now: Instant,
    /// When the event queue brought the news that are being taken, if they are of several connections.
    woke: Option<Instant>,
    next_tick: Instant,
    /// Closed loop: how many connections have begun.
    launched: usize,
    /// Open loop: the connections without a request, the one that has been so for longest first.
    free: VecDeque<usize>,
    paused: bool,
    /// Keeps the seconds apart, if anybody wants to know.
    slicer: Option<Slicer>,
}

impl<'a> Window<'a> {
    /// Opens the window with books that were made before its clock was started. Requests still outstanding from before are
    /// sent in it, with their true age, in a closed loop; in an open one they keep their connections busy, and belong to
    /// the schedule of the window that sent them.
    pub(crate) fn open(
        members: &'a mut [Member],
        exchange: &'a Exchange,
        registry: &'a Registry,
        started: Instant,
        bounds: Bounds<'a>,
        books: Books,
    ) -> Self {
        let Books { tally, slicer } = books.dated(started);
        let free = VecDeque::with_capacity(members.len());
        let mut window = Self {
            members,
            exchange,
            registry,
            bounds,
            tally,
            now: started,
            woke: None,
            next_tick: started + TICK,
            launched: 0,
            free,
            paused: false,
            slicer,
        };
        for index in 0..window.members.len() {
            window.enrol(index);
        }
        window
    }

    fn enrol(&mut self, index: usize) {
        let member = &mut self.members[index];
        let outstanding = member.connection.outstanding_since().is_some();
        (member.service, member.served, member.entered) = (Service::Unasked, 0, None);
        (member.carried, member.due, member.free_since) = (false, None, None);
        match self.bounds.pace {
            Pace::Open(_) => {
                if outstanding {
                    (member.carried, member.service) = (true, Service::Asked);
                    self.tally.carried.total += 1;
                }
                self.line_up(index, self.now);
            }
            Pace::Closed { quota } => {
                if outstanding && self.tally.sent < quota {
                    member.service = Service::Asked;
                    member.entered = Some(self.now.saturating_duration_since(member.connection.asked_at()));
                    self.tally.sent += 1;
                } else if outstanding {
                    // No request is left for it to stand for.
                    member.connection.close();
                }
            }
        }
    }

    /// How long the event queue may be waited for.
    pub(crate) fn patience(&self) -> Duration {
        if self.is_launching() {
            return Duration::ZERO;
        }
        let until = self.bounds.deadline.map_or(self.next_tick, |deadline| deadline.min(self.next_tick));
        until.saturating_duration_since(self.now)
    }

    /// The event queue has just brought so much news. A connection whose answer is among it is free from now on, however
    /// long it takes to get to it.
    pub(crate) fn wake(&mut self, news: u64) {
        let open = matches!(self.bounds.pace, Pace::Open(_));
        self.woke = (open && news > 1).then(Instant::now);
        self.tally.wakes += u64::from(news > 0);
    }

    /// Takes news about one connection; true if there is more to read from it.
    pub(crate) fn advance(&mut self, event: &Event, buffer: &mut [u8]) -> bool {
        self.tally.events += 1;
        let index = Connection::index_of(event.token());
        let step = self.members[index].connection.advance(event, buffer, self.exchange);
        if let Some((since, at)) = self.members[index].connection.milestones().take_connect() {
            self.connected(index, since, at);
        }
        self.account(index, &step)
    }

    /// Goes on reading from a connection of which `advance` said that there is more.
    pub(crate) fn resume(&mut self, index: usize, buffer: &mut [u8]) -> bool {
        let step = self.members[index].connection.resume(buffer, self.exchange);
        self.account(index, &step)
    }

    /// Looks at the clock after a batch of events. `before` is what `now` said before the batch.
    pub(crate) fn turn(&mut self, before: Instant) -> Turn {
        self.woke = None;
        // A batch with an answer in it has just read the clock.
        if self.now == before {
            self.now = Instant::now();
        }
        if self.is_past(self.now) || self.is_spent() {
            return Turn::Over;
        }
        if self.now < self.next_tick {
            return Turn::On;
        }
        self.tick();
        Turn::Ticked
    }

    /// The latest time that was read from the clock.
    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    /// Tells whoever watches how far it is.
    pub(crate) fn publish(&self, counters: &Counters, started: Instant) {
        counters.publish(self.now - started, &self.tally);
    }

    /// Closes the window: what is unanswered now is in flight, and censored at its age.
    pub(crate) fn close(mut self, interrupted: bool) -> Tally {
        let ended = self.bounds.deadline.map_or(self.now, |deadline| deadline.min(self.now));
        for member in self.members.iter() {
            if member.carried {
                self.tally.carried.in_flight += 1;
            } else if member.connection.outstanding_since().is_some() {
                self.tally.leave(member.age(ended));
                self.tally.left_connecting(member.connection.connecting_since(), ended);
            }
            self.tally.served.push(member.served);
            self.tally.silent += usize::from(member.service == Service::Asked);
            let starved = matches!(member.service, Service::Asked | Service::Failed);
            self.tally.starved += usize::from(starved);
        }
        if let Pace::Open(tickets) = &self.bounds.pace {
            self.tally.held_back.extend(tickets.held().map(|ticket| ticket.index));
        }
        if let Some(slicer) = self.slicer.take() {
            slicer.finish(ended, &self.tally);
        }
        self.tally.ended = ended;
        self.tally.interrupted = interrupted;
        self.tally
    }

    fn is_past(&self, time: Instant) -> bool {
        self.bounds.deadline.is_some_and(|deadline| time >= deadline)
    }

    fn is_spent(&self) -> bool {
        self.bounds.deadline.is_none() && self.is_sold_out() && self.tally.outstanding() == 0
    }
}
