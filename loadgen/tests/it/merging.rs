//! Records of several processes as one: nothing is lost and nothing is averaged.

use loadgen::record::Latency;
use loadgen::{MergeError, Pacing, Plan, RunRecord, Samples, Schedule, Segment, measure, merge};

use crate::server::{Reply, Server, assert_adds_up};

fn segment(server: &Server, index: u64, of: u64) -> RunRecord {
    let schedule = Schedule { seed: 5, segment: Segment { index, of }, ..Schedule::steady(3_000.0) };
    measure(&Plan { pacing: Pacing::Open(schedule), ..server.plan(3, 500) }).expect("a run")
}

#[test]
fn segments_add_up_to_the_schedule() {
    let server = Server::start(|_| Reply::greeting());
    let records: Vec<_> = (0..3).map(|index| segment(&server, index, 3)).collect();
    assert_eq!(records.iter().map(|record| record.requests.scheduled).collect::<Vec<_>>(), [167, 167, 166]);
    let total = merge(&records).expect("one schedule");
    assert_adds_up(&total);
    assert_eq!((total.requests.scheduled, total.requests.ok), (500, 500));
    assert_eq!(total.connections.wanted, 9);
    assert_eq!(total.plan.schedule.map(|schedule| schedule.segment), Some(Segment::WHOLE));
    let Latency { first_byte, connect, opening_connect, .. } = &total.latency;
    assert_eq!((first_byte.answered, connect.answered, opening_connect.answered), (500, 0, 9));
    // The histogram of the whole is that of the joined samples.
    let mut joined = Samples::of(&records[0].latency.corrected).expect("an open loop");
    for record in &records[1..] {
        joined.merge(&Samples::of(&record.latency.corrected).expect("an open loop"));
    }
    assert_eq!(Samples::of(&total.latency.corrected).expect("an open loop"), joined);
}

#[test]
fn runs_of_a_closed_loop_come_one_after_another() {
    let server = Server::start(|_| Reply::greeting());
    let records = [(); 2].map(|()| measure(&server.plan(2, 300)).expect("a run"));
    let total = merge(&records).expect("one plan");
    assert_adds_up(&total);
    assert_eq!((total.requests.ok, total.connections.wanted), (600, 2));
    assert!((total.duration_s - records[0].duration_s - records[1].duration_s).abs() < 1e-9);
    assert!(total.latency.corrected.reason.is_some());
    assert_eq!(merge(&records[..1]).expect("one record"), records[0]);
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let server = Server::start(|_| Reply::greeting());
    let (first, second) = (segment(&server, 0, 2), segment(&server, 1, 2));
    assert!(matches!(merge(&[]), Err(MergeError::Nothing)));
    assert!(matches!(merge(&[first.clone(), second.clone(), first.clone()]), Err(MergeError::Segment(3))));
    assert!(matches!(merge(&[first.clone(), segment(&server, 1, 3)]), Err(MergeError::Segment(2))));
    let other = measure(&server.plan(3, 10)).expect("a run");
    assert!(matches!(merge(&[first, second, other]), Err(MergeError::Plan(3))));
}
