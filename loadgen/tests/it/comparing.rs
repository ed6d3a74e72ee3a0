//! Two records held against each other: what is refused, what is told, what makes no difference.

use loadgen::compare::{CompareError, Outcome, compare};
use loadgen::record::StopRecord;
use loadgen::{
    Arrivals, BodyCheck, ErrorClass, ExpectedBody, OfferedRate, Opening, Pacing, Plan, RunRecord, Schedule,
    Segment, Transport, measure,
};

use crate::program::transcript;
use crate::server::{Reply, Server};

type Change = fn(&mut RunRecord);

fn record(pacing: Pacing) -> RunRecord {
    let server = Server::start(|_| Reply::greeting());
    measure(&Plan { pacing, ..server.plan(2, 100) }).expect("a run")
}

fn schedule(record: &mut RunRecord) -> &mut Schedule {
    record.plan.schedule.as_mut().expect("an open loop")
}

#[test]
fn runs_that_did_not_do_the_same_are_refused_by_name() {
    let first = record(Pacing::Open(Schedule::steady(10_000.0)));
    let changes: [(&str, Change); 17] = [
        ("transport", |record| record.plan.transport = Transport::Reqwest),
        ("engine", |record| record.generator.engine = "reqwest".to_owned()),
        ("method", |record| record.plan.method = "HEAD".to_owned()),
        ("headers", |record| record.plan.headers = Some(vec!["accept: */*".to_owned()])),
        ("SHA-256 of the request's body", |record| record.plan.body_sha256 = Some("0".repeat(64))),
        ("connections", |record| record.plan.connections += 1),
        ("connections for each request", |record| record.plan.new_connections = true),
        ("threads", |record| record.plan.threads += 1),
        ("loop", |record| record.plan.r#loop = "closed".to_owned()),
        ("offered rate", |record| schedule(record).rate = OfferedRate::Steady(10_001.0)),
        ("arrivals", |record| schedule(record).arrivals = Arrivals::Constant),
        ("segment", |record| schedule(record).segment = Segment { index: 1, of: 2 }),
        ("spinning", |record| record.plan.spin = true),
        ("number of paths", |record| record.plan.paths = 10),
        ("expected status", |record| record.validation.status = 404),
        ("validation of bodies", |record| record.validation.body = BodyCheck::Off),
        ("timeout in seconds", |record| record.plan.timeout_s += 1.0),
    ];
    for (condition, change) in changes {
        let mut second = first.clone();
        change(&mut second);
        let CompareError(differences) = compare(&first, &second).expect_err(condition);
        let named: Vec<_> = differences.iter().map(|difference| difference.condition).collect();
        assert_eq!(named, [condition]);
        assert!(
            CompareError(differences).to_string().starts_with(&format!("the runs differ in {condition} ("))
        );
    }
}

#[test]
fn what_may_be_the_reason_is_told_and_a_seed_is_none() {
    let first = record(Pacing::Open(Schedule::steady(10_000.0)));
    let changes: [(&[&str], Change); 14] = [
        (&[], |record| schedule(record).seed = 7),
        (&[], |record| record.generator.cpu_user_s += 1.0),
        (&["headers"], |record| record.plan.headers = None),
        (&["URL"], |record| record.plan.url = "http://127.0.0.1:1/Bob".to_owned()),
        (&["length"], |record| record.plan.stop = StopRecord::AfterS(1.0)),
        (&["warm-up in seconds"], |record| record.plan.warmup_s = 1.0),
        (&["expected body"], |record| record.plan.expect.body = ExpectedBody::Exact("x".to_owned())),
        (&["length of the body"], |record| record.validation.body_bytes = Some(1)),
        (&["opening"], |record| record.plan.opening = Opening::Burst),
        (&["connections opened a second"], |record| record.plan.connect_rate_per_sec = Some(5.0)),
        (&["any certificate"], |record| record.plan.insecure = true),
        (&["version of the generator"], |record| record.generator.version = "0.0.1".to_owned()),
        (&["CPUs"], |record| record.generator.cpus = vec![1_000]),
        (&["deep sleep prevented"], |record| record.generator.cpu_sleep.prevented ^= true),
    ];
    for (conditions, change) in changes {
        let mut second = first.clone();
        change(&mut second);
        let comparison = compare(&first, &second).expect("the same load");
        let named: Vec<_> = comparison.differences.iter().map(|difference| difference.condition).collect();
        assert_eq!(named, conditions);
        assert_eq!(comparison.remark().is_some(), !conditions.is_empty());
        assert_eq!(comparison.rows.len(), 5);
    }
}

#[test]
fn who_fails_half_of_the_requests_is_never_better() {
    let honest = record(Pacing::Closed);
    let mut failing = honest.clone();
    let distribution = &mut failing.latency.uncorrected;
    for interval in distribution.intervals_ns.values_mut() {
        *interval = [interval[0] / 10, interval[1] / 10];
    }
    failing.requests.ok /= 2;
    failing.requests.errors.insert(ErrorClass::BadStatus, failing.requests.ok);
    let rows = compare(&honest, &failing).expect("the same load").rows;
    assert_eq!((rows[0].figure, rows[0].outcome), ("failed", Outcome::Worse));
    assert!(rows.iter().all(|row| row.outcome != Outcome::Better), "{rows:?}");
}

#[test]
fn the_binary_says_in_one_line_why_it_refuses_and_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = record(Pacing::Closed);
    let mut reqwest = first.clone();
    reqwest.plan.transport = Transport::Reqwest;
    reqwest.generator.engine = "reqwest".to_owned();
    let mut longer = first.clone();
    longer.plan.stop = StopRecord::Requests(200);
    let written = |name: &str, record: &RunRecord| {
        let path = folder.path().join(name).display().to_string();
        std::fs::write(&path, serde_json::to_vec(record).expect("JSON")).expect("a file");
        path
    };
    let paths = [("first", &first), ("reqwest", &reqwest), ("longer", &longer)];
    let [first, reqwest, longer] = paths.map(|(name, record)| written(name, record));
    let transcripts = [&reqwest, &longer].map(|second| transcript(&["compare", &first, second]));
    let refusal = "\nloadgen: the runs differ in transport (raw; reqwest), engine (mio-epoll; reqwest); run one of them \
                   again as the other was, and compare those\nexit code 2\n";
    assert!(transcripts[0].ends_with(refusal) && transcripts[0].lines().count() == 3, "{}", transcripts[0]);
    let remark =
        "\nloadgen: the runs also differ in length ({\"requests\":100}; {\"requests\":200})\nexit code 0\n";
    assert!(transcripts[1].ends_with(remark), "{}", transcripts[1]);
}
