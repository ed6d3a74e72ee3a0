//! The whole program against queueing theory: a real server of one place, real sockets, and the time that really passed.
//!
//! What the accounting makes of latencies is held against theory on a simulated clock, beside the code. Here the clock
//! is real, and so are its troubles: a server that is told to take 5 ms takes longer on a busy machine. So the server
//! writes down how long each request really took, and theory is asked about those.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use loadgen::{RunRecord, Schedule, Timetable};

use crate::server::{Reply, assert_adds_up, read_request};

/// What the server means to take for each request.
const SERVICE: Duration = Duration::from_millis(5);
const REQUESTS: usize = 1_200;
const CONNECTIONS: usize = 32;
/// Requests a second: half of what the server could take if it took no longer than it means to.
const RATE: f64 = 100.0;
const SEED: u64 = 3;

/// How long each request has taken, in the order of service.
type Log = Arc<Mutex<Vec<Duration>>>;

/// Starts a server that answers one request at a time, in the order in which they come, whatever their connections.
fn one_at_a_time() -> (String, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/World", listener.local_addr().expect("a bound socket"));
    let (queue, queued) = mpsc::channel();
    let log = Log::default();
    let write = Arc::clone(&log);
    thread::spawn(move || serve(&queued, &write));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, queue) = (stream.expect("accepting works"), queue.clone());
            thread::spawn(move || enqueue(stream, &queue));
        }
    });
    (url, log)
}

fn enqueue(mut stream: TcpStream, queue: &Sender<TcpStream>) {
    stream.set_nodelay(true).expect("a connected socket");
    while matches!(read_request(&mut stream), Ok(true)) {
        let client = stream.try_clone().expect("a descriptor is left");
        if queue.send(client).is_err() {
            return;
        }
    }
}

fn serve(queued: &Receiver<TcpStream>, log: &Log) {
    let (_never, nothing) = mpsc::channel::<()>();
    let greeting = Reply::greeting().bytes;
    let mut ended = Instant::now();
    loop {
        // Without a pause between two, the second begins where the first ends: what the thread does in between is
        // part of its service.
        let (mut client, begun) = match queued.try_recv() {
            Ok(client) => (client, ended),
            Err(_) => match queued.recv() {
                Ok(client) => (client, Instant::now()),
                Err(_) => return,
            },
        };
        let left = (begun + SERVICE).saturating_duration_since(Instant::now());
        assert_eq!(nothing.recv_timeout(left), Err(RecvTimeoutError::Timeout));
        // Written down before anybody can know that the answer is out.
        ended = Instant::now();
        log.lock().expect("nobody panics with it").push(ended - begun);
        // A client that has gone is none of the server's business.
        let _ = client.write_all(&greeting);
    }
}

/// From due to answered, by Lindley's recursion: a request begins when it is due, or when the one before it ends
/// (D. V. Lindley, Proceedings of the Cambridge Philosophical Society 48 (1952), 277–289). Seconds.
fn lindley(seed: u64, services: &[f64]) -> Vec<f64> {
    let mut timetable = Timetable::new(&Schedule { seed, ..Schedule::steady(RATE) });
    let mut free_at = 0.0_f64;
    let answered = services.iter().zip(0..).map(|(service, index)| {
        let due = timetable.due(index).as_secs_f64();
        free_at = free_at.max(due) + service;
        free_at - due
    });
    answered.collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// What was found beside what theory says, in seconds.
#[derive(Debug)]
struct Found {
    /// Found, and by the recursion over the service times that really happened.
    mean: (f64, f64),
    p90: (f64, f64),
    /// By Pollaczek and Khinchine's formula, and the standard deviation of a mean of so many dependent requests.
    formula: (f64, f64),
    /// How late timers rang in the mean, at the server and in the generator together.
    late: f64,
}

impl Found {
    /// Wake-ups come on top of theory: the generator's to send, two threads' at the server, the generator's again.
    /// Each is about as late as a timer is, and while the queue lasts it is in later latencies too. So the room is a
    /// tenth of the latency, which is ample on a quiet machine, and as much more as this one was seen to be late.
    fn agrees(&self) -> bool {
        let (formula, deviation) = self.formula;
        let room = |theory: f64| 0.1 * theory + 8.0 * self.late;
        let near = |(found, theory): (f64, f64)| (found - theory).abs() < room(theory);
        near(self.mean) && near(self.p90) && (self.mean.0 - formula).abs() < 3.3 * deviation + room(formula)
    }

    /// However busy the machine: nothing is sent before it is due, so nothing is faster than the recursion. The
    /// histogram is true to one part in a thousand.
    fn assert_not_faster_than_possible(&self) {
        for (found, least) in [self.mean, self.p90] {
            assert!(found >= least * 0.999, "{self:?}");
        }
    }
}

fn attempt() -> Found {
    let (url, log) = one_at_a_time();
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadgen"));
    command.args([&url, "-c", &CONNECTIONS.to_string(), "-n", &REQUESTS.to_string()]);
    command.args(["--rate", &RATE.to_string(), "--seed", &SEED.to_string(), "--output-format", "json"]);
    let output = command.output().expect("the binary runs");
    let record: RunRecord = serde_json::from_slice(&output.stdout).expect("a record");
    assert_adds_up(&record);
    assert_eq!(record.requests.ok, REQUESTS as u64);
    let log = log.lock().expect("nobody panics with it");
    // Before them come the first answers of the connections, which are there before the clock starts.
    let services: Vec<_> = log[log.len() - REQUESTS..].iter().map(Duration::as_secs_f64).collect();
    let mut predicted = lindley(SEED, &services);
    predicted.sort_by(f64::total_cmp);
    let corrected = &record.latency.corrected;
    let seconds = |nanoseconds: Option<u64>| nanoseconds.expect("a thousand requests") as f64 / 1e9;
    let statistics =
        [&record.latency.uncorrected, &record.latency.schedule_lag, &record.latency.generator_lag];
    let [uncorrected, lag, generator_lag] = statistics.map(|one| seconds(one.mean_ns));
    let found = seconds(corrected.mean_ns);
    // What is counted from due to sent and from sent to answered is all there is.
    assert!((found / (uncorrected + lag) - 1.0).abs() < 2e-3, "{found} {uncorrected} {lag}");
    let overslept = mean(&services) - SERVICE.as_secs_f64();
    Found {
        mean: (found, mean(&predicted)),
        p90: (seconds(corrected.p90_ns), predicted[REQUESTS * 9 / 10 - 1]),
        formula: (pollaczek_khinchine(&services), deviation(&services)),
        late: overslept + generator_lag,
    }
}

/// The mean time from due to answered, by L. Kleinrock, "Queueing Systems", volume 1 (1975), section 5.7, with these service times and Poisson arrivals.
fn pollaczek_khinchine(services: &[f64]) -> f64 {
    let square = mean(&services.iter().map(|service| service * service).collect::<Vec<_>>());
    let load = RATE * mean(services);
    mean(services) + RATE * square / (2.0 * (1.0 - load))
}

/// How far the mean of such a run lies from the formula by chance, dependence included: over runs with other arrivals.
fn deviation(services: &[f64]) -> f64 {
    let means: Vec<_> = (100..200).map(|seed| mean(&lindley(seed, services))).collect();
    let centre = mean(&means);
    mean(&means.iter().map(|one| (one - centre).powi(2)).collect::<Vec<_>>()).sqrt()
}

#[test]
fn a_run_against_a_single_server_has_the_latency_of_its_queue() {
    // Whatever else a busy machine does adds to it: one clean run of three is demanded.
    let mut found = Vec::new();
    while found.len() < 3 {
        let attempt = attempt();
        attempt.assert_not_faster_than_possible();
        found.push(attempt);
        if found.last().is_some_and(Found::agrees) {
            return;
        }
    }
    panic!("found and expected, in seconds: {found:#?}");
}
