//! The record of a run: everything that was observed, as JSON that outlives the program.
//!
//! Later versions add fields and never rename one. What is not known is null, with a reason in words beside it; there
//! is no -1 and no 0 that means "unknown".

mod counts;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::awake::CpuSleep;
use crate::distribution::Distribution;
use crate::error::ErrorClass;
use crate::intervals::IntervalRecord;
use crate::opening::Opening;
use crate::plan::{Expectation, Stop};
use crate::reference::BodyCheck;
use crate::schedule::Schedule;
use crate::server_usage::ServerUsage;
use crate::transport::Transport;
use crate::verdict::Verdict;
use crate::warning::Warning;
pub use counts::{Batching, Carried, Served};

/// The version of the record's schema.
pub const SCHEMA_VERSION: u32 = 1;

/// What one run did and observed.
///
/// Two identities hold, and a record is not made without: `scheduled = sent + shed + unsent`, and
/// `sent = ok + Σ errors + in_flight`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// [`SCHEMA_VERSION`] when the record was written.
    pub schema_version: u32,
    /// The runs that are in it, each by a name that no other run has; several in a merged record. Empty in records of
    /// before runs had names.
    #[serde(default)]
    pub runs: Vec<String>,
    /// When the clock started, in UTC as RFC 3339 has it, the earliest of several runs. By the wall clock, which may be
    /// set: good for telling which runs went on at the same time, not for measuring. Null in records of before it was kept.
    #[serde(default)]
    pub started_at: Option<String>,
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
    /// What the figures are good for, in the generator's own judgement.
    pub verdict: Verdict,
    /// What the watched process used; null unless one was named.
    #[serde(default)]
    pub server: Option<ServerUsage>,
    /// The run second by second; null unless that was asked for.
    pub timeseries: Option<Vec<IntervalRecord>>,
}

/// The plan as it was carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanRecord {
    /// The URL that was asked for.
    pub url: String,
    /// Through what it was asked.
    #[serde(default)]
    pub transport: Transport,
    /// Whether any certificate was accepted.
    #[serde(default)]
    pub insecure: bool,
    /// The request method.
    pub method: String,
    /// Headers that were sent besides those of HTTP itself, as `name: value`; null in records of before they were kept.
    #[serde(default)]
    pub headers: Option<Vec<String>>,
    /// SHA-256 of the request's body in hexadecimal, of none too; null in records of before it was kept.
    #[serde(default)]
    pub body_sha256: Option<String>,
    /// Connections wanted, of all processes of a merged record together.
    pub connections: usize,
    /// Event loops, or threads of reqwest's runtime; of all processes of a merged record together.
    pub threads: usize,
    /// When the run was to end.
    pub stop: StopRecord,
    /// How long an answer might take, in seconds.
    pub timeout_s: f64,
    /// What a valid answer was said to be.
    pub expect: Expectation,
    /// The pacing of the requests. `closed`: each connection sends, waits for the answer, sends. `open`: requests are
    /// due by a schedule.
    pub r#loop: String,
    /// The schedule of an open loop.
    pub schedule: Option<Schedule>,
    /// Whether the event loops spun before a request was due.
    pub spin: bool,
    /// For how many seconds the server was loaded before the window, in runs that were discarded.
    pub warmup_s: f64,
    /// How many paths the requests went through.
    pub paths: u64,
    /// Whether each request had a connection of its own.
    pub new_connections: bool,
    /// The order in which connections were opened.
    pub opening: Opening,
    /// The limit on connections opened a second; null without one.
    pub connect_rate_per_sec: Option<f64>,
}

/// When the run was to end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Requests {
    /// Requests that were due.
    pub scheduled: u64,
    /// Requests that were begun in the window; in a closed loop those outstanding when it opened too.
    pub sent: u64,
    /// Valid answers.
    pub ok: u64,
    /// Due requests that were dropped on purpose; none.
    pub shed: u64,
    /// Due requests that were never begun: the run was interrupted, or no connection was free in time.
    pub unsent: u64,
    /// Failed requests of every class, zeros too.
    #[schemars(schema_with = "crate::schema::counts_of_errors")]
    pub errors: BTreeMap<ErrorClass, u64>,
    /// Requests unanswered when the window closed.
    pub in_flight: u64,
    /// Open loop: requests that were outstanding when the window opened, from a warm-up or a run before. They belong to
    /// the schedule of that one and are in none of the other counts. Null in a closed loop, which counts them as sent,
    /// and in records of before they were counted.
    #[serde(default)]
    pub carried: Option<Carried>,
}

impl Requests {
    /// All failed requests together.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.errors.values().sum()
    }

    /// Requests of an earlier window that failed in this one; 0 too where that was not counted.
    #[must_use]
    pub fn carried_failed(&self) -> u64 {
        self.carried.iter().flat_map(|carried| carried.errors.values()).sum()
    }
}

/// Throughput.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rate {
    /// The rate asked for, the mean of a ramp; null in a closed loop, which has none.
    pub target_per_sec: Option<f64>,
    /// Valid answers inside the window, divided by its length.
    pub achieved_per_sec: f64,
}

/// Both views of the latency, and what lies between them. `uncorrected` is all there is in a closed loop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    /// From the time a request was due to its completed answer; requests that were due and not sent are in it.
    pub corrected: Distribution,
    /// From the time a request was sent to its completed answer: the service time, as the client sees it.
    pub uncorrected: Distribution,
    /// From the time a request was due to the time it was sent.
    pub schedule_lag: Distribution,
    /// The part of the schedule lag in which a connection was free: the generator's own lateness.
    pub generator_lag: Distribution,
    /// From the time a request was sent to the first byte of its answer, an interim one included. Of the requests in
    /// `uncorrected`, but without the time that connecting took.
    #[serde(default = "not_recorded")]
    pub first_byte: Distribution,
    /// From the call of `connect` to the established connection, of the connections that requests of the window opened.
    /// With reqwest the TLS handshake is in it, and a connect is counted though its request may have got another one.
    /// Those not established in time are "at least"; those refused are no observation.
    #[serde(default = "not_recorded")]
    pub connect: Distribution,
    /// The same of the connections that were opened before the clock started. Runs of one session tell the same ones.
    #[serde(default = "not_recorded")]
    pub opening_connect: Distribution,
}

/// What is absent from a record of before there was such a thing.
fn not_recorded() -> Distribution {
    Distribution::absent("the version that wrote the record did not measure it")
}

/// How the connections fared. Counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Connections {
    /// Connections the plan asks for.
    pub wanted: usize,
    /// Connections that had got a valid answer when the clock started; with reqwest, which does not tell its connections
    /// apart, callers.
    pub held: usize,
    /// Connections with a request outstanding in the window, begun in it or before, that got no complete answer in it,
    /// right or wrong; with reqwest, callers.
    ///
    /// In a window shorter than a few latencies that is no starvation: compare the two.
    pub starved: usize,
    /// Times a connection was opened in the window.
    pub reconnects: u64,
    /// How evenly they were served; null in merged records, which do not tell one connection from another, and in those
    /// of before it was kept.
    #[serde(default)]
    pub served: Option<Served>,
    /// Connections that sent something although nothing was asked on them, and were closed for that; null with reqwest,
    /// which does not tell, and in records of before it was counted.
    #[serde(default)]
    pub unsolicited: Option<u64>,
}

/// The generator itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Generator {
    /// What did the work: `mio-epoll`, or `reqwest`.
    pub engine: String,
    /// The version of this crate.
    pub version: String,
    /// How much is done at once; null with reqwest, which does not tell, and in records of before it was counted.
    #[serde(default)]
    pub batching: Option<Batching>,
    /// CPU seconds of the event loops in user mode, in the window.
    pub cpu_user_s: f64,
    /// CPU seconds of the event loops in the kernel, in the window.
    pub cpu_system_s: f64,
    /// Seconds in which event loops were ready to run and another program had their CPU, in the window, of all of them
    /// together; what a hypervisor took is not in it. Null where the kernel does not tell, and in records of before it
    /// was kept.
    #[serde(default)]
    pub cpu_waited_s: Option<f64>,
    /// The CPUs that event loops were pinned to, in turn; empty if they might run anywhere.
    pub cpus: Vec<usize>,
    /// Whether the machine's CPUs were kept out of deep sleep.
    pub cpu_sleep: CpuSleep,
}

/// What answers were held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Validation {
    /// The one valid status.
    pub status: u16,
    /// What the body was compared with.
    pub body: BodyCheck,
    /// The length of the valid body in bytes, of the first path if there are several; null when the body is not checked.
    pub body_bytes: Option<usize>,
}
