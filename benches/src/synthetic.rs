//! A whole made-up run, for tests: every setting of a profile, with rates from a small queueing model.
//!
//! A server answers as many requests as the lowest of its bounds allows, a little less near two bounds at once, times noise that is the
//! same for the same seed. It is no measurement and no forecast; it has the shape that records have.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use loadgen::verdict::Reason;
use loadgen::{Distribution, Samples};

use crate::agenda;
use crate::contender::{Contender, Model};
use crate::gates::{Checked, Gate};
use crate::matrix::{Beside, Entry, Experiment, Load, Profile, Setting};
use crate::order::TrialSpec;
use crate::prediction::Pilot;
use crate::record::{ComparisonRecord, Measurement, Planned, TrialRecord};
use crate::testing::{measured, measurement, run_of, trials_of};

/// CPU seconds of a greeting, by server.
const CPU_S: [(&str, f64); 6] = [
    ("sync/tiny-http", 31e-6),
    ("threaded/tiny-http", 29e-6),
    ("async/axum", 19e-6),
    ("sync/hyper", 16e-6),
    ("threaded/hyper", 17e-6),
    ("async/hyper", 15e-6),
];

fn cpu_s(one: &Contender) -> f64 {
    CPU_S.iter().find(|(base, _)| *base == one.base).map_or(20e-6, |(_, cpu)| *cpu)
}

/// Between 0 and 1, the same for the same text.
fn chance(text: &str) -> f64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The last letter has reached few bits yet.
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as f64 / f64::from(1 << 24)
}

/// Factors of a made-up world that a test may turn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct World {
    /// Relative spread of a trial's rate.
    pub(crate) noise: f64,
    /// What the rates of async servers are multiplied by.
    pub(crate) async_rate: f64,
    /// What the memory of a task is multiplied by.
    pub(crate) task_memory: f64,
}

impl World {
    pub(crate) const USUAL: World = World { noise: 0.01, async_rate: 1.0, task_memory: 1.0 };
}

/// Blocks of a made-up run: histograms are slow to write and read in the profile of the tests.
const BLOCKS: usize = 3;

/// Latencies in a histogram: enough, over the blocks, for a 99th percentile.
const SAMPLES: u32 = 4_000;

/// A whole run of the standard profile, made once for all tests.
pub(crate) fn standard() -> &'static (ComparisonRecord, Vec<TrialRecord>) {
    static STANDARD: LazyLock<(ComparisonRecord, Vec<TrialRecord>)> = LazyLock::new(|| {
        let run = run(Profile::Standard, &Experiment::ALL);
        let trials = trials(&run, World::USUAL);
        (run, trials)
    });
    &STANDARD
}

/// The same with some of its experiments only.
pub(crate) fn standard_of(experiments: &[Experiment]) -> (ComparisonRecord, Vec<TrialRecord>) {
    let (mut run, mut trials) = standard().clone();
    run.planned.retain(|one| experiments.contains(&one.cell.setting.experiment));
    trials.retain(|one| experiments.contains(&one.spec.cell.setting.experiment));
    (run, trials)
}

/// A run of these experiments of a profile, in which every trial was made.
pub(crate) fn run(profile: Profile, experiments: &[Experiment]) -> ComparisonRecord {
    let mut entries: Vec<Entry> = experiments.iter().flat_map(|one| one.entries(profile, &[])).collect();
    for entry in &mut entries {
        entry.give(true, false);
    }
    let mut run = run_of(agenda::plan(&entries, BLOCKS, &pilots(), 1));
    run.pilots = pilots();
    run.config.profile = profile;
    run.config.flags = vec!["--profile".to_owned(), profile.label().to_owned()];
    run
}

/// The trials of a run.
pub(crate) fn trials(run: &ComparisonRecord, world: World) -> Vec<TrialRecord> {
    let histograms: HashMap<String, Distribution> =
        run.planned.iter().map(|one| (one.cell.label(), latencies(run, one, world))).collect();
    trials_of(run, |spec| measured(trial(run, spec, world, &histograms[&spec.cell.label()])))
}

fn pilots() -> Vec<Pilot> {
    let pilot = |one: &Contender, connections, cpu_work: Duration| {
        let each = cpu_s(one) + cpu_work.as_secs_f64();
        let (cpu_s, capacity_per_sec) = (Some(each), Some(1.0 / each));
        Pilot { connections, cpu_work, cpu_s, capacity_per_sec, ..Pilot::of_greetings(&one.base) }
    };
    let all = Contender::all_of_ours();
    let greetings = all.iter().map(|one| pilot(one, 64, Duration::ZERO));
    // As overload has them.
    let overload = all.iter().map(|one| pilot(one, 256, Duration::from_micros(100)));
    greetings.chain(overload).collect()
}

fn trial(run: &ComparisonRecord, spec: &TrialSpec, world: World, latencies: &Distribution) -> Measurement {
    let one = run.contender(&spec.cell.contender);
    let setting = &spec.cell.setting;
    let luck = 1.0 + world.noise * (2.0 * chance(&format!("{} {}", spec.cell.label(), spec.block)) - 1.0);
    let planned = run.planned.iter().find(|planned| planned.cell == spec.cell).expect("it is planned");
    let offered = planned.offered_per_sec.unwrap_or(f64::INFINITY);
    let ours = if one.model == Model::Async { world.async_rate } else { 1.0 };
    let capacity = capacity(setting, one) * ours * luck;
    let rate = if offered < capacity { offered * (1.0 + 0.001 * (luck - 1.0)) } else { capacity };
    let mut it = measurement(10.0);
    let users = setting.load.connections();
    // A window of one second, of which some answers stand for all in the histogram.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small positive test value"
    )]
    let ok = rate as u64;
    it.load.rate.achieved_per_sec = rate;
    it.load.requests.ok = ok;
    it.load.connections.held = users;
    it.server.cpu_s =
        rate * (cpu_s(one) + setting.work.cpu_work.as_secs_f64() + woken(one, setting)) * (2.0 - luck);
    it.server.cpu_user_s = it.server.cpu_s * 0.4;
    let threads = match one.model {
        Model::Sync if one.stack == "tiny-http" => users + 5,
        Model::Sync => 3,
        Model::Threaded => one.workers.unwrap_or(1) + 2,
        Model::Async | Model::Other => 2,
    };
    it.server.threads = threads as u64;
    let each = match one.model {
        Model::Async => 11_000.0 * world.task_memory,
        Model::Threaded if one.workers == Some(users) => 19_000.0,
        _ => 2_000.0,
    };
    let bytes = (4e6 + each * users as f64 + 9_000.0 * threads as f64) * (1.0 + (luck - 1.0) / 5.0);
    it.server.pss_bytes = Some(whole(bytes));
    it.server.rss_bytes = whole(bytes * 1.2);
    match setting.load {
        Load::Closed { .. } => it.load.latency.uncorrected = latencies.clone(),
        Load::Open { .. } => it.load.latency.corrected = latencies.clone(),
    }
    if setting.experiment == Experiment::Users && rate < 0.99 * offered {
        let reason = Reason::RateMissed { sent: ok, scheduled: whole(offered) };
        it.load.verdict.reasons.push(reason);
        it.gates.push(Checked { gate: Gate::Generator, passed: Some(false), reason: reason.to_string() });
    }
    it
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive test values")]
fn whole(value: f64) -> u64 {
    value as u64
}

/// CPU seconds that waking up costs on top: most where many threads share a CPU.
fn woken(one: &Contender, setting: &Setting) -> f64 {
    let at_work = setting.load.connections().min(one.workers.unwrap_or(usize::MAX)) as f64;
    match one.model {
        Model::Threaded => 2e-6 * at_work.log2(),
        _ => 0.3e-6 * at_work.log2().min(6.0),
    }
}

fn capacity(setting: &Setting, one: &Contender) -> f64 {
    let cpu = cpu_s(one) + setting.work.cpu_work.as_secs_f64() + woken(one, setting);
    let clients = setting.load.connections();
    let mut at_a_time = clients.min(one.workers.unwrap_or(usize::MAX)) as f64;
    if setting.work.block_the_loop {
        at_a_time = 1.0;
    }
    let waiting = at_a_time / (setting.work.wait().as_secs_f64() + cpu);
    let free = (waiting.powi(-6) + cpu.powi(6)).powf(-1.0 / 6.0);
    let workers = one.workers.unwrap_or(usize::MAX);
    match setting.beside {
        Beside::SlowRequests(count) if count >= workers => 3.0,
        Beside::SlowClients(_) if one.model != Model::Async && workers < 64 => free * 0.4,
        Beside::SlowClients(_) => free * 0.93,
        Beside::SlowRequests(_) => free * 0.98,
        Beside::Nothing => free,
    }
}

/// Latencies of a cell in nanoseconds, by Little's law in a closed loop and as of an M/M/1 queue in an open one.
fn latencies(run: &ComparisonRecord, planned: &Planned, world: World) -> Distribution {
    let (setting, one) = (&planned.cell.setting, run.contender(&planned.cell.contender));
    let ours = if one.model == Model::Async { world.async_rate } else { 1.0 };
    let capacity = capacity(setting, one) * ours;
    let offered = planned.offered_per_sec.unwrap_or(f64::INFINITY);
    let wait = setting.work.wait().as_secs_f64();
    let clients = setting.load.connections() as f64;
    let spare = match setting.load {
        Load::Closed { .. } => (clients / capacity - wait).max(1e-5),
        Load::Open { .. } if offered >= capacity => 1.0,
        Load::Open { .. } => (cpu_s(one) + woken(one, setting)) / (1.0 - offered / capacity).max(1e-3),
    };
    let mut samples = Samples::new();
    for step in 0..SAMPLES {
        let quantile = (f64::from(step) + 0.5) / f64::from(SAMPLES);
        let seconds = match setting.load {
            Load::Closed { .. } => wait + spare * (0.8 + 0.4 * quantile),
            Load::Open { .. } => wait + 1e-4 - spare * (1.0 - quantile).ln(),
        };
        samples.record_answered(whole(seconds * 1e9));
    }
    Distribution::from(&samples)
}
