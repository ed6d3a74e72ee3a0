//! The binary as a user meets it: outputs as a whole, exit codes, signals.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};

use assert_cmd::assert::OutputAssertExt;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
use loadgen::RunRecord;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::server::{Reply, Server};

pub(crate) fn loadgen(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadgen"));
    command.args(args);
    command
}

/// What a terminal would show: exit code, standard output, standard error.
pub(crate) fn transcript(args: &[&str]) -> String {
    let output = loadgen(args).output().expect("the binary runs");
    let code = output.status.code().expect("no signal");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("$ loadgen {}\n{out}{err}exit code {code}\n", args.join(" "))
}

/// Figures that differ from run to run.
fn steady(text: &str, snapshot: impl FnOnce(&str)) {
    let mut filters = vec![
        (r"127\.0\.0\.1:\d{4,5}", "127.0.0.1:PORT"),
        (r"\d+(\.\d+)? (ns|µs|ms|s)\b", "TIME"),
        (r"\d+\.\d valid", "RATE valid"),
        (r"Warning: client-bound.*\n", ""),
        (r"Verdict      .*\n(  because .*\n)*", "Verdict\n"),
        (r" +\(TIME to TIME\)", " (INTERVAL)"),
        (
            r#""(cpu_user_s|cpu_system_s|cpu_waited_s|duration_s|achieved_per_sec|cpu_share)": [\d.e-]+"#,
            r#""$1": FIGURE"#,
        ),
        (r#""runs": \[[^\]]*\]"#, r#""runs": NAMES"#),
        (r#""started_at": "[^"]*""#, r#""started_at": TIME_OF_DAY"#),
        (r#""(wakes|events_per_wake|sent_per_wake|min|median|max)": [\d.]+"#, r#""$1": FIGURE"#),
        (r"Served       .*\n", "Served       FIGURES\n"),
        (r"; \d+\.\d answers a wake-up, \d+\.\d requests", "; BATCHING"),
        (r#""(p50|max|mean)_ns": \d+"#, r#""${1}_ns": FIGURE"#),
        (r#""(histogram|histogram_censored)": "[^"]+""#, r#""$1": BASE64"#),
        (r#"(?s)"cpu_sleep": \{[^}]*\}"#, r#""cpu_sleep": SLEEP"#),
        (r#""warnings": \[[^\]]*\]"#, r#""warnings": WARNINGS"#),
        (
            r#"(?s)"verdict": \{.*\},\n  "server"#,
            r#""verdict": VERDICT,
  "server"#,
        ),
        (r#"(?s)"p50_ns": \[[^\]]*\]"#, r#""p50_ns": INTERVAL"#),
    ];
    if text.contains("through reqwest") {
        // How many connections its pool makes for three callers at once is a race.
        filters.extend([(r"\d reopened", "SOME reopened"), (r"(?m)^Connect .*\n", "")]);
    }
    insta::with_settings!({filters => filters, omit_expression => true}, { snapshot(text) });
}

#[test]
fn help() {
    insta::assert_snapshot!(transcript(&["--help"]));
}

#[test]
fn mistakes_are_one_line_and_exit_code_2() {
    let url = "http://127.0.0.1:8080/World";
    let reqwest = "--transport=reqwest";
    let mistakes: [&[&str]; 31] = [
        &[],
        &["World"],
        &["127.0.0.1:8080/World"],
        &["https://127.0.0.1:8080/World"],
        &["ftp://127.0.0.1:8080/World", reqwest],
        &[url, reqwest, "--insecure"],
        &[url, reqwest, "--spin", "-R", "5"],
        &[url, reqwest, "--connect", "one-by-one"],
        &[url, reqwest, "--connect-rate", "5"],
        &["http://127.0.0.1:0/World"],
        &["http://me@127.0.0.1/World"],
        &[url, "--rate", "0"],
        &[url, "--rate", "many"],
        &[url, "--rate", "1:2:3"],
        &[url, "--rate", "1e12"],
        &[url, "--rate", "1:2", "-n", "5"],
        &[url, "--spin"],
        &[url, "--seed", "1"],
        &[url, "--max-error-rate", "101%"],
        &[url, "-c", "0"],
        &[url, "-c", "-1"],
        &[url, "-c", "many"],
        &[url, "-t", "0"],
        &[url, "-t", "3", "-c", "2"],
        &[url, "-n", "0"],
        &[url, "-d", "0s"],
        &[url, "-d", "soon"],
        &[url, "-d", "1s", "-n", "5"],
        &[url, "--timeout", "0"],
        &[url, "--expect-status", "99"],
        &[url, "--expect-body", "x", "--no-validate"],
    ];
    let mut all = String::new();
    for args in mistakes {
        let output = loadgen(args).output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1, "{args:?}");
        writeln!(all, "{}", transcript(args)).expect("a String takes every byte");
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_closed_port_is_one_line_that_says_what_to_do() {
    // Bound and never listened on again: nobody else gets the port in between.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/World", listener.local_addr().expect("a bound socket"));
    drop(listener);
    steady(&transcript(&[&url]), |text| insta::assert_snapshot!(text));
}

#[test]
fn more_connections_than_the_system_allows_is_one_line() {
    let line = transcript(&["http://127.0.0.1:9/World", "-c", "1000000000000"]);
    insta::with_settings!({filters => [(r"hard limit is \d+", "hard limit is LIMIT")]}, {
        insta::assert_snapshot!(line);
    });
}

#[test]
fn a_wrong_first_status_is_one_line_that_says_what_to_do() {
    let server = Server::start(|_| Reply::raw("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"));
    steady(&transcript(&[&server.url()]), |text| {
        insta::assert_snapshot!(text);
    });
}

#[test]
fn a_good_run_as_text() {
    let server = Server::start(|_| Reply::greeting());
    let text = transcript(&[&server.url(), "-c", "3", "-n", "300"]);
    steady(&text, |text| insta::assert_snapshot!(text));
}

#[test]
fn a_run_through_reqwest_as_text() {
    let server = Server::start(|_| Reply::greeting());
    let text = transcript(&[&server.url(), "-c", "3", "-n", "300", "--transport", "reqwest"]);
    steady(&text, |text| insta::assert_snapshot!(text));
}

#[test]
fn an_open_loop_as_text() {
    let server = Server::start(|_| Reply::greeting());
    let args = ["-c", "3", "-n", "300", "-R", "1000", "--seed", "7", "--warmup", "50ms"];
    let text = transcript(&[&[server.url().as_str()][..], &args].concat());
    // Whether a busy machine lets the generator be on time is not for this test to say.
    let text = text.replace("exit code 4", "exit code 0");
    steady(&text, |text| insta::assert_snapshot!(text));
}

#[test]
fn a_run_is_told_second_by_second() {
    let server = Server::start(|_| Reply::greeting());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("run.hlog");
    let url = server.url();
    let args = ["-c", "4", "-t", "2", "-d", "2500ms", "--timeseries", "--output-format", "json", "--hdr"];
    let output =
        loadgen(&[&[url.as_str()], &args[..]].concat()).arg(&file).output().expect("the binary runs");
    let record: RunRecord = serde_json::from_slice(&output.stdout).expect("a record");
    let seconds = record.timeseries.expect("as asked for");
    let lengths: Vec<_> = seconds.iter().map(|second| second.length_s).collect();
    assert_eq!(lengths, [1.0, 1.0, 0.5]);
    assert_eq!(seconds.iter().map(|second| second.ok).sum::<u64>(), record.requests.ok);
    // The file holds the same answers, by the reader of another hand.
    let log = std::fs::read(&file).expect("a file");
    let mut answers = 0;
    for entry in IntervalLogIterator::new(&log) {
        if let Ok(LogEntry::Interval(interval)) = entry {
            let bytes = STANDARD.decode(interval.encoded_histogram()).expect("base64");
            let histogram: Histogram<u64> =
                Deserializer::new().deserialize(&mut &bytes[..]).expect("V2 deflate");
            answers += histogram.len();
        }
    }
    assert_eq!(answers, record.requests.ok);
}

#[test]
fn objectives_decide_the_exit_code() {
    let server =
        Server::start(|seen| Reply::ok(if seen.request % 10 == 9 { "No." } else { "Hello, World!" }));
    let url = server.url();
    let exit = |more: &[&str]| {
        let output = loadgen(&[&[url.as_str(), "-c", "1", "-n", "1000"], more].concat()).output();
        output.expect("the binary runs").status.code()
    };
    assert_eq!(exit(&[]), Some(1));
    assert_eq!(exit(&["--max-error-rate", "11%"]), Some(0));
    assert_eq!(exit(&["--max-error-rate", "0.09"]), Some(3));
    // With 900 answers there is no p99, so nobody can say that it is kept.
    assert_eq!(exit(&["--max-error-rate", "11%", "--slo-p99", "1h"]), Some(3));
}

#[test]
fn a_load_that_was_not_the_one_asked_for_is_exit_code_4() {
    // Two of three connections are never answered.
    let server = Server::start(|seen| if seen.connection > 0 { Reply::silence() } else { Reply::greeting() });
    let args = [&server.url(), "-c", "3", "-d", "200ms", "--timeout", "200ms", "--max-error-rate", "0"];
    let output = loadgen(&args).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(4));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("Verdict      INVALID\n  because 1 of 3 connections were held"), "{text}");
}

#[test]
fn a_run_with_errors_is_reported_and_fails() {
    let server = Server::start(|seen| Reply::ok(if seen.request == 7 { "No." } else { "Hello, World!" }));
    let text = transcript(&[&server.url(), "-c", "1", "-n", "50", "-t", "1"]);
    steady(&text, |text| insta::assert_snapshot!(text));
}

#[test]
fn a_good_run_as_json_is_the_record_alone() {
    let server = Server::start(|_| Reply::greeting());
    let args = [&server.url(), "-c", "3", "-n", "300", "--output-format", "json"];
    let assert = loadgen(&args).assert().success().stderr("");
    let text = String::from_utf8(assert.get_output().stdout.clone()).expect("JSON is text");
    let record: RunRecord = serde_json::from_str(&text).expect("a record");
    assert_eq!(record.requests.ok, 300);
    steady(&text, |text| insta::assert_snapshot!(text));
}

/// A server that tells when a run is well under way.
pub(crate) fn telling_server() -> (Server, Receiver<()>) {
    let (sender, under_way) = mpsc::channel();
    let sender = Mutex::new(sender);
    let server = Server::start(move |seen| {
        if seen.request == 50 {
            // The test may have heard it from another connection already.
            let _ = sender.lock().expect("no test thread has panicked").send(());
        }
        Reply::greeting()
    });
    (server, under_way)
}

#[test]
fn a_signal_ends_the_run_with_its_report_and_its_exit_code() {
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let (server, under_way) = telling_server();
        let mut command = loadgen(&[&server.url(), "-c", "2", "-d", "10m", "--output-format", "json"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
        under_way.recv().expect("the server lives");
        kill(Pid::from_raw(child.id().try_into().expect("a process id")), signal).expect("the child lives");
        let output = child.wait_with_output().expect("the child ends");
        assert_eq!(output.status.code(), Some(code));
        let record: RunRecord = serde_json::from_slice(&output.stdout).expect("a record");
        assert!(record.interrupted);
        assert!(record.requests.ok > 0);
    }
}
