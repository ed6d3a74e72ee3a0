//! Right answers in every form that HTTP/1.x allows: none of them may count as an error.

use loadgen::{ErrorClass, ExpectedBody, Plan, closed_loop};

use crate::server::{Reply, Server, Then, assert_counts};

const REQUESTS: u64 = 60;
const NONE: ErrorClass = ErrorClass::Protocol;

fn run(reply: Reply) -> loadgen::RunRecord {
    let server = Server::start(move |_| reply.clone());
    let record = closed_loop(&server.plan(3, REQUESTS)).expect("a run");
    assert_counts(&record, REQUESTS, NONE, 0);
    assert_eq!(record.connections.held, 3);
    record
}

#[test]
fn content_length() {
    assert_eq!(run(Reply::greeting()).connections.reconnects, 0);
}

#[test]
fn chunked() {
    let chunks = "5\r\nHello\r\n8\r\n, World!\r\n0\r\n\r\n";
    let record = run(Reply::raw(format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}")));
    assert_eq!(record.connections.reconnects, 0);
}

#[test]
fn byte_by_byte() {
    let record = run(Reply { fragment: 1, ..Reply::greeting() });
    assert_eq!(record.connections.reconnects, 0);
}

#[test]
fn close_delimited() {
    let record = run(Reply::raw("HTTP/1.1 200 OK\r\n\r\nHello, World!").then(Then::Close));
    assert_eq!(record.connections.reconnects, REQUESTS);
}

#[test]
fn connection_close_each_time() {
    let bytes = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 13\r\n\r\nHello, World!";
    let record = run(Reply::raw(bytes).then(Then::Close));
    assert_eq!(record.connections.reconnects, REQUESTS);
}

#[test]
fn closing_is_up_to_the_client_too() {
    let bytes = "HTTP/1.0 200 OK\r\ncontent-length: 13\r\n\r\nHello, World!";
    assert_eq!(run(Reply::raw(bytes)).connections.reconnects, REQUESTS);
}

#[test]
fn interim_answers_are_passed_over() {
    let bytes = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\nHello, World!";
    assert_eq!(run(Reply::raw(bytes)).connections.reconnects, 0);
}

#[test]
fn a_body_larger_than_every_buffer() {
    let body = "x".repeat(1_000_000);
    let record = run(Reply::ok(&body));
    assert_eq!(record.validation.body_bytes, Some(1_000_000));
}

#[test]
fn an_expected_error_status_is_valid() {
    let server = Server::start(|_| Reply::raw("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"));
    let mut plan = server.plan(2, REQUESTS);
    plan.expect.status = 404;
    assert_counts(&closed_loop(&plan).expect("a run"), REQUESTS, NONE, 0);
}

#[test]
fn requests_are_divided_among_threads_without_a_remainder() {
    let server = Server::start(|_| Reply::greeting());
    let plan = Plan { threads: 3, ..server.plan(7, 1_001) };
    let record = closed_loop(&plan).expect("a run");
    assert_counts(&record, 1_001, NONE, 0);
    assert_eq!(record.connections.held, 7);
}

#[test]
fn fewer_requests_than_connections_starve_nobody() {
    let server = Server::start(|_| Reply::greeting());
    let record = closed_loop(&server.plan(8, 3)).expect("a run");
    assert_counts(&record, 3, NONE, 0);
    assert_eq!(record.connections.starved, 0);
}

#[test]
fn bodies_are_not_looked_at_when_validation_is_off() {
    let server = Server::start(|seen| Reply::ok(&"x".repeat(seen.request)));
    let mut plan = server.plan(2, REQUESTS);
    plan.expect.body = ExpectedBody::Off;
    let record = closed_loop(&plan).expect("a run");
    assert_counts(&record, REQUESTS, NONE, 0);
    assert_eq!(record.validation.body_bytes, None);
}
