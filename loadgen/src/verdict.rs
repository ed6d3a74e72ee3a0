//! The generator's judgement of itself: whether the figures of a run are those of the server.
//!
//! | reason | bound | where |
//! |---|---|---|
//! | fewer connections held than asked for | any | both loops |
//! | connections starved | half of them or more had in the whole window neither answer nor error to a request | both loops |
//! | offered rate missed | fewer than 99 % of the due requests sent | open loop |
//! | generator busy | an event loop used more than 80 % of its CPU | open loop |
//! | generator late | p99 of its own lag above 10 % of the median latency, and above 200 µs; of however few requests | open loop |
//! | client-bound | an event loop used more than 90 % of its CPU | closed loop |
//!
//! The generator's own lag is how long a request waited although it was due and a connection was free; time spent
//! waiting for a connection is the server's doing and shows in the corrected latency. A connection counts as free from
//! the time at which the event queue brought its answer; what the kernel took to wake the generator up for that is not
//! seen, and is in the latency. Below 200 µs lag is told and not
//! judged: that is what a wake-up costs on a virtual machine, and an answer over loopback may be faster than that.

use std::fmt::{self, Display, Formatter};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::samples::Samples;

/// The share of silent connections from which on the load was that of other connections than those asked for.
const STARVED_SHARE: f64 = 0.5;
/// The share of the due requests that must have been sent.
const SENT_SHARE: f64 = 0.99;
/// The share of its CPU that an event loop may use in an open loop; above it, requests wait for each other.
const OPEN_LOOP_CPU: f64 = 0.8;
/// CPU seconds for each second of an event loop from which on the generator, not the server, may be the limit.
pub(crate) const CLIENT_BOUND: f64 = 0.9;
/// The generator's own lag as a share of the median latency.
const LAG_SHARE: f64 = 0.1;
/// Own lag that is not judged, in nanoseconds.
const LAG_UNJUDGED_NS: u64 = 200_000;

/// What the figures of a run are good for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The judgement.
    pub status: Status,
    /// Why it is not `valid`.
    pub reasons: Vec<Reason>,
}

/// The judgement in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The figures are those of the server.
    Valid,
    /// The generator may be the limit: throughput is a lower bound.
    ClientBound,
    /// The load was not the one that was asked for.
    Invalid,
}

impl Status {
    /// The word as reports print it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Valid => "VALID",
            Self::ClientBound => "CLIENT-BOUND",
            Self::Invalid => "INVALID",
        }
    }
}

/// Why a run is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Reason {
    /// Fewer connections than wanted had got a valid answer when the clock started.
    FewerHeld {
        /// Connections with a valid answer.
        held: usize,
        /// Connections wanted.
        wanted: usize,
    },
    /// Many connections were asked on and got neither answer nor error in the whole window: it was too short, or the server
    /// ignores them.
    Starved {
        /// Such connections.
        starved: usize,
        /// Connections wanted.
        wanted: usize,
    },
    /// Too few of the due requests were sent: the offered rate was not the one asked for.
    RateMissed {
        /// Requests sent.
        sent: u64,
        /// Requests due.
        scheduled: u64,
    },
    /// An event loop had too little CPU to be on time.
    Busy {
        /// CPU seconds it used for each second, spinning not counted.
        cpu_share: f64,
    },
    /// The generator itself sent too late.
    Late {
        /// 99th percentile of its own lag, in nanoseconds.
        lag_p99_ns: u64,
        /// Median corrected latency, in nanoseconds.
        latency_p50_ns: u64,
    },
    /// An event loop of a closed loop was nearly out of CPU.
    ClientBound {
        /// CPU seconds used for each second by the event loop that used most.
        cpu_share: f64,
    },
}

impl Reason {
    fn status(&self) -> Status {
        match self {
            Self::ClientBound { .. } => Status::ClientBound,
            Self::FewerHeld { .. }
            | Self::Starved { .. }
            | Self::RateMissed { .. }
            | Self::Busy { .. }
            | Self::Late { .. } => Status::Invalid,
        }
    }
}

impl Display for Reason {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewerHeld { held, wanted } => write!(
                f,
                "{held} of {wanted} connections were held; use as many as the server serves, or see why it does not"
            ),
            Self::Starved { starved, wanted } => write!(
                f,
                "{starved} of {wanted} connections got neither answer nor error in the whole window; measure for longer, or use as many as the server serves"
            ),
            Self::RateMissed { sent, scheduled } => write!(
                f,
                "{sent} of {scheduled} due requests were sent; use more connections or a lower rate"
            ),
            Self::Busy { cpu_share } => write!(
                f,
                "an event loop used {:.0} % of its CPU; use more threads or a lower rate",
                cpu_share * 100.0
            ),
            Self::Late { lag_p99_ns, latency_p50_ns } => write!(
                f,
                "the generator was {} µs late at p99, with a median latency of {} µs; give it a CPU of its own, or --spin",
                lag_p99_ns / 1_000,
                latency_p50_ns / 1_000
            ),
            Self::ClientBound { cpu_share } => write!(
                f,
                "an event loop used {:.0} % of its CPU, so the server may be faster; use more threads",
                cpu_share * 100.0
            ),
        }
    }
}

/// What the judgement depends on.
#[derive(Debug)]
pub(crate) struct Evidence<'a> {
    pub(crate) held: usize,
    pub(crate) wanted: usize,
    /// Connections with a request outstanding and neither answer nor error.
    pub(crate) silent: usize,
    /// CPU seconds a second of the event loop that used most, the time it spun not counted.
    pub(crate) cpu_share: f64,
    /// Of an open loop only.
    pub(crate) open: Option<OpenEvidence<'a>>,
}

/// What the judgement of an open loop depends on.
#[derive(Debug)]
pub(crate) struct OpenEvidence<'a> {
    pub(crate) sent: u64,
    pub(crate) scheduled: u64,
    pub(crate) lag: &'a Samples,
    pub(crate) corrected: &'a Samples,
}

impl Verdict {
    pub(crate) fn of(evidence: &Evidence<'_>) -> Self {
        let Evidence { held, wanted, silent, cpu_share, .. } = *evidence;
        let mut reasons = Vec::new();
        reasons.extend((held < wanted).then_some(Reason::FewerHeld { held, wanted }));
        let ignored = silent > 0 && silent as f64 >= STARVED_SHARE * wanted as f64;
        reasons.extend(ignored.then_some(Reason::Starved { starved: silent, wanted }));
        match &evidence.open {
            None => reasons.extend((cpu_share > CLIENT_BOUND).then_some(Reason::ClientBound { cpu_share })),
            Some(open) => reasons.extend(open.reasons(cpu_share)),
        }
        let invalid = reasons.iter().any(|reason| reason.status() == Status::Invalid);
        let status = match (invalid, reasons.is_empty()) {
            (true, _) => Status::Invalid,
            (false, false) => Status::ClientBound,
            (false, true) => Status::Valid,
        };
        Self { status, reasons }
    }
}

impl OpenEvidence<'_> {
    fn reasons(&self, busiest: f64) -> impl Iterator<Item = Reason> {
        let Self { sent, scheduled, .. } = *self;
        let missed = (sent as f64) < SENT_SHARE * scheduled as f64;
        // Of however few requests there were: a judgement is needed even where a percentile would not be printed.
        let lag = self.lag.answered().value_at_quantile(0.99);
        let judged = |median: &u64| lag > LAG_UNJUDGED_NS && lag as f64 > LAG_SHARE * *median as f64;
        let late = self.corrected.quantile(0.5).ok().filter(judged).map(|median| (lag, median));
        [
            missed.then_some(Reason::RateMissed { sent, scheduled }),
            (busiest > OPEN_LOOP_CPU).then_some(Reason::Busy { cpu_share: busiest }),
            late.map(|(lag_p99_ns, latency_p50_ns)| Reason::Late { lag_p99_ns, latency_p50_ns }),
        ]
        .into_iter()
        .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(value: u64) -> Samples {
        let mut samples = Samples::new();
        (0..10_000).for_each(|_| samples.record_answered(value));
        samples
    }

    fn open(sent: u64, busiest: f64, lag_ns: u64) -> Verdict {
        let (lag, corrected) = (samples(lag_ns), samples(1_000_000));
        let open = OpenEvidence { sent, scheduled: 10_000, lag: &lag, corrected: &corrected };
        Verdict::of(&Evidence { held: 4, wanted: 4, silent: 0, cpu_share: busiest, open: Some(open) })
    }

    fn closed(held: usize, cpu_share: f64) -> Verdict {
        Verdict::of(&Evidence { held, wanted: 4, silent: 0, cpu_share, open: None })
    }

    #[test]
    fn inside_all_bounds_a_run_is_valid() {
        assert_eq!(open(9_900, 0.8, 199_000), Verdict { status: Status::Valid, reasons: Vec::new() });
        assert_eq!(closed(4, 0.9), Verdict { status: Status::Valid, reasons: Vec::new() });
    }

    #[test]
    fn each_bound_alone_makes_a_run_invalid() {
        assert_eq!(open(9_899, 0.1, 1).reasons, [Reason::RateMissed { sent: 9_899, scheduled: 10_000 }]);
        assert_eq!(open(10_000, 0.81, 1).reasons, [Reason::Busy { cpu_share: 0.81 }]);
        assert!(matches!(open(10_000, 0.1, 201_000).reasons[..], [Reason::Late { .. }]));
        assert_eq!(closed(3, 0.1).reasons, [Reason::FewerHeld { held: 3, wanted: 4 }]);
        for verdict in
            [open(9_899, 0.1, 1), open(10_000, 0.81, 1), open(10_000, 0.1, 201_000), closed(3, 0.1)]
        {
            assert_eq!(verdict.status, Status::Invalid);
        }
    }

    #[test]
    fn a_few_requests_that_were_late_are_judged_too() {
        let few = |value: u64, count: usize| {
            let mut samples = Samples::new();
            (0..count).for_each(|_| samples.record_answered(value));
            samples
        };
        let (lag, corrected) = (few(5_000_000, 50), few(6_000_000, 50));
        let open = OpenEvidence { sent: 50, scheduled: 50, lag: &lag, corrected: &corrected };
        let verdict =
            Verdict::of(&Evidence { held: 4, wanted: 4, silent: 0, cpu_share: 0.1, open: Some(open) });
        assert!(matches!(verdict.reasons[..], [Reason::Late { .. }]), "{verdict:?}");
    }

    #[test]
    fn half_of_the_connections_without_an_answer_are_another_load() {
        let of = |silent| Verdict::of(&Evidence { held: 4, wanted: 4, silent, cpu_share: 0.1, open: None });
        assert_eq!(of(1).status, Status::Valid);
        assert_eq!(of(2).reasons, [Reason::Starved { starved: 2, wanted: 4 }]);
        assert_eq!(of(2).status, Status::Invalid);
    }

    #[test]
    fn a_saturated_closed_loop_is_client_bound_and_not_invalid() {
        assert_eq!(closed(4, 0.91).status, Status::ClientBound);
        assert_eq!(closed(3, 0.91).status, Status::Invalid);
    }
}
