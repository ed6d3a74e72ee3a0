//! What a table shows, in words computed from its numbers.

use crate::claims::{Cost, Unit, words};
use crate::format::{figures, grouped};
use crate::matrix::Load;
use crate::stats::{Comparison, Interval};
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
    match one.metric {
        Metric::Rate => of_rates(one),
        Metric::RequestsPerCpu => of_cpu_time(one),
    }
}

fn of_rates(one: &Compared) -> String {
    let (who, other) = (code(&one.subject), code(&one.over));
    let ratio = one.decided.ratio;
    let caveat = match one.caveat() {
        "" => String::new(),
        caveat => format!(", {caveat}"),
    };
    let range =
        format!("({} ×, {} to {}){caveat}", figures(ratio.estimate), figures(ratio.low), figures(ratio.high));
    match one.comparison() {
        Comparison::Faster => format!("{who} answered more requests per second than {other} {range}."),
        Comparison::Slower => format!("{who} answered fewer requests per second than {other} {range}."),
        Comparison::NoPracticalDifference => {
            format!("{who} and {other} are within 5 % of each other {range}.")
        }
        Comparison::Inconclusive => {
            format!("Whether {who} or {other} is ahead by more than 5 % cannot be told {range}.")
        }
    }
}

/// The dearer server comes first, so that a ratio above 1 is what it took more.
fn of_cpu_time(one: &Compared) -> String {
    let (saves, takes) = (code(&one.subject), code(&one.over));
    // Requests for a CPU second of the one for those of the other: CPU time of the other for that of the one.
    let ratio = one.decided.ratio;
    let of = |it: &Interval| words::value(Unit::Cost(Cost::CpuTime), it);
    match one.comparison() {
        Comparison::Faster => format!("{takes} used {} the CPU time a request of {saves}.", of(&ratio)),
        Comparison::Slower => {
            format!("{saves} used {} the CPU time a request of {takes}.", of(&ratio.inverted()))
        }
        Comparison::NoPracticalDifference => {
            format!(
                "{takes} and {saves} used the same CPU time a request, within 5 %: {takes} {} that of {saves}.",
                of(&ratio)
            )
        }
        Comparison::Inconclusive => format!(
            "Whether {takes} or {saves} used more CPU time a request by more than 5 % cannot be told: {takes} {} that of {saves}.",
            of(&ratio)
        ),
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
