//! What is not in a setting's own table: the noise floor, what trouble leaves, what a connection costs, how full the matrix is.

use super::document::{Block, Table};
use super::sentence::code;
use crate::format::{figures, grouped, kibibytes, mebibytes};
use crate::matrix::Experiment;
use crate::summary::{Kept, Memory, Summary};

/// How much two equal servers differed: stands at the head of a page.
pub(super) fn noise(summary: &Summary) -> String {
    match &summary.noise {
        Some(noise) => {
            let ratio = noise.ratio;
            let verdict = if noise.covers_one() {
                "covers 1, as it should"
            } else {
                "**does not cover 1: two equal servers differed, and so may all others here**"
            };
            format!(
                "**Noise floor.** {} against itself came out at {} × ({} to {}), an interval that {verdict}; in a single block the two differed by up to {} %.",
                code(&noise.contender),
                figures(ratio.estimate),
                figures(ratio.low),
                figures(ratio.high),
                figures(noise.largest * 100.0)
            )
        }
        None => "**Noise floor.** Not measured: no server was measured twice, or not validly.".to_owned(),
    }
}

/// How far the figures can be trusted besides: drift, and how full the matrix is.
pub(super) fn trust(summary: &Summary) -> String {
    let mut sentences = Vec::new();
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
    sentences.join(" ")
}

/// What trouble left of each server's rate, for the experiments of that kind.
pub(super) fn kept(summary: &Summary, experiment: Experiment) -> Vec<Block> {
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
    if mine.is_empty() {
        return Vec::new();
    }
    let header = ["server", "requests/s without", "requests/s with", "kept (95 %)"];
    vec![
        Block::Text("What is left of each server's rate:".to_owned()),
        Table::of_figures("Rate kept in trouble", &header, mine.iter().map(row).collect()),
    ]
}

/// Memory a connection, for the ladder of users.
pub(super) fn memory(summary: &Summary) -> Vec<Block> {
    let row = |one: &Memory| {
        let slope = one.bytes.map_or_else(
            || format!("n/a: {}", one.missing.as_deref().unwrap_or("not known")),
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
    if summary.memory.is_empty() {
        return Vec::new();
    }
    let header = ["server", "memory a connection (95 %)", "memory at each number of users"];
    vec![
        Block::Text(
            "Memory a connection is the slope over the ladder, user memory only (PSS); the kernel's part is not in it:"
                .to_owned(),
        ),
        Table::of_figures("Memory a connection", &header, summary.memory.iter().map(row).collect()),
    ]
}
