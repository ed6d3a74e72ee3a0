//! What is not in a setting's own table: the noise floor, what trouble leaves, what a connection costs, how full the matrix is.

use super::sentence::code;
use super::table::grid;
use crate::format::{figures, grouped, kibibytes, mebibytes};
use crate::matrix::Experiment;
use crate::summary::{Kept, Memory, Summary};

/// How far the figures can be trusted at all: stands at the head of a page.
pub(super) fn trust(summary: &Summary) -> String {
    let mut sentences = Vec::new();
    match &summary.noise {
        Some(noise) => {
            let ratio = noise.ratio;
            let verdict = if noise.covers_one() {
                "covers 1, as it should"
            } else {
                "**does not cover 1: two equal servers differed, and so may all others here**"
            };
            sentences.push(format!(
                "**Noise floor.** {} against itself came out at {} × ({} to {}), an interval that {verdict}; in a single block the two differed by up to {} %.",
                code(&noise.contender),
                figures(ratio.estimate),
                figures(ratio.low),
                figures(ratio.high),
                figures(noise.largest * 100.0)
            ));
        }
        None => sentences
            .push("**Noise floor.** Not measured: no server was measured twice, or not validly.".to_owned()),
    }
    if let Some(drift) = summary.drift {
        let found = if drift.p < 0.05 { "**the machine drifted**" } else { "no drift was found" };
        sentences.push(format!(
            "Rates against the order of trials: Spearman's ρ is {}, p {} over {} trials, so {found}; ratios are taken within blocks, where drift falls on all alike.",
            figures(drift.rho),
            figures(drift.p),
            drift.trials
        ));
    }
    let rows = || summary.tables.iter().flat_map(|table| &table.rows);
    let valid = rows().filter(|row| row.is_valid()).count();
    sentences.push(format!(
        "{valid} of {} rows are valid; under each table stands why a row is not.",
        rows().count()
    ));
    format!("{}\n", sentences.join(" "))
}

/// What trouble left of each server's rate, for the experiments of that kind.
pub(super) fn kept(summary: &Summary, experiment: Experiment) -> Option<String> {
    let mine: Vec<&Kept> = summary.kept.iter().filter(|one| one.setting.experiment == experiment).collect();
    let row = |one: &&Kept| {
        let share = one.share.map_or_else(
            || "n/a: nothing was answered in some block".to_owned(),
            |it| {
                format!(
                    "{} % ({} – {})",
                    figures(it.estimate * 100.0),
                    figures(it.low * 100.0),
                    figures(it.high * 100.0)
                )
            },
        );
        vec![one.contender.clone(), grouped(one.before_per_sec), grouped(one.with_per_sec), share]
    };
    (!mine.is_empty()).then(|| {
        let header = vec!["server", "requests/s without", "requests/s with", "kept (95 %)"];
        format!("What is left of each server's rate:\n\n{}\n", grid(header, mine.iter().map(row).collect()))
    })
}

/// Memory a connection, for the ladder of users.
pub(super) fn memory(summary: &Summary) -> Option<String> {
    let row = |one: &Memory| {
        let slope = one.bytes.map_or_else(
            || "n/a: fewer than two blocks of two rungs".to_owned(),
            |it| format!("{} ({} – {})", kibibytes(it.estimate), kibibytes(it.low), kibibytes(it.high)),
        );
        let rungs: Vec<String> = one
            .rungs
            .iter()
            .map(|(users, bytes)| format!("{}: {}", grouped(*users as f64), mebibytes(*bytes)))
            .collect();
        let pool = if one.pool_grows { ", a worker a connection" } else { "" };
        vec![format!("{}{pool}", one.contender), slope, rungs.join("; ")]
    };
    (!summary.memory.is_empty()).then(|| {
        let header = vec!["server", "memory a connection (95 %)", "memory at each number of users"];
        let rows = summary.memory.iter().map(row).collect();
        format!(
            "Memory a connection is the slope over the ladder, user memory only (PSS); the kernel's part is not in it:\n\n{}\n",
            grid(header, rows)
        )
    })
}
