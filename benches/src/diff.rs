//! Two runs against each other: what became faster or slower between them, beyond doubt.
//!
//! Trials of two runs share no block, so each cell's rates are two independent samples: the ratio of their geometric means has
//! Welch's t interval on logarithms. A difference counts where that is clear of ±5 %, and a run is a regression when at least one cell is
//! slower so. What the machine did between the runs is in the ratio too: two runs of one binary on a noisy machine differ.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table as Grid};

use crate::format::{figures, grouped};
use crate::record::{ComparisonRecord, TrialRecord};
use crate::stats::{self, Band, Comparison, Interval, ratio};
use crate::store::read_run;
use crate::summary::{Row, Summary};

/// One cell in both runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The cell.
    pub cell: String,
    /// Median rate in the older run, in requests per second.
    pub old_per_sec: f64,
    /// Median rate in the newer run.
    pub new_per_sec: f64,
    /// New over old; `None` with fewer than two trials on a side, or where nothing was answered.
    pub ratio: Option<Interval>,
}

impl Difference {
    /// What that says of the newer run.
    #[must_use]
    pub fn verdict(&self) -> Comparison {
        self.ratio.map_or(Comparison::Inconclusive, |ratio| Comparison::of(&ratio, Band::PRACTICAL))
    }
}

/// Compares two runs, prints every cell that both have, and exits with 1 on a regression.
///
/// # Errors
///
/// When a run cannot be read, or they have no cell in common.
pub fn run(results: &Path, old: &str, new: &str) -> anyhow::Result<ExitCode> {
    let read = |id: &str| read_run(&results.join(id));
    let (old_run, new_run) = (read(old)?, read(new)?);
    let differences = between(&old_run, &new_run);
    anyhow::ensure!(
        !differences.is_empty(),
        "{old} and {new} have no valid cell in common: nothing can be compared"
    );
    print!("{}", render(old, new, &differences));
    let slower = differences.iter().any(|one| one.verdict() == Comparison::Slower);
    Ok(if slower { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The cells that are valid in both runs, in the newer one's order.
#[must_use]
pub fn between(
    (old, old_trials): &(ComparisonRecord, Vec<TrialRecord>),
    (new, new_trials): &(ComparisonRecord, Vec<TrialRecord>),
) -> Vec<Difference> {
    let (old, new) = (Summary::of(old, old_trials), Summary::of(new, new_trials));
    let old_rows: Vec<&Row> = old.tables.iter().flat_map(|table| &table.rows).collect();
    let find = |row: &Row| old_rows.iter().copied().find(|old| old.cell == row.cell && old.is_valid());
    let rows = new.tables.iter().flat_map(|table| &table.rows).filter(|row| row.is_valid());
    rows.filter_map(|row| difference(find(row)?, row)).collect()
}

fn difference(old: &Row, new: &Row) -> Option<Difference> {
    let logs = |row: &Row| -> Option<Vec<f64>> {
        let log = |rate: f64| (rate > 0.0).then(|| rate.ln());
        row.points.iter().map(|point| log(point.rate_per_sec)).collect()
    };
    let ratio =
        logs(new).zip(logs(old)).and_then(|(new, old)| ratio::independent(&new, &old, stats::LEVEL).ok());
    Some(Difference {
        cell: new.cell.label(),
        old_per_sec: old.rate_per_sec?.median,
        new_per_sec: new.rate_per_sec?.median,
        ratio,
    })
}

fn render(old: &str, new: &str, differences: &[Difference]) -> String {
    let mut grid = Grid::new();
    grid.load_style(ASCII_MARKDOWN);
    grid.set_header(["cell", old, new, "ratio (95 %)", "verdict"]);
    for one in differences {
        let ratio = one.ratio.map_or_else(
            || "n/a".to_owned(),
            |it| format!("{} ({} – {})", figures(it.estimate), figures(it.low), figures(it.high)),
        );
        grid.add_row([
            one.cell.clone(),
            grouped(one.old_per_sec),
            grouped(one.new_per_sec),
            ratio,
            word(one.verdict()).to_owned(),
        ]);
    }
    for index in 1..4 {
        if let Some(column) = grid.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let count = |verdict| differences.iter().filter(|one| one.verdict() == verdict).count();
    let mut text = format!("{grid}\n\n");
    let _ = writeln!(
        text,
        "{} cells: {} slower, {} faster, {} within 5 %, {} undecided.",
        differences.len(),
        count(Comparison::Slower),
        count(Comparison::Faster),
        count(Comparison::NoPracticalDifference),
        count(Comparison::Inconclusive)
    );
    text
}

/// A verdict as a reader finds it.
const fn word(verdict: Comparison) -> &'static str {
    match verdict {
        Comparison::Faster => "faster",
        Comparison::Slower => "slower",
        Comparison::NoPracticalDifference => "no practical difference",
        Comparison::Inconclusive => "inconclusive",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{measured, measurement, run, trials};

    fn with_rates(rate: impl Fn(&crate::order::TrialSpec) -> f64) -> (ComparisonRecord, Vec<TrialRecord>) {
        (run(), trials(|spec| measured(measurement(rate(spec)))))
    }

    #[test]
    fn a_cell_that_lost_a_third_is_a_regression_and_others_are_not() {
        let noise = |spec: &crate::order::TrialSpec| 1.0 + 0.002 * spec.block as f64;
        let old = with_rates(|spec| 6_000.0 * noise(spec));
        let new = with_rates(|spec| {
            let lost = spec.cell.contender == "async/axum" && spec.cell.setting.work.wait().is_zero();
            (if lost { 4_000.0 } else { 6_000.0 }) * noise(spec)
        });
        let differences = between(&old, &new);
        let slower: Vec<_> = differences.iter().filter(|one| one.verdict() == Comparison::Slower).collect();
        assert_eq!(slower.len(), 1, "{slower:?}");
        assert!(slower[0].cell.starts_with("hello/c=64 async/axum"), "{slower:?}");
        let same = differences.iter().filter(|one| one.verdict() == Comparison::NoPracticalDifference);
        assert_eq!(same.count(), differences.len() - 1);
        insta::assert_snapshot!(render("old", "new", &differences));
    }
}
