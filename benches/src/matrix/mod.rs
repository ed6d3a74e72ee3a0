//! What is measured, as values: experiments, their settings, who takes part, how often.
//!
//! [`Experiment`] is the list, `entries` what each holds in each [`Profile`], an [`Entry`] each, [`setting`] one point of it, [`file`](mod@file) the
//! experiments of a user's own.

mod entries;
mod entry;
pub mod file;
mod profile;
pub mod setting;

use serde::{Deserialize, Serialize};

use crate::contender::Contender;
pub use entry::{Blocks, Entry};
pub use profile::Profile;
pub use setting::{Beside, Load, Offered, Setting, Spread, Work};

/// A question that a set of settings answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Experiment {
    /// No work but the greeting.
    Hello,
    /// A wait in every request, over waits, clients and sizes of the pool.
    Waiting,
    /// The same with waits that differ from request to request, so that clients cannot fall into step.
    VaryingWait,
    /// Open keep-alive connections, of which 1 % are at work at a time.
    Users,
    /// The same offered rate for all, below everybody's capacity.
    EqualRate,
    /// Clients that send a byte a second, beside ordinary ones.
    SlowClients,
    /// A slow route beside a fast one.
    SlowRoute,
    /// A blocking call inside an async handler.
    BlockingCall,
    /// CPU work in every request.
    CpuBound,
    /// Open loop up to the server's own capacity and past it.
    Overload,
    /// A real HTTP call behind every request.
    Upstream,
    /// Lines, dependencies, build time, size: nothing is loaded.
    Code,
    /// What a user's own file describes.
    Own,
}

impl Experiment {
    /// Every experiment, in the order in which results show them.
    pub const ALL: [Experiment; 13] = [
        Experiment::Hello,
        Experiment::Waiting,
        Experiment::VaryingWait,
        Experiment::Users,
        Experiment::EqualRate,
        Experiment::SlowClients,
        Experiment::SlowRoute,
        Experiment::BlockingCall,
        Experiment::CpuBound,
        Experiment::Overload,
        Experiment::Upstream,
        Experiment::Code,
        Experiment::Own,
    ];

    /// The experiments whose first setting is the measure of the second: the same servers without trouble, and with it.
    pub const TROUBLES: [Experiment; 3] =
        [Experiment::SlowClients, Experiment::SlowRoute, Experiment::BlockingCall];

    /// The stable name in records, tables and on the command line.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Experiment::Hello => "hello",
            Experiment::Waiting => "waiting",
            Experiment::VaryingWait => "varying-wait",
            Experiment::Users => "users",
            Experiment::EqualRate => "equal-rate",
            Experiment::SlowClients => "slow-clients",
            Experiment::SlowRoute => "slow-route",
            Experiment::BlockingCall => "blocking-call",
            Experiment::CpuBound => "cpu-bound",
            Experiment::Overload => "overload",
            Experiment::Upstream => "upstream",
            Experiment::Code => "code",
            Experiment::Own => "own",
        }
    }

    /// What a reader calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Experiment::Hello => "Hello: no work but the greeting",
            Experiment::Waiting => "Waiting: I/O in every request",
            Experiment::VaryingWait => "Varying wait: I/O that takes now longer, now shorter",
            Experiment::Users => "Users: many open connections, 1 % at work",
            Experiment::EqualRate => "Equal rate: what the same load costs each server",
            Experiment::SlowClients => "Slow clients beside ordinary ones",
            Experiment::SlowRoute => "A slow route beside a fast one",
            Experiment::BlockingCall => "A blocking call inside an async handler",
            Experiment::CpuBound => "CPU work in every request",
            Experiment::Overload => "Up to capacity and past it",
            Experiment::Upstream => "Upstream: an HTTP call behind every request",
            Experiment::Code => "Code: what each server is made of",
            Experiment::Own => "Experiments of your own",
        }
    }
}

/// Who is measured in which setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The setting.
    #[serde(flatten)]
    pub setting: Setting,
    /// The contender's label.
    pub contender: String,
    /// Whether it is measured against itself: the second of two equal cells, which should not differ (A/A).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub twin: bool,
}

impl Cell {
    /// A contender in a setting.
    #[must_use]
    pub fn of(setting: Setting, contender: &Contender) -> Self {
        Cell { setting, contender: contender.label.clone(), twin: false }
    }

    /// The contender's name in a table: a twin is told apart.
    #[must_use]
    pub fn name(&self) -> String {
        if self.twin { format!("{} (again)", self.contender) } else { self.contender.clone() }
    }

    /// The stable name of the cell: setting, then contender.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} {}", self.setting.label(), self.name())
    }
}
