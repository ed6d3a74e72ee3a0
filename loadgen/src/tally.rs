//! What one event loop counted in one window.

use std::time::{Duration, Instant};

use crate::coarse::Coarse;
use crate::connection::FirstByte;
use crate::cpu::CpuTime;
use crate::error::ErrorClass;
use crate::samples::{Censoring, Samples};

/// How old a request is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Age {
    pub(crate) since_sent: Duration,
    /// In an open loop: since it was due.
    pub(crate) since_due: Option<Duration>,
    /// How old it was when the window opened, if it was sent before that and is counted in it.
    pub(crate) entered: Option<Duration>,
    /// What is known of the answer's first byte, where that is not what is known of all of it.
    pub(crate) first_byte: Option<FirstByte>,
}

/// The requests whose first byte did not come with the whole answer; of all others the two times are one.
#[derive(Clone, Debug)]
struct Early {
    /// What stands for them among the times to the whole answer.
    whole: Samples,
    first: Samples,
}

impl Age {
    /// The part of `entered` in which the first byte could come: without the time that connecting took.
    fn entered_first(&self) -> Option<Duration> {
        let first = self.first_byte?;
        self.entered.map(|entered| entered.saturating_sub(self.since_sent.saturating_sub(first.since_sent)))
    }
}

impl Early {
    /// A first byte that came after this time, or had not come at this age. One that came before the window did is no
    /// observation of it.
    fn see(&mut self, took: Result<Duration, Duration>, entered: Option<Duration>) {
        if took.is_ok_and(|took| entered.is_some_and(|entered| took < entered)) {
            return;
        }
        match took {
            Ok(took) => self.first.record_answered(nanoseconds(took)),
            Err(age) => self.first.record_censored(nanoseconds(age)),
        }
        if let Some(entered) = entered {
            self.first.record_entered(nanoseconds(entered));
        }
    }
}

/// How late requests were sent, in an open loop.
#[derive(Clone, Debug)]
pub(crate) struct Lag {
    /// Behind the time they were due.
    pub(crate) schedule: Samples,
    /// Behind the time from which on they were due and a connection was free: the generator's own part.
    pub(crate) generator: Samples,
}

impl Lag {
    pub(crate) fn record(&mut self, schedule: Duration, generator: Duration) {
        self.schedule.record_answered(nanoseconds(schedule));
        self.generator.record_answered(nanoseconds(generator));
    }
}

/// The requests that were outstanding when the window of an open loop opened, and belong to an earlier one.
#[derive(Clone, Debug, Default)]
pub(crate) struct CarriedTally {
    pub(crate) total: u64,
    pub(crate) ok: u64,
    pub(crate) in_flight: u64,
    pub(crate) errors: [u64; ErrorClass::ALL.len()],
}

impl CarriedTally {
    pub(crate) fn end(&mut self, outcome: Result<(), ErrorClass>) {
        match outcome {
            Ok(()) => self.ok += 1,
            Err(class) => self.errors[class as usize] += 1,
        }
    }

    pub(crate) fn failed(&self) -> u64 {
        self.errors.iter().sum()
    }

    fn merge(&mut self, other: &Self) {
        self.total += other.total;
        self.ok += other.ok;
        self.in_flight += other.in_flight;
        add(&mut self.errors, &other.errors);
    }
}

/// Counts and latencies of one event loop; those of several are merged into a record.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    pub(crate) sent: u64,
    pub(crate) ok: u64,
    pub(crate) in_flight: u64,
    pub(crate) reconnects: u64,
    pub(crate) starved: usize,
    /// Those of them on which nothing failed either.
    pub(crate) silent: usize,
    /// Complete answers, right or wrong, of each connection.
    pub(crate) served: Vec<u64>,
    /// Connections that sent something although nothing was asked.
    pub(crate) unsolicited: u64,
    pub(crate) carried: CarriedTally,
    /// Times that the event queue brought something, and what of it concerned connections.
    pub(crate) wakes: u64,
    pub(crate) events: u64,
    pub(crate) interrupted: bool,
    pub(crate) ended: Instant,
    pub(crate) cpu: CpuTime,
    /// CPU seconds for each second, of the event loop that used most, the time it spun not counted.
    pub(crate) busiest: f64,
    /// From the time a request was sent.
    pub(crate) samples: Samples,
    /// From the time a request was due.
    pub(crate) corrected: Samples,
    pub(crate) lag: Lag,
    /// From the call of `connect` to the established connection.
    pub(crate) connect: Samples,
    early: Early,
    /// The corrected latencies, in a closed loop the uncorrected ones, for whoever watches.
    pub(crate) coarse: Coarse,
    /// Requests that were taken off the open loop's queue and not sent.
    pub(crate) held_back: Vec<u64>,
    errors: [u64; ErrorClass::ALL.len()],
}

impl Tally {
    pub(crate) fn new(started: Instant) -> Self {
        Self {
            sent: 0,
            ok: 0,
            in_flight: 0,
            reconnects: 0,
            starved: 0,
            silent: 0,
            served: Vec::new(),
            unsolicited: 0,
            carried: CarriedTally::default(),
            wakes: 0,
            events: 0,
            interrupted: false,
            ended: started,
            cpu: CpuTime::default(),
            busiest: 0.0,
            samples: Samples::new(),
            corrected: Samples::censored_as(Censoring::Queued),
            lag: Lag { schedule: Samples::new(), generator: Samples::new() },
            connect: Samples::new(),
            early: Early { whole: Samples::new(), first: Samples::new() },
            coarse: Coarse::EMPTY,
            held_back: Vec::new(),
            errors: [0; ErrorClass::ALL.len()],
        }
    }

    /// A valid answer.
    pub(crate) fn succeed(&mut self, age: Age) {
        self.ok += 1;
        self.coarse.record(nanoseconds(age.since_due.unwrap_or(age.since_sent)));
        self.samples.record_answered(nanoseconds(age.since_sent));
        if let Some(since_due) = age.since_due {
            self.corrected.record_answered(nanoseconds(since_due));
        }
        self.enter(&age);
        if let Some(FirstByte { since_sent, took }) = age.first_byte {
            self.early.whole.record_answered(nanoseconds(age.since_sent));
            self.early.see(Ok(took.unwrap_or(since_sent)), age.entered_first());
        }
    }

    /// A failed request.
    pub(crate) fn fail(&mut self, class: ErrorClass) {
        self.errors[class as usize] += 1;
    }

    /// A request that was given up at this age: failed, and known to take at least so long.
    pub(crate) fn time_out(&mut self, class: ErrorClass, age: Age) {
        self.fail(class);
        self.censor(age);
    }

    /// A request that was unanswered, at this age, when the window closed.
    pub(crate) fn leave(&mut self, age: Age) {
        self.in_flight += 1;
        self.censor(age);
    }

    fn censor(&mut self, age: Age) {
        self.samples.record_censored(nanoseconds(age.since_sent));
        if let Some(since_due) = age.since_due {
            self.corrected.record_censored(nanoseconds(since_due));
        }
        self.enter(&age);
        if let Some(FirstByte { since_sent, took }) = age.first_byte {
            self.early.whole.record_censored(nanoseconds(age.since_sent));
            self.early.see(took.ok_or(since_sent), age.entered_first());
        }
    }

    /// A request that was sent before the window was not watched from the start.
    fn enter(&mut self, age: &Age) {
        if let Some(entered) = age.entered {
            self.samples.record_entered(nanoseconds(entered));
            if age.first_byte.is_some() {
                self.early.whole.record_entered(nanoseconds(entered));
            }
        }
    }

    /// A connection that was being made at this time, since `since`: its time is at least what has passed.
    pub(crate) fn left_connecting(&mut self, since: Option<Instant>, at: Instant) {
        if let Some(since) = since {
            self.connect.record_censored(nanoseconds(at.saturating_duration_since(since)));
        }
    }

    /// From the time a request was sent to the first byte of its answer, of the requests in `samples`.
    pub(crate) fn first_byte(&self) -> Samples {
        self.samples.replacing(&self.early.whole, &self.early.first)
    }

    pub(crate) fn errors(&self, class: ErrorClass) -> u64 {
        self.errors[class as usize]
    }

    pub(crate) fn failed(&self) -> u64 {
        self.errors.iter().sum()
    }

    /// Requests begun that have not ended; those left at the close of the window are among them.
    pub(crate) fn outstanding(&self) -> u64 {
        self.sent - self.ok - self.failed()
    }

    /// Adds the counts of another event loop of the same window, which ends when the last of them ends.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.sent += other.sent;
        self.ok += other.ok;
        self.in_flight += other.in_flight;
        self.reconnects += other.reconnects;
        self.starved += other.starved;
        self.silent += other.silent;
        self.served.extend(&other.served);
        self.unsolicited += other.unsolicited;
        self.carried.merge(&other.carried);
        self.wakes += other.wakes;
        self.events += other.events;
        self.interrupted |= other.interrupted;
        self.ended = self.ended.max(other.ended);
        self.cpu += other.cpu;
        self.busiest = self.busiest.max(other.busiest);
        self.samples.merge(&other.samples);
        self.corrected.merge(&other.corrected);
        self.lag.schedule.merge(&other.lag.schedule);
        self.lag.generator.merge(&other.lag.generator);
        self.connect.merge(&other.connect);
        self.early.whole.merge(&other.early.whole);
        self.early.first.merge(&other.early.first);
        self.held_back.extend(&other.held_back);
        add(&mut self.errors, &other.errors);
    }
}

fn add<const N: usize>(mine: &mut [u64; N], theirs: &[u64; N]) {
    for (mine, theirs) in mine.iter_mut().zip(theirs) {
        *mine += theirs;
    }
}

pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
