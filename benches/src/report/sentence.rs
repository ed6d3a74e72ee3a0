//! What a table shows, in words computed from its numbers.

use crate::contender::Contender;
use crate::format::{figures, grouped};
use crate::record::ComparisonRecord;
use crate::summary::{Percentile, Ratio, Row, Spread, Table};

/// Ratios this near to 1 change nobody's choice of a server.
const NO_PRACTICAL_DIFFERENCE: f64 = 0.05;

/// The paragraph above a table: the last contender measured against each other one, then the wait's ceiling.
pub(super) fn shows(run: &ComparisonRecord, table: &Table) -> String {
    let measured: Vec<&Row> = table.rows.iter().filter(|row| row.rate_per_sec.is_some()).collect();
    let mut parts = Vec::new();
    match measured.split_last() {
        None => parts.push("No server could be measured; the reasons are below.".to_owned()),
        Some((only, [])) => {
            parts.push(format!("Only {} could be measured, so nothing is compared.", name(only.contender)));
        }
        Some((subject, _)) => parts.push(comparison(subject, table)),
    }
    parts.extend(ceiling(run, table, &measured));
    parts.join(" ")
}

fn comparison(subject: &Row, table: &Table) -> String {
    let clauses: Vec<String> = subject.ratios.iter().map(|ratio| clause(subject, ratio, table)).collect();
    format!("{} {}.", name(subject.contender), clauses.join("; it "))
}

fn clause(subject: &Row, Ratio { over, ratio }: &Ratio, table: &Table) -> String {
    let Spread { median, min, max } = *ratio;
    let range = format!("{} × in the median block, {} to {}", figures(median), figures(min), figures(max));
    let other = name(*over);
    let verdict = if (1.0 - NO_PRACTICAL_DIFFERENCE..=1.0 + NO_PRACTICAL_DIFFERENCE).contains(&min)
        && max <= 1.0 + NO_PRACTICAL_DIFFERENCE
    {
        format!("came within 5 % of {other} in every block")
    } else if min > 1.0 {
        format!("answered more requests per second than {other} in every block")
    } else if max < 1.0 {
        format!("answered fewer requests per second than {other} in every block")
    } else {
        format!("showed no difference to {other} that these blocks can tell")
    };
    format!("{verdict} ({range}){}", limit_of_the_instrument(subject, *over, table))
}

/// What a generator at its limit does to a ratio: it holds down the faster side.
fn limit_of_the_instrument(subject: &Row, over: Contender, table: &Table) -> &'static str {
    let other_bound = table.rows.iter().any(|row| row.contender == over && row.client_bound > 0);
    match (subject.client_bound > 0, other_bound) {
        (false, false) => "",
        (true, false) => ", or more: the load generator was at its limit",
        (false, true) => ", or less: the load generator was at its limit with the other",
        (true, true) => ", which says little: the load generator was at its limit with both",
    }
}

fn ceiling(run: &ComparisonRecord, table: &Table, measured: &[&Row]) -> Option<String> {
    let reached: Vec<String> = measured
        .iter()
        .filter_map(|row| {
            let contender = row.contender;
            let connections = run.config.connections;
            let ceiling =
                table.workload.wait_ceiling_per_sec(contender.model(), connections, contender.workers())?;
            let share = figures(row.share_of_ceiling? * 100.0);
            Some(format!("{} reached {share} % of {}", name(contender), grouped(ceiling)))
        })
        .collect();
    (!reached.is_empty())
        .then(|| format!("Of the requests per second that the wait alone allows, {}.", reached.join(", ")))
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
