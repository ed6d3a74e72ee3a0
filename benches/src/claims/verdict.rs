//! A verdict as a value: what was found, where, how sure, and what is missing for more.

use super::Claim;
use super::command;
use super::observation::{Finding, Group, Observation};
use crate::matrix::Experiment;
use crate::record::ComparisonRecord;
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
        let widened = claim.widened_by().iter().filter(|one| !missing.is_empty() || made(one));
        let experiments: Vec<Experiment> = claim.decided_by().iter().chain(widened).copied().collect();
        let command = command::of(&run.config.flags, &experiments, missing.is_empty());
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

    /// Its status from what its observations say. A figure that could not be had is no condition and decides nothing; but an experiment that is
    /// missing, or figures for fewer than half of what was planned, do not make a whole verdict, and a part of which nothing is known stays open.
    pub(super) fn settled(mut self) -> Self {
        self.deciding.retain(|group| !group.observations.is_empty());
        self.beside.retain(|group| !group.observations.is_empty());
        let findings: Vec<Finding> = self.deciding.iter().flat_map(findings).collect();
        let half = 2 * self.without_value().count() <= self.observations().count();
        self.status = match Status::of(&findings) {
            // Figures that nothing compares: they inform, and decide nothing.
            Status::NotMeasured if self.missing.is_empty() && !self.figures.is_empty() => {
                Status::Inconclusive
            }
            Status::NotMeasured => Status::NotMeasured,
            _ if !self.missing.is_empty() || !half => Status::Inconclusive,
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

    /// Those of them that say nothing, because no valid figure could be had.
    pub fn without_value(&self) -> impl Iterator<Item = &Observation> {
        self.observations().filter(|one| !one.is_told())
    }
}

/// What a group's observations say; of a group that says nothing, that it is open.
fn findings(group: &Group) -> Vec<Finding> {
    let told: Vec<Finding> = group.told().map(|one| one.finding).collect();
    if told.is_empty() { vec![Finding::Undecided] } else { told }
}

#[cfg(test)]
mod tests;
