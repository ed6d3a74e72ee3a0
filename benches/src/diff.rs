//! Two runs against each other: what became faster, slower or broken between them, beyond doubt.
//!
//! Trials of two runs share no block, so each cell's figures are two independent samples: the ratio of their geometric means has
//! Welch's t interval on logarithms. In a closed loop the figure is the rate. In an open loop it is the requests for a CPU second: the
//! rate there is what was offered, which each run derives from a pilot of its own. A difference counts where that is clear of ±5 %, after
//! Holm's correction over all cells. A run is a regression when a cell is slower so, or when one that was valid is not valid any more.
//! What the machine did between the runs is in the ratio too: two runs of one binary on a noisy machine differ.
//!
//! Exit codes: 0 without a regression, 1 with one, 2 where the runs cannot be read or compared.

mod render;

use std::path::Path;
use std::process::ExitCode;

use crate::matrix::Load;
use crate::record::{ComparisonRecord, TrialRecord};
use crate::stats::{self, Band, Comparison, Planned, planned};
use crate::store::read_run;
use crate::summary::{Metric, Row, Summary};

/// Exit code where nothing could be compared.
pub const CANNOT: u8 = 2;

/// One cell of the older run in both.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The cell.
    pub cell: String,
    /// By which figure.
    pub metric: Metric,
    /// Its median in the older run, in requests per second or per CPU second; `None` where the row has none.
    pub old: Option<f64>,
    /// The same in the newer run.
    pub new: Option<f64>,
    /// What came of it.
    pub change: Change,
}

/// What became of a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Both are valid: new over old, decided within the family of all such cells.
    Compared(Planned),
    /// It was valid, and now it failed, is not valid, or is not there: a regression, and why.
    Broken(String),
    /// It was not valid, and now it is.
    Mended,
    /// It is valid in both, and has too few figures to compare.
    TooFew,
}

impl Difference {
    /// Whether the newer run is worse here, beyond doubt.
    #[must_use]
    pub fn is_regression(&self) -> bool {
        match &self.change {
            Change::Compared(decided) => decided.comparison == Comparison::Slower,
            Change::Broken(_) => true,
            Change::Mended | Change::TooFew => false,
        }
    }
}

/// Compares two runs, prints every cell of the older one, and says by the exit code whether the newer one is a regression. With
/// `other_machine` runs are compared that differ in CPUs, placement or windows.
///
/// # Errors
///
/// When a run cannot be read, the runs are not alike, or the older one has no valid cell. [`CANNOT`] is the exit code for that.
pub fn run(results: &Path, (old, new): (&str, &str), other_machine: bool) -> anyhow::Result<ExitCode> {
    let read = |id: &str| read_run(&results.join(id));
    let (old_run, new_run) = (read(old)?, read(new)?);
    let unlike = unlike(&old_run.0, &new_run.0);
    anyhow::ensure!(
        unlike.is_empty() || other_machine,
        "{old} and {new} are no measure of each other: {}; compare them all the same with --other-machine",
        unlike.join("; ")
    );
    for one in unlike {
        println!("not alike: {one}");
    }
    let differences = between(&old_run, &new_run);
    anyhow::ensure!(
        !differences.is_empty(),
        "{old} has no valid cell, and {new} none that it has too: nothing can be compared"
    );
    print!("{}", render::render((old, new), &differences));
    let worse = differences.iter().any(Difference::is_regression);
    Ok(if worse { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// In what two runs differ that moves every figure.
fn unlike(old: &ComparisonRecord, new: &ComparisonRecord) -> Vec<String> {
    let (was, is) = (&old.provenance, &new.provenance);
    let windows = |run: &ComparisonRecord| {
        let text = |length| humantime::format_duration(length).to_string();
        format!("{} after a warm-up of {}", text(run.config.window), text(run.config.warmup))
    };
    let placement = |run: &ComparisonRecord| {
        format!("server on {:?}, generator on {:?}", run.placement.server_cpus, run.placement.generator_cpus)
    };
    let pairs = [
        ("the CPU model", was.cpu.text(), is.cpu.text()),
        ("the number of CPUs", was.cpus_text(), is.cpus_text()),
        ("the CPUs in use", placement(old), placement(new)),
        ("the window", windows(old), windows(new)),
    ];
    let differs = |(what, was, is): (&str, String, String)| {
        (was != is).then(|| format!("{what} was {was} and is {is}"))
    };
    pairs.into_iter().filter_map(differs).collect()
}

/// What became of the cells of the older run, in its order; those that are valid in neither are left out.
#[must_use]
pub fn between(
    (old, old_trials): &(ComparisonRecord, Vec<TrialRecord>),
    (new, new_trials): &(ComparisonRecord, Vec<TrialRecord>),
) -> Vec<Difference> {
    let (old, new) = (Summary::of(old, old_trials), Summary::of(new, new_trials));
    let rows = |summary: &'_ Summary| -> Vec<Row> {
        summary.tables.iter().flat_map(|table| table.rows.clone()).collect()
    };
    let (old, new) = (rows(&old), rows(&new));
    let pairs: Vec<(&Row, Option<&Row>)> = old
        .iter()
        .map(|row| (row, new.iter().find(|other| other.cell == row.cell)))
        .filter(|(row, other)| row.is_valid() || other.is_some_and(Row::is_valid))
        .collect();
    let family: Vec<Option<(Vec<f64>, Vec<f64>)>> =
        pairs.iter().map(|(row, other)| sides(row, (*other)?)).collect();
    let asked: Vec<(Vec<f64>, Vec<f64>)> = family.iter().flatten().cloned().collect();
    // Each side has two finite logarithms or more: `sides` sees to that.
    let decided = planned::decide_independent(&asked, Band::PRACTICAL, stats::LEVEL).unwrap_or_default();
    let mut decided = decided.into_iter();
    let one = |((row, other), asked): (&(&Row, Option<&Row>), &Option<_>)| {
        let decided = asked.as_ref().and_then(|_| decided.next());
        difference(row, *other, decided)
    };
    pairs.iter().zip(&family).map(one).collect()
}

/// At a given rate the cost differs, otherwise the rate.
fn metric_of(row: &Row) -> Metric {
    match row.cell.setting.load {
        Load::Closed { .. } => Metric::Rate,
        Load::Open { .. } => Metric::RequestsPerCpu,
    }
}

fn figures(row: &Row) -> Vec<f64> {
    let of = |point: &crate::summary::row::Point| match metric_of(row) {
        Metric::Rate => Some(point.rate_per_sec),
        Metric::RequestsPerCpu => point.cpu_us.map(|us| 1e6 / us),
    };
    row.points.iter().filter_map(of).collect()
}

/// The logarithms of the newer and the older figures, where both rows are valid and have enough of them.
fn sides(old: &Row, new: &Row) -> Option<(Vec<f64>, Vec<f64>)> {
    let logs = |row: &Row| -> Option<Vec<f64>> {
        let log = |figure: &f64| (figure.is_finite() && *figure > 0.0).then(|| figure.ln());
        let logs: Option<Vec<f64>> = figures(row).iter().map(log).collect();
        logs.filter(|logs| row.is_valid() && logs.len() >= 2)
    };
    Some((logs(new)?, logs(old)?))
}

fn difference(old: &Row, new: Option<&Row>, decided: Option<Planned>) -> Difference {
    let median = |row: &Row| stats::median(figures(row));
    let change = match (new, decided) {
        (Some(_), Some(decided)) => Change::Compared(decided),
        (None, _) => Change::Broken("it was not measured".to_owned()),
        (Some(new), None) if !new.is_valid() => Change::Broken(why_not(new)),
        (Some(_), None) if !old.is_valid() => Change::Mended,
        (Some(_), None) => Change::TooFew,
    };
    Difference {
        cell: old.cell.label(),
        metric: metric_of(old),
        old: median(old),
        new: new.and_then(median),
        change,
    }
}

/// Why a row is not valid, by what was seen most often.
fn why_not(row: &Row) -> String {
    let doubt = row.doubts.values().max_by_key(|(times, _)| *times).map(|(_, seen)| seen.as_str());
    let failure = row.failures.first().map(String::as_str);
    let reason = failure.or(doubt).unwrap_or("its trials were not made");
    format!(
        "{} of {} trials are valid: {}",
        row.valid,
        row.planned,
        reason.lines().next().unwrap_or_default()
    )
}

#[cfg(test)]
mod tests;
