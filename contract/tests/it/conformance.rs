//! The kit against a right server, against one that is wrong in every way it should notice, and against none.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use contract::conformance::{
    Failure, Gap, Options, cases, known_gaps, run_all, run_for, run_golden, run_with,
};

use crate::wrong_server::{Fault, WrongServer};

#[test]
fn a_right_server_passes() {
    let server = WrongServer::start(None);
    let report = run_all(server.address());
    assert!(report.passed(), "{report}");
    assert_eq!(report.outcomes.len(), cases().len());
}

#[test]
fn a_right_server_gives_the_golden_answers() {
    let server = WrongServer::start(None);
    let report = run_golden(server.address());
    assert!(report.passed(), "{report}");
}

#[test]
fn the_golden_answers_know_the_error_heads() {
    let server = WrongServer::start(Some(Fault::NoAllow));
    let failed: Vec<_> = run_golden(server.address()).failures().map(|outcome| outcome.id).collect();
    assert_eq!(failed, ["golden.post"]);
}

#[test]
fn every_fault_fails_its_cases() {
    // Some faults show as silence, and a deadline that passes too early only adds to what fails anyway.
    let timeout = Duration::from_millis(500);
    for (fault, ids) in Fault::ALL {
        let server = WrongServer::start(Some(*fault));
        let report = run_with(server.address(), &Options { timeout, only: ids, ..Options::default() });
        assert_eq!(report.outcomes.len(), ids.len(), "{fault:?} names a case that does not exist: {ids:?}");
        assert_eq!(report.failures().count(), ids.len(), "not all see {fault:?}:\n{report}");
    }
}

#[test]
fn every_case_is_failed_by_a_fault() {
    let failed: BTreeSet<_> = Fault::ALL.iter().flat_map(|(_, ids)| *ids).copied().collect();
    let never: Vec<_> = cases().iter().map(|case| case.id).filter(|id| !failed.contains(id)).collect();
    assert_eq!(never, <[&str; 0]>::default(), "no fault fails these cases");
}

#[test]
fn the_readme_counts_right() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let (all, gaps) = (cases().len(), known_gaps("tiny-http").len());
    let sentence =
        format!("a conformance kit of {all} cases before it is timed; {gaps} that tiny_http cannot keep");
    assert!(readme.contains(&sentence), "README.md does not say: {sentence}");
}

#[test]
fn left_out_cases_do_not_run() {
    let server = WrongServer::start(Some(Fault::PlusIsSpace));
    let except = &["greet.plus-is-a-plus"];
    let report = run_with(server.address(), &Options { except, ..Options::default() });
    assert!(report.passed(), "{report}");
    assert_eq!(report.outcomes.len(), cases().len() - 1);
}

#[test]
fn known_gaps_do_not_run_and_are_named() {
    let server = WrongServer::start(Some(Fault::EmptyLineRefused));
    let gap = Gap { case: "framing.empty-line-before-a-request", reason: "It knows no better." };
    let report = run_with(server.address(), &Options { gaps: &[gap], ..Options::default() });
    assert!(report.passed(), "{report}");
    assert_eq!((report.outcomes.len(), report.excepted.as_slice()), (cases().len() - 1, &[gap][..]));
    let text = report.to_string();
    assert!(text.contains("except  framing.empty-line-before-a-request: It knows no better."), "{text}");
    assert!(text.ends_with("0 failed, 1 excepted"), "{text}");
}

#[test]
fn a_stack_without_known_gaps_has_to_pass_everything() {
    let server = WrongServer::start(Some(Fault::EmptyLineRefused));
    assert!(run_for(server.address(), "tiny-http").passed());
    assert!(!run_for(server.address(), "hyper").passed());
}

#[test]
fn choosing_no_case_is_no_pass() {
    let server = WrongServer::start(None);
    let report = run_with(server.address(), &Options { only: &["no.such-case"], ..Options::default() });
    assert!(!report.passed());
}

#[test]
fn a_silent_server_costs_one_deadline_a_case() {
    // The system accepts for a listener that never does, up to its backlog: more than there are cases.
    let listener = contract::listen((Ipv4Addr::LOCALHOST, 0).into()).expect("loopback has a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    let timeout = Duration::from_millis(15);
    let started = Instant::now();
    let report = run_with(address, &Options { timeout, ..Options::default() });
    let count = u32::try_from(cases().len()).expect("a table that fits the screen");
    assert!(started.elapsed() < timeout * count + Duration::from_secs(5), "{:?}", started.elapsed());
    assert_eq!(report.outcomes.len(), cases().len());
    for outcome in &report.outcomes {
        assert!(matches!(outcome.result, Err(Failure::Deadline { .. })), "{outcome}");
    }
}

#[test]
fn a_closed_port_is_said_in_one_line() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    let address = listener.local_addr().expect("a bound listener has an address");
    drop(listener);
    let report = run_all(address);
    assert!(!report.passed());
    assert_eq!((report.outcomes.len(), report.not_run), (1, cases().len() - 1));
    let line = report.outcomes[0].to_string();
    assert!(line.contains("cannot connect to 127.0.0.1:") && !line.contains('\n'), "{line}");
}

#[test]
fn a_report_reads_as_a_table() {
    let server = WrongServer::start(Some(Fault::PostGreets));
    let only = &["greet.name", "method.post-is-405-with-allow", "answer.date"];
    let report = run_with(server.address(), &Options { only, ..Options::default() });
    let port = server.address().port().to_string();
    insta::assert_snapshot!(report.to_string().replace(&port, "PORT"));
}
