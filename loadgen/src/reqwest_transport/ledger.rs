//! What the callers of one window have begun and ended, under one lock: the counts, and whose turn it is.
//!
//! A request costs reqwest tens of microseconds; the lock costs a fraction of one.

use std::time::{Duration, Instant};

use super::client::Failure;
use crate::books::Books;
use crate::error::ErrorClass;
use crate::intervals::Slicer;
use crate::pause::Pause;
use crate::progress::Counters;
use crate::tally::{Age, Tally};

/// One caller, with one request at a time.
#[derive(Clone, Copy, Debug)]
struct Caller {
    /// The outstanding request: when it was sent and, in an open loop, due.
    outstanding: Option<(Instant, Option<Instant>)>,
    asked: bool,
    /// Complete answers, right or wrong.
    served: u64,
    failed: bool,
    free_since: Instant,
    pause: Pause,
    held: bool,
}

/// The books of one window.
#[derive(Debug)]
pub(super) struct Ledger {
    tally: Tally,
    callers: Vec<Caller>,
    slicer: Option<Slicer>,
    deadline: Option<Instant>,
    /// Requests that may be sent.
    quota: u64,
    closed: bool,
    /// When the last request ended.
    last: Instant,
}

impl Ledger {
    /// `held` says of each caller whether it has ever got a valid answer.
    pub(super) fn new(
        held: &[bool],
        started: Instant,
        deadline: Option<Instant>,
        quota: u64,
        books: Books,
    ) -> Self {
        let caller = |held: &bool| Caller {
            outstanding: None,
            asked: false,
            served: 0,
            failed: false,
            free_since: started,
            pause: Pause::default(),
            held: *held,
        };
        let Books { tally, slicer } = books.dated(started);
        Self {
            tally,
            callers: held.iter().map(caller).collect(),
            slicer,
            deadline,
            quota,
            closed: false,
            last: started,
        }
    }

    fn is_past(&self, time: Instant) -> bool {
        self.closed || self.deadline.is_some_and(|deadline| time >= deadline)
    }

    /// A caller sends at this time, and gets the request's number; `None` if nothing may be sent any more.
    pub(super) fn begin(&mut self, caller: usize, now: Instant, due: Option<Instant>) -> Option<u64> {
        if self.is_past(now) || self.tally.sent >= self.quota {
            return None;
        }
        let caller = &mut self.callers[caller];
        caller.outstanding = Some((now, due));
        caller.asked = true;
        if let Some(due) = due {
            let free = due.max(caller.free_since);
            let since = |time| now.saturating_duration_since(time);
            self.tally.lag.record(since(due), since(free));
        }
        self.tally.sent += 1;
        Some(self.tally.sent - 1)
    }

    /// Its request has ended; says how long to wait before the next. What ends after the deadline has not ended.
    pub(super) fn finish(&mut self, caller: usize, at: Instant, outcome: Result<(), Failure>) -> Duration {
        let past = self.is_past(at);
        let caller = &mut self.callers[caller];
        caller.held |= outcome.is_ok();
        let unconnected = outcome.is_err_and(|failure| failure.connecting);
        let pause = if unconnected { caller.pause.after_failure() } else { Duration::ZERO };
        if !unconnected {
            caller.pause.reset();
        }
        if past {
            return pause;
        }
        caller.free_since = at;
        let wrong = [ErrorClass::BadStatus, ErrorClass::BadBody];
        let answered = outcome.map_or_else(|failure| wrong.contains(&failure.class), |()| true);
        caller.served += u64::from(answered);
        caller.failed |= !answered;
        let age = age(caller.outstanding.take(), at);
        self.last = self.last.max(at);
        if let Some(slicer) = &mut self.slicer {
            slicer.turn_to(at, &self.tally);
        }
        match outcome {
            Ok(()) => {
                self.tally.succeed(age);
                if let Some(slicer) = &mut self.slicer {
                    slicer.record(age);
                }
            }
            Err(Failure { class: class @ (ErrorClass::Timeout | ErrorClass::ConnectTimeout), .. }) => {
                self.tally.time_out(class, age);
            }
            Err(Failure { class, .. }) => self.tally.fail(class),
        }
        pause
    }

    /// Tells whoever watches what has been counted this long after the start.
    pub(super) fn publish(&self, counters: &Counters, elapsed: Duration) {
        counters.publish(elapsed, &self.tally);
    }

    /// When the last request ended.
    pub(super) fn last(&self) -> Instant {
        self.last
    }

    /// Which callers have ever got a valid answer.
    pub(super) fn held(&self) -> Vec<bool> {
        self.callers.iter().map(|caller| caller.held).collect()
    }

    /// Closes the window: what is outstanding is in flight, and censored at its age.
    pub(super) fn close(&mut self, ended: Instant, interrupted: bool) -> Tally {
        self.closed = true;
        for caller in &self.callers {
            if caller.outstanding.is_some() {
                self.tally.leave(age(caller.outstanding, ended));
            }
            let starved = caller.asked && caller.served == 0;
            self.tally.starved += usize::from(starved);
            self.tally.silent += usize::from(starved && !caller.failed);
            self.tally.served.push(caller.served);
        }
        if let Some(slicer) = self.slicer.take() {
            slicer.finish(ended, &self.tally);
        }
        let mut tally = std::mem::replace(&mut self.tally, Tally::new(ended));
        (tally.ended, tally.interrupted) = (ended, interrupted);
        tally
    }
}

fn age(outstanding: Option<(Instant, Option<Instant>)>, at: Instant) -> Age {
    let (asked_at, due) = outstanding.unwrap_or((at, None));
    Age {
        since_sent: at.saturating_duration_since(asked_at),
        since_due: due.map(|due| at.saturating_duration_since(due)),
        // A run begins when everything outstanding has ended.
        entered: None,
        first_byte: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn failure(class: ErrorClass, connecting: bool) -> Result<(), Failure> {
        Err(Failure { class, connecting })
    }

    fn ledger(started: Instant, deadline: Option<Instant>, quota: u64) -> Ledger {
        Ledger::new(&[false; 4], started, deadline, quota, Books::new(None))
    }

    #[test]
    fn no_more_is_sent_than_the_quota_and_nothing_after_the_deadline() {
        let start = Instant::now();
        let mut ledger = ledger(start, Some(start + 10 * MS), 2);
        assert_eq!(ledger.begin(0, start + 10 * MS, None), None);
        assert_eq!(ledger.begin(0, start + 9 * MS, None), Some(0));
        assert_eq!(ledger.begin(1, start + 9 * MS, None), Some(1));
        assert_eq!(ledger.begin(2, start + 9 * MS, None), None);
    }

    #[test]
    fn what_ends_after_the_deadline_is_in_flight_at_the_age_it_had_then() {
        let start = Instant::now();
        let mut ledger = ledger(start, Some(start + 10 * MS), u64::MAX);
        for caller in 0..4 {
            ledger.begin(caller, start, None).expect("before the deadline");
        }
        ledger.finish(0, start + 4 * MS, Ok(()));
        ledger.finish(1, start + 5 * MS, failure(ErrorClass::BadBody, false));
        ledger.finish(2, start + 10 * MS, Ok(()));
        let tally = ledger.close(start + 10 * MS, false);
        // Too late for anybody.
        ledger.finish(3, start + 11 * MS, Ok(()));
        assert_eq!((tally.sent, tally.ok, tally.failed(), tally.in_flight), (4, 1, 1, 2));
        // A wrong answer is one too; the two that came late came to nobody in this window.
        assert_eq!(tally.starved, 2);
        assert!(tally.samples.censored().equivalent(tally.samples.censored().min(), 10_000_000));
        assert_eq!(ledger.held(), [true, false, true, true]);
    }

    #[test]
    fn a_timeout_is_an_observation_and_a_want_of_connections_a_longer_and_longer_pause() {
        let start = Instant::now();
        let mut ledger = ledger(start, None, u64::MAX);
        let outcomes = [
            (failure(ErrorClass::ConnectRefused, true), 10),
            (failure(ErrorClass::ConnectTimeout, true), 20),
            (failure(ErrorClass::Timeout, false), 0),
            (failure(ErrorClass::ConnectRefused, true), 10),
        ];
        for (outcome, pause) in outcomes {
            ledger.begin(0, start, None).expect("there is no end");
            assert_eq!(ledger.finish(0, start + MS, outcome), pause * MS, "{outcome:?}");
        }
        let tally = ledger.close(start + 2 * MS, true);
        assert_eq!((tally.failed(), tally.samples.censored().len(), tally.starved), (4, 2, 1));
    }

    #[test]
    fn the_generators_lag_is_that_with_a_caller_free() {
        let start = Instant::now();
        let mut ledger = ledger(start, None, u64::MAX);
        ledger.begin(0, start, Some(start)).expect("there is no end");
        ledger.finish(0, start + 8 * MS, Ok(()));
        // Due since 2 ms, the caller free since 8 ms, sent at 9 ms.
        ledger.begin(0, start + 9 * MS, Some(start + 2 * MS)).expect("there is no end");
        ledger.finish(0, start + 12 * MS, Ok(()));
        let tally = ledger.close(start + 12 * MS, false);
        let longest = |samples: &crate::samples::Samples, ms: u64| {
            samples.answered().equivalent(samples.answered().max(), ms * 1_000_000)
        };
        assert!(longest(&tally.lag.schedule, 7) && longest(&tally.lag.generator, 1), "{:?}", tally.lag);
        assert!(longest(&tally.corrected, 10) && longest(&tally.samples, 8));
    }
}
