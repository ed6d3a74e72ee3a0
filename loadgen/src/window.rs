//! The measured window of one event loop: which connection asks when, and what is counted.
//!
//! Everything that ends a request passes through here exactly once, which is why the counts add up.

use std::time::{Duration, Instant};

use mio::Registry;
use mio::event::Event;

use crate::connection::{Connection, Step};
use crate::exchange::Exchange;
use crate::progress::Counters;
use crate::tally::Tally;

/// How often timeouts are looked for, counts published, and the clock and the cancel switch looked at when idle.
const TICK: Duration = Duration::from_millis(50);
/// The same while some connection is paused: the shortest pause.
const SHORT_TICK: Duration = Duration::from_millis(10);
/// First requests sent between two looks at the event queue, so that early answers need not wait for late starts.
const LAUNCH_BATCH: usize = 64;

/// What bounds the window of one event loop: a time, a number of requests, or both.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) deadline: Option<Instant>,
    pub(crate) quota: u64,
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

/// A connection and what the window knows of it.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) connection: Connection,
    /// Whether it has ever got a valid answer.
    pub(crate) held: bool,
    asked: bool,
    answered: bool,
}

impl Member {
    pub(crate) fn new(connection: Connection, held: bool) -> Self {
        Self { connection, held, asked: false, answered: false }
    }
}

/// The window of one event loop, while it is open.
#[derive(Debug)]
pub(crate) struct Window<'a> {
    members: &'a mut [Member],
    exchange: &'a Exchange,
    registry: &'a Registry,
    bounds: Bounds,
    tally: Tally,
    /// The latest time that was read from the clock.
    now: Instant,
    next_tick: Instant,
    launched: usize,
    paused: bool,
}

impl<'a> Window<'a> {
    /// Opens the window. Requests still outstanding from before are sent in it, with their true age.
    pub(crate) fn open(
        members: &'a mut [Member],
        exchange: &'a Exchange,
        registry: &'a Registry,
        started: Instant,
        bounds: Bounds,
    ) -> Self {
        let mut tally = Tally::new(started);
        for member in members.iter_mut() {
            let outstanding = member.connection.outstanding_since().is_some();
            member.answered = false;
            member.asked = outstanding && tally.sent < bounds.quota;
            tally.sent += u64::from(member.asked);
            if outstanding && !member.asked {
                // No request is left for it to stand for.
                member.connection.close();
            }
        }
        let next_tick = started + TICK;
        Self {
            members,
            exchange,
            registry,
            bounds,
            tally,
            now: started,
            next_tick,
            launched: 0,
            paused: false,
        }
    }

    /// How long the event queue may be waited for.
    pub(crate) fn patience(&self) -> Duration {
        if self.launched < self.members.len() {
            return Duration::ZERO;
        }
        let until = self.bounds.deadline.map_or(self.next_tick, |deadline| deadline.min(self.next_tick));
        until.saturating_duration_since(self.now)
    }

    /// Lets the next few connections send their first request.
    pub(crate) fn launch(&mut self) {
        let end = self.members.len().min(self.launched + LAUNCH_BATCH);
        for index in self.launched..end {
            self.proceed(index, Instant::now());
        }
        self.launched = end;
    }

    /// Takes news about one connection; true if there is more to read from it.
    pub(crate) fn advance(&mut self, event: &Event, buffer: &mut [u8]) -> bool {
        let index = event.token().0;
        let step = self.members[index].connection.advance(event, buffer, self.exchange);
        self.account(index, &step)
    }

    /// Goes on reading from a connection of which `advance` said that there is more.
    pub(crate) fn resume(&mut self, index: usize, buffer: &mut [u8]) -> bool {
        let step = self.members[index].connection.resume(buffer, self.exchange);
        self.account(index, &step)
    }

    /// Looks at the clock after a batch of events. `before` is what `now` said before the batch.
    pub(crate) fn turn(&mut self, before: Instant) -> Turn {
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
    pub(crate) fn publish(&self, counters: &Counters) {
        counters.publish(self.tally.ok, self.tally.failed());
    }

    /// Closes the window: what is unanswered now is in flight, and censored at its age.
    pub(crate) fn close(mut self, interrupted: bool) -> Tally {
        let ended = self.bounds.deadline.map_or(self.now, |deadline| deadline.min(self.now));
        for member in self.members.iter() {
            if let Some(asked_at) = member.connection.outstanding_since() {
                self.tally.leave(ended.saturating_duration_since(asked_at));
            }
            self.tally.starved += usize::from(member.asked && !member.answered);
        }
        self.tally.ended = ended;
        self.tally.interrupted = interrupted;
        self.tally
    }

    fn account(&mut self, index: usize, step: &Step) -> bool {
        match *step {
            Step::Waiting => return false,
            Step::More => return true,
            Step::Answered { at, verdict } => {
                self.now = at;
                let member = &mut self.members[index];
                let latency = at - member.connection.asked_at();
                if self.is_past(at) {
                    self.leave(index);
                    return false;
                }
                let member = &mut self.members[index];
                member.answered = true;
                match verdict {
                    Ok(()) => {
                        member.held = true;
                        self.tally.succeed(latency);
                    }
                    Err(class) => self.tally.fail(class),
                }
                self.proceed(index, at);
            }
            Step::Failed(class) => {
                self.now = Instant::now();
                if self.is_past(self.now) {
                    self.leave(index);
                } else {
                    self.tally.fail(class);
                    self.proceed(index, self.now);
                }
            }
        }
        false
    }

    /// What happened after the deadline has not happened: the request was in flight when the window closed.
    fn leave(&mut self, index: usize) {
        let deadline = self.bounds.deadline.unwrap_or(self.now);
        self.tally.leave(deadline.saturating_duration_since(self.members[index].connection.asked_at()));
    }

    /// Begins requests on a connection until one is under way, the connection pauses, or none is left to send.
    fn proceed(&mut self, index: usize, now: Instant) {
        let member = &mut self.members[index];
        while self.tally.sent < self.bounds.quota && member.connection.is_ready(now) {
            self.tally.sent += 1;
            self.tally.reconnects += u64::from(member.connection.must_connect());
            member.asked = true;
            match member.connection.ask(now, self.exchange, self.registry) {
                Ok(()) => return,
                Err(class) => self.tally.fail(class),
            }
        }
        self.paused |= !member.connection.is_ready(now);
    }

    /// Ends what has taken too long and starts what has paused long enough.
    fn tick(&mut self) {
        self.paused = false;
        for index in 0..self.members.len() {
            let connection = &mut self.members[index].connection;
            if let Some(asked_at) = connection.outstanding_since() {
                let age = self.now.saturating_duration_since(asked_at);
                if age < self.exchange.timeout {
                    continue;
                }
                let class = connection.give_up();
                self.tally.time_out(class, age);
            }
            if index < self.launched {
                self.proceed(index, self.now);
            }
        }
        self.next_tick = self.now + if self.paused { SHORT_TICK } else { TICK };
    }

    fn is_past(&self, time: Instant) -> bool {
        self.bounds.deadline.is_some_and(|deadline| time >= deadline)
    }

    fn is_spent(&self) -> bool {
        self.tally.sent >= self.bounds.quota && self.tally.outstanding() == 0
    }
}
