//! What is kept, and what is refused.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::testing::{measured, measurement, run, trials};

#[test]
fn a_run_is_read_back_as_it_was_kept() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    let run = run();
    let trials = trials(|spec| measured(measurement(1_000.0 + spec.position as f64)));
    let mut folder = store.begin(&run).unwrap();
    for trial in &trials {
        folder.append(trial).unwrap();
    }
    let written = store.write("README.md", "text\n").unwrap();
    assert_eq!(fs::metadata(written).unwrap().permissions().mode() & 0o777, 0o644);
    assert_eq!(list_runs(root.path()).unwrap(), [run.id.as_str()]);
    assert_eq!(read_run(&root.path().join(&run.id)).unwrap(), (run, trials));
}

#[test]
fn a_torn_last_line_is_left_out_and_a_bad_one_is_named() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    let run = run();
    let mut folder = store.begin(&run).unwrap();
    let kept = trials(|_| measured(measurement(1_000.0)));
    folder.append(&kept[0]).unwrap();
    let path = root.path().join(&run.id).join(TRIALS);
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"{\"schema_version\":2,\"blo").unwrap();
    assert_eq!(read_run(&root.path().join(&run.id)).unwrap().1, kept[..1]);
    file.write_all(b"ck\n").unwrap();
    let error = read_run(&root.path().join(&run.id)).unwrap_err().to_string();
    assert!(error.contains("trials.jsonl, line 2"), "{error}");
}

#[test]
fn two_comparisons_cannot_share_a_folder() {
    let root = tempfile::tempdir().unwrap();
    let first = Store::open(root.path()).unwrap();
    assert!(matches!(Store::open(root.path()), Err(StoreError::Busy(_))));
    drop(first);
    assert!(Store::open(root.path()).is_ok());
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Store::open(&file.path().join("results")).unwrap_err().to_string();
    assert!(error.contains("cannot write") && error.contains("--results"), "{error}");
}

#[test]
fn a_run_that_died_is_gone_on_with_behind_its_last_whole_line() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    let run = run();
    let all = trials(|_| measured(measurement(1_000.0)));
    let mut folder = store.begin(&run).unwrap();
    folder.append(&all[0]).unwrap();
    folder.trials.write_all(b"{\"torn").unwrap();
    drop(folder);
    let mut folder = store.reopen(&run.id).unwrap();
    folder.append(&all[1]).unwrap();
    assert_eq!(read_run(&root.path().join(&run.id)).unwrap().1, all[..2]);
}

#[test]
fn records_of_another_version_are_named_and_not_guessed_at() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    let run = run();
    store.begin(&run).unwrap();
    let folder = root.path().join(&run.id);
    assert!(is_readable(&folder));
    let path = folder.join(RUN);
    fs::write(
        &path,
        fs::read_to_string(&path).unwrap().replace("\"schema_version\": 2", "\"schema_version\": 1"),
    )
    .unwrap();
    assert!(!is_readable(&folder));
    let error = read_run(&folder).unwrap_err().to_string();
    assert!(error.contains("schema version 1") && error.contains("reads 2"), "{error}");
}

#[test]
fn a_trial_of_a_contender_that_the_run_does_not_have_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    let mut run = run();
    run.config.contenders.retain(|one| one.label != "async/axum");
    store.begin(&run).unwrap();
    let error = read_run(&root.path().join(&run.id)).unwrap_err().to_string();
    assert!(error.contains("async/axum"), "{error}");
}

#[test]
fn a_trial_of_another_version_is_named_even_where_it_does_not_parse() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    let run = run();
    let mut folder = store.begin(&run).unwrap();
    let mut trial = trials(|_| measured(measurement(1_000.0))).remove(0);
    trial.schema_version = SCHEMA_VERSION + 1;
    folder.append(&trial).unwrap();
    let path = root.path().join(&run.id);
    let told = || read_run(&path).unwrap_err().to_string();
    assert!(told().contains("trials.jsonl has schema version 3"), "{}", told());
    fs::write(path.join(TRIALS), "{\"schema_version\":1}\n").unwrap();
    assert!(told().contains("trials.jsonl has schema version 1"), "{}", told());
}

#[test]
fn a_run_without_trials_is_read_and_gone_on_with() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    let run = run();
    store.begin(&run).unwrap();
    let path = root.path().join(&run.id);
    // As an earlier version left it when it was killed between its two files.
    fs::remove_file(path.join(TRIALS)).unwrap();
    assert_eq!(read_run(&path).unwrap(), (run.clone(), Vec::new()));
    let trial = trials(|_| measured(measurement(1_000.0))).remove(0);
    store.reopen(&run.id).unwrap().append(&trial).unwrap();
    assert_eq!(read_run(&path).unwrap(), (run, vec![trial]));
}

#[test]
fn what_a_run_left_that_never_began_is_removed_and_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    let make = |name: &str, files: &[(&str, &str)]| {
        fs::create_dir(root.path().join(name)).unwrap();
        for (file, content) in files {
            fs::write(root.path().join(name).join(file), content).unwrap();
        }
    };
    make("2026-01-02T03-04-05Z", &[]);
    make("2026-01-02T03-04-06Z", &[(TRIALS, ""), (".tmpAbc", "{")]);
    make("2026-01-02T03-04-07Z", &[(TRIALS, "{}\n")]);
    make("2026-01-02T03-04-08Z", &[("notes", "")]);
    make("2026-01-02T03-04-09Z", &[(RUN, "{}")]);
    make("mine", &[]);
    drop(Store::open(root.path()).unwrap());
    let mut left: Vec<String> = fs::read_dir(root.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name != LOCK)
        .collect();
    left.sort();
    assert_eq!(left, ["2026-01-02T03-04-07Z", "2026-01-02T03-04-08Z", "2026-01-02T03-04-09Z", "mine"]);
}

#[test]
fn each_session_is_kept_beside_the_run() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path()).unwrap();
    let mut run = run();
    let folder = store.begin(&run).unwrap();
    for trials in [3, 5] {
        let session = Session::of(&run.provenance, trials, vec!["the kernel was 1 and is 2".to_owned()]);
        folder.resumed(&session).unwrap();
        run.sessions.push(session);
    }
    assert_eq!(read_run(folder.path()).unwrap().0, run);
}
