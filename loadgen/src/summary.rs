//! From what the event loops counted to the record.

use std::time::{Duration, Instant};

use crate::awake::CpuSleep;
use crate::distribution::Distribution;
use crate::error::ErrorClass;
use crate::exchange::Exchange;
use crate::plan::{Pacing, Plan, Stop};
use crate::queue::Queue;
use crate::record::{
    Batching, Carried, Connections, Generator, Latency, PlanRecord, Rate, Requests, RunRecord,
    SCHEMA_VERSION, Served, Validation,
};
use crate::reference::BodyCheck;
use crate::samples::Samples;
use crate::start::Start;
use crate::tally::{CarriedTally, Tally, nanoseconds};
use crate::transport::Transport;
use crate::verdict::{CLIENT_BOUND, Evidence, OpenEvidence, Verdict};
use crate::warning::Warning;

/// Why a closed loop has no times that count from when a request was due.
const NOTHING_IS_DUE: &str =
    "a closed loop sends when the last answer is in: no request has a due time to count from";

/// Why reqwest has no time to the first byte.
const NO_FIRST_BYTE: &str = "reqwest tells when a head is complete, not when its first byte came";

/// One run that is over.
#[derive(Debug)]
pub(crate) struct Summary<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) stop: Stop,
    pub(crate) exchange: &'a Exchange,
    /// Connections that had got a valid answer when the clock started.
    pub(crate) held: usize,
    pub(crate) started: Instant,
    pub(crate) start: &'a Start,
    /// The queue of an open loop.
    pub(crate) queue: Option<&'a Queue>,
    pub(crate) sleep: &'a CpuSleep,
    /// How long connecting took before the clock started.
    pub(crate) opening: &'a Samples,
    /// For how long the server was loaded before, in runs that were discarded.
    pub(crate) warmed_up: Duration,
}

impl Summary<'_> {
    /// Makes the record out of what the event loops counted.
    ///
    /// # Panics
    ///
    /// If the counts do not add up.
    pub(crate) fn record(&self, tallies: &[Tally]) -> RunRecord {
        let mut total = Tally::new(self.started);
        for tally in tallies {
            total.merge(tally);
        }
        let elapsed = total.ended - self.started;
        let requests = self.requests(elapsed, &mut total);
        let duration_s = elapsed.as_secs_f64();
        let verdict = self.verdict(&requests, &total);
        let raw = self.plan.transport == Transport::Raw;
        RunRecord {
            schema_version: SCHEMA_VERSION,
            runs: vec![self.start.name.clone()],
            started_at: Some(self.start.told(self.started)),
            plan: self.plan_record(),
            rate: Rate {
                target_per_sec: self.target(elapsed),
                achieved_per_sec: total.ok as f64 / duration_s,
            },
            latency: self.latency(&total),
            connections: Connections {
                wanted: self.plan.connections,
                held: self.held,
                starved: total.starved,
                reconnects: total.reconnects,
                unsolicited: raw.then_some(total.unsolicited),
                served: Served::of(std::mem::take(&mut total.served)),
            },
            generator: Generator {
                engine: self.plan.transport.engine().to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                batching: raw.then(|| Batching::of(total.wakes, total.events, total.sent)),
                cpu_user_s: total.cpu.user.as_secs_f64(),
                cpu_system_s: total.cpu.system.as_secs_f64(),
                cpu_waited_s: total.cpu.waited.map(|waited| waited.as_secs_f64()),
                cpus: self.plan.cpus.clone(),
                cpu_sleep: self.sleep.clone(),
            },
            validation: Validation {
                status: self.exchange.status,
                body: self.exchange.check,
                body_bytes: self.exchange.variants[0].reference.body.as_ref().map(Vec::len),
            },
            duration_s,
            interrupted: total.interrupted,
            warnings: self.warnings(&total),
            requests,
            verdict,
            server: None,
            timeseries: None,
        }
    }

    fn plan_record(&self) -> PlanRecord {
        let Plan { target, connections, threads, timeout, expect, pacing, spin, request, .. } = self.plan;
        let (label, schedule) = match pacing {
            Pacing::Closed => ("closed", None),
            Pacing::Open(schedule) => ("open", Some(*schedule)),
        };
        PlanRecord {
            url: target.to_string(),
            transport: self.plan.transport,
            insecure: self.plan.insecure,
            method: request.method().to_owned(),
            headers: Some(request.headers()),
            body_sha256: Some(request.body_sha256()),
            connections: *connections,
            threads: *threads,
            stop: self.stop.into(),
            timeout_s: timeout.as_secs_f64(),
            expect: expect.clone(),
            r#loop: label.to_owned(),
            schedule,
            spin: *spin,
            warmup_s: self.warmed_up.as_secs_f64(),
            paths: target.variants(),
            new_connections: self.plan.new_connections,
            opening: self.plan.opening,
            connect_rate_per_sec: self.plan.connect_rate,
        }
    }

    fn target(&self, elapsed: Duration) -> Option<f64> {
        match (self.plan.pacing, self.stop) {
            (Pacing::Closed, _) => None,
            (Pacing::Open(schedule), stop) => {
                let window = if let Stop::After(window) = stop { window } else { elapsed };
                Some(schedule.rate.mean_over(window) / schedule.segment.of as f64)
            }
        }
    }

    fn latency(&self, total: &Tally) -> Latency {
        let open = |samples| match self.queue {
            Some(_) => Distribution::from(samples),
            None => Distribution::absent(NOTHING_IS_DUE),
        };
        Latency {
            corrected: open(&total.corrected),
            uncorrected: Distribution::from(&total.samples),
            schedule_lag: open(&total.lag.schedule),
            generator_lag: open(&total.lag.generator),
            first_byte: match self.plan.transport {
                Transport::Raw => Distribution::from(&total.first_byte()),
                Transport::Reqwest => Distribution::absent(NO_FIRST_BYTE),
            },
            connect: Distribution::from(&total.connect),
            opening_connect: Distribution::from(self.opening),
        }
    }

    fn verdict(&self, requests: &Requests, total: &Tally) -> Verdict {
        let open = self.queue.map(|_| OpenEvidence {
            sent: requests.sent,
            scheduled: requests.scheduled,
            lag: &total.lag.generator,
            corrected: &total.corrected,
        });
        let (held, wanted, silent) = (self.held, self.plan.connections, total.silent);
        Verdict::of(&Evidence { held, wanted, silent, cpu_share: total.busiest, open })
    }

    fn warnings(&self, total: &Tally) -> Vec<Warning> {
        let (held, wanted) = (self.held, self.plan.connections);
        let starved = total.starved;
        let cpu_share = total.busiest;
        let client_bound = self.queue.is_none() && cpu_share > CLIENT_BOUND;
        let observations = total.samples.above_range();
        let (carried, unsolicited) = (total.carried.failed(), total.unsolicited);
        let bad_bodies = total.errors(ErrorClass::BadBody);
        let varies = bad_bodies > 0 && self.exchange.check == BodyCheck::FirstAnswer;
        [
            (held < wanted).then_some(Warning::FewerHeld { held, wanted }),
            (starved > 0).then_some(Warning::Starved { starved, wanted }),
            client_bound.then_some(Warning::ClientBound { cpu_share }),
            (observations > 0).then_some(Warning::AboveRange { observations }),
            varies.then_some(Warning::VaryingBody { answers: bad_bodies }),
            (carried > 0).then_some(Warning::CarriedFailed { requests: carried }),
            (unsolicited > 0).then_some(Warning::Unsolicited { connections: unsolicited }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The fate of every request, with both identities checked. What was due and not sent enters the corrected
    /// latencies here, as "at least its age".
    fn requests(&self, elapsed: Duration, total: &mut Tally) -> Requests {
        let scheduled = match (self.queue, self.stop) {
            (Some(queue), _) => queue.scheduled(elapsed, total.interrupted),
            (None, Stop::After(_)) => total.sent,
            (None, Stop::Requests(requests)) => requests,
        };
        let errors = ErrorClass::ALL.map(|class| (class, total.errors(class))).into();
        let unsent = scheduled - total.sent;
        if let Some(queue) = self.queue {
            let mut left = 0;
            for age in queue.left(&total.held_back, scheduled, elapsed) {
                total.corrected.record_censored(nanoseconds(age));
                left += 1;
            }
            assert_eq!(left, unsent, "every request of the queue is sent or left in it");
        }
        let requests = Requests {
            scheduled,
            sent: total.sent,
            ok: total.ok,
            shed: 0,
            unsent,
            errors,
            in_flight: total.in_flight,
            carried: self.queue.is_some().then(|| carried(&total.carried)),
        };
        assert_eq!(requests.scheduled, requests.sent + requests.shed + requests.unsent, "{requests:?}");
        assert_eq!(requests.sent, requests.ok + requests.failed() + requests.in_flight, "{requests:?}");
        assert!(requests.unsent == 0 || total.interrupted || self.queue.is_some(), "{requests:?}");
        requests
    }
}

/// What became of the requests of an earlier window, which must add up too.
fn carried(tally: &CarriedTally) -> Carried {
    let classes = ErrorClass::ALL.map(|class| (class, tally.errors[class as usize]));
    let errors = classes.into_iter().filter(|(_, count)| *count > 0).collect();
    let carried = Carried { total: tally.total, ok: tally.ok, errors, in_flight: tally.in_flight };
    assert_eq!(carried.total, carried.ok + tally.failed() + carried.in_flight, "{carried:?}");
    carried
}
