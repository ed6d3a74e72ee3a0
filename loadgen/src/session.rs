//! A session: connections that are opened once and then measured over any number of runs.

use std::sync::{Barrier, OnceLock};
use std::thread;
use std::time::Instant;

use crate::cancel::Cancel;
use crate::error::{ErrorClass, LoadError};
use crate::exchange::Exchange;
use crate::files;
use crate::plan::{Plan, Stop};
use crate::progress::Progress;
use crate::ramp;
use crate::record::{
    Connections, Corrected, Generator, Latency, PlanRecord, Rate, Requests, RunRecord, SCHEMA_VERSION,
    Uncorrected, Validation,
};
use crate::reference::BodyCheck;
use crate::tally::Tally;
use crate::warning::Warning;
use crate::worker::{Lineup, Worker};

/// CPU seconds for each second of an event loop from which on the generator, not the server, may be the limit.
const CLIENT_BOUND: f64 = 0.9;

/// Opened and warmed-up connections, ready to be measured.
///
/// A request that one run leaves in flight is still outstanding when the next one starts. If its answer came in
/// between, it is dropped, since nobody saw when; otherwise the request is counted as sent in that run too, with its
/// true age. So each record is complete in itself, and a request may stand in two of them.
#[derive(Debug)]
pub struct Session {
    plan: Plan,
    exchange: Exchange,
    workers: Vec<Worker>,
    progress: Progress,
}

impl Session {
    /// Opens the plan's connections one after another, each with a validated first answer.
    ///
    /// Raises the process's soft limit of open files if the connections need it. Blocks until every connection is
    /// answered or the patience for silent ones, one timeout in all, is used up.
    pub fn open(plan: &Plan) -> Result<Self, LoadError> {
        Self::open_unless(plan, &Cancel::new())
    }

    /// `open` that gives up with [`LoadError::Interrupted`] when it is cancelled.
    pub fn open_unless(plan: &Plan, cancel: &Cancel) -> Result<Self, LoadError> {
        plan.check()?;
        files::allow(plan.connections, plan.threads)?;
        let mut workers = (0..plan.threads).map(|_| Worker::new()).collect::<Result<Vec<_>, _>>()?;
        let (first, exchange) = ramp::preflight(plan, cancel)?;
        ramp::populate(&mut workers, plan.connections, first, &exchange, cancel)?;
        Ok(Self { plan: plan.clone(), exchange, workers, progress: Progress::new(plan.threads) })
    }

    /// A view of the counts of whatever run is going on, for a display thread.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Measures one window: until `stop`, or until `cancel` is pressed.
    ///
    /// # Panics
    ///
    /// If the counts do not add up: a record with a request unaccounted for would be a false one.
    pub fn run(&mut self, stop: &Stop, cancel: &Cancel) -> Result<RunRecord, LoadError> {
        stop.check()?;
        let threads = self.workers.len();
        let lineup =
            Lineup { barrier: Barrier::new(threads), clock: OnceLock::new(), stop: *stop, threads, cancel };
        let held = self.workers.iter().map(Worker::held).sum();
        let (exchange, progress) = (&self.exchange, &self.progress);
        let tallies = thread::scope(|scope| {
            let loops: Vec<_> = self
                .workers
                .iter_mut()
                .enumerate()
                .map(|(index, worker)| {
                    let (lineup, counters) = (&lineup, progress.counters(index));
                    scope.spawn(move || worker.run(index, lineup, exchange, counters))
                })
                .collect();
            let join = |handle: thread::ScopedJoinHandle<'_, _>| {
                handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            loops.into_iter().map(join).collect::<Result<Vec<Tally>, _>>()
        })?;
        let started = *lineup.clock.get().expect("every event loop has passed the start");
        Ok(self.record(*stop, held, started, &tallies))
    }

    /// Makes the record out of what the event loops counted.
    fn record(&self, stop: Stop, held: usize, started: Instant, tallies: &[Tally]) -> RunRecord {
        let mut total = Tally::new(started);
        for tally in tallies {
            total.merge(tally);
        }
        let duration_s = (total.ended - started).as_secs_f64();
        RunRecord {
            schema_version: SCHEMA_VERSION,
            plan: self.plan_record(stop),
            requests: requests(stop, &total),
            rate: Rate { target_per_sec: None, achieved_per_sec: total.ok as f64 / duration_s },
            latency: Latency {
                corrected: Corrected::of_closed_loop(),
                uncorrected: Uncorrected::from(&total.samples),
            },
            connections: Connections {
                wanted: self.plan.connections,
                held,
                starved: total.starved,
                reconnects: total.reconnects,
            },
            generator: Generator {
                engine: "mio-epoll".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                cpu_user_s: total.cpu.user.as_secs_f64(),
                cpu_system_s: total.cpu.system.as_secs_f64(),
            },
            validation: Validation {
                status: self.exchange.status,
                body: self.exchange.reference.check,
                body_bytes: self.exchange.reference.body.as_ref().map(Vec::len),
            },
            duration_s,
            interrupted: total.interrupted,
            warnings: self.warnings(held, duration_s, &total),
        }
    }

    fn plan_record(&self, stop: Stop) -> PlanRecord {
        PlanRecord {
            url: self.plan.target.to_string(),
            method: "GET".to_owned(),
            connections: self.plan.connections,
            threads: self.plan.threads,
            stop: stop.into(),
            timeout_s: self.plan.timeout.as_secs_f64(),
            expect: self.plan.expect.clone(),
            r#loop: "closed".to_owned(),
        }
    }

    fn warnings(&self, held: usize, duration_s: f64, total: &Tally) -> Vec<Warning> {
        let wanted = self.plan.connections;
        let starved = total.starved;
        let cpu_share =
            (total.cpu.user + total.cpu.system).as_secs_f64() / duration_s / self.workers.len() as f64;
        let observations = total.samples.above_range();
        let answers = total.errors(ErrorClass::BadBody);
        let varies = answers > 0 && self.exchange.reference.check == BodyCheck::FirstAnswer;
        [
            (held < wanted).then_some(Warning::FewerHeld { held, wanted }),
            (starved > 0).then_some(Warning::Starved { starved, wanted }),
            (cpu_share > CLIENT_BOUND).then_some(Warning::ClientBound { cpu_share }),
            (observations > 0).then_some(Warning::AboveRange { observations }),
            varies.then_some(Warning::VaryingBody { answers }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The fate of every request, with both identities checked.
fn requests(stop: Stop, total: &Tally) -> Requests {
    let scheduled = match stop {
        Stop::After(_) => total.sent,
        Stop::Requests(requests) => requests,
    };
    let errors = ErrorClass::ALL.map(|class| (class, total.errors(class))).into();
    let unsent = scheduled - total.sent;
    let requests = Requests {
        scheduled,
        sent: total.sent,
        ok: total.ok,
        shed: 0,
        unsent,
        errors,
        in_flight: total.in_flight,
    };
    assert_eq!(requests.scheduled, requests.sent + requests.shed + requests.unsent, "{requests:?}");
    assert_eq!(requests.sent, requests.ok + requests.failed() + requests.in_flight, "{requests:?}");
    assert!(requests.unsent == 0 || total.interrupted, "{requests:?}");
    requests
}

/// Opens a session, measures one window and closes everything.
pub fn closed_loop(plan: &Plan) -> Result<RunRecord, LoadError> {
    Session::open(plan)?.run(&plan.stop, &Cancel::new())
}
