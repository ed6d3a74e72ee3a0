//! A figure that bears on a claim, what it says of it, and groups of such figures.

use crate::matrix::{Experiment, Setting};
use crate::stats::{Comparison, Interval};

/// What one observation says of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// It holds here.
    For,
    /// The opposite holds here.
    Against,
    /// Neither: the difference is smaller than matters.
    Equal,
    /// The interval allows more than one of these, or there is no valid figure.
    Undecided,
}

impl From<Comparison> for Finding {
    fn from(comparison: Comparison) -> Self {
        match comparison {
            Comparison::Faster => Finding::For,
            Comparison::Slower => Finding::Against,
            Comparison::NoPracticalDifference => Finding::Equal,
            Comparison::Inconclusive => Finding::Undecided,
        }
    }
}

/// How a figure is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A ratio of rates: `1.23 ×`.
    Times,
    /// A ratio of costs, the dearer server's first, so that above 1 it cost more: `1.23 ×`.
    Cost(Cost),
    /// A share: `97.1 %`.
    Share,
    /// Requests that wait at a time.
    AtATime,
    /// Users that were held; the upper end is the first number that was not.
    Users,
    /// Users that were held; whether more would be is not known.
    UsersAtLeast,
}

/// What a server costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// CPU time of the server for each valid answer.
    CpuTime,
    /// Memory of the whole process.
    Memory,
    /// Memory that one more connection takes.
    MemoryAConnection,
}

impl Cost {
    /// What a reader calls it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Cost::CpuTime => "CPU time a request",
            Cost::Memory => "memory",
            Cost::MemoryAConnection => "memory a connection",
        }
    }
}

impl Unit {
    /// Whether it counts users.
    #[must_use]
    pub const fn is_users(self) -> bool {
        matches!(self, Unit::Users | Unit::UsersAtLeast)
    }
}

/// One figure that bears on a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Whose figure it is.
    pub subject: String,
    /// Against whom, where it is a ratio of two servers.
    pub over: Option<String>,
    /// Where; the last of several for a slope.
    pub at: Setting,
    /// The numbers of users that a slope goes through, ascending; empty for what is no slope.
    pub rungs: Vec<usize>,
    /// The figure with its interval; `None` where no valid one could be had.
    pub value: Option<Interval>,
    /// How it is written.
    pub unit: Unit,
    /// What theory said before, in the same unit.
    pub predicted: Option<f64>,
    /// What it says.
    pub finding: Finding,
    /// Why it has no value, or what limits it.
    pub doubt: Option<String>,
}

impl Observation {
    /// Of `subject`, alone or over another, without a figure yet.
    #[must_use]
    pub(super) fn of(subject: impl Into<String>, over: Option<&str>, at: Setting, unit: Unit) -> Self {
        Observation {
            subject: subject.into(),
            over: over.map(str::to_owned),
            at,
            rungs: Vec::new(),
            value: None,
            unit,
            predicted: None,
            finding: Finding::Undecided,
            doubt: None,
        }
    }

    /// Whether it says anything: a figure that could not be had says nothing, for the claim or against it.
    #[must_use]
    pub const fn is_told(&self) -> bool {
        self.value.is_some() || !matches!(self.finding, Finding::Undecided)
    }
}

/// What the observations of a group are about; who looks for a group looks for this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Throughput over a server of one request at a time.
    OneAtATime,
    /// Throughput over the pool that was fastest in the setting.
    BestPool,
    /// Throughput over the pool of the usual size.
    UsualPool,
    /// Throughput of servers as people pick them.
    WholeServers,
    /// Throughput over the best pool where waits vary.
    VaryingWaits,
    /// What is left of a rate in an experiment's trouble.
    Trouble(Experiment),
    /// Users that are held.
    Users,
    /// What a server costs.
    Cost(Cost),
    /// Waits at a time, by experiment and whether the call blocks.
    Waits(Experiment, bool),
    /// Waits at a time of the servers that block.
    OtherWaits,
}

/// Observations of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// What they are about.
    pub topic: Topic,
    /// What they have in common: `over the best pool`.
    pub what: String,
    /// The same in a few words, behind "supported only when …".
    pub short: String,
    /// In the order of the plan.
    pub observations: Vec<Observation>,
}

impl Group {
    /// Observations that have `what` in common.
    #[must_use]
    pub fn of(topic: Topic, what: impl Into<String>, observations: Vec<Observation>) -> Self {
        let what = what.into();
        Group { topic, short: what.clone(), what, observations }
    }

    /// Called so where there is little room.
    #[must_use]
    pub fn called(self, short: impl Into<String>) -> Self {
        Group { short: short.into(), ..self }
    }

    /// Those of its observations that say anything.
    pub fn told(&self) -> impl Iterator<Item = &Observation> {
        self.observations.iter().filter(|one| one.is_told())
    }

    /// How many of its observations are of this kind.
    #[must_use]
    pub fn count(&self, finding: Finding) -> usize {
        self.observations.iter().filter(|one| one.finding == finding).count()
    }
}
