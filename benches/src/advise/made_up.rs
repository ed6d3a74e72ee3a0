//! Made-up runs for the tests of advice: a machine whose truth is known.

use loadgen::{Distribution, Samples};

use super::observed::Place;
use super::queueing::rate_per_sec;
use crate::agenda;
use crate::contender::{Contender, Model};
use crate::matrix::{Experiment, Load, Profile};
use crate::record::{ComparisonRecord, Measurement, TrialRecord};
use crate::testing::{measured, measurement, pilots, run_of, trials_of};

/// Bytes of a server, of a client, and of a worker.
pub(super) const BYTES: [f64; 3] = [4e6, 10e3, 20e3];
/// The 99th percentile of any response time over its mean.
pub(super) const TAIL: f64 = 1.2;

/// CPU seconds of an answer: what the pilots of made-up runs say for all, and half as much again in a pool.
pub(super) fn service_s(contender: &Contender) -> f64 {
    if contender.model == Model::Threaded { 30e-6 } else { 20e-6 }
}

/// The true rate at a place, on one CPU.
pub(super) fn true_rate(contender: &Contender, place: &Place) -> f64 {
    rate_per_sec(place.at_work, place.wait_s, service_s(contender) + place.burn_s, 1)
}

pub(super) fn true_memory(contender: &Contender, clients: usize) -> f64 {
    let workers = if contender.has_pool() { contender.workers.unwrap_or(0) } else { 0 };
    let clients = if contender.model == Model::Sync { 0 } else { clients };
    BYTES[0] + BYTES[1] * clients as f64 + BYTES[2] * workers as f64
}

/// What is measured where answers come at this rate and 1 in 50 takes the long time.
pub(super) fn at(contender: &Contender, place: &Place, rate: f64) -> Measurement {
    let mean_ns = place.clients as f64 / rate * 1e9;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive test values of at most some seconds or megabytes"
    )]
    let whole = |value: f64| value as u64;
    let mut samples = Samples::new();
    for index in 0..10_100 {
        samples.record_answered(whole(if index % 50 == 0 { mean_ns * TAIL } else { mean_ns }));
    }
    let mut it = measurement(1_000.0);
    it.load.latency.uncorrected = Distribution::from(&samples);
    it.load.rate.achieved_per_sec = rate;
    it.load.connections.held = place.clients;
    it.server.cpu_s = (service_s(contender) + place.burn_s) * it.load.requests.ok as f64;
    it.server.pss_bytes = Some(whole(true_memory(contender, place.clients)));
    it
}

/// A run of `profile` in two blocks on that machine, where `speed` is applied to every true rate.
pub(super) fn run(profile: Profile, speed: f64) -> (ComparisonRecord, Vec<TrialRecord>) {
    let entries: Vec<_> = [Experiment::Hello, Experiment::Waiting, Experiment::Users, Experiment::CpuBound]
        .into_iter()
        .flat_map(|one| one.entries(profile, &[]))
        .collect();
    let run = run_of(agenda::plan(&entries, 2, &pilots(), 1));
    let trials = trials_of(&run, |spec| {
        let setting = &spec.cell.setting;
        let contender = run.contender(&spec.cell.contender);
        let place =
            Place::of(contender, setting.work.io_wait, setting.work.cpu_work, setting.load.connections());
        let rate = match setting.load {
            Load::Closed { .. } => true_rate(contender, &place) * speed,
            Load::Open { .. } => setting.load.connections() as f64,
        };
        measured(at(contender, &place, rate))
    });
    (run, trials)
}
