//! Servers that lie or break: each lie is an error of its class, and the counts are exact.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use loadgen::{BodyCheck, ErrorClass, ExpectedBody, LoadError, Plan, Samples, Stop, Warning, closed_loop};

use crate::server::{Reply, Seen, Server, Then, assert_adds_up, assert_counts, read_request};

const REQUESTS: u64 = 500;

/// Runs against a server that gives `lie` to every tenth request of a connection, never to its first.
fn one_in_ten(class: ErrorClass, lie: impl Fn() -> Reply + Send + Sync + 'static) -> loadgen::RunRecord {
    let told = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&told);
    let server = Server::start(move |Seen { request, .. }| {
        if request % 10 != 9 {
            return Reply::greeting();
        }
        count.fetch_add(1, Ordering::SeqCst);
        lie()
    });
    let record = closed_loop(&server.plan(4, REQUESTS)).expect("a run");
    let lies = told.load(Ordering::SeqCst);
    assert!(lies > 20, "{lies}");
    assert_counts(&record, REQUESTS - lies, class, lies);
    assert_eq!(record.latency.uncorrected.censored, 0);
    record
}

#[test]
fn a_wrong_body() {
    let record = one_in_ten(ErrorClass::BadBody, || Reply::ok("Hello, Warld!"));
    assert_eq!(record.validation.body, BodyCheck::Greeting);
    assert_eq!(record.connections.reconnects, 0);
}

#[test]
fn a_body_that_goes_on_after_the_right_one() {
    one_in_ten(ErrorClass::BadBody, || Reply::ok("Hello, World! And more."));
}

#[test]
fn a_wrong_status() {
    one_in_ten(ErrorClass::BadStatus, || {
        Reply::raw("HTTP/1.1 500 Oops\r\ncontent-length: 13\r\n\r\nHello, World!")
    });
}

#[test]
fn a_truncated_body() {
    let record = one_in_ten(ErrorClass::ClosedEarly, || Reply::greeting().cut(45).then(Then::Close));
    // The last lie may have been the answer to the last request, after which nothing is opened again.
    assert!(record.connections.reconnects <= record.requests.failed());
}

#[test]
fn no_answer_but_the_end() {
    one_in_ten(ErrorClass::ClosedEarly, || Reply::raw("").then(Then::Close));
}

#[test]
fn a_reset_in_mid_body() {
    one_in_ten(ErrorClass::Reset, || Reply::greeting().cut(45).then(Then::Reset));
}

#[test]
fn something_that_is_not_http() {
    one_in_ten(ErrorClass::Protocol, || Reply::raw("SSH-2.0-OpenSSH_9.6\r\n"));
}

#[test]
fn two_answers_to_one_request() {
    one_in_ten(ErrorClass::Protocol, || {
        let twice = Reply::greeting().bytes.repeat(2);
        Reply::raw(twice)
    });
}

#[test]
fn anothers_name_is_never_the_expected_one() {
    let server = Server::start(|_| Reply::ok("Hello, Bob!"));
    let mut plan = server.plan(3, REQUESTS);
    plan.expect.body = ExpectedBody::Exact("Hello, {name}!".to_owned());
    let record = closed_loop(&plan).expect("a run");
    assert_counts(&record, 0, ErrorClass::BadBody, REQUESTS);
    assert_eq!(record.connections.held, 0);
    assert!(record.latency.uncorrected.missing.contains_key("p50_ns"));
}

#[test]
fn anothers_name_as_the_first_answer_is_said_to_be_no_greeting() {
    let server = Server::start(|_| Reply::ok("Hello, Bob!"));
    let record = closed_loop(&server.plan(3, REQUESTS)).expect("a run");
    assert_counts(&record, REQUESTS, ErrorClass::BadBody, 0);
    assert_eq!(record.validation.body, BodyCheck::FirstAnswer);
}

#[test]
fn a_resource_that_varies_is_pointed_out() {
    let server = Server::start(|seen| Reply::ok(&format!("{seen:?}")));
    let record = closed_loop(&server.plan(1, REQUESTS)).expect("a run");
    assert_counts(&record, 0, ErrorClass::BadBody, REQUESTS);
    let varying = Warning::VaryingBody { answers: REQUESTS };
    assert!(record.warnings.contains(&varying), "{:?}", record.warnings);
}

#[test]
fn no_answer_at_all_is_a_timeout_and_a_censored_observation() {
    let server = Server::start(|seen| match seen {
        Seen { connection: 0..4, request: 0 } => Reply::greeting(),
        _ => Reply::silence(),
    });
    let plan = Plan { timeout: Duration::from_millis(200), ..server.plan(4, 8) };
    let record = closed_loop(&plan).expect("a run");
    assert_counts(&record, 0, ErrorClass::Timeout, 8);
    assert_eq!(record.connections.starved, 4);
    let samples = Samples::from_record(&record).expect("a whole record");
    assert_eq!(samples.censored().len(), 8);
    // At least the timeout, less the histogram's precision.
    assert!(samples.censored().min() >= 199_000_000, "{}", samples.censored().min());
}

#[test]
fn a_server_that_dies_is_refused_connections_and_no_busy_loop() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/World", listener.local_addr().expect("a bound socket"));
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the first connection");
        drop(listener);
        read_request(&mut stream).expect("the first request");
        std::io::Write::write_all(&mut stream, &Reply::greeting().bytes).expect("a listening client");
        read_request(&mut stream).expect("the second request");
    });
    let target = loadgen::Target::parse(&url).expect("a good URL");
    let plan = Plan { connections: 1, stop: Stop::Requests(6), ..Plan::new(target) };
    let record = closed_loop(&plan).expect("a run");
    server.join().expect("the server has done its part");
    assert_adds_up(&record);
    assert_eq!(record.requests.errors[&ErrorClass::ClosedEarly], 1);
    assert_eq!(record.requests.errors[&ErrorClass::ConnectRefused], 5);
    // Four pauses lie between five refusals: 10, 20, 40 and 80 ms at least.
    assert!(record.duration_s > 0.15, "{}", record.duration_s);
}

#[test]
fn a_body_without_end_ends_with_the_window() {
    let server = Server::start(|seen| match seen.request {
        0 => Reply::greeting(),
        _ => Reply {
            then: Then::Repeat,
            ..Reply::raw("HTTP/1.1 200 OK\r\n\r\n".to_owned() + &"x".repeat(60_000))
        },
    });
    let plan = Plan { stop: Stop::After(Duration::from_millis(200)), ..server.plan(4, 1) };
    let record = closed_loop(&plan).expect("a run");
    assert_counts(&record, 0, ErrorClass::BadBody, 0);
    assert_eq!(record.requests.in_flight, 4);
}

#[test]
fn a_plan_that_the_first_answer_contradicts_is_not_carried_out() {
    let server = Server::start(|_| Reply::raw("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"));
    let error = closed_loop(&server.plan(4, REQUESTS)).expect_err("404");
    assert!(matches!(error, LoadError::WrongStatus { expected: 200, found: 404, .. }), "{error}");
}

#[test]
fn a_first_answer_that_never_comes_ends_the_opening() {
    let server = Server::start(|_| Reply::silence());
    let plan = Plan { timeout: Duration::from_millis(100), ..server.plan(4, REQUESTS) };
    let error = closed_loop(&plan).expect_err("silence");
    assert!(matches!(error, LoadError::NoAnswer { .. }), "{error}");
}

#[test]
fn one_wrong_body_in_a_thousand_is_counted_to_the_last() {
    let told = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&told);
    let server = Server::start(move |seen| {
        // The first answers of the connections are no part of the run.
        if seen.request == 0 || count.fetch_add(1, Ordering::SeqCst) % 1_000 != 999 {
            return Reply::greeting();
        }
        Reply::ok("Hello, Warld!")
    });
    let record = closed_loop(&server.plan(4, 5_000)).expect("a run");
    assert_eq!(told.load(Ordering::SeqCst), 5_000);
    assert_counts(&record, 4_995, ErrorClass::BadBody, 5);
}

#[test]
fn an_early_refusal_of_a_body_is_judged_by_its_status() {
    // More than the buffers of both sockets take, so that the answer comes while the body goes out.
    let body = vec![b'x'; 32 << 20];
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/World", listener.local_addr().expect("a bound socket"));
    thread::spawn(move || {
        let refusal = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        for (connection, stream) in listener.incoming().enumerate() {
            let mut stream = stream.expect("a connection");
            let answer = |stream: &mut std::net::TcpStream, bytes: &[u8]| {
                std::io::Write::write_all(stream, bytes).expect("a listening client");
            };
            read_request(&mut stream).expect("a head");
            if connection == 0 {
                // The first request is taken whole, so that the plan makes sense.
                let mut rest = std::io::Read::take(&stream, 32 << 20);
                std::io::copy(&mut rest, &mut std::io::sink()).expect("a body");
                answer(
                    &mut stream,
                    b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\nconnection: close\r\n\r\nHello, World!",
                );
            } else {
                answer(&mut stream, refusal);
                // Read on, lest a reset overtake the answer.
                let _ = std::io::copy(&mut stream, &mut std::io::sink());
            }
        }
    });
    let target = loadgen::Target::parse(&url).expect("a good URL");
    let request = loadgen::RequestForm::new("POST", &[], body).expect("a good form");
    let plan = Plan { connections: 1, request, stop: Stop::Requests(3), ..Plan::new(target) };
    let record = closed_loop(&plan).expect("a run");
    assert_counts(&record, 0, ErrorClass::BadStatus, 3);
}

#[test]
fn a_thousand_scripted_answers_have_their_counts_and_at_least_their_delays() {
    // Delays of 0 to 9 ms in turn on one connection, a hundred of each; the first answer is no part of the run.
    let delay = |request: usize| Duration::from_millis(request as u64 % 10);
    let server = Server::start(move |seen| {
        crate::server::wait_until(std::time::Instant::now() + delay(seen.request));
        Reply::greeting()
    });
    let record = closed_loop(&server.plan(1, 1_000)).expect("a run");
    assert_counts(&record, 1_000, ErrorClass::Protocol, 0);
    let samples = Samples::from_record(&record).expect("a whole record");
    // Each latency is its delay or more: of the k-th longest of both lists that is true too. True to a thousandth.
    for milliseconds in 1..10_u64 {
        let longer: u64 = samples
            .answered()
            .iter_recorded()
            .filter(|at| at.value_iterated_to() as f64 >= milliseconds as f64 * 1e6 * 0.999)
            .map(|at| at.count_at_value())
            .sum();
        assert!(longer >= (10 - milliseconds) * 100, "{milliseconds} ms: {longer}");
    }
}

#[test]
fn what_comes_unasked_is_told() {
    // The second half comes when nothing is asked: an open loop with long gaps leaves its connection idle.
    let server = Server::start(|seen| {
        let twice = Reply {
            fragment: Reply::greeting().bytes.len(),
            pause: Duration::from_millis(50),
            ..Reply::greeting()
        };
        if seen.request == 1 { Reply { bytes: twice.bytes.repeat(2), ..twice } } else { Reply::greeting() }
    });
    let schedule =
        loadgen::Schedule { arrivals: loadgen::Arrivals::Constant, ..loadgen::Schedule::steady(2.0) };
    let plan = Plan { pacing: loadgen::Pacing::Open(schedule), stop: Stop::Requests(2), ..server.plan(1, 2) };
    let record = loadgen::measure(&plan).expect("a run");
    assert_adds_up(&record);
    assert_eq!((record.requests.ok, record.connections.unsolicited), (2, Some(1)), "{:?}", record.requests);
    assert!(record.warnings.contains(&Warning::Unsolicited { connections: 1 }), "{:?}", record.warnings);
}
