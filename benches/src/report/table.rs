//! A workload's rows as a Markdown table.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table as Grid};

use crate::format::{figures, grouped, latency, mebibytes};
use crate::summary::{Percentile, Row, Spread, Table};

/// A table, with a column for the ceiling only where the workload has one.
pub(super) fn render(table: &Table) -> String {
    let with_ceiling = table.rows.iter().any(|row| row.share_of_ceiling.is_some());
    let mut grid = Grid::new();
    grid.load_style(ASCII_MARKDOWN);
    let mut header = vec!["server", "requests/s (range)"];
    header.extend(with_ceiling.then_some("of the ceiling"));
    header.extend(["p50", "p99", "CPU/request", "memory", "threads", "starved", "errors"]);
    let columns = header.len();
    grid.set_header(header);
    for row in &table.rows {
        grid.add_row(cells(row, with_ceiling));
    }
    for index in 1..columns {
        if let Some(column) = grid.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    grid.to_string()
}

fn cells(row: &Row, with_ceiling: bool) -> Vec<String> {
    let mut cells = vec![row.contender.label().to_owned(), rate(row)];
    if with_ceiling {
        cells.push(or_na(row.share_of_ceiling.map(|share| format!("{} %", figures(share * 100.0)))));
    }
    cells.extend([
        percentile(&row.p50),
        percentile(&row.p99),
        or_na(row.cpu_us.map(|cpu| format!("{} µs", figures(cpu.median)))),
        or_na(row.rss_bytes.map(mebibytes)),
        or_na(row.threads.map(grouped)),
        row.starved.to_string(),
        row.errors.to_string(),
    ]);
    cells
}

fn rate(row: &Row) -> String {
    let Some(Spread { median, min, max }) = row.rate_per_sec else {
        return "failed".to_owned();
    };
    let at_least = if row.is_client_bound() { "≥ " } else { "" };
    format!("{at_least}{} ({} – {})", grouped(median), grouped(min), grouped(max))
}

fn percentile(value: &Percentile) -> String {
    match value {
        Percentile::Ns(ns) => latency(*ns),
        Percentile::Missing(_) => "n/a".to_owned(),
    }
}

fn or_na(text: Option<String>) -> String {
    text.unwrap_or_else(|| "n/a".to_owned())
}
