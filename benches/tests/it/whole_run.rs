//! A whole comparison, small: real processes, real sockets, real records, real tables.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use benches::contender::{Contender, Model};
use benches::gates::{Checked, Gate};
use benches::matrix::{Beside, Experiment};
use benches::record::{ComparisonRecord, Outcome, TrialRecord};
use benches::store::{list_runs, read_run};
use loadgen::ErrorClass;
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
    let mut command = servers::compare(results.path());
    command.args(["--blocks", "1", "--duration", "300ms", "--connections", "4"]);
    let output = servers::ends_well(results.path(), &mut command);

    let (folder, run, trials) = the_run(results.path());
    // Hello and one wait, each with one server twice.
    assert_eq!(trials.len(), 2 * (Contender::all_of_ours().len() + 1));
    assert_eq!(run.binaries.len(), 3);
    // On a machine that does other work a pilot has its gates instead of figures, and nothing is predicted from it.
    for pilot in &run.pilots {
        assert_eq!(pilot.cpu_s.is_none(), pilot.reason.is_some(), "{pilot:?}");
        assert!(pilot.cpu_s.is_some() || pilot.gates.iter().any(Checked::failed), "{pilot:?}");
    }
    for one in &run.planned {
        let pilot = run.pilots.iter().find(|pilot| pilot.base == run.contender(&one.cell.contender).base);
        assert_eq!(one.prediction.at_most_per_sec.is_some(), pilot.unwrap().cpu_s.is_some(), "{one:?}");
    }
    for trial in &trials {
        let Outcome::Measured(measurement) = &trial.outcome else { panic!("{trial:?}") };
        let requests = &measurement.load.requests;
        assert_eq!(requests.sent, requests.ok + requests.failed() + requests.in_flight);
        assert_eq!(requests.scheduled, requests.sent + requests.shed + requests.unsent);
        // The one-at-a-time server on hyper closes a connection whose client is silent for 2 ms while others wait: on a busy
        // machine a client may send just then.
        let closed = if trial.spec.cell.contender == "sync/hyper" {
            requests.errors[&ErrorClass::ClosedEarly]
        } else {
            0
        };
        assert!(
            requests.ok > 0 && requests.failed() == closed && closed * 20 < requests.sent,
            "{requests:?}"
        );
        assert_eq!(measurement.load.connections.held, 4);
        assert!(measurement.load.plan.warmup_s >= 0.05, "{} s", measurement.load.plan.warmup_s);
        assert_eq!(measurement.server_cpus, run.placement.server_cpus);
        assert!(measurement.server.rss_bytes > 0 && measurement.server.threads > 0);
        assert!(measurement.server.switches.is_some());
        let contender = run.contender(&trial.spec.cell.contender);
        if !trial.spec.cell.setting.work.wait().is_zero() {
            let at_a_time = if contender.model == Model::Sync { 1 } else { 4 };
            assert_eq!(measurement.peak_in_flight, Some(at_a_time), "{}", contender.label);
            let rate = measurement.load.rate.achieved_per_sec;
            let at_most = 100.0 * at_a_time as f64;
            assert!(rate <= at_most * 1.2, "a wait of 10 ms was not waited for: {rate} requests/s");
        }
    }

    let code = run.code.as_ref().expect("what the servers are made of is found out with every experiment");
    assert_eq!(code.servers.len(), 3);
    for server in &code.servers {
        assert_eq!(server.binary_bytes, run.binaries[&server.own.package].bytes);
        assert!(
            server.build.is_none() && server.build_missing.is_some(),
            "the quick profile builds nothing anew"
        );
    }

    let index = fs::read_to_string(results.path().join("README.md")).unwrap();
    assert!(index.contains(Experiment::Code.title()), "{index}");
    let page = fs::read_to_string(folder.join("README.md")).unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let (_, end) = stdout.split_once("the articles say").expect("the verdicts are printed");
    assert!(end.contains("C7") && end.trim_end().ends_with("report.html"), "{end}");
    for contender in Contender::all_of_ours() {
        for text in [&index, &page, stdout.as_ref()] {
            assert!(text.contains(&contender.label), "{} is missing in {text}", contender.label);
        }
    }
    let report = |more: &[&str]| {
        std::process::Command::new(servers::COMPARE)
            .args(["report", "--results"])
            .arg(results.path())
            .args(more)
            .output()
            .unwrap()
    };
    assert!(report(&[]).status.success());
    let again = fs::read_to_string(results.path().join("README.md")).unwrap();
    assert_eq!(again, index, "rendered twice, not the same");
    assert!(report(&["--check"]).status.success());
}

/// Small trials of everything that `standard` has and `quick` has not, with the figures that only they have.
#[test]
fn every_experiment_can_be_carried_out() {
    let results = tempfile::tempdir().unwrap();
    let mut command = servers::compare(results.path());
    command.args(["--profile", "standard", "--blocks", "1", "--duration", "200ms", "--connections", "8"]);
    for experiment in Experiment::ALL {
        let elsewhere = matches!(experiment, Experiment::Hello | Experiment::Waiting | Experiment::Users);
        let without_load = matches!(experiment, Experiment::Code | Experiment::Own);
        if !elsewhere && !without_load {
            command.args(["--experiment", experiment.label()]);
        }
    }
    for contender in ["threaded/hyper@8", "async/hyper"] {
        command.args(["--contender", contender]);
    }
    let output = command.output().unwrap();
    let (_, run, trials) = the_run(results.path());
    // A share of a capacity can be offered only if the pilot that shows it passed its gates, which it may not where others use the machine.
    let no_rate = |trial: &TrialRecord| matches!(&trial.outcome, Outcome::Failed { reason } if reason.contains("offered rate is not known"));
    let doubted = run.pilots.iter().any(|pilot| pilot.gates.iter().any(Checked::failed));
    let complete = !trials.iter().any(no_rate);
    assert!(complete || doubted, "{:?}", run.pilots);
    assert_eq!(output.status.success(), complete, "{}", String::from_utf8_lossy(&output.stderr));
    for trial in trials.iter().filter(|trial| !no_rate(trial)) {
        let cell = &trial.spec.cell;
        let Outcome::Measured(it) = &trial.outcome else { panic!("{trial:?}") };
        // A pool that is full of slow requests answers no other: that is what it shows.
        assert!(it.load.requests.ok > 0 || cell.setting.beside != Beside::Nothing, "{}", cell.label());
        let wrong = it.gates.iter().find(|one| one.gate == Gate::Contract && one.failed());
        assert!(wrong.is_none(), "{}: {wrong:?}", cell.label());
        let slow_requests = matches!(cell.setting.beside, Beside::SlowRequests(_));
        assert_eq!(it.beside.is_some(), slow_requests, "{}", cell.label());
        if cell.setting.work.block_the_loop {
            assert_eq!(it.peak_in_flight, Some(run.placement.server_cpus.len()), "{}", cell.label());
        }
    }
    let index = fs::read_to_string(results.path().join("README.md")).unwrap();
    assert!(index.contains("offered/s") || !complete, "{index}");
    // What is kept is told of valid rows, and a machine that does other work has none.
    assert!(index.contains("kept (95 %)") || index.contains("**no** (0/1)"), "{index}");
    for picture in index.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(results.path().join(picture).is_file(), "{picture} is not there");
    }
    let html = fs::read_to_string(results.path().join(&run.id).join("report.html")).unwrap();
    assert!(html.contains("<title>") && html.contains("</html>"));
}

#[test]
fn a_server_that_dies_under_load_fails_its_cell_and_the_others_go_on() {
    let results = tempfile::tempdir().unwrap();
    let mut command = servers::compare(results.path());
    command.args(["--blocks", "1", "--duration", "1s", "--connections", "16", "--experiment", "hello"]);
    let mut runner = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(runner.stderr.take().unwrap());
    let mut told = String::new();
    // The pilots load servers too; this is the last of them.
    while !told.contains("pilot async/hyper") {
        assert!(stderr.read_line(&mut told).unwrap() > 0, "{told}");
    }
    // tiny_http has a thread for each connection, and the conformance kit before the load opens one at a time.
    let under_load = |stat: &Stat| stat.comm == "sync-server" && stat.num_threads > 16;
    kill(servers::server_of(runner.id(), under_load), Signal::SIGKILL).unwrap();
    stderr.read_to_string(&mut told).unwrap();
    assert_eq!(runner.wait().unwrap().code(), Some(1), "{told}");
    let (_, _, trials) = the_run(results.path());
    assert_eq!(trials.len(), 7, "the others go on");
    let failed: Vec<&TrialRecord> =
        trials.iter().filter(|trial| matches!(trial.outcome, Outcome::Failed { .. })).collect();
    // On a busy machine another one may fail for a reason of its own.
    assert!(told.contains(&format!("{} of 7 trials failed", failed.len())), "{told}");
    let killed = failed.iter().find(|trial| trial.spec.cell.contender == "sync/tiny-http");
    assert!(killed.is_some() && failed.len() < trials.len(), "{failed:?}");
    let index = fs::read_to_string(results.path().join("README.md")).unwrap();
    assert!(index.contains("the server ended under load (signal: 9 (SIGKILL))"), "{index}");
}
