//! A whole comparison, small: real processes, real sockets, real records, real tables.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use benches::contender::Contender;
use benches::record::{ComparisonRecord, Outcome, TrialRecord};
use benches::store::{list_runs, read_run};
use benches::workload::Workload;
use contract::Model;
use nix::sys::signal::{Signal, kill};
use procfs::process::Stat;

use crate::servers;

fn the_run(results: &Path) -> (PathBuf, ComparisonRecord, Vec<TrialRecord>) {
    let runs = list_runs(results).unwrap();
    assert_eq!(runs.len(), 1, "{runs:?}");
    let folder = results.join(&runs[0]);
    let (run, trials) = read_run(&folder).unwrap();
    (folder, run, trials)
}

#[test]
fn every_server_is_measured_and_the_sums_hold() {
    let results = tempfile::tempdir().unwrap();
    let output = servers::compare(results.path())
        .args(["--blocks", "1", "--duration", "300ms", "--connections", "4"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let (folder, run, trials) = the_run(results.path());
    assert_eq!(trials.len(), Workload::ALL.len() * Contender::ALL.len());
    assert_eq!(run.binaries.len(), 3);
    for trial in &trials {
        let Outcome::Measured(measurement) = &trial.outcome else { panic!("{trial:?}") };
        let requests = &measurement.load.requests;
        assert_eq!(requests.sent, requests.ok + requests.failed() + requests.in_flight);
        assert_eq!(requests.scheduled, requests.sent + requests.shed + requests.unsent);
        assert!(requests.ok > 0 && requests.failed() == 0, "{requests:?}");
        assert_eq!(measurement.load.connections.held, 4);
        assert_eq!(measurement.server_cpus, run.placement.server_cpus);
        assert!(measurement.server.rss_bytes > 0 && measurement.server.threads > 0);
        if trial.spec.workload == Workload::IoWait10ms {
            let at_most = if trial.spec.contender.model() == Model::Sync { 100.0 } else { 400.0 };
            let rate = measurement.load.rate.achieved_per_sec;
            assert!(rate <= at_most * 1.2, "a wait of 10 ms was not waited for: {rate} requests/s");
        }
    }

    let index = fs::read_to_string(results.path().join("README.md")).unwrap();
    let page = fs::read_to_string(folder.join("README.md")).unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    for contender in Contender::ALL {
        for text in [&index, &page, stdout.as_ref()] {
            assert!(text.contains(contender.label()), "{} is missing in {text}", contender.label());
        }
    }
    let again = std::process::Command::new(servers::COMPARE)
        .args(["report", "--results"])
        .arg(results.path())
        .output()
        .unwrap();
    assert!(again.status.success());
    assert_eq!(
        fs::read_to_string(results.path().join("README.md")).unwrap(),
        index,
        "rendered twice, not the same"
    );
}

#[test]
fn a_server_that_dies_under_load_fails_its_cell_and_the_others_go_on() {
    let results = tempfile::tempdir().unwrap();
    let mut command = servers::compare(results.path());
    command.args(["--blocks", "1", "--duration", "1s", "--connections", "16", "--workload", "hello"]);
    let runner = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    // tiny_http has a thread for each connection, and the conformance kit before the load opens one at a time.
    let under_load = |stat: &Stat| stat.comm == "sync-server" && stat.num_threads > 16;
    kill(servers::server_of(runner.id(), under_load), Signal::SIGKILL).unwrap();
    let output = runner.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("1 of 6 trials failed"), "{stderr}");

    let (_, _, trials) = the_run(results.path());
    for trial in &trials {
        let failed = matches!(trial.outcome, Outcome::Failed { .. });
        assert_eq!(failed, trial.spec.contender == Contender::SyncTinyHttp, "{trial:?}");
    }
    let index = fs::read_to_string(results.path().join("README.md")).unwrap();
    assert!(index.contains("the server ended under load (signal: 9 (SIGKILL))"), "{index}");
}
