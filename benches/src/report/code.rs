//! The section of a report on what the servers are made of.

use super::document::{Block, Table};
use crate::code::{Code, CrateCode, ServerCode};
use crate::format::{figures, grouped, mebibytes};
use crate::matrix::Experiment;

/// What the figures do not say; no figure is in it.
const READING: &str = "\
Lines are those with code of the program on them: tests, comments, documentation, blank lines and features that are off do not count. \
They say how much there is to read, not how hard it is to read, and nothing of what a library does instead. The shared lines of the \
blocking servers hold two HTTP stacks and what keeps the hazards of one of them away from users; `async` and `.await` count how often a \
reader meets the other style, shared state and polling by hand where it asks for more than style. Simpler is a judgement that \
these figures inform and do not make.";

/// What the servers are made of, as tables, with what is missing and how to read it.
pub(super) fn section(code: &Code) -> Vec<Block> {
    let sources = ["crate", "files", "lines", "`async`", "`.await`", "shared state", "polling by hand"];
    let crates = code.servers.iter().map(|one| &one.own).chain(&code.shared).map(counts).collect();
    let servers = [
        "server",
        "lines with shared",
        "dependencies",
        "of them macros",
        "binary",
        "stripped",
        "build",
        "CPU of it",
    ];
    let mut blocks = vec![
        Block::section(Experiment::Code.title()),
        Block::Text(
            "How much code a server is, its own and what it shares with others, and what it brings along as a program."
                .to_owned(),
        ),
        Table::of_figures("Source code of each crate", &sources, crates),
        Table::of_figures(
            "Each server as a program",
            &servers,
            code.servers.iter().map(|one| server(code, one)).collect(),
        ),
    ];
    let reasons = reasons(code);
    if !reasons.is_empty() {
        blocks.push(Block::List(reasons));
    }
    blocks.push(Block::Text(READING.to_owned()));
    blocks
}

fn counts(one: &CrateCode) -> Vec<String> {
    let counts = &one.counts;
    let figures = [counts.files, counts.lines, counts.asyncs, counts.awaits, counts.shared, counts.polling];
    let mut cells = vec![one.package.clone()];
    cells.extend(figures.map(|count| grouped(count as f64)));
    cells
}

fn server(code: &Code, one: &ServerCode) -> Vec<String> {
    let seconds =
        |value: Option<f64>| value.map_or_else(|| "n/a".to_owned(), |s| format!("{} s", figures(s)));
    vec![
        one.own.package.clone(),
        grouped(code.lines_with_shared(one) as f64),
        one.dependencies.to_string(),
        one.procedural_macros.to_string(),
        mebibytes(one.binary_bytes as f64),
        one.stripped_bytes.map_or_else(|| "n/a".to_owned(), |bytes| mebibytes(bytes as f64)),
        seconds(one.build.map(|build| build.wall_s)),
        seconds(one.build.map(|build| build.cpu_s)),
    ]
}

/// Why a figure is missing, each reason once.
fn reasons(code: &Code) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for one in &code.servers {
        let missing = [("no stripped size", &one.stripped_missing), ("no build time", &one.build_missing)];
        for (what, reason) in missing {
            all.extend(reason.iter().map(|reason| format!("{what}: {reason}")));
        }
    }
    all.sort();
    all.dedup();
    all
}
