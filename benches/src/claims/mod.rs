//! The article's claims, and what a run's records say of each.
//!
//! [`Claim`] is the table: words, scope, the experiments that decide, what threatens a verdict. [`judge`] gives a
//! [`Verdict`] for each of [`observation`]s; `throughput`, `blocking`, `users`, `costs` and `overlap` hold the predicates, each over intervals. [`short`]
//! sums them up. A verdict is a value, and what depends on a number is computed from it.

mod blocking;
mod cases;
mod command;
mod costs;
pub mod observation;
mod overlap;
pub mod short;
mod simplicity;
mod slow;
mod throughput;
mod users;
pub mod verdict;
pub mod words;

use crate::matrix::Experiment;
use crate::record::{ComparisonRecord, TrialRecord};
use crate::summary::Summary;
pub use observation::{Cost, Finding, Group, Observation, Topic, Unit};
pub use verdict::{Status, Verdict};

/// A claim of the articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// More throughput than a synchronous server.
    Throughput,
    /// Many requests at once, without blocking.
    Blocking,
    /// More simultaneous users.
    Users,
    /// Fewer resources.
    Resources,
    /// Simpler code.
    Simplicity,
    /// Threads cost much.
    Threads,
    /// A task proceeds while another waits.
    Overlap,
}

/// Where a verdict's evidence ends; true of every claim.
pub const THREATS: [&str; 2] = [
    "one machine, over its loopback: no network between client and server, few CPUs",
    "made-up work: a greeting, a timer for I/O, a loop for CPU; a real handler does both, unevenly",
];

impl Claim {
    /// Every claim, in the order in which results show them.
    pub const ALL: [Claim; 7] = [
        Claim::Throughput,
        Claim::Blocking,
        Claim::Users,
        Claim::Resources,
        Claim::Simplicity,
        Claim::Threads,
        Claim::Overlap,
    ];

    /// Its number.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Claim::Throughput => "C1",
            Claim::Blocking => "C2",
            Claim::Users => "C3",
            Claim::Resources => "C4",
            Claim::Simplicity => "C5",
            Claim::Threads => "C6",
            Claim::Overlap => "C7",
        }
    }

    /// The claim as articles make it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Claim::Throughput => {
                "Async handles requests concurrently, significantly increasing throughput compared to a synchronous server"
            }
            Claim::Blocking => "Async handles many concurrent requests efficiently, without blocking",
            Claim::Users => "Async supports a higher number of simultaneous users",
            Claim::Resources => "Async reduces resource consumption",
            Claim::Simplicity => "Async code is often simpler and more readable",
            Claim::Threads => "Threads are resource-intensive",
            Claim::Overlap => "While one task waits for I/O, another can proceed",
        }
    }

    /// The claim in a few words, for a table.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Claim::Throughput => "More throughput than a synchronous server",
            Claim::Blocking => "Many requests at once, without blocking",
            Claim::Users => "More simultaneous users",
            Claim::Resources => "Fewer resources",
            Claim::Simplicity => "Simpler code",
            Claim::Threads => "Threads are resource-intensive",
            Claim::Overlap => "While one task waits, another proceeds",
        }
    }

    /// What is compared, by which figure, and from where on it counts.
    #[must_use]
    pub const fn scope(self) -> &'static str {
        match self {
            Claim::Throughput => {
                "valid answers a second, closed loop, without and with a wait; against one request at a time and against the pool that was fastest in the same setting; a lead counts beyond 5 %"
            }
            Claim::Blocking => {
                "the share of its rate that an async server keeps beside slow clients, beside a slow route, and when a handler makes a blocking call; it is blocked where it loses more than half"
            }
            Claim::Users => {
                "keep-alive users who each ask once a second and wait 10 ms; the largest number with every connection held, hardly any error, every request sent in time, and at most 1 % of the requests beyond ten times the wait"
            }
            Claim::Resources => {
                "CPU time a request at an equal offered rate, and memory a connection as a slope over a ladder of users (the kernel's part is not in it); a saving counts beyond 5 %"
            }
            Claim::Simplicity => {
                "lines, dependencies, build time, binary size; whether that is simple is a judgement, not a figure"
            }
            Claim::Threads => {
                "what the fastest pool costs under a wait, where async does the same work: CPU time a request and memory of the process, and memory a connection where each has a thread; more counts beyond 5 %"
            }
            Claim::Overlap => {
                "how many requests wait at a time (answers a second × wait, by Little's law), in a timer and in a real upstream call; more than one for each CPU of the server is overlap"
            }
        }
    }

    /// The experiments without which there is no verdict.
    #[must_use]
    pub const fn decided_by(self) -> &'static [Experiment] {
        match self {
            Claim::Throughput => &[Experiment::Hello, Experiment::Waiting],
            Claim::Blocking => &[Experiment::SlowClients, Experiment::SlowRoute, Experiment::BlockingCall],
            Claim::Users => &[Experiment::Users],
            Claim::Resources => &[Experiment::EqualRate, Experiment::Users],
            Claim::Simplicity => &[Experiment::Code],
            Claim::Threads | Claim::Overlap => &[Experiment::Waiting],
        }
    }

    /// Experiments that add to it where they were made.
    #[must_use]
    pub const fn widened_by(self) -> &'static [Experiment] {
        match self {
            Claim::Throughput => &[Experiment::VaryingWait],
            Claim::Threads => &[Experiment::Users],
            Claim::Overlap => &[Experiment::Upstream, Experiment::BlockingCall],
            _ => &[],
        }
    }

    /// What may be wrong with its verdict, beside [`THREATS`].
    #[must_use]
    pub const fn threat(self) -> &'static str {
        match self {
            Claim::Throughput => {
                "the best pool is chosen in the blocks it is compared in, which flatters it a little; only a few sizes were tried; with a fixed wait the clients of one event loop may fall into step and wait for each other"
            }
            Claim::Blocking => {
                "one kind of slow client, one slow route, one blocking call; deadlines end each in time"
            }
            Claim::Users => {
                "the ladder has few rungs, and all users come from one address; ports and open files end it before other things might"
            }
            Claim::Resources => {
                "memory of the kernel for sockets and threads is not counted, which favours threads"
            }
            Claim::Simplicity => {
                "the same authors wrote all servers, under one contract that makes them alike"
            }
            Claim::Threads => {
                "the pool's size was known to suit its load; a pool that is larger than needed costs more"
            }
            Claim::Overlap => "a timer is kinder than a network: it never fails and always takes as long",
        }
    }
}

/// The verdict on every claim.
#[must_use]
pub fn judge(run: &ComparisonRecord, trials: &[TrialRecord], summary: &Summary) -> Vec<Verdict> {
    let verdict = |claim| match claim {
        Claim::Throughput => throughput::judge(run, summary),
        Claim::Blocking => blocking::judge(run, summary),
        Claim::Users => users::judge(run, trials, summary),
        Claim::Resources => costs::resources(run, summary),
        Claim::Simplicity => simplicity::judge(run, summary),
        Claim::Threads => costs::threads(run, summary),
        Claim::Overlap => overlap::judge(run, summary),
    };
    Claim::ALL.into_iter().map(|claim| verdict(claim).settled()).collect()
}

#[cfg(test)]
mod tests;
