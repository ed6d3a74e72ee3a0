//! The results that are committed: whatever this program can read is what it would render again.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use benches::store::{is_readable, list_runs};

use crate::servers;

#[test]
fn committed_pages_are_what_their_records_give() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("results");
    assert_rendered(&results);
    assert_rendered(&results.join("with-guests"));
}

/// What the README shows is what a reader sees who renders the run that it names, trailing spaces apart. The newest may be the reader's own.
#[test]
fn the_readme_shows_the_verdicts_of_the_committed_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let runs = list_runs(&root.join("results")).unwrap();
    let named = runs.iter().find(|id| readme.contains(&format!("(results/{id}/README.md)")));
    let id = named.expect("README.md links to the run whose verdicts it shows");
    let results = tempfile::tempdir().unwrap();
    copy_run(&root.join("results").join(id), results.path());
    let mut command = Command::new(servers::COMPARE);
    let output = command.args(["report", "--results"]).arg(results.path()).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let (shown, of_the_run) = (verdicts_in(&readme), verdicts_in(&printed));
    assert_eq!(
        shown,
        of_the_run,
        "replace the table in README.md by the second one:\n{}",
        of_the_run.join("\n")
    );
}

/// From the first line of a terminal's table of verdicts to its last.
fn verdicts_in(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let is_rule = |line: &str| !line.is_empty() && line.chars().all(|letter| letter == '─');
    let first = lines.iter().position(|line| is_rule(line)).expect("a table of verdicts");
    let last = lines.iter().rposition(|line| is_rule(line)).expect("a table of verdicts");
    lines[first..=last].to_vec()
}

/// The newest committed run that this program can read.
fn newest(results: &Path) -> String {
    let is_of_now = |id: &String| is_readable(&results.join(id));
    list_runs(results).unwrap().into_iter().rfind(is_of_now).unwrap()
}

fn copy_run(run: &Path, into: &Path) {
    assert!(Command::new("cp").arg("-R").arg(run).arg(into).status().unwrap().success());
}

fn assert_rendered(results: &Path) {
    for id in list_runs(results).unwrap() {
        // Runs of an earlier schema keep the pages that they were rendered with.
        if !is_readable(&results.join(&id)) {
            assert!(results.join(&id).join("README.md").is_file(), "{id} has no page");
            continue;
        }
        let output = check(results, &id);
        assert!(output.status.success(), "{id}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

fn check(results: &Path, id: &str) -> Output {
    let mut command = Command::new(servers::COMPARE);
    command.args(["report", id, "--check", "--results"]).arg(results).output().unwrap()
}

/// Pages and pictures of a copy that were altered, lost or added are each named, and nothing else is.
#[test]
fn what_the_records_do_not_give_is_named() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("results");
    let id = newest(&committed);
    let results = tempfile::tempdir().unwrap();
    copy_run(&committed.join(&id), results.path());
    let rendered = Command::new(servers::COMPARE).args(["report", "--results"]).arg(results.path()).output();
    assert!(rendered.unwrap().status.success());
    assert!(check(results.path(), &id).status.success());

    let plots = results.path().join(&id).join("plots");
    let mut pictures: Vec<_> = fs::read_dir(&plots).unwrap().map(|entry| entry.unwrap().path()).collect();
    pictures.sort();
    let [altered, lost, ..] = pictures.as_slice() else { panic!("{pictures:?}") };
    let page = results.path().join(&id).join("README.md");
    let html = results.path().join(&id).join("report.html");
    for path in [altered, &page, &html] {
        let text = fs::read_to_string(path).unwrap();
        let changed = text.replacen("async", "sync", 1);
        assert_ne!(text, changed, "{}", path.display());
        fs::write(path, changed).unwrap();
    }
    fs::remove_file(lost).unwrap();
    fs::write(plots.join("of-another-run.svg"), "<svg/>").unwrap();

    let output = check(results.path(), &id);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    for path in [altered, lost, &page, &html] {
        let path = path.strip_prefix(results.path()).unwrap().display();
        assert!(stderr.contains(&format!("error: {path} is not what the records give")), "{stderr}");
    }
    assert!(stderr.contains("plots/of-another-run.svg; remove it"), "{stderr}");
    assert_eq!(stderr.lines().count(), 5, "{stderr}");
}
