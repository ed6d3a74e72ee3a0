//! The record of a run: everything that was observed, as JSON that outlives the program.
//!
//! Later versions add fields and never rename one. What is not known is null, with a reason in words beside it; there
//! is no -1 and no 0 that means "unknown".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::ErrorClass;
use crate::plan::{Expectation, Stop};
use crate::reference::BodyCheck;
use crate::samples::Samples;
use crate::warning::Warning;

/// The version of the record's schema.
pub const SCHEMA_VERSION: u32 = 1;

/// What one run did and observed.
///
/// Two identities hold, and a record is not made without: `scheduled = sent + shed + unsent`, and
/// `sent = ok + Σ errors + in_flight`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// [`SCHEMA_VERSION`] when the record was written.
    pub schema_version: u32,
    /// What was to be done.
    pub plan: PlanRecord,
    /// What became of the requests.
    pub requests: Requests,
    /// Valid answers a second.
    pub rate: Rate,
    /// How long answers took.
    pub latency: Latency,
    /// How the connections fared.
    pub connections: Connections,
    /// What the generator itself is and used.
    pub generator: Generator,
    /// What answers were held against.
    pub validation: Validation,
    /// The measured window in seconds, on a monotonic clock.
    pub duration_s: f64,
    /// Whether the run was cancelled before its end.
    pub interrupted: bool,
    /// What a reader should know before believing the figures.
    pub warnings: Vec<Warning>,
}

/// The plan as it was carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanRecord {
    /// The URL that was asked for.
    pub url: String,
    /// The request method; GET.
    pub method: String,
    /// Connections wanted.
    pub connections: usize,
    /// Event loops.
    pub threads: usize,
    /// When the run was to end.
    pub stop: StopRecord,
    /// How long an answer might take, in seconds.
    pub timeout_s: f64,
    /// What a valid answer was said to be.
    pub expect: Expectation,
    /// The pacing of the requests; `closed`: each connection sends, waits for the answer, sends.
    pub r#loop: String,
}

/// When the run was to end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopRecord {
    /// After so many seconds.
    AfterS(f64),
    /// After so many requests.
    Requests(u64),
}

impl From<Stop> for StopRecord {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::After(window) => Self::AfterS(window.as_secs_f64()),
            Stop::Requests(requests) => Self::Requests(requests),
        }
    }
}

/// The fate of every request. Counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requests {
    /// Requests that were due.
    pub scheduled: u64,
    /// Requests that were begun in the window, or were outstanding when it opened.
    pub sent: u64,
    /// Valid answers.
    pub ok: u64,
    /// Due requests that were dropped on purpose; none in a closed loop.
    pub shed: u64,
    /// Due requests that were never begun, because the run was interrupted.
    pub unsent: u64,
    /// Failed requests of every class, zeros too.
    pub errors: BTreeMap<ErrorClass, u64>,
    /// Requests unanswered when the window closed.
    pub in_flight: u64,
}

impl Requests {
    /// All failed requests together.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.errors.values().sum()
    }
}

/// Throughput.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// The rate asked for; null, because a closed loop has none.
    pub target_per_sec: Option<f64>,
    /// Valid answers inside the window, divided by its length.
    pub achieved_per_sec: f64,
}

/// Both views of the latency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// From the time a request was due.
    pub corrected: Corrected,
    /// From the time a request was sent.
    pub uncorrected: Uncorrected,
}

/// Latency from the time a request was due. In a closed loop there is no such time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Corrected {
    /// Median, in nanoseconds.
    pub p50_ns: Option<u64>,
    /// 90th percentile, in nanoseconds.
    pub p90_ns: Option<u64>,
    /// 99th percentile, in nanoseconds.
    pub p99_ns: Option<u64>,
    /// 99.9th percentile, in nanoseconds.
    pub p999_ns: Option<u64>,
    /// Maximum, in nanoseconds.
    pub max_ns: Option<u64>,
    /// Mean, in nanoseconds.
    pub mean_ns: Option<u64>,
    /// Why the values are null.
    pub reason: Option<String>,
}

impl Corrected {
    /// The corrected latency of a closed loop: none.
    pub(crate) fn of_closed_loop() -> Self {
        let reason =
            "a closed loop sends when the last answer is in: no request has a due time to count from";
        Self {
            p50_ns: None,
            p90_ns: None,
            p99_ns: None,
            p999_ns: None,
            max_ns: None,
            mean_ns: None,
            reason: Some(reason.to_owned()),
        }
    }
}

/// Latency from the send time to the completed answer, unfinished requests in as censored observations.
///
/// See [`Samples`] for the estimator and its source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Uncorrected {
    /// Median, in nanoseconds.
    pub p50_ns: Option<u64>,
    /// 90th percentile, in nanoseconds.
    pub p90_ns: Option<u64>,
    /// 99th percentile, in nanoseconds.
    pub p99_ns: Option<u64>,
    /// 99.9th percentile, in nanoseconds.
    pub p999_ns: Option<u64>,
    /// Maximum, in nanoseconds.
    pub max_ns: Option<u64>,
    /// Mean, in nanoseconds.
    pub mean_ns: Option<u64>,
    /// Valid answers observed.
    pub answered: u64,
    /// Requests that timed out or were unfinished at the end.
    pub censored: u64,
    /// Observations above the histogram's top, recorded as the top.
    pub above_range: u64,
    /// The reason for each null, by the name of its field.
    pub missing: BTreeMap<String, String>,
    /// Latencies of the valid answers, base64 of V2 deflate.
    pub histogram: String,
    /// Ages of the censored requests, base64 of V2 deflate.
    pub histogram_censored: String,
}

impl From<&Samples> for Uncorrected {
    fn from(samples: &Samples) -> Self {
        let mut missing = BTreeMap::new();
        let mut told = |field: &str, value: Result<u64, crate::samples::Missing>| {
            value.map_err(|reason| missing.insert(field.to_owned(), reason.to_string())).ok()
        };
        Self {
            p50_ns: told("p50_ns", samples.percentile(0.5)),
            p90_ns: told("p90_ns", samples.percentile(0.9)),
            p99_ns: told("p99_ns", samples.percentile(0.99)),
            p999_ns: told("p999_ns", samples.percentile(0.999)),
            max_ns: told("max_ns", samples.max()),
            mean_ns: told("mean_ns", samples.mean()),
            answered: samples.answered().len(),
            censored: samples.censored().len(),
            above_range: samples.above_range(),
            missing,
            histogram: crate::histogram::encode(samples.answered()),
            histogram_censored: crate::histogram::encode(samples.censored()),
        }
    }
}

/// How the connections fared. Counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connections {
    /// Connections the plan asks for.
    pub wanted: usize,
    /// Connections that had got a valid answer when the clock started.
    pub held: usize,
    /// Connections with a request outstanding in the window that got no complete answer in it, right or wrong.
    ///
    /// In a window shorter than a few latencies that is no starvation: compare the two.
    pub starved: usize,
    /// Times a connection was opened again in the window.
    pub reconnects: u64,
}

/// The generator itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Generator {
    /// The kind of event loop.
    pub engine: String,
    /// The version of this crate.
    pub version: String,
    /// CPU seconds of the event loops in user mode, in the window.
    pub cpu_user_s: f64,
    /// CPU seconds of the event loops in the kernel, in the window.
    pub cpu_system_s: f64,
}

/// What answers were held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    /// The one valid status.
    pub status: u16,
    /// What the body was compared with.
    pub body: BodyCheck,
    /// The length of the valid body in bytes; null when the body is not checked.
    pub body_bytes: Option<usize>,
}
