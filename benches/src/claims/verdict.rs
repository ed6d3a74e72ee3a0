//! A verdict as a value: what was found, where, how sure, and what is missing for more.

use super::Claim;
use crate::matrix::{Experiment, Profile, Setting};
use crate::record::ComparisonRecord;
use crate::stats::{Band, Comparison, Interval};
use crate::summary::Summary;

/// What the records say of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It holds wherever it was tried.
    Supported,
    /// It holds in some of the settings, and not, or not surely, in others.
    OnlyWhen,
    /// It holds nowhere, and somewhere the opposite does.
    Refuted,
    /// Whatever difference there is, is smaller than matters.
    NoPracticalDifference,
    /// What was measured cannot tell.
    Inconclusive,
    /// Nothing that decides it was measured.
    NotMeasured,
}

impl Status {
    /// What a reader calls it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Status::Supported => "supported",
            Status::OnlyWhen => "supported only when …",
            Status::Refuted => "refuted",
            Status::NoPracticalDifference => "no practical difference",
            Status::Inconclusive => "inconclusive",
            Status::NotMeasured => "not measured",
        }
    }

    /// The verdict that findings add up to.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let has = |finding| findings.contains(&finding);
        match () {
            () if findings.is_empty() => Status::NotMeasured,
            () if findings.iter().all(|one| *one == Finding::For) => Status::Supported,
            () if has(Finding::For) => Status::OnlyWhen,
            () if has(Finding::Undecided) => Status::Inconclusive,
            () if has(Finding::Against) => Status::Refuted,
            () => Status::NoPracticalDifference,
        }
    }
}

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

impl Finding {
    /// Of a figure that must be above a bound.
    #[must_use]
    pub fn above(bound: f64, value: &Interval) -> Self {
        Finding::from(Comparison::of(value, Band { low: bound, high: bound }))
    }
}

/// How a figure is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A ratio: `1.23 ×`.
    Times,
    /// A share: `97.1 %`.
    Share,
    /// Requests that wait at a time.
    AtATime,
    /// Users that were held; the upper end is the first number that was not.
    Users,
    /// Users that were held; whether more would be is not known.
    UsersAtLeast,
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
    /// Where.
    pub at: Setting,
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

/// Observations of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
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
    pub fn of(what: impl Into<String>, observations: Vec<Observation>) -> Self {
        let what = what.into();
        Group { short: what.clone(), what, observations }
    }

    /// Called so where there is little room.
    #[must_use]
    pub fn called(self, short: impl Into<String>) -> Self {
        Group { short: short.into(), ..self }
    }

    /// How many of its observations are of this kind.
    #[must_use]
    pub fn count(&self, finding: Finding) -> usize {
        self.observations.iter().filter(|one| one.finding == finding).count()
    }
}

/// What the records say of one claim, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The claim.
    pub claim: Claim,
    /// The verdict.
    pub status: Status,
    /// Where it holds, if only somewhere.
    pub when: Option<String>,
    /// The observations that decide.
    pub deciding: Vec<Group>,
    /// Others that help to understand.
    pub beside: Vec<Group>,
    /// Figures that are no comparison, in sentences.
    pub figures: Vec<String>,
    /// What was expected, as far as theory says anything.
    pub prediction: Option<String>,
    /// Under which conditions it would turn.
    pub flips: Vec<String>,
    /// Experiments that were not made.
    pub missing: Vec<String>,
    /// Why figures that would decide are not valid, each reason once.
    pub doubts: Vec<String>,
    /// The command that measures it, or measures it again.
    pub command: String,
}

impl Verdict {
    /// A verdict without observations, and with the experiments that it lacks.
    pub(super) fn of(claim: Claim, run: &ComparisonRecord, summary: &Summary) -> Self {
        let made = |one: &Experiment| summary.tables_of(*one).next().is_some();
        let missing: Vec<&Experiment> = claim.decided_by().iter().filter(|one| !made(one)).collect();
        let profile = if missing.is_empty() { run.config.profile } else { Profile::Standard };
        let mut command = format!("cargo compare --profile {}", profile.label());
        for experiment in claim.decided_by().iter().chain(claim.widened_by()) {
            command.push_str(" --experiment ");
            command.push_str(experiment.label());
        }
        Verdict {
            claim,
            status: Status::NotMeasured,
            when: None,
            deciding: Vec::new(),
            beside: Vec::new(),
            figures: Vec::new(),
            prediction: None,
            flips: Vec::new(),
            missing: missing.into_iter().map(|one| format!("`{}` was not measured", one.label())).collect(),
            doubts: Vec::new(),
            command,
        }
    }

    /// Its status from its observations: half of the evidence does not make a whole verdict.
    pub(super) fn settled(mut self) -> Self {
        self.deciding.retain(|group| !group.observations.is_empty());
        self.beside.retain(|group| !group.observations.is_empty());
        let findings: Vec<Finding> = self.observations().map(|one| one.finding).collect();
        self.status = match Status::of(&findings) {
            // Figures that nothing compares: they inform, and decide nothing.
            Status::NotMeasured if self.missing.is_empty() && !self.figures.is_empty() => {
                Status::Inconclusive
            }
            Status::NotMeasured => Status::NotMeasured,
            _ if !self.missing.is_empty() => Status::Inconclusive,
            status => status,
        };
        let reasons: Vec<String> = self.without_value().filter_map(|one| one.doubt.clone()).collect();
        for reason in reasons {
            if !self.doubts.contains(&reason) {
                self.doubts.push(reason);
            }
        }
        if self.status != Status::OnlyWhen {
            self.when = None;
        }
        self
    }

    /// The observations that decide.
    pub fn observations(&self) -> impl Iterator<Item = &Observation> {
        self.deciding.iter().flat_map(|group| &group.observations)
    }

    /// Those of them that no valid figure could be had for.
    pub fn without_value(&self) -> impl Iterator<Item = &Observation> {
        self.observations().filter(|one| one.value.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_findings_add_up_to() {
        use Finding::{Against, Equal, For, Undecided};
        for (findings, status) in [
            (&[] as &[Finding], Status::NotMeasured),
            (&[For, For], Status::Supported),
            (&[For, Against], Status::OnlyWhen),
            (&[For, Undecided], Status::OnlyWhen),
            (&[Equal, Undecided], Status::Inconclusive),
            (&[Against, Undecided], Status::Inconclusive),
            (&[Against, Equal], Status::Refuted),
            (&[Equal], Status::NoPracticalDifference),
        ] {
            assert_eq!(Status::of(findings), status, "{findings:?}");
        }
    }
}
