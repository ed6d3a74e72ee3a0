//! What a table shows, in words computed from its numbers.

use crate::format::{figures, grouped};
use crate::matrix::Load;
use crate::stats::Comparison;
use crate::summary::{Compared, Effect, Metric, Percentile, Row, Table};

/// What stands above a table: a paragraph for each effect that was measured.
pub(super) fn shows(table: &Table) -> Vec<String> {
    let compared: Vec<String> =
        Effect::ALL.into_iter().filter_map(|effect| paragraph(effect, table)).collect();
    if compared.is_empty() { ranked(table).into_iter().collect() } else { compared }
}

/// Where nobody is held against another: who answered most, or what part of what was due.
fn ranked(table: &Table) -> Option<String> {
    let mut rows: Vec<(&Row, f64)> = table
        .rows
        .iter()
        .filter(|row| row.is_valid() && !row.cell.twin)
        .filter_map(|row| Some((row, row.rate_per_sec?.median)))
        .collect();
    rows.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let left_out = match table.rows.iter().filter(|row| !row.is_valid()).count() {
        0 => String::new(),
        1 => " One row is not valid.".to_owned(),
        some => format!(" {some} rows are not valid."),
    };
    let text = |(row, rate): &(&Row, f64)| {
        let figure = row
            .offered_per_sec
            .map_or_else(|| grouped(*rate), |offered| format!("{} %", figures(100.0 * rate / offered)));
        format!("{} {figure}", code(&row.cell.contender))
    };
    let what = match table.setting.load {
        Load::Open { .. } => "Answered of what was due",
        Load::Closed { .. } => "Requests per second",
    };
    let rows: Vec<String> = rows.iter().map(text).collect();
    (!rows.is_empty()).then(|| format!("{what}: {}.{left_out}", rows.join(", ")))
}

fn paragraph(effect: Effect, table: &Table) -> Option<String> {
    let mine = table.compared.iter().filter(|one| one.effect == effect);
    let sentences: Vec<String> = mine.map(sentence).collect();
    (!sentences.is_empty()).then(|| format!("**{}.** {}", effect.title(), sentences.join(" ")))
}

/// One comparison in words.
pub(super) fn sentence(one: &Compared) -> String {
    let (who, other) = (code(&one.subject), code(&one.over));
    let ratio = one.decided.ratio;
    let range = format!("{} ×, {} to {}", figures(ratio.estimate), figures(ratio.low), figures(ratio.high));
    let limit = limit_of_the_instrument(one.client_bound);
    let (more, fewer, what) = match one.metric {
        Metric::Rate => {
            ("answered more requests per second than", "answered fewer requests per second than", "")
        }
        Metric::RequestsPerCpu => (
            "needed less CPU time a request than",
            "needed more CPU time a request than",
            " requests for a CPU second",
        ),
    };
    match one.decided.comparison {
        Comparison::Faster => format!("{who} {more} {other} ({range}{what}){limit}."),
        Comparison::Slower => format!("{who} {fewer} {other} ({range}{what}){limit}."),
        Comparison::NoPracticalDifference => {
            format!("{who} and {other} are within 5 % of each other ({range}{what}){limit}.")
        }
        Comparison::Inconclusive => {
            format!(
                "Whether {who} or {other} is ahead by more than 5 % these blocks cannot tell ({range}{what}){limit}."
            )
        }
    }
}

/// What a generator at its limit does to a ratio: it holds down the faster side.
const fn limit_of_the_instrument(client_bound: (bool, bool)) -> &'static str {
    match client_bound {
        (false, false) => "",
        (true, false) => ", or more: the load generator was at its limit",
        (false, true) => ", or less: the load generator was at its limit with the other",
        (true, true) => ", which says little: the load generator was at its limit with both",
    }
}

/// What must be known to read the rows: failures, doubts, empty cells, limits of the instrument.
pub(super) fn notes(table: &Table) -> Vec<String> {
    table.rows.iter().flat_map(notes_of_row).collect()
}

fn notes_of_row(row: &Row) -> Vec<String> {
    let who = code(&row.cell.name());
    let mut notes: Vec<String> = row
        .failures
        .iter()
        .map(|reason| format!("{who}: a trial of {} failed: {}", row.planned, reason.replace('\n', " ")))
        .collect();
    for (times, seen) in row.doubts.values() {
        notes.push(format!("{who}: not valid in {times} of {} trials: {seen}", row.measured));
    }
    for (label, value) in [("p50", &row.p50), ("p99", &row.p99)] {
        if let (Percentile::Missing(reason), true) = (value, row.measured > 0) {
            notes.push(format!("{who}: no {label}: {reason}"));
        }
    }
    if row.client_bound > 0 {
        notes.push(format!(
            "{who}: the load generator was nearly out of CPU in {} of {} trials, so the server may be faster",
            row.client_bound,
            row.points.len()
        ));
    }
    if let (None, Some(reason)) = (row.prediction.at_most_per_sec, &row.prediction.reason) {
        notes.push(format!("{who}: no prediction: {reason}"));
    }
    notes
}

/// A comparison of rates in a word.
pub(super) const fn word(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Faster => "faster",
        Comparison::Slower => "slower",
        Comparison::NoPracticalDifference => "no practical difference",
        Comparison::Inconclusive => "undecided",
    }
}

/// A name as code.
pub(super) use crate::claims::words::code;
