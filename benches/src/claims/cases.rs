//! Observations from the summary's comparisons, and why there is none where a row is not valid.

use super::words::code;
use super::{Cost, Observation, Unit};
use crate::stats::{self, Band, log_ratios};
use crate::summary::{Metric, Row, Table};

/// A planned comparison as an observation; `None` where one of the two was not to be measured here.
pub(super) fn planned(table: &Table, metric: Metric, subject: &str, over: &str) -> Option<Observation> {
    let (one, other) = (table.row(subject)?, table.row(over)?);
    let found =
        table.compared.iter().find(|it| it.metric == metric && it.subject == subject && it.over == over);
    let predicted = one.prediction.at_most_per_sec.zip(other.prediction.at_most_per_sec);
    let empty = Observation {
        predicted: predicted.filter(|_| metric == Metric::Rate).map(|(one, other)| one / other),
        ..Observation::of(subject, Some(over), table.setting, Unit::Times)
    };
    Some(match found {
        Some(found) => Observation {
            value: Some(found.decided.ratio),
            finding: found.comparison().into(),
            doubt: Some(found.caveat()).filter(|caveat| !caveat.is_empty()).map(str::to_owned),
            ..empty
        },
        None => Observation {
            doubt: why_not(one).or_else(|| why_not(other)).or_else(|| Some(TOO_FEW.to_owned())),
            ..empty
        },
    })
}

/// A planned comparison of the CPU time a request, the server first that is thought to take more.
pub(super) fn planned_cost(table: &Table, dear: &str, over: &str) -> Option<Observation> {
    // Requests for a CPU second of the one for those of the other: CPU time a request of the other for that of the one.
    let it = planned(table, Metric::RequestsPerCpu, over, dear)?;
    let unit = Unit::Cost(Cost::CpuTime);
    Some(Observation { subject: dear.to_owned(), over: Some(over.to_owned()), unit, ..it })
}

/// A ratio within blocks that no experiment planned: whose, and the figures of both sides, block by block.
pub(super) type Paired = (Observation, Vec<(f64, f64)>);

/// Ratios that no experiment planned, decided as one family; they come out in the order in which they went in.
pub(super) fn family(pairs: Vec<Paired>) -> Vec<Observation> {
    let logs: Vec<Option<Vec<f64>>> =
        pairs.iter().map(|(_, pairs)| log_ratios(pairs).ok().filter(|logs| logs.len() >= 2)).collect();
    let usable: Vec<&Vec<f64>> = logs.iter().flatten().collect();
    // Each has two blocks or more, and finite logarithms.
    let decided = stats::planned::decide(&usable, Band::PRACTICAL, stats::LEVEL).unwrap_or_default();
    let mut decided = decided.into_iter();
    let one = |((observation, _), logs): (Paired, Option<Vec<f64>>)| match logs.and_then(|_| decided.next()) {
        Some(decided) => {
            Observation { value: Some(decided.ratio), finding: decided.comparison.into(), ..observation }
        }
        None => Observation {
            doubt: observation.doubt.clone().or_else(|| Some(TOO_FEW.to_owned())),
            ..observation
        },
    };
    pairs.into_iter().zip(logs).map(one).collect()
}

/// Why a row does not count.
pub(super) fn why_not(row: &Row) -> Option<String> {
    if row.is_valid() {
        return None;
    }
    let seen = row.doubts.values().max_by_key(|(times, _)| *times).map(|(_, seen)| seen.as_str());
    let reason = seen.or(row.failures.first().map(String::as_str)).unwrap_or("its trials were not made");
    Some(format!(
        "{} is not valid in `{}` ({} of {} trials): {}",
        code(&row.cell.contender),
        row.cell.setting.label(),
        row.valid,
        row.planned,
        reason.lines().next().unwrap_or_default()
    ))
}

/// Why two valid rows may have no ratio.
const TOO_FEW: &str = "fewer than two blocks in which both count";
