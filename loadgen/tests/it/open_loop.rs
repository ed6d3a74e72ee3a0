//! The open loop: what is sent when, and which time counts.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use loadgen::{
    Arrivals, Cancel, ErrorClass, OfferedRate, Pacing, Plan, RunRecord, Samples, Schedule, Session, Stop,
    measure,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::server::{Reply, Server, assert_adds_up, assert_counts, wait_until};

/// An open loop at constant gaps.
fn constant(per_sec: f64, plan: Plan) -> Plan {
    let rate = OfferedRate::Steady(per_sec);
    Plan {
        pacing: Pacing::Open(Schedule { rate, arrivals: Arrivals::Constant, ..Schedule::steady(1.0) }),
        ..plan
    }
}

fn after(window: Duration, plan: Plan) -> Plan {
    Plan { stop: Stop::After(window), ..plan }
}

#[test]
fn every_scheduled_request_is_sent_once_and_not_before_it_is_due() {
    let server = Server::start(|_| Reply::greeting());
    for (threads, spin) in [(1, false), (3, false), (2, true)] {
        let plan = Plan { threads, spin, ..constant(2_000.0, server.plan(6, 1_000)) };
        let record = measure(&plan).expect("a run");
        assert_counts(&record, 1_000, ErrorClass::Protocol, 0);
        assert_eq!(record.requests.scheduled, 1_000);
        // The last is due after 999 gaps.
        assert!(record.duration_s >= 0.4995, "{}", record.duration_s);
        assert_eq!(record.latency.corrected.answered, 1_000);
        assert_eq!(record.latency.schedule_lag.answered, 1_000);
    }
}

#[test]
fn a_poisson_run_sends_what_its_timetable_says() {
    let server = Server::start(|_| Reply::greeting());
    let schedule = Schedule { seed: 42, ..Schedule::steady(1_000.0) };
    let window = Duration::from_millis(300);
    let plan = Plan { pacing: Pacing::Open(schedule), ..after(window, server.plan(8, 1)) };
    let record = measure(&plan).expect("a run");
    assert_adds_up(&record);
    assert_eq!(record.requests.scheduled, loadgen::Timetable::new(&schedule).due_before(window));
    assert_eq!(record.rate.target_per_sec, Some(1_000.0));
    assert_eq!(record.plan.schedule, Some(schedule));
}

#[test]
fn what_finds_no_free_connection_is_unsent_and_in_the_corrected_latency() {
    let server = Server::start(|seen| if seen.request == 0 { Reply::greeting() } else { Reply::silence() });
    let window = Duration::from_millis(200);
    let plan = constant(1_000.0, after(window, server.plan(3, 1)));
    let record = measure(&plan).expect("a run");
    assert_adds_up(&record);
    let requests = &record.requests;
    assert_eq!((requests.scheduled, requests.sent, requests.unsent), (200, 3, 197));
    assert_eq!(requests.in_flight, 3);
    assert_eq!(record.latency.uncorrected.censored, 3);
    let corrected = Samples::of(&record.latency.corrected).expect("an open loop");
    assert_eq!(corrected.censored().len(), 200);
    // The first was due at 0, the last a gap before the end.
    assert!(corrected.censored().equivalent(corrected.censored().max(), 200_000_000));
    assert!(corrected.censored().equivalent(corrected.censored().min(), 1_000_000));
    assert_eq!(record.latency.corrected.p50_ns, None);
    assert_eq!(record.verdict.status, loadgen::Status::Invalid);
}

#[test]
fn an_interrupted_open_loop_counts_what_was_due_until_then() {
    let cancel = Cancel::new();
    let press = cancel.clone();
    let server = Server::start(move |seen| {
        if seen.request == 20 {
            press.cancel();
        }
        Reply::greeting()
    });
    let plan = Plan { threads: 2, ..constant(500.0, after(Duration::from_mins(10), server.plan(4, 1))) };
    let record =
        Session::open(&plan).and_then(|mut session| session.run(&plan.stop, &cancel)).expect("a run");
    assert_adds_up(&record);
    assert!(record.interrupted);
    let due = record.duration_s * 500.0;
    assert!((record.requests.scheduled as f64 - due).abs() <= 1.0, "{due} {:?}", record.requests);
}

#[test]
fn what_one_run_leaves_unanswered_is_none_of_the_next_ones_schedule() {
    let server = Server::start(|seen| if seen.request < 2 { Reply::greeting() } else { Reply::silence() });
    let plan = Plan { ..constant(100.0, server.plan(2, 1)) };
    let mut session = Session::open(&plan).expect("a session");
    let window = Stop::After(Duration::from_millis(100));
    let first = session.run(&window, &Cancel::new()).expect("a run");
    assert_adds_up(&first);
    assert_eq!((first.requests.ok, first.requests.in_flight, first.requests.unsent), (2, 2, 6));
    let second = session.run(&window, &Cancel::new()).expect("a run");
    assert_adds_up(&second);
    assert_eq!((second.requests.sent, second.requests.unsent), (0, 10));
}

#[test]
fn failed_requests_are_counted_and_later_ones_still_sent() {
    let server = Server::start(|seen| {
        if seen.request % 5 == 4 {
            Reply::greeting().cut(45).then(crate::server::Then::Close)
        } else {
            Reply::greeting()
        }
    });
    let record = measure(&constant(2_000.0, server.plan(4, 400))).expect("a run");
    assert_adds_up(&record);
    assert_eq!(record.requests.sent, 400);
    assert!(record.requests.errors[&ErrorClass::ClosedEarly] > 50, "{:?}", record.requests);
}

/// Not a test but a server in a process of its own, when the test below starts this binary again.
#[test]
fn as_a_process() {
    if std::env::var_os("LOADGEN_TEST_SERVER").is_none() {
        return;
    }
    let server = Server::start(|_| Reply::greeting());
    println!("\nlistening on {}", server.url());
    // Until the parent closes the pipe.
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).expect("a pipe");
}

/// A child that is killed when it goes out of scope, stopped or not.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.0.id().try_into().expect("a process id"));
        kill(pid, signal).expect("the child lives");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn server_process() -> (Process, String) {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command.args(["--exact", "open_loop::as_a_process", "--nocapture"]).env("LOADGEN_TEST_SERVER", "1");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("this test starts again");
    let stdout = child.stdout.take().expect("a pipe");
    let process = Process(child);
    let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
    let url = lines.find_map(|line| line.strip_prefix("listening on ").map(str::to_owned));
    (process, url.expect("the server's first line"))
}

fn percentile(samples: &Samples, q: f64) -> f64 {
    samples.percentile(q).expect("ten thousand requests") as f64 / 1e9
}

/// A server that stands still for S of T seconds: of the requests, S/T are late by 0 to S, so percentile q is
/// S − (1 − q)·T. A generator that stands still with it would print the service time of the others.
///
/// That is of a server that has worked off the queue at once. One that answers R requests a second answers the request that was due t after
/// the freeze began only after λ·t others, at the offered rate λ, so the percentile lies between that and S − (1 − q)·T·(1 − λ/R).
#[test]
fn a_frozen_server_shows_in_the_corrected_latency_at_full_length() {
    const FROZEN: f64 = 2.0;
    const WINDOW: f64 = 10.0;
    const OFFERED: f64 = 1_000.0;
    let attempt = || {
        let (server, url) = server_process();
        let target = loadgen::Target::parse(&url).expect("a good URL");
        let plan = Plan { connections: 16, ..Plan::new(target) };
        let able = measure(&after(Duration::from_millis(500), plan.clone())).expect("a closed loop");
        let queueing = OFFERED / able.rate.achieved_per_sec;
        let plan = constant(OFFERED, after(Duration::from_secs_f64(WINDOW), plan));
        let mut session = Session::open(&plan).expect("a session");
        let freezer = thread::spawn(move || {
            let start = Instant::now() + Duration::from_secs(3);
            wait_until(start);
            server.signal(Signal::SIGSTOP);
            wait_until(start + Duration::from_secs_f64(FROZEN));
            server.signal(Signal::SIGCONT);
            server
        });
        let record = session.run(&plan.stop, &Cancel::new()).expect("a run");
        drop(freezer.join().expect("signals can be sent"));
        assert_adds_up(&record);
        assert_eq!(record.requests.scheduled, 10_000);
        let corrected = Samples::of(&record.latency.corrected).expect("an open loop");
        let uncorrected = Samples::of(&record.latency.uncorrected).expect("a run");
        // What others would have printed: next to nothing of the two seconds.
        let hidden = percentile(&uncorrected, 0.9) < 0.2;
        let found = [0.9, 0.95, 0.99].map(|q| {
            let after_the_freeze_began = (1.0 - q) * WINDOW;
            let at_least = FROZEN - after_the_freeze_began;
            (percentile(&corrected, q), at_least, at_least + after_the_freeze_began * queueing)
        });
        let near = |(found, at_least, at_most)| (0.95 * at_least..=1.05 * at_most).contains(&found);
        (hidden && found.into_iter().all(near), found)
    };
    // Whatever else freezes on a busy machine adds to it: one clean run of five is demanded.
    let found: Vec<_> = std::iter::repeat_with(attempt)
        .take(5)
        .scan(
            false,
            |done, (good, found)| {
                if std::mem::replace(done, good) { None } else { Some((good, found)) }
            },
        )
        .collect();
    assert!(found.iter().any(|(good, _)| *good), "found, and expected from and to, in seconds: {found:?}");
}

/// Pauses of the generator are its own lag, and no request's latency is shortened by them.
#[test]
fn a_late_generator_convicts_itself() {
    let server = Server::start(|_| Reply::greeting());
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadgen"));
    let args = ["--rate", "1000", "--arrivals", "constant", "-d", "3s", "--output-format", "json"];
    command.arg(server.url()).args(args);
    let mut generator = Process(command.stdout(Stdio::piped()).spawn().expect("the binary runs"));
    let stdout = generator.0.stdout.take().expect("a pipe");
    let start = Instant::now() + Duration::from_millis(500);
    // Twenty pauses of 50 ms, one every 100 ms: half of 2 s.
    for pause in 0..20 {
        let begin = start + Duration::from_millis(100) * pause;
        wait_until(begin);
        generator.signal(Signal::SIGSTOP);
        wait_until(begin + Duration::from_millis(50));
        generator.signal(Signal::SIGCONT);
    }
    let record: RunRecord = serde_json::from_reader(stdout).expect("a record");
    assert_eq!(generator.0.wait().expect("the generator ends").code(), Some(4));
    let corrected = Samples::of(&record.latency.corrected).expect("an open loop");
    let lag = Samples::of(&record.latency.generator_lag).expect("an open loop");
    // About 1,000 of 3,000 requests were due in a pause, a tenth of which in its first 5 ms.
    for late in [lag, corrected] {
        let late_ones = late.answered().count_between(45_000_000, u64::MAX);
        assert!(late_ones >= 60, "{late_ones}");
        assert!(late.answered().max() >= 49_000_000);
    }
    let late =
        record.verdict.reasons.iter().any(|reason| matches!(reason, loadgen::verdict::Reason::Late { .. }));
    assert!(late, "{:?}", record.verdict);
}
