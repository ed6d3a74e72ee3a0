//! Records of several processes as one: nothing is lost and nothing is averaged.

use loadgen::record::Latency;
use loadgen::{
    MergeError, Pacing, Plan, RunRecord, Samples, Schedule, Segment, Status, Warning, measure, merge,
};

use crate::program::loadgen;
use crate::server::{Reply, Server, assert_adds_up};

/// When every segment here is said to have started: they run one after another, as one process can.
const START: &str = "2026-01-02T03:04:05.000000000Z";

fn segment(server: &Server, index: u64, of: u64) -> RunRecord {
    let schedule = Schedule { seed: 5, segment: Segment { index, of }, ..Schedule::steady(3_000.0) };
    let record = measure(&Plan { pacing: Pacing::Open(schedule), ..server.plan(3, 500) }).expect("a run");
    RunRecord { started_at: Some(START.to_owned()), ..record }
}

fn starting(at: &str, record: &RunRecord) -> RunRecord {
    RunRecord { started_at: Some(at.to_owned()), ..record.clone() }
}

#[test]
fn segments_add_up_to_the_schedule() {
    let server = Server::start(|_| Reply::greeting());
    let records: Vec<_> = (0..3).map(|index| segment(&server, index, 3)).collect();
    assert_eq!(records.iter().map(|record| record.requests.scheduled).collect::<Vec<_>>(), [167, 167, 166]);
    let total = merge(&records).expect("one schedule");
    assert_adds_up(&total);
    assert_eq!((total.requests.scheduled, total.requests.ok), (500, 500));
    assert_eq!((total.connections.wanted, total.plan.connections, total.plan.threads), (9, 9, 3));
    assert_eq!((total.runs.len(), total.started_at.as_deref()), (3, Some(START)));
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
    let waited = records.each_ref().map(|record| record.generator.cpu_waited_s);
    let sum = waited[0].zip(waited[1]).map(|(first, second)| first + second);
    assert_eq!(total.generator.cpu_waited_s, sum);
    let mut untold = records.clone();
    untold[1].generator.cpu_waited_s = None;
    assert_eq!(merge(&untold).expect("one plan").generator.cpu_waited_s, None);
    assert_eq!(merge(&records[..1]).expect("one record"), records[0]);
    assert_eq!(total.started_at, records[0].started_at);
    let twice = [records[0].clone(), records[1].clone(), records[0].clone()];
    assert!(matches!(merge(&twice), Err(MergeError::Twice(3))));
    // Two that went on side by side did not come one after another.
    let long = |at| RunRecord { duration_s: 5.0, ..starting(at, &records[0]) };
    let beside = RunRecord { runs: vec!["another".to_owned()], ..long("2026-01-02T03:04:08Z") };
    assert!(matches!(merge(&[long(START), beside]), Err(MergeError::Overlap(2))));
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let server = Server::start(|_| Reply::greeting());
    let (first, second) = (segment(&server, 0, 2), segment(&server, 1, 2));
    assert!(matches!(merge(&[]), Err(MergeError::Nothing)));
    assert!(matches!(merge(&[first.clone(), second.clone(), first.clone()]), Err(MergeError::Segment(3))));
    assert!(matches!(merge(&[first.clone(), segment(&server, 1, 3)]), Err(MergeError::Segment(2))));
    let other = measure(&server.plan(3, 10)).expect("a run");
    assert!(matches!(merge(&[first.clone(), second.clone(), other]), Err(MergeError::Plan(3))));
    // A tenth of a second apart is together, more is not; a hundredth of the length is.
    let near = starting("2026-01-02T03:04:05.099Z", &second);
    merge(&[first.clone(), near]).expect("together");
    let apart = starting("2026-01-02T03:04:05.2Z", &second);
    assert!(matches!(merge(&[first.clone(), apart.clone()]), Err(MergeError::Apart { record: 2, .. })));
    let long = [&first, &apart].map(|record| RunRecord { duration_s: 30.0, ..record.clone() });
    merge(&long).expect("a hundredth of it");
    // What nobody knows is said.
    let unknown = RunRecord { started_at: None, ..second.clone() };
    let total = merge(&[first.clone(), unknown]).expect("taken to be together");
    assert!(total.warnings.contains(&Warning::StartUnknown) && total.started_at.is_none());
    // Another request is another plan.
    let mut posted = second;
    posted.plan.headers = Some(vec!["accept: text/plain".to_owned()]);
    assert!(matches!(merge(&[first, posted]), Err(MergeError::Plan(2))));
}

#[test]
fn the_exit_code_says_whether_the_records_belong_together_and_are_valid() {
    let server = Server::start(|_| Reply::greeting());
    let folder = tempfile::tempdir().expect("a folder");
    let run = || measure(&server.plan(2, 300)).expect("a run");
    let (first, second) = (run(), run());
    let mut invalid = second.clone();
    invalid.verdict.status = Status::Invalid;
    let exit = |records: [&RunRecord; 2]| {
        let files = [0, 1].map(|index| {
            let path = folder.path().join(index.to_string());
            std::fs::write(&path, serde_json::to_vec(records[index]).expect("JSON")).expect("a file");
            path.display().to_string()
        });
        loadgen(&["merge", &files[0], &files[1]]).output().expect("the binary runs").status.code()
    };
    let valid = |record: &RunRecord| {
        let mut record = record.clone();
        record.verdict.status = Status::Valid;
        record
    };
    assert_eq!(exit([&valid(&first), &valid(&second)]), Some(0));
    assert_eq!(exit([&first, &invalid]), Some(4));
    assert_eq!(exit([&first, &first]), Some(2));
}
