//! The differences of two runs as a table, and below it what counts.

use std::fmt::Write;

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table as Grid};

use super::{Change, Difference};
use crate::format::{figures, grouped};
use crate::stats::Comparison;
use crate::summary::Metric;

pub(super) fn render((old, new): (&str, &str), differences: &[Difference]) -> String {
    let mut grid = Grid::new();
    grid.load_style(ASCII_MARKDOWN);
    grid.set_header(["cell", "figure", old, new, "ratio (95 %)", "verdict"]);
    for one in differences {
        let ratio = match &one.change {
            Change::Compared(decided) => {
                let it = decided.ratio;
                format!("{} ({} – {})", figures(it.estimate), figures(it.low), figures(it.high))
            }
            _ => "n/a".to_owned(),
        };
        let figure = |value: Option<f64>| value.map_or_else(|| "n/a".to_owned(), grouped);
        grid.add_row([
            one.cell.clone(),
            unit(one.metric).to_owned(),
            figure(one.old),
            figure(one.new),
            ratio,
            word(&one.change),
        ]);
    }
    for index in 2..5 {
        if let Some(column) = grid.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = format!("{grid}\n\n");
    let count = |is: &dyn Fn(&Change) -> bool| differences.iter().filter(|one| is(&one.change)).count();
    let decided = |comparison| {
        count(&|change| matches!(change, Change::Compared(decided) if decided.comparison == comparison))
    };
    let _ = writeln!(
        text,
        "{} cells: {} broken, {} slower, {} faster, {} within 5 %, {} undecided, {} mended.",
        differences.len(),
        count(&|change| matches!(change, Change::Broken(_))),
        decided(Comparison::Slower),
        decided(Comparison::Faster),
        decided(Comparison::NoPracticalDifference),
        decided(Comparison::Inconclusive) + count(&|change| *change == Change::TooFew),
        count(&|change| *change == Change::Mended),
    );
    for one in differences.iter().filter(|one| one.is_regression()) {
        let _ = writeln!(text, "regression: {}: {}", one.cell, word(&one.change));
    }
    text
}

const fn unit(metric: Metric) -> &'static str {
    match metric {
        Metric::Rate => "requests/s",
        Metric::RequestsPerCpu => "requests/CPU s",
    }
}

/// A change as a reader finds it.
fn word(change: &Change) -> String {
    match change {
        Change::Broken(why) => format!("broken: {why}"),
        Change::Mended => "valid again".to_owned(),
        Change::TooFew => "too few blocks".to_owned(),
        Change::Compared(decided) => match decided.comparison {
            Comparison::Faster => "faster",
            Comparison::Slower => "slower",
            Comparison::NoPracticalDifference => "no practical difference",
            Comparison::Inconclusive => "inconclusive",
        }
        .to_owned(),
    }
}
