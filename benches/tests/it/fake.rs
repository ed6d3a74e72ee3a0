//! A fake layer under the harness: it answers for server, sockets and clock, so that order, bookkeeping, gates, comparison and
//! finding are tried as one instrument, on servers whose truth is known.

use std::collections::BTreeMap;
use std::time::Duration;

use benches::agenda;
use benches::claims::{self, Verdict};
use benches::contender::Contender;
use benches::gates::{self, Checked};
use benches::matrix::{Entry, Load, Profile};
use benches::order::{TrialSpec, randomised_blocks};
use benches::record::{ComparisonRecord, Measurement, Outcome, Planned, TrialRecord};
use benches::runner::{Ending, run_trials};
use benches::store::StoreError;
use benches::summary::Summary;
use benches::trial::{Laboratory, TrialError};
use loadgen::verdict::Reason;
use loadgen::{Distribution, Samples, Status, Warning};

use crate::seen;
use crate::simulation::{Machine, Weather};

/// CPUs of the server under test.
const CPUS: usize = 1;

/// How a server treats its connections.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Manners {
    /// It serves all.
    Fair,
    /// It serves 70 % of them and ignores the others from the first request on.
    IgnoresFromTheStart,
    /// It answers each once, then ignores 30 % of them.
    IgnoresLater,
}

/// A server: its rate on a machine at rest, in requests per second, and its manners.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Server {
    pub(crate) per_sec: f64,
    pub(crate) manners: Manners,
}

/// A laboratory without processes, sockets and clock.
pub(crate) struct FakeLayer {
    contenders: Vec<Contender>,
    server: fn(&Contender) -> Server,
    weather: Weather,
    template: Measurement,
    /// What the gates said of the first trial of a fair server in a setting. The weather moves X and, in a closed loop, R the other
    /// way, so that they say the same of all its trials; a histogram for each of some ten thousand would take minutes.
    judged: BTreeMap<String, Vec<Checked>>,
}

impl FakeLayer {
    pub(crate) fn new(
        contenders: Vec<Contender>,
        machine: Machine,
        seed: u64,
        server: fn(&Contender) -> Server,
    ) -> Self {
        let weather = Weather::new(machine, seed);
        FakeLayer { contenders, server, weather, template: template(), judged: BTreeMap::new() }
    }

    /// The record of a trial in which the server answered at `per_sec`, as the generator writes it.
    fn record(&self, manners: Manners, planned: &Planned, per_sec: f64) -> Measurement {
        let mut it = self.template.clone();
        let wanted = planned.cell.setting.load.connections();
        let ignored = if manners == Manners::Fair { 0 } else { wanted * 3 / 10 };
        let served = (wanted - ignored) as f64;
        let open = matches!(planned.cell.setting.load, Load::Open { .. });
        it.load.rate.achieved_per_sec = per_sec;
        it.load.connections.wanted = wanted;
        it.load.connections.held = wanted;
        it.load.connections.starved = ignored;
        it.load.requests.ok = whole(per_sec * it.load.duration_s);
        // One request stands unanswered on each of the ignored; in a closed loop so do those that are just served.
        it.load.requests.in_flight = (if open { ignored } else { wanted }) as u64;
        it.load.requests.sent = it.load.requests.ok + it.load.requests.in_flight;
        it.load.requests.scheduled = it.load.requests.sent;
        if ignored > 0 {
            it.load.warnings.push(Warning::Starved { starved: ignored, wanted });
        }
        if manners == Manners::IgnoresFromTheStart {
            let held = wanted - ignored;
            it.load.connections.held = held;
            it.load.verdict.status = Status::Invalid;
            it.load.verdict.reasons.push(Reason::FewerHeld { held, wanted });
        }
        // By Little's law over those that are served; in an open loop they stand there as often as is offered.
        let mean_s = if open { 1e-4 } else { served / per_sec };
        let mut samples = Samples::new();
        (0..it.load.requests.ok).for_each(|_| samples.record_answered(whole(mean_s * 1e9)));
        (0..it.load.requests.in_flight)
            .for_each(|_| samples.record_censored(whole(it.load.duration_s * 1e9)));
        let latency = Distribution::from(&samples);
        it.load.latency.uncorrected = latency.clone();
        it.load.latency.corrected = if open { latency } else { Distribution::absent("closed loop") };
        it
    }

    fn gates(&self, planned: &Planned, it: &Measurement) -> Vec<Checked> {
        let contender = self.contenders.iter().find(|one| one.label == planned.cell.contender).unwrap();
        gates::check(&planned.cell.setting, contender, &it.server_cpus, it)
    }
}

impl Laboratory for FakeLayer {
    fn measure(&mut self, spec: &TrialSpec, planned: &Planned) -> Result<Measurement, TrialError> {
        let contender = self.contenders.iter().find(|one| one.label == spec.cell.contender);
        let Server { per_sec, manners } = (self.server)(contender.unwrap());
        let speed = self.weather.speed(spec.block);
        // What is offered is served where there is room, whatever the weather.
        let per_sec = (per_sec * speed).min(planned.offered_per_sec.unwrap_or(f64::INFINITY));
        if manners != Manners::Fair {
            let mut it = self.record(manners, planned, per_sec);
            it.gates = self.gates(planned, &it);
            return Ok(it);
        }
        let label = spec.cell.label();
        if !self.judged.contains_key(&label) {
            let gates = self.gates(planned, &self.record(manners, planned, per_sec));
            self.judged.insert(label.clone(), gates);
        }
        let mut it = self.template.clone();
        it.load.rate.achieved_per_sec = per_sec;
        it.load.requests.ok = whole(per_sec * it.load.duration_s);
        it.gates.clone_from(&self.judged[&label]);
        Ok(it)
    }
}

/// A measured trial of the newest committed run, without its figures: the form that the generator gives to records.
fn template() -> Measurement {
    let (_, trials) = seen::committed();
    let measured = trials.iter().find_map(|trial| match &trial.outcome {
        Outcome::Measured(it) if it.is_valid() => Some((**it).clone()),
        _ => None,
    });
    let mut it = measured.expect("a committed run has a valid trial");
    let none = || Distribution::absent("made up");
    let latency = &mut it.load.latency;
    for distribution in [
        &mut latency.corrected,
        &mut latency.uncorrected,
        &mut latency.schedule_lag,
        &mut latency.generator_lag,
        &mut latency.first_byte,
        &mut latency.connect,
        &mut latency.opening_connect,
    ] {
        *distribution = none();
    }
    it.load.duration_s = 1.0;
    it.load.warnings.clear();
    it.load.verdict.reasons.clear();
    it.load.verdict.status = Status::Valid;
    it.load.requests.errors.values_mut().for_each(|count| *count = 0);
    it.load.requests.unsent = 0;
    it.load.requests.shed = 0;
    it.load.connections.reconnects = 0;
    it.beside = None;
    it.peak_in_flight = None;
    it
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive counts")]
fn whole(value: f64) -> u64 {
    value.round() as u64
}

/// A run from its plan to its verdicts, on a fake layer.
pub(crate) struct Made {
    pub(crate) run: ComparisonRecord,
    pub(crate) trials: Vec<TrialRecord>,
    pub(crate) summary: Summary,
    pub(crate) verdicts: Vec<Verdict>,
}

/// Makes a run of `entries` as the command does, from the pilots of the committed run: plan, order, trials, summary, verdicts.
pub(crate) fn run(entries: &[Entry], machine: Machine, seed: u64, server: fn(&Contender) -> Server) -> Made {
    let mut contenders: Vec<Contender> = Vec::new();
    for one in entries.iter().flat_map(|entry| &entry.contenders) {
        if !contenders.contains(one) {
            contenders.push(one.clone());
        }
    }
    let mut layer = FakeLayer::new(contenders.clone(), machine, seed, server);
    let mut run = seen::committed().0.clone();
    run.planned = agenda::plan(entries, Profile::Standard.blocks(), &run.pilots, CPUS);
    run.config.contenders = contenders;
    run.config.seed = seed;
    let order = randomised_blocks(&run.planned, seed);
    let mut trials = Vec::new();
    let keep = |trial: &TrialRecord| -> Result<(), StoreError> {
        trials.push(trial.clone());
        Ok(())
    };
    let ending = run_trials(&mut layer, &run.planned, &order, || Duration::ZERO, keep).unwrap();
    assert_eq!(ending, Ending::Complete);
    let summary = Summary::of(&run, &trials);
    let verdicts = claims::judge(&run, &trials, &summary);
    Made { run, trials, summary, verdicts }
}
