//! `cargo compare diff` by its exit codes, on copies of a committed run.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::seen;
use crate::servers::COMPARE;

/// A folder of results with the committed run as `old`, and as `new` what `change` makes of each of its files' records.
fn two_runs(change: impl Fn(&str, &mut Value)) -> tempfile::TempDir {
    let results = tempfile::tempdir().unwrap();
    let (run, trials) = seen::committed();
    for name in ["old", "new"] {
        let folder = results.path().join(name);
        fs::create_dir(&folder).unwrap();
        let written = |file: &str, value: Result<Value, serde_json::Error>| {
            let mut value = value.unwrap();
            if name == "new" {
                change(file, &mut value);
            }
            value.to_string()
        };
        fs::write(folder.join("run.json"), written("run", serde_json::to_value(run))).unwrap();
        // Those of hello, which has a closed loop, and of equal-rate, which has an open one: all would take long to read again and again.
        let some = trials
            .iter()
            .filter(|one| ["hello", "equal-rate"].contains(&one.spec.cell.setting.experiment.label()));
        let lines: Vec<String> =
            some.map(|trial| written("trial", serde_json::to_value(trial)) + "\n").collect();
        fs::write(folder.join("trials.jsonl"), lines.concat()).unwrap();
    }
    results
}

fn diff(results: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(COMPARE);
    let output = command.args(["diff", "old", "new", "--results"]).arg(results).args(more).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn is_trial_of(trial: &Value, experiment: &str, contender: &str) -> bool {
    trial["cell"]["experiment"] == experiment && trial["cell"]["contender"] == contender
}

#[test]
fn a_run_is_no_regression_of_itself() {
    let results = two_runs(|_, _| ());
    let (code, stdout, stderr) = diff(results.path(), &[]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stdout.contains("0 broken, 0 slower, 0 faster"), "{stdout}");
}

#[test]
fn a_cell_that_lost_half_is_exit_code_1_and_named() {
    let results = two_runs(|file, value| {
        if file == "trial" && is_trial_of(value, "hello", "async/hyper") {
            let rate = &mut value["load"]["rate"]["achieved_per_sec"];
            *rate = (rate.as_f64().unwrap() / 2.0).into();
        }
    });
    let (code, stdout, stderr) = diff(results.path(), &[]);
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(stdout.contains("regression: hello/c=64 async/hyper: slower"), "{stdout}");
}

#[test]
fn an_open_loop_that_was_offered_less_is_no_regression() {
    let results = two_runs(|file, value| {
        if file == "trial" && value["cell"]["experiment"] == "equal-rate" {
            let half = |value: &mut Value| *value = (value.as_f64().unwrap() / 2.0).into();
            half(&mut value["load"]["rate"]["achieved_per_sec"]);
            half(&mut value["server"]["cpu_s"]);
            let ok = &mut value["load"]["requests"]["ok"];
            *ok = (ok.as_u64().unwrap() / 2).into();
        }
    });
    let (code, stdout, stderr) = diff(results.path(), &[]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
}

#[test]
fn a_server_that_broke_is_exit_code_1_and_named() {
    let results = two_runs(|file, value| {
        if file == "trial" && is_trial_of(value, "hello", "sync/hyper") {
            value["outcome"] = "failed".into();
            value["reason"] = "the server ended under load".into();
        }
    });
    let (code, stdout, stderr) = diff(results.path(), &[]);
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(stdout.contains("regression: hello/c=64 sync/hyper: broken: 0 of"), "{stdout}");
    assert!(stdout.contains("the server ended under load"), "{stdout}");
}

#[test]
fn what_cannot_be_compared_is_exit_code_2() {
    let another = two_runs(|file, value| {
        if file == "run" {
            value["provenance"]["cpu"]["value"] = "Another CPU".into();
        }
    });
    let (code, stdout, stderr) = diff(another.path(), &[]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
    assert!(stderr.contains("is Another CPU") && stderr.contains("--other-machine"), "{stderr}");
    let (code, stdout, stderr) = diff(another.path(), &["--other-machine"]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stdout.contains("not alike: the CPU model was"), "{stdout}");

    fs::write(another.path().join("new/trials.jsonl"), "no record\n").unwrap();
    let (code, _, stderr) = diff(another.path(), &[]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("trials.jsonl, line 1"), "{stderr}");
    fs::remove_dir_all(another.path().join("new")).unwrap();
    assert_eq!(diff(another.path(), &[]).0, Some(2));
}
