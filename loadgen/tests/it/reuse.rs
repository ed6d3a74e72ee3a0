//! One session, several runs; and what is true of the time in each.

use std::time::Duration;

use loadgen::{Cancel, ErrorClass, LoadError, Plan, RunRecord, Samples, Session, Stop};

use crate::server::{Reply, Seen, Server, assert_adds_up, assert_counts};

#[test]
fn every_run_is_counted_for_itself() {
    let server = Server::start(|_| Reply::greeting());
    let mut session = Session::open(&server.plan(4, 1)).expect("a session");
    for requests in [300, 1, 500] {
        let record = session.run(&Stop::Requests(requests), &Cancel::new()).expect("a run");
        assert_counts(&record, requests, ErrorClass::Protocol, 0);
        assert_eq!(record.requests.scheduled, requests);
        assert_eq!(session.progress().ok(), requests);
    }
}

#[test]
fn connections_closed_between_two_runs_are_opened_again() {
    let server = Server::start(|seen| match seen.request {
        1 => Reply::raw("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 13\r\n\r\nHello, World!"),
        _ => Reply::greeting(),
    });
    let mut session = Session::open(&server.plan(1, 1)).expect("a session");
    let first = session.run(&Stop::Requests(1), &Cancel::new()).expect("a run");
    assert_counts(&first, 1, ErrorClass::Protocol, 0);
    assert_eq!(first.connections.reconnects, 0);
    let second = session.run(&Stop::Requests(1), &Cancel::new()).expect("a run");
    assert_counts(&second, 1, ErrorClass::Protocol, 0);
    assert_eq!(second.connections.reconnects, 1);
}

#[test]
fn a_request_left_in_flight_belongs_to_the_next_run_too() {
    let server = Server::start(|seen| match seen {
        Seen { connection: 0 | 1, request: 1.. } => Reply::silence(),
        _ => Reply::greeting(),
    });
    let plan = Plan { timeout: Duration::from_secs(1), ..server.plan(3, 1) };
    let mut session = Session::open(&plan).expect("a session");
    let window = Stop::After(Duration::from_millis(100));
    for _ in 0..2 {
        let record = session.run(&window, &Cancel::new()).expect("a run");
        assert_adds_up(&record);
        assert_eq!(record.connections.starved, 2);
    }
    // Three are outstanding and one is due: it is the first of them, which never gets its answer.
    let record = session.run(&Stop::Requests(1), &Cancel::new()).expect("a run");
    assert_counts(&record, 0, ErrorClass::Timeout, 1);
}

#[test]
fn a_cancelled_run_says_what_it_never_sent() {
    let server = Server::start(|_| Reply::greeting());
    let mut session = Session::open(&server.plan(2, 1)).expect("a session");
    let cancel = Cancel::new();
    cancel.cancel();
    let record = session.run(&Stop::Requests(1_000_000), &cancel).expect("a run");
    assert_adds_up(&record);
    assert!(record.interrupted);
    assert_eq!(record.requests.scheduled, 1_000_000);
    assert!(record.requests.unsent > 0);
}

#[test]
fn a_cancelled_opening_is_no_session() {
    let server = Server::start(|_| Reply::greeting());
    let cancel = Cancel::new();
    cancel.cancel();
    let error = Session::open_unless(&server.plan(2, 1), &cancel).expect_err("cancelled");
    assert!(matches!(error, LoadError::Interrupted), "{error}");
}

/// Little's law, as an upper and a lower bound: a connection always has exactly one request outstanding.
#[test]
fn the_latencies_of_a_connection_fill_the_window_and_no_more() {
    let server = Server::start(|_| Reply::greeting());
    let plan = Plan { stop: Stop::After(Duration::from_millis(500)), ..server.plan(4, 1) };
    let record = loadgen::closed_loop(&plan).expect("a run");
    let samples = Samples::from_record(&record).expect("a whole record");
    let total = |histogram: &hdrhistogram::Histogram<u64>| histogram.mean() * histogram.len() as f64;
    let outstanding_ns = total(samples.answered()) + total(samples.censored());
    let share = outstanding_ns / (record.duration_s * 1e9 * 4.0);
    assert!((0.9..1.01).contains(&share), "{share}");
}

#[test]
fn a_record_survives_its_file() {
    let server = Server::start(|_| Reply::greeting());
    let record = loadgen::closed_loop(&server.plan(2, 400)).expect("a run");
    let text = serde_json::to_string(&record).expect("a record is JSON");
    let read: RunRecord = serde_json::from_str(&text).expect("what was just written");
    assert_eq!(read, record);
    let samples = Samples::from_record(&read).expect("a whole record");
    assert_eq!(samples.percentile(0.5).ok(), record.latency.uncorrected.p50_ns);
}
