//! One server and its queue on a simulated clock, with the generator's own queue and counts before it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::SERVICE;
use crate::plan::Stop;
use crate::queue::Queue;
use crate::schedule::Schedule;
use crate::tally::{Age, Tally, nanoseconds};

/// How long the server takes for a request; [`SERVICE`] in the mean.
#[derive(Clone, Copy, Debug)]
pub(super) enum Service {
    Constant,
    Exponential,
}

/// One request at a time, first come, first served.
struct Server {
    random: ChaCha8Rng,
    service: Service,
    /// When it will have served everybody who is there.
    free_at: Instant,
}

impl Server {
    fn new(seed: u64, service: Service, started: Instant) -> Self {
        // The schedule has streams of the same generator: another seed than its own.
        let random = ChaCha8Rng::seed_from_u64(seed ^ 0x5eed_0f5e_2c1c_e000);
        Self { random, service, free_at: started }
    }

    fn exponential(&mut self, mean: Duration) -> Duration {
        const STEPS: f64 = (1_u64 << 53) as f64;
        let uniform = ((self.random.next_u64() >> 11) as f64 + 0.5) / STEPS;
        mean.mul_f64(-uniform.ln())
    }

    /// When the answer is out to a request that comes `at` this time, not before any earlier one.
    fn answers(&mut self, at: Instant) -> Instant {
        let time = match self.service {
            Service::Constant => SERVICE,
            Service::Exponential => self.exponential(SERVICE),
        };
        self.free_at = self.free_at.max(at) + time;
        self.free_at
    }
}

/// An answer that is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Answer {
    at: Instant,
    sent: Instant,
    due: Instant,
    event_loop: usize,
}

/// An open loop: the event loops take due requests off the generator's queue as they have connections free.
pub(super) fn open_loop(
    schedule: &Schedule,
    stop: Stop,
    service: Service,
    loops: usize,
    connections: usize,
) -> Tally {
    let started = Instant::now();
    let deadline = match stop {
        Stop::After(window) => Some(started + window),
        Stop::Requests(_) => None,
    };
    let queue = Queue::new(schedule, stop);
    let mut tickets: Vec<_> = (0..loops).map(|_| queue.tickets(started)).collect();
    // For each event loop since when its idle connections have been free, the longest first.
    let mut free: Vec<VecDeque<Instant>> = (0..loops)
        .map(|index| vec![started; connections / loops + usize::from(index < connections % loops)].into())
        .collect();
    let mut server = Server::new(schedule.seed, service, started);
    let mut answers = BinaryHeap::new();
    let mut tally = Tally::new(started);
    let mut now = started;
    loop {
        for event_loop in 0..loops {
            let (tickets, free) = (&mut tickets[event_loop], &mut free[event_loop]);
            while let Some(&free_since) = free.front()
                && let Some(ticket) = tickets.hold().filter(|ticket| ticket.due <= now)
            {
                tickets.spend();
                free.pop_front();
                tally.sent += 1;
                tally.lag.record(now - ticket.due, now - ticket.due.max(free_since));
                let at = server.answers(now);
                answers.push(Reverse(Answer { at, sent: now, due: ticket.due, event_loop }));
            }
        }
        let due = tickets.iter().filter_map(|tickets| tickets.held().map(|ticket| ticket.due)).min();
        let answer = answers.peek().map(|Reverse(answer): &Reverse<Answer>| answer.at);
        let Some(next) = due.into_iter().chain(answer).min() else { break };
        if deadline.is_some_and(|deadline| next >= deadline) {
            break;
        }
        now = next;
        if answer == Some(now)
            && let Some(Reverse(answer)) = answers.pop()
        {
            tally.succeed(age(now, answer.sent, Some(answer.due)));
            free[answer.event_loop].push_back(now);
        }
    }
    tally.ended = deadline.unwrap_or(now);
    close(tally, started, &queue, &tickets, answers)
}

/// What is unfinished at the end is counted as the generator counts it: sent and unanswered, held, or never taken.
fn close(
    mut tally: Tally,
    started: Instant,
    queue: &Queue,
    tickets: &[crate::queue::Tickets<'_>],
    answers: BinaryHeap<Reverse<Answer>>,
) -> Tally {
    for Reverse(answer) in answers {
        tally.leave(age(tally.ended, answer.sent, Some(answer.due)));
    }
    let held: Vec<_> =
        tickets.iter().filter_map(|tickets| tickets.held().map(|ticket| ticket.index)).collect();
    let elapsed = tally.ended - started;
    let scheduled = queue.scheduled(elapsed, false);
    for age in queue.left(&held, scheduled, elapsed) {
        tally.corrected.record_censored(nanoseconds(age));
    }
    tally
}

/// A closed loop of `users`, each of whose requests is delayed, exponentially with a mean of so many service times,
/// before it queues.
pub(super) fn closed_loop(seed: u64, users: usize, delay: f64, service: Service, requests: u64) -> Tally {
    /// What happens next to a user's request; of two at the same time the one that was sent first.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    struct Next {
        at: Instant,
        sent: Instant,
        served: bool,
    }
    let started = Instant::now();
    let delay = SERVICE.mul_f64(delay);
    let mut server = Server::new(seed, service, started);
    let mut tally = Tally::new(started);
    let mut next = BinaryHeap::new();
    let ask = |server: &mut Server, tally: &mut Tally, sent: Instant| {
        tally.sent += 1;
        Reverse(Next { at: sent + server.exponential(delay), sent, served: false })
    };
    for _ in 0..users {
        next.push(ask(&mut server, &mut tally, started));
    }
    while tally.ok < requests
        && let Some(Reverse(Next { at, sent, served })) = next.pop()
    {
        if served {
            tally.succeed(age(at, sent, None));
            next.push(ask(&mut server, &mut tally, at));
        } else {
            next.push(Reverse(Next { at: server.answers(at), sent, served: true }));
        }
    }
    tally
}

fn age(at: Instant, sent: Instant, due: Option<Instant>) -> Age {
    Age { since_sent: at - sent, since_due: due.map(|due| at - due), entered: None, first_byte: None }
}
