//! Requests other than one GET again and again: other methods, bodies, many paths, a connection for each.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use loadgen::{
    BodyCheck, ErrorClass, ExpectedBody, LoadError, Pacing, Plan, RequestForm, RunRecord, Schedule, Stop,
    Target, measure,
};

use crate::server::{Reply, Server, Then, assert_counts};

const NONE: ErrorClass = ErrorClass::Protocol;

/// A plan for another path of the server.
fn plan(server: &Server, path: &str, requests: u64) -> Plan {
    let target = Target::parse(&format!("http://{}{path}", server.addr)).expect("a good URL");
    Plan { connections: 3, stop: Stop::Requests(requests), ..Plan::new(target) }
}

fn form(method: &str, headers: &[&str], body: &str) -> RequestForm {
    let headers: Vec<_> = headers.iter().map(ToString::to_string).collect();
    RequestForm::new(method, &headers, body.into()).expect("a good form")
}

/// The name that a request asks for, which these servers greet with.
fn name(head: &str) -> &str {
    head.split(' ').nth(1).and_then(|path| path.strip_prefix('/')).expect("a request line")
}

/// Runs over four paths against a server that counts what it was asked for.
fn over_four_paths(edit: impl Fn(Plan) -> Plan) -> (RunRecord, Vec<u64>) {
    let asked = Arc::new(Mutex::new(vec![0; 4]));
    let count = Arc::clone(&asked);
    let server = Server::reading(move |seen, head| {
        let number: usize =
            name(head).strip_prefix("user-").and_then(|text| text.parse().ok()).expect("a number");
        if seen.request > 0 {
            count.lock().expect("no test thread has panicked")[number] += 1;
        }
        Reply::ok(&format!("Hello, user-{number}!"))
    });
    let record = measure(&edit(plan(&server, "/user-{0..3}", 400))).expect("a run");
    assert_counts(&record, 400, NONE, 0);
    let asked = asked.lock().expect("no test thread has panicked").clone();
    (record, asked)
}

#[test]
fn paths_are_asked_for_in_turn_and_each_greeting_is_known() {
    let open = Pacing::Open(Schedule::steady(5_000.0));
    for (threads, pacing) in [(1, Pacing::Closed), (3, Pacing::Closed), (2, open)] {
        let (record, asked) = over_four_paths(|plan| Plan { threads, pacing, ..plan });
        assert_eq!(record.validation.body, BodyCheck::Greeting);
        assert_eq!(record.plan.paths, 4);
        assert_eq!(asked.iter().sum::<u64>(), 400);
        if threads == 1 || pacing != Pacing::Closed {
            assert_eq!(asked, [100; 4]);
        }
    }
}

#[test]
fn one_cached_answer_for_all_paths_is_a_wrong_body() {
    let server = Server::reading(|_, _| Reply::ok("Hello, user-0!"));
    let record = measure(&plan(&server, "/user-{0..3}", 400)).expect("a run");
    assert_counts(&record, 100, ErrorClass::BadBody, 300);
}

#[test]
fn an_expected_body_names_each_path() {
    let server = Server::reading(|_, head| Reply::ok(&format!("<{}>", name(head))));
    let mut plan = plan(&server, "/{5..9}", 100);
    let error = measure(&plan).expect_err("no greeting");
    assert!(matches!(error, LoadError::VaryingBodies), "{error}");
    plan.expect.body = ExpectedBody::Exact("<{name}>".to_owned());
    assert_counts(&measure(&plan).expect("a run"), 100, NONE, 0);
}

#[test]
fn head_is_answered_without_a_body() {
    let server = Server::reading(|_, head| {
        assert!(head.starts_with("HEAD /World HTTP/1.1\r\n"), "{head}");
        Reply::raw("HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n")
    });
    let plan = Plan { request: form("HEAD", &[], ""), ..plan(&server, "/World", 60) };
    let record = measure(&plan).expect("a run");
    assert_counts(&record, 60, NONE, 0);
    assert_eq!(record.connections.reconnects, 0);
    assert_eq!(record.plan.method, "HEAD");
}

#[test]
fn a_body_and_headers_arrive() {
    let server = Server::reading(|_, head| {
        assert!(head.starts_with("POST /World HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("\r\nx-one: 1\r\n") && head.contains("\r\ncontent-length: 5\r\n"), "{head}");
        Reply::ok("Thanks.")
    });
    let request = form("POST", &["X-One: 1"], "12345");
    let record = measure(&Plan { request, ..plan(&server, "/World", 60) }).expect("a run");
    assert_counts(&record, 60, NONE, 0);
    assert_eq!(record.validation.body, BodyCheck::FirstAnswer);
}

#[test]
fn each_request_has_a_connection_of_its_own_if_asked_for() {
    let connections = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&connections);
    let server = Server::reading(move |seen, head| {
        assert_eq!(seen.request, 0);
        assert!(head.contains("\r\nconnection: close\r\n"), "{head}");
        count.fetch_add(1, Ordering::SeqCst);
        Reply::greeting().then(Then::Close)
    });
    for pacing in [Pacing::Closed, Pacing::Open(Schedule::steady(2_000.0))] {
        let plan = Plan { new_connections: true, pacing, ..plan(&server, "/World", 90) };
        let record = measure(&plan).expect("a run");
        assert_counts(&record, 90, NONE, 0);
        assert_eq!(record.connections.reconnects, 90);
    }
    // Those of the two openings too.
    assert_eq!(connections.load(Ordering::SeqCst), 2 * (90 + 3));
}
