//! One server and its queue on a simulated clock, with the generator's own queue and counts before it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Instant;

use super::SERVICE;
use super::station::{Service, Station};
use crate::plan::Stop;
use crate::queue::Queue;
use crate::schedule::Schedule;
use crate::tally::{Age, Tally, nanoseconds};

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
    let mut server = Station::new(schedule.seed, service, SERVICE, started);
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
pub(super) fn closed_loop(seed: u64, users: usize, delay: f64, service: Service, requests: usize) -> Tally {
    let started = Instant::now();
    let delay = SERVICE.mul_f64(delay);
    let mut tally = Tally::new(started);
    let mut told = |sent, at| {
        tally.sent += 1;
        tally.succeed(age(at, sent, None));
    };
    let mut station = Station::new(seed, service, SERVICE, started);
    station.serve_users(users, requests, |station| station.exponential(delay), &mut told);
    tally
}

fn age(at: Instant, sent: Instant, due: Option<Instant>) -> Age {
    Age { since_sent: at - sent, since_due: due.map(|due| at - due), entered: None, first_byte: None }
}
