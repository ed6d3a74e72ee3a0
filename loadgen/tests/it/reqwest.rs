//! The same truths through reqwest: validation, error classes, schedules, interrupts.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use loadgen::{
    Arrivals, Cancel, ErrorClass, LoadError, OfferedRate, Pacing, Plan, RequestForm, Schedule, Session, Stop,
    Target, Timetable, Transport, measure,
};

use crate::server::{
    Reply, Seen, Server, Then, assert_adds_up, assert_counts, read_request, through_reqwest,
};

const NONE: ErrorClass = ErrorClass::Protocol;

fn plan(server: &Server, connections: usize, requests: u64) -> Plan {
    through_reqwest(server.plan(connections, requests))
}

#[test]
fn a_closed_loop_sends_what_it_is_told_to_on_the_connections_it_has() {
    let connections = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&connections);
    let server = Server::start(move |seen| {
        count.fetch_add(u64::from(seen.request == 0), Ordering::SeqCst);
        Reply::greeting()
    });
    for threads in [1, 2] {
        let record = measure(&Plan { threads, ..plan(&server, 6, 601) }).expect("a run");
        assert_counts(&record, 601, NONE, 0);
        assert_eq!((record.connections.held, record.connections.starved), (6, 0));
        assert_eq!(
            (record.plan.transport, record.generator.engine.as_str()),
            (Transport::Reqwest, "reqwest")
        );
        assert!(record.latency.first_byte.reason.is_some());
        // What the layer around the connector has seen is what the server has.
        let opened = record.latency.opening_connect.answered + record.connections.reconnects;
        assert!((1..=opened).contains(&connections.swap(0, Ordering::SeqCst)), "{opened}");
    }
}

#[test]
fn each_lie_is_an_error_of_its_class() {
    type Lie = fn() -> Reply;
    let lies: [(ErrorClass, Lie); 8] = [
        (ErrorClass::BadBody, || Reply::ok("Hello, Warld!")),
        (ErrorClass::BadBody, || Reply::ok("Hello, World! And more.")),
        (ErrorClass::BadStatus, || {
            Reply::raw("HTTP/1.1 500 Oops\r\ncontent-length: 13\r\n\r\nHello, World!")
        }),
        (ErrorClass::ClosedEarly, || Reply::greeting().cut(45).then(Then::Close)),
        (ErrorClass::ClosedEarly, || Reply::raw("").then(Then::Close)),
        (ErrorClass::Reset, || Reply::greeting().cut(45).then(Then::Reset)),
        (ErrorClass::Protocol, || Reply::raw("SSH-2.0-OpenSSH_9.6\r\n\r\n")),
        (ErrorClass::Timeout, || Reply::greeting().cut(45).then(Then::Silence)),
    ];
    for (class, lie) in lies {
        let told = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&told);
        let server = Server::start(move |Seen { request, .. }| {
            if request % 10 != 9 {
                return Reply::greeting();
            }
            count.fetch_add(1, Ordering::SeqCst);
            lie()
        });
        let plan = Plan { timeout: Duration::from_millis(500), ..plan(&server, 4, 100) };
        let record = measure(&plan).expect("a run");
        let lies = told.load(Ordering::SeqCst);
        assert!(lies > 2, "{class:?}: {lies}");
        assert_counts(&record, 100 - lies, class, lies);
        let timeouts = if class == ErrorClass::Timeout { lies } else { 0 };
        assert_eq!(record.latency.uncorrected.censored, timeouts);
    }
}

#[test]
fn a_server_that_dies_is_refused_connections_and_no_busy_loop() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/World", listener.local_addr().expect("a bound socket"));
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the first connection");
        drop(listener);
        for _ in 0..2 {
            read_request(&mut stream).expect("a request of the opening");
            std::io::Write::write_all(&mut stream, &Reply::greeting().bytes).expect("a listening client");
        }
        read_request(&mut stream).expect("the first request of the run");
    });
    let target = Target::parse(&url).expect("a good URL");
    let plan = through_reqwest(Plan { connections: 1, stop: Stop::Requests(6), ..Plan::new(target) });
    let record = measure(&plan).expect("a run");
    server.join().expect("the server has done its part");
    assert_adds_up(&record);
    assert_eq!(record.requests.errors[&ErrorClass::ClosedEarly], 1);
    assert_eq!(record.requests.errors[&ErrorClass::ConnectRefused], 5);
    // Four pauses lie between five refusals: 10, 20, 40 and 80 ms at least.
    assert!(record.duration_s > 0.15, "{}", record.duration_s);
    assert_eq!(record.connections.reconnects, 5);
}

#[test]
fn an_open_loop_keeps_its_schedule() {
    let server = Server::start(|_| Reply::greeting());
    for threads in [1, 2] {
        let rate = OfferedRate::Steady(1_000.0);
        let schedule = Schedule { rate, arrivals: Arrivals::Constant, ..Schedule::steady(1.0) };
        let pacing = Pacing::Open(schedule);
        let record = measure(&Plan { threads, pacing, ..plan(&server, 6, 500) }).expect("a run");
        assert_counts(&record, 500, NONE, 0);
        // The last is due after 499 gaps.
        assert!(record.duration_s >= 0.499, "{}", record.duration_s);
        assert_eq!(record.latency.corrected.answered, 500);
        assert_eq!(record.latency.schedule_lag.answered, 500);
    }
    let schedule = Schedule { seed: 42, ..Schedule::steady(500.0) };
    let window = Duration::from_millis(300);
    let plan = Plan { pacing: Pacing::Open(schedule), stop: Stop::After(window), ..plan(&server, 8, 1) };
    let record = measure(&plan).expect("a run");
    assert_adds_up(&record);
    assert_eq!(record.requests.scheduled, Timetable::new(&schedule).due_before(window));
}

#[test]
fn what_finds_no_free_caller_is_unsent_and_in_the_corrected_latency() {
    // The opening takes four connections: one for the first answer, and one for each caller.
    let server = Server::start(|seen| if seen.connection < 4 { Reply::greeting() } else { Reply::silence() });
    let rate = OfferedRate::Steady(1_000.0);
    let schedule = Schedule { rate, arrivals: Arrivals::Constant, ..Schedule::steady(1.0) };
    let stop = Stop::After(Duration::from_millis(200));
    let plan = Plan { pacing: Pacing::Open(schedule), stop, new_connections: true, ..plan(&server, 3, 1) };
    let record = measure(&plan).expect("a run");
    assert_adds_up(&record);
    let requests = &record.requests;
    assert_eq!((requests.scheduled, requests.sent, requests.unsent), (200, 3, 197));
    assert_eq!((requests.in_flight, record.connections.starved), (3, 3));
    assert_eq!(record.latency.corrected.censored, 200);
}

#[test]
fn paths_bodies_headers_and_methods_arrive() {
    let server = Server::reading(|_, head| {
        assert!(head.starts_with("POST /user-"), "{head}");
        assert!(head.contains("\r\nx-one: 1\r\n") && head.contains("\r\ncontent-length: 5\r\n"), "{head}");
        let name = head.split(' ').nth(1).and_then(|path| path.strip_prefix('/')).expect("a request line");
        Reply::ok(&format!("Hello, {name}!"))
    });
    let target = Target::parse(&format!("http://{}/user-{{0..3}}?x=%20", server.addr)).expect("a good URL");
    let request = RequestForm::new("POST", &["X-One: 1".to_owned()], b"12345".to_vec()).expect("a good form");
    let expect = loadgen::Expectation { body: loadgen::ExpectedBody::Off, ..loadgen::Expectation::default() };
    let plan = Plan { connections: 2, stop: Stop::Requests(40), request, expect, ..Plan::new(target) };
    let record = measure(&through_reqwest(plan)).expect("a run");
    assert_counts(&record, 40, NONE, 0);
    assert_eq!((record.plan.paths, record.plan.method.as_str()), (4, "POST"));
    // reqwest would take the dots out.
    let target = Target::parse(&format!("http://{}/a/../b", server.addr)).expect("a good URL");
    let error = measure(&through_reqwest(Plan::new(target))).expect_err("another path");
    assert!(matches!(error, LoadError::Rewritten { .. }), "{error}");
}

#[test]
fn each_request_has_a_connection_of_its_own_if_asked_for() {
    let server = Server::reading(|seen, head| {
        assert_eq!(seen.request, 0);
        assert!(head.contains("\r\nconnection: close\r\n"), "{head}");
        Reply::greeting().then(Then::Close)
    });
    let record = measure(&Plan { new_connections: true, ..plan(&server, 3, 90) }).expect("a run");
    assert_counts(&record, 90, NONE, 0);
    assert_eq!((record.connections.reconnects, record.latency.connect.answered), (90, 90));
    assert_eq!(record.latency.opening_connect.answered, 4);
}

#[test]
fn a_session_warms_up_and_is_ended_early() {
    let cancel = Cancel::new();
    let press = cancel.clone();
    let count = AtomicU64::new(0);
    let server = Server::start(move |_| {
        if count.fetch_add(1, Ordering::SeqCst) == 2_000 {
            press.cancel();
        }
        Reply::greeting()
    });
    let plan = Plan { stop: Stop::After(Duration::from_mins(10)), ..plan(&server, 4, 1) };
    let mut session = Session::open(&plan).expect("a session");
    session.warm_up(Duration::from_millis(50), &cancel).expect("a warm-up");
    let record = session.run(&plan.stop, &cancel).expect("a run");
    assert_adds_up(&record);
    assert!(record.interrupted && record.plan.warmup_s > 0.0);
    // What the warm-up left in flight had its connections, and they are still there.
    assert_eq!(record.connections.reconnects, 0);
    let error = Session::open_unless(&plan, &cancel).expect_err("cancelled");
    assert!(matches!(error, LoadError::Interrupted), "{error}");
}

#[test]
fn a_plan_that_the_first_answer_contradicts_is_not_carried_out() {
    let server = Server::start(|_| Reply::raw("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"));
    let error = measure(&plan(&server, 4, 1)).expect_err("404");
    assert!(matches!(error, LoadError::WrongStatus { expected: 200, found: 404, .. }), "{error}");
    let server = Server::start(|_| Reply::silence());
    let silent = Plan { timeout: Duration::from_millis(100), ..plan(&server, 4, 1) };
    assert!(matches!(measure(&silent).expect_err("silence"), LoadError::NoAnswer { .. }));
}
