//! Times on the way to an answer: connecting, and the first byte.

use std::time::Duration;

use loadgen::record::Latency;
use loadgen::{Pacing, Plan, Samples, Schedule, Stop, measure};

use crate::server::{Reply, Server, Then, assert_adds_up};

/// The mean of all observations, in nanoseconds.
fn mean(samples: &Samples) -> f64 {
    samples.answered().mean()
}

#[test]
fn an_answer_in_one_piece_has_its_first_byte_when_it_has_its_last() {
    let server = Server::start(|_| Reply::greeting());
    for pacing in [Pacing::Closed, Pacing::Open(Schedule::steady(5_000.0))] {
        let record = measure(&Plan { pacing, ..server.plan(3, 300) }).expect("a run");
        let Latency { first_byte, uncorrected, connect, opening_connect, .. } = &record.latency;
        assert_eq!(first_byte, uncorrected);
        assert_eq!((connect.answered, connect.censored), (0, 0));
        assert_eq!((opening_connect.answered, opening_connect.censored), (3, 0));
    }
}

#[test]
fn what_comes_after_the_first_byte_is_not_in_its_time() {
    const PAUSE: Duration = Duration::from_millis(20);
    // The head is longer than a fragment and the rest of it shorter: two writes, one pause.
    let server = Server::start(|_| Reply { fragment: 40, pause: PAUSE, ..Reply::greeting() });
    let record = measure(&server.plan(2, 40)).expect("a run");
    assert_adds_up(&record);
    let first = Samples::of(&record.latency.first_byte).expect("a run");
    let whole = Samples::of(&record.latency.uncorrected).expect("a run");
    assert_eq!(first.answered().len(), 40);
    let between = mean(&whole) - mean(&first);
    // As long as the server waited, less the histogram's precision.
    assert!(between >= PAUSE.as_nanos() as f64 * 0.99, "{between}");
}

#[test]
fn a_first_byte_is_known_even_if_the_last_one_never_comes() {
    let part = || Reply::greeting().cut(20).then(Then::Silence);
    for (reply, answered, censored) in
        [(part as fn() -> Reply, 3, 0), (Reply::silence as fn() -> Reply, 0, 3)]
    {
        let server = Server::start(move |seen| if seen.request == 0 { Reply::greeting() } else { reply() });
        let plan = Plan { stop: Stop::After(Duration::from_millis(300)), ..server.plan(3, 1) };
        let record = measure(&plan).expect("a run");
        assert_eq!(record.requests.in_flight, 3);
        let first_byte = &record.latency.first_byte;
        assert_eq!((first_byte.answered, first_byte.censored), (answered, censored));
        assert_eq!(record.latency.uncorrected.censored, 3);
    }
}

#[test]
fn connecting_has_a_time_of_its_own_and_is_no_part_of_the_first_bytes() {
    let server = Server::reading(|_, _| Reply::greeting().then(Then::Close));
    for pacing in [Pacing::Closed, Pacing::Open(Schedule::steady(2_000.0))] {
        let plan = Plan { new_connections: true, pacing, ..server.plan(3, 200) };
        let record = measure(&plan).expect("a run");
        assert_adds_up(&record);
        let of = |distribution| Samples::of(distribution).expect("a run");
        let (connect, first) = (of(&record.latency.connect), of(&record.latency.first_byte));
        let whole = of(&record.latency.uncorrected);
        assert_eq!((connect.answered().len(), first.answered().len()), (200, 200));
        // Both are parts of the whole, and neither is nothing.
        assert!(connect.answered().min() > 1_000 && first.answered().min() > 1_000);
        assert!(mean(&connect) + mean(&first) <= mean(&whole) * 1.002, "{:?}", record.latency);
    }
}
