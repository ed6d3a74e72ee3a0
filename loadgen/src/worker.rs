//! One event loop: a thread's event queue and the connections that belong to it, over all runs of a session.

use std::io::{self, ErrorKind};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Registry, Token};

use crate::books::Books;
use crate::cancel::Cancel;
use crate::connection::Connection;
use crate::cpu::CpuTime;
use crate::exchange::Exchange;
use crate::intervals::Interval;
use crate::muster::Muster;
use crate::pinning;
use crate::plan::Stop;
use crate::progress::Counters;
use crate::queue::Queue;
use crate::server_process::StartingClock;
use crate::step::Step;
use crate::tally::Tally;
use crate::timer::{TIMER, Timer};
use crate::window::{Bounds, Member, Pace, Turn, Window};

/// Events taken off the queue at once.
const EVENTS: usize = 1024;
/// The same while first requests are still to be sent: a fraction of those sent between two looks. Each event may take as long as a
/// start, so if all there are were taken, the last connections would begin long after the first, and wait for nothing until then.
const EVENTS_AT_LAUNCH: usize = 16;
/// The receive buffer, shared by all connections of the loop: small enough to stay in the second-level cache.
const BUFFER: usize = 64 * 1024;
/// Looks at the event queue between two runs, so that a server that never stops sending cannot hold a run up.
const SETTLING_ROUNDS: usize = 64;
/// The stretch before a request is due that an event loop spins through, if it is to: longer than a wake-up takes.
const SPIN: Duration = Duration::from_micros(200);
/// The same if it is not: what is due so soon is looked out for, since to set the timer, sleep and be woken takes about as long.
const NEAR: Duration = Duration::from_micros(30);

/// What all event loops of one run share.
#[derive(Debug)]
pub(crate) struct Lineup<'a> {
    pub(crate) muster: Muster,
    /// The time the clock started, set by the first event loop that goes on.
    pub(crate) clock: &'a StartingClock,
    pub(crate) stop: Stop,
    /// Open loop: what is due.
    pub(crate) queue: Option<&'a Queue>,
    /// Open loop: whether to spin before a request is due.
    pub(crate) spin: bool,
    pub(crate) cpus: &'a [usize],
    pub(crate) threads: usize,
    pub(crate) cancel: &'a Cancel,
}

impl Lineup<'_> {
    /// The bounds for one event loop. In a closed loop requests are divided so that the total is exact.
    fn bounds(&self, thread: usize, started: Instant) -> Bounds<'_> {
        let (threads, thread) = (self.threads as u64, thread as u64);
        let deadline = match self.stop {
            Stop::After(window) => Some(started + window),
            Stop::Requests(_) => None,
        };
        let pace = match (self.queue, self.stop) {
            (Some(queue), _) => Pace::Open(Box::new(queue.tickets(started))),
            (None, Stop::After(_)) => Pace::Closed { quota: u64::MAX },
            (None, Stop::Requests(total)) => {
                Pace::Closed { quota: total / threads + u64::from(thread < total % threads) }
            }
        };
        Bounds { deadline, pace, thread, threads }
    }
}

/// An event loop and its connections.
#[derive(Debug)]
pub(crate) struct Worker {
    poll: Poll,
    registry: Registry,
    events: Events,
    /// As long as connections have not begun.
    events_at_launch: Events,
    members: Vec<Member>,
    buffer: Vec<u8>,
    /// Connections with more to read, by index.
    backlog: Vec<usize>,
    /// Connections that sent something unasked between two runs.
    unsolicited: u64,
    /// Made for the first open loop.
    timer: Option<Timer>,
}

impl Worker {
    pub(crate) fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        Ok(Self {
            poll,
            registry,
            events: Events::with_capacity(EVENTS),
            events_at_launch: Events::with_capacity(EVENTS_AT_LAUNCH),
            members: Vec::new(),
            buffer: vec![0; BUFFER],
            backlog: Vec::new(),
            unsolicited: 0,
            timer: None,
        })
    }

    /// Adds the connection that `make` makes from its token.
    pub(crate) fn adopt(
        &mut self,
        held: bool,
        make: impl FnOnce(Token, &Registry) -> io::Result<Connection>,
    ) -> io::Result<()> {
        let connection = make(Token(self.members.len()), &self.registry)?;
        self.members.push(Member::new(connection, held));
        Ok(())
    }

    /// How many connections have ever got a valid answer.
    pub(crate) fn held(&self) -> usize {
        self.members.iter().filter(|member| member.held).count()
    }

    /// Waits for the other event loops, then keeps its connections busy until the window is over.
    pub(crate) fn run(
        &mut self,
        thread: usize,
        lineup: &Lineup<'_>,
        exchange: &Exchange,
        counters: &Counters,
        listener: Option<Sender<Interval>>,
    ) -> io::Result<Tally> {
        counters.clear();
        // A failure waits for the others too: they would wait for ever.
        let settled = self
            .settle(exchange)
            .and_then(|()| self.prepare(lineup))
            .and_then(|()| pinning::pin(thread, lineup.cpus));
        let books = Books::new(listener);
        let cpu = CpuTime::of_thread();
        let all_here = lineup.muster.wait();
        settled?;
        if !all_here {
            return Err(ErrorKind::Interrupted.into());
        }
        let started = lineup.clock.start();
        let bounds = lineup.bounds(thread, started);
        let mut window = Window::open(&mut self.members, exchange, &self.registry, started, bounds, books);
        let mut spun = Duration::ZERO;
        let interrupted = loop {
            window.launch();
            let before = window.now();
            let nap = if self.backlog.is_empty() {
                Nap::until(window.next_due(), window.patience(), lineup.spin, self.timer.as_mut())?
            } else {
                Nap::NONE
            };
            let events = if window.is_launching() { &mut self.events_at_launch } else { &mut self.events };
            wait(&mut self.poll, events, nap.patience)?;
            let spinning = nap.spinning && events.is_empty();
            window.wake(events.iter().count() as u64);
            for index in std::mem::take(&mut self.backlog) {
                if window.resume(index, &mut self.buffer) {
                    self.backlog.push(index);
                }
            }
            for event in events.iter().filter(|event| event.token() != TIMER) {
                if window.advance(event, &mut self.buffer) {
                    self.backlog.push(Connection::index_of(event.token()));
                }
            }
            let turn = window.turn(before);
            if spinning {
                spun += window.now() - before;
            }
            match turn {
                Turn::On => {}
                Turn::Ticked => window.publish(counters, started),
                Turn::Over => break false,
            }
            if lineup.cancel.is_cancelled() {
                break true;
            }
        };
        let mut tally = window.close(interrupted);
        tally.unsolicited += std::mem::take(&mut self.unsolicited);
        tally.cpu = CpuTime::of_thread() - cpu;
        let worked = (tally.cpu.user + tally.cpu.system).saturating_sub(spun);
        tally.busiest = worked.as_secs_f64() / (tally.ended - started).as_secs_f64();
        counters.publish(tally.ended - started, &tally);
        Ok(tally)
    }

    /// Makes what an open loop needs.
    fn prepare(&mut self, lineup: &Lineup<'_>) -> io::Result<()> {
        if lineup.queue.is_some() && self.timer.is_none() {
            self.timer = Some(Timer::new(&self.registry)?);
        }
        Ok(())
    }

    /// Takes the news that came in between two runs. Answers among them belong to no window: nobody saw when they
    /// came, and the run that sent the requests has counted them as in flight.
    fn settle(&mut self, exchange: &Exchange) -> io::Result<()> {
        for _ in 0..SETTLING_ROUNDS {
            wait(&mut self.poll, &mut self.events, Duration::ZERO)?;
            if self.events.is_empty() && self.backlog.is_empty() {
                break;
            }
            let mut news = Vec::new();
            for index in std::mem::take(&mut self.backlog) {
                news.push((index, self.members[index].connection.resume(&mut self.buffer, exchange)));
            }
            for event in self.events.iter().filter(|event| event.token() != TIMER) {
                let index = Connection::index_of(event.token());
                news.push((index, self.members[index].connection.advance(event, &mut self.buffer, exchange)));
            }
            for (index, step) in news {
                match step {
                    Step::More => self.backlog.push(index),
                    Step::Answered { verdict: Ok(()), .. } => self.members[index].held = true,
                    Step::Unsolicited => self.unsolicited += 1,
                    Step::Answered { .. } | Step::Failed(_) | Step::Waiting => {}
                }
            }
        }
        Ok(())
    }
}

/// How long to wait for events.
#[derive(Clone, Copy, Debug)]
struct Nap {
    patience: Duration,
    /// Whether it is short because a request is nearly due.
    spinning: bool,
}

impl Nap {
    const NONE: Self = Self { patience: Duration::ZERO, spinning: false };

    /// As long as `patience`, with the timer set in case a request is due before that.
    fn until(
        due: Option<Instant>,
        patience: Duration,
        spin: bool,
        timer: Option<&mut Timer>,
    ) -> io::Result<Self> {
        let (Some(due), Some(timer)) = (due, timer) else {
            return Ok(Self { patience, spinning: false });
        };
        let at = due.checked_sub(if spin { SPIN } else { NEAR }).unwrap_or(due);
        let left = at.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Self { patience: Duration::ZERO, spinning: true });
        }
        // Even if patience ends first: the queue rounds it up, and would sleep through what is due.
        timer.set(at, left)?;
        Ok(Self { patience, spinning: false })
    }
}

/// Waits for events; a signal ends the wait early, with none.
fn wait(poll: &mut Poll, events: &mut Events, patience: Duration) -> io::Result<()> {
    match poll.poll(events, Some(patience)) {
        Err(error) if error.kind() == ErrorKind::Interrupted => {
            events.clear();
            Ok(())
        }
        outcome => outcome,
    }
}
