//! Connections that are held and not served: the record shows them, though no error does.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use loadgen::{Arrivals, Cancel, ErrorClass, Opening, Pacing, Plan, Schedule, Session, Stop, Warning};

use crate::server::{Reply, Seen, Server, assert_adds_up, assert_counts, read_request};

const CONNECTIONS: usize = 8;
const SERVED: usize = 5;

/// Presses `cancel` as soon as each of the served connections has got `enough` answers.
fn count_until(cancel: &Cancel, enough: u64) -> impl Fn(usize) + Send + Sync + use<> {
    let cancel = cancel.clone();
    let answers = Mutex::new([0; SERVED]);
    move |connection| {
        let mut answers = answers.lock().expect("no test thread has panicked");
        answers[connection] += 1;
        if answers.iter().all(|count| *count >= enough) {
            cancel.cancel();
        }
    }
}

fn endless(server: &Server) -> Plan {
    Plan { stop: Stop::After(Duration::from_mins(10)), ..server.plan(CONNECTIONS, 1) }
}

#[test]
fn connections_that_are_forgotten_after_the_ramp_are_starved() {
    let cancel = Cancel::new();
    let count = count_until(&cancel, 20);
    let server = Server::start(move |Seen { connection, request }| {
        if connection < SERVED {
            count(connection);
        } else if request > 0 {
            return Reply::silence();
        }
        Reply::greeting()
    });
    let plan = endless(&server);
    let record =
        Session::open(&plan).and_then(|mut session| session.run(&plan.stop, &cancel)).expect("a run");
    assert_adds_up(&record);
    assert!(record.interrupted);
    assert_eq!(record.requests.failed(), 0);
    assert_eq!(record.connections.held, CONNECTIONS);
    assert_eq!(record.connections.starved, CONNECTIONS - SERVED);
    let starved = Warning::Starved { starved: CONNECTIONS - SERVED, wanted: CONNECTIONS };
    assert!(record.warnings.contains(&starved), "{:?}", record.warnings);
    // The forgotten requests are the longest observations, and nobody knows how long they would have become.
    assert_eq!(record.latency.uncorrected.max_ns, None);
    assert_eq!(record.latency.uncorrected.mean_ns, None);
}

/// Their requests belong to the warm-up, so that the window has none of them; it has the connections.
#[test]
fn connections_that_are_forgotten_in_the_warm_up_of_an_open_loop_starve_in_the_window() {
    let server =
        Server::start(
            move |Seen { connection, request }| {
                if connection >= SERVED && request > 0 { Reply::silence() } else { Reply::greeting() }
            },
        );
    let plan = Plan { pacing: Pacing::Open(Schedule::steady(1_000.0)), ..endless(&server) };
    let mut session = Session::open(&plan).expect("a session");
    let cancel = Cancel::new();
    session.run(&Stop::After(Duration::from_millis(500)), &cancel).expect("a warm-up");
    let record = session.run(&Stop::After(Duration::from_millis(500)), &cancel).expect("a run");
    assert_adds_up(&record);
    assert_eq!(record.requests.failed(), 0);
    assert_eq!(record.connections.starved, CONNECTIONS - SERVED);
}

#[test]
fn connections_without_a_first_answer_are_not_held_and_still_counted() {
    let cancel = Cancel::new();
    let count = count_until(&cancel, 20);
    let server = Server::start(move |Seen { connection, .. }| {
        if connection >= SERVED {
            return Reply::silence();
        }
        count(connection);
        Reply::greeting()
    });
    // The patience of the ramp is used up by the silent ones, and bounded.
    let plan = Plan { timeout: Duration::from_secs(2), ..endless(&server) };
    let record =
        Session::open(&plan).and_then(|mut session| session.run(&plan.stop, &cancel)).expect("a run");
    assert_adds_up(&record);
    assert_eq!(record.connections.held, SERVED);
    assert_eq!(record.connections.starved, CONNECTIONS - SERVED);
    assert!(record.warnings.contains(&Warning::FewerHeld { held: SERVED, wanted: CONNECTIONS }));
}

#[test]
fn a_burst_opens_every_connection_before_any_but_the_first_is_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/World", listener.local_addr().expect("a bound socket"));
    let server = thread::spawn(move || {
        let answer = |mut stream: TcpStream| {
            assert!(read_request(&mut stream).expect("a request"));
            stream.write_all(&Reply::greeting().bytes).expect("a listening client");
            stream
        };
        let accept = |_| listener.accept().expect("a connection").0;
        let first = answer(accept(0));
        // Connection by connection, the second would wait for its answer and the third never come.
        let others: Vec<_> = (1..CONNECTIONS).map(accept).collect();
        (first, others.into_iter().map(answer).collect::<Vec<_>>())
    });
    let target = loadgen::Target::parse(&url).expect("a good URL");
    let plan = Plan { connections: CONNECTIONS, opening: Opening::Burst, ..Plan::new(target) };
    let started = Instant::now();
    let session = Session::open(&plan).expect("a session");
    // Half of the patience is what a silent connection would have taken.
    assert!(started.elapsed() < plan.timeout / 2);
    drop(server.join().expect("the server has done its part"));
    drop(session);
}

#[test]
fn connections_are_opened_no_faster_than_asked_for() {
    let server = Server::start(|_| Reply::greeting());
    let started = Instant::now();
    let plan = Plan { connect_rate: Some(100.0), ..server.plan(6, 1) };
    Session::open(&plan).expect("a session");
    assert!(started.elapsed() >= Duration::from_millis(50));
}

#[test]
fn nobody_starves_where_everybody_is_served() {
    let cancel = Cancel::new();
    let count = count_until(&cancel, 20);
    let server = Server::start(move |seen| {
        count(seen.connection);
        Reply::greeting()
    });
    let plan = Plan { connections: SERVED, ..endless(&server) };
    let record =
        Session::open(&plan).and_then(|mut session| session.run(&plan.stop, &cancel)).expect("a run");
    assert_counts(&record, record.requests.ok, ErrorClass::Protocol, 0);
    assert_eq!(record.connections.starved, 0);
}

#[test]
fn a_connection_that_hangs_in_the_warm_up_is_seen_in_the_run_after_it() {
    // One of four connections is answered once, when it is opened, and never again.
    let server =
        Server::start(
            |Seen { connection, request }| {
                if connection == 1 && request > 0 { Reply::silence() } else { Reply::greeting() }
            },
        );
    let run = |timeout| {
        let schedule = Schedule { arrivals: Arrivals::Constant, ..Schedule::steady(500.0) };
        let plan = Plan { pacing: Pacing::Open(schedule), timeout, ..server.plan(4, 1) };
        let cancel = Cancel::new();
        let mut session = Session::open(&plan).expect("a session");
        session.warm_up(Duration::from_millis(100), &cancel).expect("a warm-up");
        let record = session.run(&Stop::Requests(200), &cancel).expect("a run");
        assert_adds_up(&record);
        record
    };
    // With all the patience that there is, it hangs in the run too.
    let record = run(Duration::from_mins(1));
    let carried = record.requests.carried.as_ref().expect("an open loop");
    assert_eq!((carried.total, carried.ok, carried.in_flight), (1, 0, 1), "{carried:?}");
    assert_eq!(record.connections.starved, 1);
    assert!(record.warnings.contains(&Warning::Starved { starved: 1, wanted: 4 }), "{:?}", record.warnings);
    assert_eq!(record.connections.served.expect("a run").min, 0);
}

#[test]
fn what_hung_in_the_warm_up_and_times_out_in_the_run_is_counted() {
    let server =
        Server::start(
            |Seen { connection, request }| {
                if connection == 1 && request > 0 { Reply::silence() } else { Reply::greeting() }
            },
        );
    let schedule = Schedule { arrivals: Arrivals::Constant, ..Schedule::steady(500.0) };
    let timeout = Duration::from_millis(400);
    let plan = Plan { pacing: Pacing::Open(schedule), timeout, ..server.plan(4, 1) };
    let cancel = Cancel::new();
    let mut session = Session::open(&plan).expect("a session");
    session.warm_up(Duration::from_millis(100), &cancel).expect("a warm-up");
    let record = session.run(&Stop::Requests(400), &cancel).expect("a run");
    assert_adds_up(&record);
    let carried = record.requests.carried.as_ref().expect("an open loop");
    assert_eq!((carried.total, carried.errors.get(&ErrorClass::Timeout)), (1, Some(&1)), "{carried:?}");
    assert_eq!(record.requests.carried_failed(), 1);
    assert!(record.warnings.contains(&Warning::CarriedFailed { requests: 1 }), "{:?}", record.warnings);
}

/// Answers to early requests would have the event loop begin the next ones before the last connections have begun at all: for as long
/// as there are such connections, few are taken between two batches of beginnings.
#[test]
fn no_connection_waits_for_its_turn_while_others_have_many() {
    let server = Server::start(|_| Reply::greeting());
    // 64 begin at a time, and at most 16 answers are taken in between, each of which begins one request more.
    let (connections, requests) = (512, 512 + 512 / 64 * 16);
    let record = loadgen::measure(&server.plan(connections, requests)).expect("a run");
    let answers = record.connections.served.expect("one event loop's run");
    assert_eq!((answers.min, record.connections.starved), (1, 0), "{answers:?}");
}
