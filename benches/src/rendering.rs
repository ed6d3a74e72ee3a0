//! Writing the pages of a run and of the whole folder from their records, and checking that they are what the records give.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use crate::binaries::Source;
use crate::record::{ComparisonRecord, TrialRecord};
use crate::report::{HTML, Listed, PLOTS, Report};
use crate::store::{Store, StoreError, is_readable, list_runs, read_run};

/// The page that a reader opens first, and each run's own.
const PAGE: &str = "README.md";

/// The flag that says where results are.
const RESULTS_FLAG: &str = "--results";

/// Where results are unless a flag says otherwise, from the workspace.
pub const USUAL: &str = "results";

/// A file that is rendered: its path from the folder of results, and its content.
type Rendered = (PathBuf, String);

/// Renders a run again from its records, the newest if none is named, and the index with it. With `check` nothing is written, and
/// a file that differs is a failure.
///
/// # Errors
///
/// When there is no such run, or it cannot be read or written.
pub fn render_again(results: &Path, run: Option<&str>, check: bool) -> anyhow::Result<ExitCode> {
    let id = match run {
        Some(id) => id.to_owned(),
        None => newest(results)?,
    };
    let (record, trials) = read_run(&results.join(&id))?;
    let rendered = pages(results, &record, &trials)?;
    if check {
        return differing(results, &id, &rendered);
    }
    let store = Store::open(results)?;
    let index = write(&store, &rendered)?;
    show(&record, &trials, &index);
    Ok(ExitCode::SUCCESS)
}

/// Writes the pages of a run and the index.
///
/// # Errors
///
/// When they cannot be written.
pub fn write_pages(store: &Store, run: &ComparisonRecord, trials: &[TrialRecord]) -> anyhow::Result<PathBuf> {
    write(store, &pages(store.root(), run, trials)?)
}

/// Prints the tables, the verdicts, and where the report is.
pub fn show(run: &ComparisonRecord, trials: &[TrialRecord], index: &Path) {
    let (text, folder) = (Report::of(run, trials).for_terminal(), index.with_file_name(&run.id));
    println!("\n{text}\nThe whole report: {}, {}", index.display(), folder.join(HTML).display());
}

/// The newest run that this program can read.
fn newest(results: &Path) -> anyhow::Result<String> {
    let runs = list_runs(results)?;
    let newest = runs.into_iter().rev().find(|id| is_readable(&results.join(id)));
    Ok(newest.ok_or_else(|| StoreError::NoRun(results.to_owned()))?)
}

/// The files of a run, and the index, last, as the newest run gives it.
fn pages(results: &Path, run: &ComparisonRecord, trials: &[TrialRecord]) -> anyhow::Result<Vec<Rendered>> {
    let run = &with_its_place(results, run);
    let (folder, report) = (Path::new(&run.id), Report::of(run, trials));
    let mut files: Vec<Rendered> =
        vec![(folder.join(PAGE), report.page()), (folder.join(HTML), report.html())];
    let in_plots = |(name, svg): (String, String)| (folder.join(PLOTS).join(name), svg);
    files.extend(report.pictures().into_iter().map(in_plots));
    let mut ids = list_runs(results)?;
    ids.reverse();
    let listed = |id: String| Listed { readable: is_readable(&results.join(&id)), id };
    let runs: Vec<Listed> = ids.into_iter().map(listed).collect();
    let newest = newest(results)?;
    let index = if newest == run.id {
        report.index(&runs)
    } else {
        let (record, trials) = read_run(&results.join(newest))?;
        Report::of(&with_its_place(results, &record), &trials).index(&runs)
    };
    files.push((PathBuf::from(PAGE), index));
    Ok(files)
}

/// A run whose flags say where its results are, if not where they usually are. Older records do not have that flag; a folder in the
/// workspace is then told by where it is found, and a copy elsewhere is not, so that the same records give the same page.
fn with_its_place<'a>(results: &Path, run: &'a ComparisonRecord) -> Cow<'a, ComparisonRecord> {
    let is_told = run.config.flags.iter().any(|flag| flag == RESULTS_FLAG);
    match elsewhere(results).filter(|folder| folder.is_relative() && !is_told) {
        None => Cow::Borrowed(run),
        Some(folder) => {
            let mut told = run.clone();
            told.config.flags.extend([RESULTS_FLAG.to_owned(), folder.display().to_string()]);
            Cow::Owned(told)
        }
    }
}

/// A folder of results as a flag names it, from the workspace if it lies in it; `None` for the usual one.
#[must_use]
pub fn elsewhere(results: &Path) -> Option<PathBuf> {
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (workspace, folder) = (whole(&Source::workspace()), whole(results));
    match folder.strip_prefix(&workspace) {
        Ok(inside) if inside == Path::new(USUAL) => None,
        Ok(inside) => Some(inside.to_owned()),
        Err(_) => Some(folder),
    }
}

fn write(store: &Store, files: &[Rendered]) -> anyhow::Result<PathBuf> {
    let mut last = PathBuf::new();
    for (path, content) in files {
        let name = path.to_str().context("a run's id is text")?;
        if let Some(folder) = store.root().join(path).parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        last = store.write(name, content)?;
    }
    Ok(last)
}

/// Says which files are not what the records give, and which pictures they do not give at all.
fn differing(results: &Path, id: &str, files: &[Rendered]) -> anyhow::Result<ExitCode> {
    let differs =
        |(path, content): &&Rendered| fs::read_to_string(results.join(path)).ok().as_ref() != Some(content);
    let differing: Vec<&Rendered> = files.iter().filter(differs).collect();
    for (path, _) in &differing {
        eprintln!(
            "error: {} is not what the records give; `cargo compare report` writes it anew",
            path.display()
        );
    }
    let foreign = foreign_pictures(results, id, files)?;
    for path in &foreign {
        eprintln!("error: the records give no {}; remove it", path.display());
    }
    if differing.is_empty() && foreign.is_empty() {
        println!("{} files are what the records give", files.len());
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

/// What lies in a run's folder of pictures and is none of them: an earlier version may have left it.
fn foreign_pictures(results: &Path, id: &str, files: &[Rendered]) -> anyhow::Result<Vec<PathBuf>> {
    let folder = Path::new(id).join(PLOTS);
    let all = results.join(&folder);
    if !all.exists() {
        return Ok(Vec::new());
    }
    let mut foreign = Vec::new();
    for entry in fs::read_dir(&all).with_context(|| format!("cannot read the folder {}", all.display()))? {
        let path = folder.join(entry?.file_name());
        if !files.iter().any(|(known, _)| *known == path) {
            foreign.push(path);
        }
    }
    foreign.sort();
    Ok(foreign)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;

    /// The printed commands write where the run did.
    #[test]
    fn a_run_says_where_it_lies_unless_that_is_the_usual_place_or_a_copy() {
        let mut record = run();
        let flags = |results: &str, record: &ComparisonRecord| {
            let results = Source::workspace().join(results);
            with_its_place(&results, record).config.flags.join(" ")
        };
        assert_eq!(flags("results", &record), "--profile quick");
        assert_eq!(flags("results/with-guests", &record), "--profile quick --results results/with-guests");
        assert_eq!(flags("/nowhere/results", &record), "--profile quick");
        record.config.flags.extend(["--results".to_owned(), "/elsewhere".to_owned()]);
        assert_eq!(flags("results/with-guests", &record), "--profile quick --results /elsewhere");
    }
}
