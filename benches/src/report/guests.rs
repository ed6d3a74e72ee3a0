//! Servers that are not ours: the article's own terms, async against blocking in another language beside ours under the same workloads; and
//! what each of them is.

use std::collections::BTreeSet;

use super::document::{Block, Table};
use super::sentence::{code, word};
use crate::claims::words;
use crate::contender::{Contender, Model};
use crate::format::figures;
use crate::record::{ComparisonRecord, Outcome, TrialRecord};
use crate::stats::Comparison;
use crate::summary::{self, Compared, Effect, Metric, Summary};

/// The two kinds of servers that async is held against.
const BLOCKING: [Model; 2] = [Model::Sync, Model::Threaded];

/// All that is said of servers that are not ours.
pub(super) fn section(run: &ComparisonRecord, trials: &[TrialRecord], summary: &Summary) -> Vec<Block> {
    let mut blocks = own_terms(run, summary);
    blocks.extend(what_they_are(run, trials));
    blocks
}

/// Comparisons of one workload against one kind of blocking server.
struct Side<'a> {
    table: &'a summary::Table,
    model: Model,
    theirs: Vec<&'a Compared>,
    ours: Vec<&'a Compared>,
}

/// Both sides of each workload in which an async and a blocking server that are not ours were measured.
fn sides<'a>(run: &ComparisonRecord, summary: &'a Summary) -> Vec<Side<'a>> {
    let mut sides = Vec::new();
    for table in &summary.tables {
        let of = |effect: Effect, model: Model| -> Vec<&Compared> {
            let is_it = |one: &&Compared| {
                one.effect == effect && one.metric == Metric::Rate && run.contender(&one.over).model == model
            };
            table.compared.iter().filter(is_it).collect()
        };
        let here = BLOCKING.map(|model| {
            let (theirs, ours) = (of(Effect::Guest, model), of(Effect::Whole, model));
            Side { table, model, theirs, ours }
        });
        if here.iter().any(|side| !side.theirs.is_empty()) {
            sides.extend(here);
        }
    }
    sides
}

/// The table and what comes of it.
fn own_terms(run: &ComparisonRecord, summary: &Summary) -> Vec<Block> {
    let sides = sides(run, summary);
    if sides.is_empty() {
        return Vec::new();
    }
    let language = language_of(run, &sides);
    let pair = |table: &summary::Table, one: Option<&&Compared>| {
        let Some(one) = one else { return ["–".to_owned(), "–".to_owned()] };
        let ratio = one.decided.ratio;
        let (ratio, low, high) = (figures(ratio.estimate), figures(ratio.low), figures(ratio.high));
        let over = code(&one.over) + &sweep(table, run.contender(&one.over));
        let caveat = if one.caveat().is_empty() { String::new() } else { format!(", {}", one.caveat()) };
        [
            format!("{} over {over}: {ratio} × ({low} to {high}){caveat}", code(&one.subject)),
            word(one.comparison()).to_owned(),
        ]
    };
    let mut rows = Vec::new();
    for Side { table, model, theirs, ours } in &sides {
        for index in 0..theirs.len().max(ours.len()) {
            let mut row = vec![words::setting(&table.setting), kind(*model).to_owned()];
            row.extend(pair(table, theirs.get(index)));
            // Of ours there is one pair a kind, beside each of theirs.
            row.extend(pair(table, ours.get(index).or(ours.first())));
            rows.push(row);
        }
    }
    let theirs = format!("{}: async over blocking", language.as_deref().unwrap_or("not ours"));
    let ours = "Rust: async over blocking";
    let header = ["workload", "against", &theirs, "async is", ours, "async is"];
    vec![
        Block::section("The article's own terms"),
        Block::Text(
            "What a change of model does in another language, and what it does here, side by side under the same workloads: requests a second of async for those of blocking, with 95 % intervals. Servers as people pick them, so model and library change together. A lead that the load generator's own limit may have made is undecided."
                .to_owned(),
        ),
        Table::of_words("The article's own terms", &header, rows),
        Block::Text(closing(language.as_deref(), &sides) + &left_out(run)),
    ]
}

/// Who is in neither column, because it has none of the three models by the record.
fn left_out(run: &ComparisonRecord) -> String {
    let other =
        run.config.contenders.iter().filter(|one| one.package().is_none() && one.model == Model::Other);
    let names: Vec<String> = other.map(|one| code(&one.label)).collect();
    if names.is_empty() {
        return String::new();
    }
    format!(
        " Not counted, as the record names none of the three models for it: {}; how it stands beside ours is told with each workload.",
        names.join(", ")
    )
}

/// Whether the article's claim holds on its own ground, and on ours.
fn closing(language: Option<&str>, sides: &[Side<'_>]) -> String {
    let on = |compared: fn(&Side<'_>) -> Vec<Comparison>| {
        let against = |model: Model| {
            let mine = sides.iter().filter(|side| side.model == model);
            held(&mine.flat_map(compared).collect::<Vec<_>>())
                .map(|held| format!("against {} {held}", kind(model)))
        };
        BLOCKING.into_iter().filter_map(against).collect::<Vec<_>>().join("; ")
    };
    let theirs = on(|side| side.theirs.iter().map(|one| one.comparison()).collect());
    let ours = on(|side| side.ours.iter().map(|one| one.comparison()).collect());
    let ours = if ours.is_empty() { "no pair of ours was measured beside it".to_owned() } else { ours };
    let language = language.map_or_else(String::new, |language| format!(" ({language})"));
    format!(
        "**Does it hold that async answers more requests?** On the article's own ground{language}: {theirs}. On ours (Rust): {ours}."
    )
}

/// Whether a claim of "faster" holds by these findings; `None` where there are none.
fn held(findings: &[Comparison]) -> Option<String> {
    let count = |wanted: Comparison| findings.iter().filter(|one| **one == wanted).count();
    let (faster, all) = (count(Comparison::Faster), findings.len());
    let undecided = count(Comparison::Inconclusive);
    let verdict = match (faster, all - faster - undecided) {
        _ if all == 0 => return None,
        (_, 0) if faster == all => "it holds",
        (0, 0) => "it cannot be told",
        (0, _) if undecided == 0 => "it does not hold",
        (0, _) => "it is not shown",
        (_, 0) => "it holds where it is decided",
        _ => "it holds in part",
    };
    let others = [Comparison::Slower, Comparison::NoPracticalDifference, Comparison::Inconclusive];
    let others = others.into_iter().filter(|one| count(*one) > 0);
    let mut told = vec![format!("faster in {faster} of {all}")];
    told.extend(others.map(|one| format!("{} in {}", word(one), count(one))));
    Some(format!("{verdict} ({})", told.join(", ")))
}

/// Of which sizes this one was the fastest, for a server that was measured with several.
fn sweep(table: &summary::Table, chosen: &Contender) -> String {
    let is_size = |row: &&summary::Row| {
        row.contender.base == chosen.base && chosen.package().is_none() && row.is_valid() && !row.cell.twin
    };
    let sizes: Vec<String> = table
        .rows
        .iter()
        .filter(is_size)
        .filter_map(|row| Some(row.contender.workers?.to_string()))
        .collect();
    if sizes.len() < 2 { String::new() } else { format!(", the fastest of {}", sizes.join(", ")) }
}

/// The language of their servers, where all are in one and it is known.
fn language_of(run: &ComparisonRecord, sides: &[Side<'_>]) -> Option<String> {
    let pairs = sides.iter().flat_map(|side| &side.theirs);
    let names: BTreeSet<Option<&str>> = pairs
        .flat_map(|one| [&one.subject, &one.over])
        .map(|name| run.config.guests.get(&run.contender(name).base)?.language.as_deref())
        .collect();
    match names.into_iter().collect::<Vec<_>>().as_slice() {
        [Some(one)] => Some((*one).to_owned()),
        _ => None,
    }
}

/// Each of them: what it is, how it was started, and what its manifest notes.
fn what_they_are(run: &ComparisonRecord, trials: &[TrialRecord]) -> Vec<Block> {
    let started = |label: &str| {
        trials.iter().find_map(|trial| match &trial.outcome {
            Outcome::Measured(it) if trial.spec.cell.contender == label && !it.command.is_empty() => {
                Some(code(&it.command.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")))
            }
            _ => None,
        })
    };
    let guests = || run.config.contenders.iter().filter(|one| one.package().is_none());
    let row = |one: &Contender| {
        let facts = run.config.guests.get(&one.base)?;
        let started = started(&one.label).unwrap_or_else(|| "no trial of it was measured".to_owned());
        Some(vec![code(&one.label), facts.version.text(), concurrency(one), started])
    };
    let rows: Vec<Vec<String>> = guests().filter_map(row).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![
        Block::section("Servers that are not ours"),
        Block::Text(
            "As each was started in the first of its trials that was measured; address, folder and wait change from trial to trial."
                .to_owned(),
        ),
        Table::of_words("Servers that are not ours", &["server", "version", "concurrency", "started as"], rows),
    ];
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let once = guests().filter(|one| seen.insert(&one.base));
    let notes: Vec<String> = once
        .filter_map(|one| Some((one, run.config.guests.get(&one.base)?)))
        .flat_map(|(one, facts)| facts.notes.iter().map(move |note| format!("{}: {note}", code(&one.base))))
        .collect();
    blocks.extend((!notes.is_empty()).then_some(Block::List(notes)));
    blocks
}

fn quoted(word: &str) -> String {
    if word.is_empty() || word.contains(char::is_whitespace) { format!("'{word}'") } else { word.to_owned() }
}

fn concurrency(one: &Contender) -> String {
    match (one.model, one.workers) {
        (Model::Sync, _) => "one request at a time".to_owned(),
        (Model::Threaded, Some(workers)) => format!("a pool of {workers}"),
        (Model::Threaded, None) => "threads, no number set".to_owned(),
        (Model::Async, Some(workers)) => format!("an event loop on {workers}"),
        (Model::Async, None) => "an event loop".to_owned(),
        (Model::Other, _) => "none of the three models".to_owned(),
    }
}

const fn kind(model: Model) -> &'static str {
    match model {
        Model::Sync => "one request at a time",
        Model::Threaded => "threads",
        Model::Async => "an event loop",
        Model::Other => "another model",
    }
}

#[cfg(test)]
mod tests;
