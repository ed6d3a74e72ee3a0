//! Files that cannot be written or read, flags that cannot be meant, and flags by their other names.

use loadgen::RunRecord;
use loadgen::record::StopRecord;

use crate::program::{loadgen, transcript};
use crate::server::{Reply, Server};

#[test]
fn a_full_disk_costs_the_log_and_not_the_record() {
    let server = Server::start(|_| Reply::greeting());
    let args = [&server.url(), "-c", "2", "-n", "300", "--hdr", "/dev/full", "--output-format", "json"];
    let output = loadgen(&args).output().expect("the binary runs");
    let record: RunRecord = serde_json::from_slice(&output.stdout).expect("a record");
    assert_eq!(record.requests.ok, 300);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--hdr is not whole"));
}

#[test]
fn what_cannot_be_written_is_noticed_before_anybody_is_asked() {
    // Nobody listens there: that it is the file which is complained of shows that nothing was sent.
    for flag in ["-o", "--hdr"] {
        let text = transcript(&["http://127.0.0.1:9/World", flag, "/nowhere/at/all"]);
        assert!(text.contains("cannot write /nowhere/at/all") && text.ends_with("exit code 1\n"), "{text}");
    }
    let text = transcript(&["http://127.0.0.1:9/World", "--start-at", "1000"]);
    assert!(text.contains("--start-at has passed") && text.ends_with("exit code 2\n"), "{text}");
    let text = transcript(&["http://127.0.0.1:9/World", "-m", "HEAD", "--expect-body", "x"]);
    assert!(text.contains("HEAD has no body") && text.ends_with("exit code 2\n"), "{text}");
}

#[test]
fn flags_have_the_short_names_of_other_generators() {
    let server = Server::start(|_| Reply::greeting());
    let args = [&server.url(), "-c", "2", "-z", "300ms", "-q", "100", "--output-format", "json"];
    let output = loadgen(&args).output().expect("the binary runs");
    let record: RunRecord = serde_json::from_slice(&output.stdout).expect("a record");
    assert_eq!(record.plan.stop, StopRecord::AfterS(0.3));
    assert_eq!(record.rate.target_per_sec, Some(100.0));
}

#[test]
fn a_record_of_a_later_schema_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(|_| Reply::greeting());
    let record = loadgen::measure(&server.plan(1, 10)).expect("a run");
    let path = folder.path().join("later.json").display().to_string();
    let later = RunRecord { schema_version: 99, ..record };
    std::fs::write(&path, serde_json::to_vec(&later).expect("JSON")).expect("a file");
    let text = transcript(&["merge", &path]);
    assert!(text.contains("version 99 of the record's schema") && text.ends_with("exit code 1\n"), "{text}");
}

#[test]
fn flags_without_effect_on_a_search_are_refused() {
    let useless: [&[&str]; 6] = [
        &["--rate", "5"],
        &["-n", "5"],
        &["--hdr", "/dev/null"],
        &["--timeseries"],
        &["--start-at", "2100-01-01T00:00:00Z"],
        &["--from", "10"],
    ];
    for args in useless {
        let all = [&["max", "http://127.0.0.1:9/World", "--slo-p99", "1s"], args].concat();
        let text = transcript(&all);
        assert!(text.contains("see loadgen max --help") && text.ends_with("exit code 2\n"), "{text}");
    }
    // Spinning has an effect: what is complained of is that nobody listens.
    let text = transcript(&["max", "http://127.0.0.1:9/World", "--slo-p99", "1s", "--spin"]);
    assert!(text.contains("cannot connect") && text.ends_with("exit code 1\n"), "{text}");
}
