//! Several processes that start at one time of day, each with a segment of one schedule: together they are one.

use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use loadgen::{Schedule, Segment, Timetable, merge};

use crate::program::loadgen;
use crate::server::{Reply, Server, assert_adds_up};

const REQUESTS: u64 = 400;
const RATE: f64 = 1_000.0;
/// How far the two clocks, of the day and of the test, may be read apart.
const SLACK: Duration = Duration::from_millis(2);

#[test]
fn two_segments_send_exactly_the_schedule_of_one() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let server = Server::reading(move |seen, head| {
        let name = head.split(' ').nth(1).and_then(|path| path.strip_prefix('/')).expect("a request line");
        if seen.request > 0 {
            let number: u64 =
                name.strip_prefix("user-").and_then(|text| text.parse().ok()).expect("a number");
            log.lock().expect("no test thread has panicked").push((number, Instant::now()));
        }
        Reply::ok(&format!("Hello, {name}!"))
    });
    // Far enough off for both to be ready, were it an idle machine; on a busy one they begin late.
    // This clock first: what passes between the two readings then makes requests late, never early.
    let (start, ahead) = (Instant::now(), Duration::from_secs(4));
    #[expect(clippy::disallowed_methods, reason = "the time of day is what two processes have in common")]
    let now = SystemTime::now();
    let at = (now + ahead).duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs_f64();
    let url = format!("http://{}/user-{{0..{}}}", server.addr, REQUESTS - 1);
    let (rate, requests, at) = (RATE.to_string(), REQUESTS.to_string(), at.to_string());
    let children = ["1/2", "2/2"].map(|segment| {
        let common = [&url, "-c", "4", "-R", &rate, "--seed", "9", "-n", &requests, "--start-at", &at];
        let mut command = loadgen(&common);
        command.args(["--segment", segment, "--output-format", "json"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs")
    });
    let records = children.map(|child| {
        let output = child.wait_with_output().expect("the child ends");
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
    });
    // Two processes on a busy machine may wake up apart: what adds up is looked at here, not when.
    let records: [loadgen::RunRecord; 2] = records;
    let together = [0, 1].map(|index| loadgen::RunRecord { started_at: None, ..records[index].clone() });
    let total = merge(&together).expect("segments of one schedule");
    assert_adds_up(&total);
    assert_eq!((total.requests.scheduled, total.requests.ok), (REQUESTS, REQUESTS));
    let schedule = Schedule { seed: 9, ..Schedule::steady(RATE) };
    assert_eq!(total.plan.schedule, Some(schedule));
    assert_eq!(
        records.map(|record| record.plan.schedule.map(|schedule| schedule.segment)),
        [0, 1].map(|index| Some(Segment { index, of: 2 }))
    );
    // Each request of the whole schedule was sent once, by one of the two, and by neither before it was due.
    let mut asked = asked.lock().expect("no test thread has panicked").clone();
    asked.sort_unstable();
    let numbers: Vec<_> = asked.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (0..REQUESTS).collect::<Vec<_>>());
    let mut timetable = Timetable::new(&schedule);
    for (number, came) in asked {
        let due = start + ahead + timetable.due(number);
        assert!(came + SLACK >= due, "{number} came {:?} before it was due", due - came);
    }
}
