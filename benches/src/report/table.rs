//! A setting's rows as a Markdown table.

use super::document::{self, Block};
use crate::format::{figures, grouped, latency, mebibytes, signed_percent};
use crate::matrix::Load;
use crate::summary::{Percentile, Row, Spread, Table};

/// A table, with a column for the offered rate where the loop is open.
pub(super) fn render(table: &Table) -> Block {
    let open = matches!(table.setting.load, Load::Open { .. });
    let mut header = vec!["server"];
    header.extend(open.then_some("offered/s"));
    header.extend(["requests/s (range)", "predicted", "off by", "p50", "p99", "CPU/request", "memory"]);
    header.extend(["threads", "switches", "errors", "valid"]);
    let rows = table.rows.iter().map(|row| cells(row, open)).collect();
    document::Table::of_figures(table.setting.label(), &header, rows)
}

fn cells(row: &Row, open: bool) -> Vec<String> {
    let mut cells = vec![row.cell.name()];
    cells.extend(open.then(|| or_na(row.offered_per_sec.map(grouped))));
    let switches = row.switches.map(|(voluntary, involuntary)| figures(voluntary + involuntary));
    cells.extend([
        rate(row),
        or_na(row.prediction.at_most_per_sec.map(|rate| format!("≤ {}", grouped(rate)))),
        or_na(row.residual().map(signed_percent)),
        percentile(&row.p50),
        percentile(&row.p99),
        or_na(row.cpu_us.map(|cpu| format!("{} µs", figures(cpu.median)))),
        or_na(row.pss_bytes.or(row.rss_bytes).map(mebibytes)),
        or_na(row.threads.map(grouped)),
        or_na(switches),
        row.errors.to_string(),
        validity(row),
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

fn validity(row: &Row) -> String {
    let count = format!("{}/{}", row.valid, row.planned);
    if row.is_valid() { count } else { format!("**no** ({count})") }
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
