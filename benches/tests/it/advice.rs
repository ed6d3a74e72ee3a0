//! `cargo compare advise` on a real run: small, and with its gates opened, because other tests use the machine meanwhile.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use benches::store::list_runs;
use serde_json::Value;

use crate::servers::{self, COMPARE};

fn advise(results: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(COMPARE);
    command.args(["advise", "--io-wait", "10ms", "--clients", "8", "--results"]).arg(results);
    command.args(more).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A run of one block whose every gate is passed.
fn learn(results: &Path) -> String {
    let mut command = servers::compare(results);
    command.args(["--blocks", "1", "--duration", "300ms", "--connections", "8", "--experiment", "waiting"]);
    servers::ends_well(results, &mut command);
    let id = list_runs(results).unwrap().pop().unwrap();
    let trials = results.join(&id).join("trials.jsonl");
    let passed = fs::read_to_string(&trials).unwrap().replace("\"passed\":false", "\"passed\":true");
    fs::write(&trials, passed).unwrap();
    // A pilot that failed its gates has no figures.
    let run = results.join(&id).join("run.json");
    let flown = fs::read_to_string(&run).unwrap();
    let flown = flown.replace("\"cpu_s\": null", "\"cpu_s\": 0.0001");
    fs::write(&run, flown.replace("\"capacity_per_sec\": null", "\"capacity_per_sec\": 10000.0")).unwrap();
    id
}

#[test]
fn what_is_advised_is_measured_and_the_exit_code_is_the_verdict() {
    let results = tempfile::tempdir().unwrap();
    let id = learn(results.path());
    let advised = advise(results.path(), &["--slo-p99", "10s"]);
    let said = text(&advised.stdout);
    assert!(advised.status.success(), "{}", text(&advised.stderr));
    assert!(said.contains(&id) && said.contains("threaded/hyper@8") && said.contains("Take "), "{said}");

    let folder = servers::folder().to_str().unwrap();
    let verified = advise(
        results.path(),
        &["--slo-p99", "10s", "--verify", "--binaries", folder, "--output-format", "json"],
    );
    let advice: Value = serde_json::from_slice(&verified.stdout).expect("one JSON object");
    let seen = &advice["verification"];
    assert_eq!(seen["trials"], 3, "{seen}");
    assert!(seen["requests"].as_u64().unwrap() > 0, "{seen}");
    assert_eq!(verified.status.code(), Some(i32::from(seen["verdict"] != "right")), "{seen}");
    assert_eq!(list_runs(results.path()).unwrap(), [id], "a verification is no run");

    let gone = advise(results.path(), &["--slo-p99", "1s", "--verify", "--binaries", "/no/where"]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(text(&gone.stderr).contains("/no/where"), "{}", text(&gone.stderr));
}

#[test]
fn without_a_run_there_is_no_advice_and_bad_usage_is_named() {
    let results = tempfile::tempdir().unwrap();
    let none = advise(results.path(), &["--slo-p99", "1s"]);
    assert_eq!(none.status.code(), Some(1));
    assert_eq!(text(&none.stderr).lines().count(), 1);
    assert!(text(&none.stderr).contains("cargo compare --profile standard"), "{}", text(&none.stderr));
    for (args, named) in [
        (&[][..], "--slo-p99"),
        (&["--slo-p99", "0s"], "longer than zero"),
        (&["--slo-p99", "1s", "--output-format", "xml"], "json"),
        (&["--slo-p99", "1s", "--binaries", "."], "--verify"),
        (&["--slo-p99", "1s", "--cpu-work", "much"], "--cpu-work"),
    ] {
        let refused = advise(results.path(), args);
        assert_eq!(refused.status.code(), Some(2), "{args:?}");
        assert!(text(&refused.stderr).contains(named), "{args:?}: {}", text(&refused.stderr));
    }
}
