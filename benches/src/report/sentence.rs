//! What a table shows, in words computed from its numbers.

use crate::contender::{Contender, Effect};
use crate::format::{figures, grouped};
use crate::record::ComparisonRecord;
use crate::summary::{Percentile, Row, Spread, Table};

/// Ratios this near to 1 change nobody's choice of a server.
const NO_PRACTICAL_DIFFERENCE: f64 = 0.05;

/// What stands above a table: a paragraph for each effect that was measured, then the wait's ceiling.
pub(super) fn shows(run: &ComparisonRecord, table: &Table) -> String {
    let mut paragraphs: Vec<String> =
        Effect::ALL.into_iter().filter_map(|effect| paragraph(effect, table)).collect();
    if paragraphs.is_empty() {
        paragraphs
            .push("Nothing is compared: of no pair that would show something were both measured.".to_owned());
    }
    paragraphs.extend(ceiling(run, table));
    paragraphs.join("\n\n")
}

fn paragraph(effect: Effect, table: &Table) -> Option<String> {
    let row = |contender| table.rows.iter().find(|row| row.contender == contender);
    let sentences: Vec<String> = effect
        .comparisons()
        .iter()
        .filter_map(|&(subject, over)| {
            let (subject, over) = (row(subject)?, row(over)?);
            let ratio = subject.ratios.iter().find(|ratio| ratio.over == over.contender)?;
            Some(sentence(subject, over, ratio.ratio))
        })
        .collect();
    (!sentences.is_empty()).then(|| format!("**{}.** {}", effect.title(), sentences.join(" ")))
}

fn sentence(subject: &Row, over: &Row, ratio: Spread) -> String {
    let Spread { median, min, max } = ratio;
    let range = format!("{} ×, {} to {}", figures(median), figures(min), figures(max));
    let (who, other) = (name(subject.contender), name(over.contender));
    let limit = limit_of_the_instrument(subject, over);
    if min >= 1.0 - NO_PRACTICAL_DIFFERENCE && max <= 1.0 + NO_PRACTICAL_DIFFERENCE {
        format!("{who} came within 5 % of {other} in every block ({range}){limit}.")
    } else if min > 1.0 {
        format!("{who} answered more requests per second than {other} in every block ({range}){limit}.")
    } else if max < 1.0 {
        format!("{who} answered fewer requests per second than {other} in every block ({range}){limit}.")
    } else {
        format!("{who} and {other} showed no difference that these blocks can tell ({range}){limit}.")
    }
}

/// What a generator at its limit does to a ratio: it holds down the faster side.
fn limit_of_the_instrument(subject: &Row, over: &Row) -> &'static str {
    match (subject.is_client_bound(), over.is_client_bound()) {
        (false, false) => "",
        (true, false) => ", or more: the load generator was at its limit",
        (false, true) => ", or less: the load generator was at its limit with the other",
        (true, true) => ", which says little: the load generator was at its limit with both",
    }
}

fn ceiling(run: &ComparisonRecord, table: &Table) -> Option<String> {
    let reached: Vec<String> = table
        .rows
        .iter()
        .filter_map(|row| {
            let (contender, clients) = (row.contender, run.config.connections);
            let ceiling =
                table.workload.wait_ceiling_per_sec(contender.model(), clients, contender.workers())?;
            let share = figures(row.share_of_ceiling? * 100.0);
            Some(format!("{} reached {share} % of {}", name(contender), grouped(ceiling)))
        })
        .collect();
    (!reached.is_empty()).then(|| {
        format!(
            "**Against theory.** Of the requests per second that the wait alone allows, {}.",
            reached.join(", ")
        )
    })
}

/// What must be known to read the rows: failures, empty cells, limits of the instrument.
pub(super) fn notes(table: &Table) -> Vec<String> {
    table.rows.iter().flat_map(notes_of_row).collect()
}

fn notes_of_row(row: &Row) -> Vec<String> {
    let who = name(row.contender);
    let all = row.measured + row.failures.len();
    let mut notes: Vec<String> = row
        .failures
        .iter()
        .map(|reason| format!("{who}: a trial of {all} failed: {}", reason.replace('\n', " ")))
        .collect();
    for (label, value) in [("p50", &row.p50), ("p99", &row.p99)] {
        if let (Percentile::Missing(reason), true) = (value, row.measured > 0) {
            notes.push(format!("{who}: no {label}: {reason}"));
        }
    }
    if row.client_bound > 0 {
        notes.push(format!(
            "{who}: the load generator was nearly out of CPU in {} of {} trials, so the server may be faster",
            row.client_bound, row.measured
        ));
    }
    if row.starved > 0 {
        notes.push(format!(
            "{who}: {} connections were asked on and never answered: its rate is that of the others",
            row.starved
        ));
    }
    notes
}

fn name(contender: Contender) -> String {
    format!("`{}`", contender.label())
}
