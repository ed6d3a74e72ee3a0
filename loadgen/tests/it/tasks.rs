//! The binary's tasks other than a run: searching, merging, comparing.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use assert_cmd::assert::OutputAssertExt;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::program::{loadgen, transcript};
use crate::server::{Reply, Server};

#[test]
fn a_search_for_the_highest_rate_says_what_it_does_and_can_be_ended() {
    let server = Server::start(|_| Reply::greeting());
    let url = server.url();
    let args = ["max", &url, "-c", "4", "--slo-p99", "1h", "--from", "12000", "-d", "1s"];
    let mut child =
        loadgen(&args).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary runs");
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let first = lines.next().expect("a first run").expect("text");
    // Kept or missed is for the machine to say.
    assert!(first.starts_with("12000 requests/s: "), "{first}");
    kill(Pid::from_raw(child.id().try_into().expect("a process id")), Signal::SIGINT)
        .expect("the child lives");
    let last = lines.last().expect("a last line").expect("text");
    assert_eq!(last, "loadgen: interrupted before the limit was found");
    let output = child.wait_with_output().expect("the child ends");
    assert_eq!(output.status.code(), Some(130));
    // What was found until then is told all the same.
    let found = String::from_utf8_lossy(&output.stdout);
    assert!(found.starts_with("the search was broken off; its runs:\n  12000 requests/s: "), "{found}");
    assert!(transcript(&["max", &url]).contains("an objective is needed: --slo-p99"));
}

#[test]
fn reports_go_to_files_and_are_merged_from_there() {
    let server = Server::start(|_| Reply::greeting());
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (one, two, all) = (file("one.json"), file("two.json"), file("all.csv"));
    for output in [&one, &two] {
        let args = [&server.url(), "-c", "2", "-n", "300", "--output-format", "json", "-o", output];
        loadgen(&args).assert().success().stdout("").stderr("");
    }
    loadgen(&["merge", &one, &two, "--output-format", "csv", "-o", &all]).assert().success().stdout("");
    let text = std::fs::read_to_string(&all).expect("a file");
    let rows: Vec<Vec<_>> = text.lines().map(|line| line.split(',').collect()).collect();
    let ok = rows[0].iter().position(|name| *name == "ok").expect("a column");
    assert_eq!((rows.len(), rows[1][ok], rows[0].len()), (2, "600", rows[1].len()));
    // Nothing but the three reports is left.
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 3);
    let rows = transcript(&["compare", &one, &one]);
    assert!(
        rows.contains("\nthroughput  inconclusive             both runs need --timeseries and 5 s\n"),
        "{rows}"
    );
    assert!(rows.contains("\np50         ") && !rows.contains("worse"), "{rows}");
    let error = transcript(&["merge", "no.json"]);
    assert!(
        error
            .ends_with("loadgen: cannot read no.json: No such file or directory (os error 2)\nexit code 1\n")
    );
}
