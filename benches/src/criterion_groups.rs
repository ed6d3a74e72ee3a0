//! The criterion benches: one group a kind of work, one bench a server on its usual stack, a real process each.
//!
//! criterion times whole samples, so it says nothing of tails, and it does not interleave, so drift between benches
//! stays in. What it is good for is comparing one contender with itself, before and after a change:
//! `cargo bench -- --save-baseline before`, then `cargo bench -- --baseline before`.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use loadgen::{Session, Stop};

use crate::contender::Contender;
use crate::laboratory::ThisMachine;
use crate::matrix::{Setting, Work};
use crate::pilot::{PILOT_CONNECTIONS, pilot_setting};
use crate::server::ServerUnderTest;

/// The groups: a name, and what a request does.
const GROUPS: [(&str, Work); 2] =
    [("hello", Work::NOTHING), ("io_wait_10ms", Work::waiting(Duration::from_millis(10)))];

/// Runs every group. Servers are started only for benches that the filter lets through.
pub fn run(criterion: &mut Criterion, machine: &ThisMachine) {
    for (name, work) in GROUPS {
        let setting = Setting { work, ..pilot_setting(PILOT_CONNECTIONS, Duration::ZERO) };
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(1));
        group.sample_size(10);
        group.sampling_mode(SamplingMode::Flat);
        group.warm_up_time(Duration::from_millis(500));
        group.measurement_time(Duration::from_secs(3));
        for contender in Contender::usual() {
            let mut running: Option<(ServerUnderTest, Session)> = None;
            group.bench_function(BenchmarkId::from_parameter(&contender.label), |bencher| {
                let (_, session) = running.get_or_insert_with(|| open(machine, &contender, &setting));
                bencher.iter_custom(|requests| answer(session, requests, machine));
            });
            if let Some((server, session)) = running {
                drop(session);
                server.stop().unwrap_or_else(|error| panic!("{}: {error}", contender.label));
            }
        }
        group.finish();
    }
}

fn open(machine: &ThisMachine, contender: &Contender, setting: &Setting) -> (ServerUnderTest, Session) {
    let opened = machine.start(contender, setting, None).and_then(|server| {
        let session = Session::open(&machine.plan((server.addr(), contender), setting, None, 0)?)?;
        Ok((server, session))
    });
    opened.unwrap_or_else(|error| panic!("{}: {error}", contender.label))
}

/// The time `requests` valid answers took. An answer that is wrong ends the bench: its time would mean nothing.
fn answer(session: &mut Session, requests: u64, machine: &ThisMachine) -> Duration {
    let record =
        session.run(&Stop::Requests(requests), &machine.cancel).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(record.requests.ok, requests, "requests failed: {:?}", record.requests);
    Duration::from_secs_f64(record.duration_s)
}
