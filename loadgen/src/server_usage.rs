//! What the watched process has used, as the record has it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a process, usually the server, used while it was loaded. Its children are not in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerUsage {
    /// The process.
    pub pid: u32,
    /// What it used between the first sample and the last; null if it ended before.
    pub used: Option<ServerUsed>,
    /// The first sample, taken when the clock started.
    pub begin: Option<ServerSample>,
    /// The last sample, taken when the window had closed, the connections still open.
    pub end: Option<ServerSample>,
    /// Why there is nothing to tell; null where there is.
    pub reason: Option<String>,
    /// Samples in between, at most ten a second and 600 in all; null unless a time series was asked for.
    pub samples: Option<Vec<ServerSample>>,
}

/// The difference of two samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerUsed {
    /// CPU time in seconds, to the nanosecond.
    pub cpu_s: f64,
    /// The part of it in user mode, in seconds, by the kernel's ticks of a hundredth of a second.
    pub cpu_user_s: f64,
    /// The part of it in the kernel, in seconds, by the same ticks.
    pub cpu_system_s: f64,
    /// Times that a thread gave its CPU up, of the threads that lived at the end.
    pub voluntary_switches: u64,
    /// Times that a thread was made to, of the threads that lived at the end.
    pub involuntary_switches: u64,
    /// Threads that ended in between, whose switches are unknown: with any, the two counts are "at least".
    pub threads_ended: u64,
}

/// A process at one moment. Times and counts are since its start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerSample {
    /// When it was read, in seconds from the start of the window.
    pub at_s: f64,
    /// CPU time in seconds, to the nanosecond, threads that have ended included.
    pub cpu_s: f64,
    /// The part of it in user mode, in seconds, by the kernel's ticks.
    pub cpu_user_s: f64,
    /// The part of it in the kernel, in seconds, by the kernel's ticks.
    pub cpu_system_s: f64,
    /// Resident memory in bytes, pages that it shares with others counted in full.
    pub rss_bytes: u64,
    /// Resident memory in bytes, shared pages divided by those who share them; null where it cannot be read.
    pub pss_bytes: Option<u64>,
    /// Why not; null where it was.
    pub pss_reason: Option<String>,
    /// Threads.
    pub threads: u64,
    /// Times that a living thread has given its CPU up.
    pub voluntary_switches: u64,
    /// Times that a living thread was made to.
    pub involuntary_switches: u64,
}
