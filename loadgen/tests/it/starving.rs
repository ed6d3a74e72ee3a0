//! Connections that are held and not served: the record shows them, though no error does.

use std::sync::Mutex;
use std::time::Duration;

use loadgen::{Cancel, ErrorClass, Plan, Session, Stop, Warning};

use crate::server::{Reply, Seen, Server, assert_adds_up, assert_counts};

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
