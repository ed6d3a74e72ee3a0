//! From records to Markdown, HTML and pictures. Nothing here measures, and no sentence that depends on a number is typed by hand.
//!
//! [`Report`] holds what a run says; it becomes blocks (`document`), and these become Markdown (`markdown`) and HTML
//! (`html`). `verdicts` are the first screen, `sentence`, `table`, `extras` and `off` the evidence, `pictures` and `forests` the plots, `guests` the servers that
//! are not ours, `origin` how to read it all and where it comes from. Rendering the same records again gives the same bytes.

mod code;
mod document;
mod extras;
mod forests;
mod guests;
mod html;
mod markdown;
mod off;
mod origin;
mod pictures;
mod sentence;
mod table;
mod verdicts;

use crate::claims::{self, Verdict, short};
use crate::matrix::Experiment;
use crate::plot::{self, Theme};
use crate::record::{ComparisonRecord, TrialRecord};
use crate::summary::{Summary, Table};
use document::Block;
pub(crate) use markdown::grid;

/// The folder of a run's pictures, in the run's own.
pub const PLOTS: &str = "plots";

/// The name of a run's HTML file, in the run's folder.
pub const HTML: &str = "report.html";

const TITLE: &str = "Sync, threaded, async: what this machine measured";

/// With more settings than this an experiment's tables are folded.
const UNFOLDED: usize = 2;

/// What a run says.
#[derive(Debug)]
pub struct Report<'a> {
    run: &'a ComparisonRecord,
    trials: &'a [TrialRecord],
    summary: Summary,
    verdicts: Vec<Verdict>,
}

/// A run in the list of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name of its folder.
    pub id: String,
    /// Whether this program can read its records.
    pub readable: bool,
}

impl<'a> Report<'a> {
    /// Sums up a run and judges the claims by it.
    #[must_use]
    pub fn of(run: &'a ComparisonRecord, trials: &'a [TrialRecord]) -> Self {
        let summary = Summary::of(run, trials);
        let verdicts = claims::judge(run, trials, &summary);
        Report { run, trials, summary, verdicts }
    }

    /// The run's own page, which lies in its folder.
    #[must_use]
    pub fn page(&self) -> String {
        markdown::render(&self.blocks(""), "")
    }

    /// The page that a reader opens first, one folder above: this run, and links to all of `runs`, newest first.
    #[must_use]
    pub fn index(&self, runs: &[Listed]) -> String {
        let folder = format!("{}/", self.run.id);
        let mut blocks = self.blocks(&folder);
        blocks.push(Block::section("All runs, newest first"));
        let item = |one: &Listed| {
            let note = if one.readable { "" } else { ", rendered by an earlier version" };
            format!("[{id}]({id}/README.md){note}", id = one.id)
        };
        blocks.push(Block::List(runs.iter().map(item).collect()));
        markdown::render(&blocks, &folder)
    }

    /// The run in one HTML file, which lies in its folder.
    #[must_use]
    pub fn html(&self) -> String {
        html::render(TITLE, &self.blocks(""))
    }

    /// The names and contents of the run's pictures, in both themes.
    #[must_use]
    pub fn pictures(&self) -> Vec<(String, String)> {
        let blocks = self.blocks("");
        let both = |one: &&document::Picture| {
            Theme::ALL.map(|theme| (markdown::file(&one.name, theme), plot::render(&one.plot, theme)))
        };
        document::pictures(&blocks).iter().flat_map(both).collect()
    }

    /// The tables and, last, the verdicts, for a terminal.
    #[must_use]
    pub fn for_terminal(&self) -> String {
        let mut blocks = Vec::new();
        for table in &self.summary.tables {
            blocks.push(Block::Heading(3, format!("`{}`", table.setting.label())));
            blocks.push(table::render(table));
        }
        format!("{}\n{}\n", markdown::render(&blocks, ""), verdicts::for_terminal(&self.verdicts))
    }

    fn blocks(&self, folder: &str) -> Vec<Block> {
        let summary = &self.summary;
        let mut blocks = vec![Block::Heading(1, TITLE.to_owned())];
        blocks.push(Block::Text(origin::machine(self.run)));
        blocks.extend(self.incomplete().map(Block::Text));
        blocks.push(Block::Text(extras::noise(summary)));
        let in_short = short::lines(summary, &self.verdicts);
        if !in_short.is_empty() {
            blocks.push(Block::section("In short"));
            blocks.push(Block::Text(origin::names()));
            blocks.push(Block::List(in_short));
        }
        blocks.push(Block::section("Verdicts"));
        blocks.push(verdicts::table(&self.verdicts));
        blocks.push(Block::Text(origin::links(self.run, folder)));
        blocks.push(Block::section("Each verdict in full"));
        blocks.extend(verdicts::in_full(&self.verdicts));
        blocks.extend(forests::ratios(summary));
        blocks.extend(guests::section(self.run, self.trials, summary));
        blocks.extend(Experiment::ALL.into_iter().flat_map(|one| self.section(one)));
        blocks.extend(self.run.code.as_ref().map(code::section).unwrap_or_default());
        blocks.extend(pictures::predictions(self.run, summary));
        blocks.extend(off::table(self.run, summary));
        blocks.extend(origin::how_to_read(self.run, summary));
        blocks.extend(origin::origin(self.run, folder));
        blocks
    }

    fn section(&self, experiment: Experiment) -> Vec<Block> {
        let summary = &self.summary;
        let tables: Vec<&Table> = summary.tables_of(experiment).collect();
        if tables.is_empty() {
            return Vec::new();
        }
        let mut blocks = vec![Block::section(experiment.title())];
        blocks.extend(pictures::of(self.run, self.trials, summary, experiment));
        blocks.extend(extras::kept(summary, experiment));
        if experiment == Experiment::Users {
            blocks.extend(extras::memory(summary));
        }
        let folded = tables.len() > UNFOLDED;
        blocks.extend(tables.into_iter().flat_map(|table| one_table(table, folded)));
        blocks
    }

    fn incomplete(&self) -> Option<String> {
        let (made, planned) = (self.trials.len(), self.run.trials_planned());
        (made < planned).then(|| format!("**This run was stopped after {made} of {planned} trials.**"))
    }
}

/// A setting: what it shows in words, the rows, what must be known to read them.
fn one_table(table: &Table, folded: bool) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(3, format!("`{}`", table.setting.label()))];
    blocks.extend(sentence::shows(table).into_iter().map(Block::Text));
    let mut evidence = vec![table::render(table)];
    let notes = sentence::notes(table);
    if !notes.is_empty() {
        evidence.push(Block::List(notes));
    }
    if folded {
        blocks.push(Block::Folded("All figures".to_owned(), evidence));
    } else {
        blocks.extend(evidence);
    }
    blocks
}

#[cfg(test)]
mod tests;
