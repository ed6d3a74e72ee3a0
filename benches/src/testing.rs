//! Made-up records for this crate's own tests.

use std::collections::BTreeMap;
use std::time::Duration;

use loadgen::record::{
    Connections, Generator, Latency, PlanRecord, Rate, Requests, RunRecord, StopRecord, Validation,
};
use loadgen::{
    BodyCheck, CpuSleep, Distribution, Expectation, Opening, Samples, Status, Transport, Verdict, Warning,
};

use crate::agenda;
use crate::binaries::Binary;
use crate::contender::{Contender, Launch, Model};
use crate::gates::{Checked, Gate};
use crate::matrix::{Cell, Entry, Experiment, Profile};
use crate::order::randomised_blocks;
use crate::placement::Placement;
use crate::prediction::Pilot;
use crate::provenance::{Known, Provenance};
use crate::record::{ComparisonRecord, Config, Measurement, Outcome, Planned, SCHEMA_VERSION, TrialRecord};
use crate::surroundings::Surroundings;
use crate::usage::{Switches, Usage};

/// A trial of one second with `rate` valid answers, each after 1 to 2 ms.
pub(crate) fn measurement(rate: f64) -> Measurement {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small positive test value"
    )]
    let ok = rate as u64;
    let server = Usage {
        cpu_s: 0.5,
        cpu_user_s: 0.3,
        cpu_system_s: 0.2,
        rss_bytes: 4 << 20,
        pss_bytes: Some(3 << 20),
        switches: Some(Switches { voluntary: ok, involuntary: ok / 10, answers: ok }),
        threads: 5,
    };
    Measurement {
        load: load(ok, rate),
        beside: None,
        server,
        command: Vec::new(),
        server_cpus: vec![0],
        peak_in_flight: None,
        contract_cases: Some(101),
        surroundings: Surroundings {
            stolen_share: Some(0.0),
            stolen_missing: None,
            others_share: 0.01,
            others_error: Some(0.0),
            interrupts_share: Some(0.0),
            interrupts_in_clocks: Some(true),
        },
        gates: vec![Checked { gate: Gate::Contract, passed: Some(true), reason: "made up".to_owned() }],
    }
}

/// What the generator saw of it.
fn load(ok: u64, rate: f64) -> RunRecord {
    let mut samples = Samples::new();
    for index in 0..ok {
        samples.record_answered(1_000_000 + index * 1_000_000 / ok);
    }
    let nothing = Distribution::absent("closed loop");
    RunRecord {
        schema_version: 1,
        runs: Vec::new(),
        started_at: None,
        plan: PlanRecord {
            url: "http://127.0.0.1:1/World".to_owned(),
            transport: Transport::Raw,
            insecure: false,
            method: "GET".to_owned(),
            headers: None,
            body_sha256: None,
            connections: 64,
            threads: 1,
            stop: StopRecord::AfterS(1.0),
            timeout_s: 10.0,
            expect: Expectation::default(),
            r#loop: "closed".to_owned(),
            schedule: None,
            spin: false,
            paths: 1,
            new_connections: false,
            warmup_s: 0.0,
            opening: Opening::OneByOne,
            connect_rate_per_sec: None,
        },
        requests: Requests {
            scheduled: ok,
            sent: ok,
            ok,
            shed: 0,
            unsent: 0,
            errors: BTreeMap::new(),
            in_flight: 0,
            carried: None,
        },
        rate: Rate { target_per_sec: None, achieved_per_sec: rate },
        latency: Latency {
            corrected: nothing.clone(),
            uncorrected: Distribution::from(&samples),
            schedule_lag: nothing.clone(),
            generator_lag: nothing.clone(),
            first_byte: nothing.clone(),
            connect: nothing.clone(),
            opening_connect: nothing,
        },
        connections: Connections {
            wanted: 64,
            held: 64,
            starved: 0,
            reconnects: 0,
            served: None,
            unsolicited: None,
        },
        generator: Generator {
            engine: "none".to_owned(),
            version: "0".to_owned(),
            batching: None,
            cpu_user_s: 0.1,
            cpu_system_s: 0.2,
            cpu_waited_s: Some(0.0),
            cpus: Vec::new(),
            cpu_sleep: CpuSleep { prevented: false, reason: Some("made up".to_owned()) },
        },
        validation: Validation { status: 200, body: BodyCheck::Exact, body_bytes: Some(13) },
        duration_s: 1.0,
        interrupted: false,
        warnings: Vec::new(),
        verdict: Verdict { status: Status::Valid, reasons: Vec::new() },
        server: None,
        timeseries: None,
    }
}

/// The same, with the generator at its limit.
pub(crate) fn client_bound(rate: f64) -> Measurement {
    let mut measurement = measurement(rate);
    measurement.load.warnings.push(Warning::ClientBound { cpu_share: 0.99 });
    measurement
}

/// The same, with a gate failed.
pub(crate) fn not_valid(rate: f64) -> Measurement {
    let mut measurement = measurement(rate);
    let reason = "other processes used 40.0 % of the CPU time".to_owned();
    measurement.gates.push(Checked { gate: Gate::Others, passed: Some(false), reason });
    measurement
}

/// Pilots of 50,000 requests a second and 20 µs each, for all of ours.
pub(crate) fn pilots() -> Vec<Pilot> {
    let pilot = |one: Contender| Pilot {
        cpu_s: Some(20e-6),
        capacity_per_sec: Some(50_000.0),
        ..Pilot::of_greetings(&one.base)
    };
    Contender::all_of_ours().into_iter().map(pilot).collect()
}

fn entries() -> Vec<Entry> {
    Experiment::ALL.into_iter().flat_map(|one| one.entries(Profile::Quick, &[])).collect()
}

/// The cells of the quick profile in so many blocks.
pub(crate) fn planned(blocks: usize) -> Vec<Planned> {
    agenda::plan(&entries(), blocks, &pilots(), 1)
}

/// A run of three blocks of the quick profile.
pub(crate) fn run() -> ComparisonRecord {
    run_of(planned(3))
}

/// A run of these cells.
pub(crate) fn run_of(planned: Vec<Planned>) -> ComparisonRecord {
    let known = |value: &str| Known { value: Some(value.to_owned()), reason: None };
    let mut contenders: Vec<Contender> = Vec::new();
    for label in planned.iter().map(|one| &one.cell.contender) {
        let contender = Contender::called(label, &[]).expect("one of ours");
        if !contenders.contains(&contender) {
            contenders.push(contender);
        }
    }
    ComparisonRecord {
        schema_version: SCHEMA_VERSION,
        id: "2026-01-02T03-04-05Z".to_owned(),
        config: Config {
            profile: Profile::Quick,
            flags: vec!["--profile".to_owned(), "quick".to_owned()],
            window: Duration::from_millis(1_500),
            warmup: Duration::from_millis(300),
            seed: 7,
            contenders,
            absent: BTreeMap::new(),
            guest_versions: BTreeMap::new(),
            guests: BTreeMap::new(),
        },
        pilots: pilots(),
        planned,
        placement: Placement {
            server_cpus: vec![0],
            generator_cpus: vec![1],
            disjoint: true,
            shares_a_core: false,
        },
        binaries: BTreeMap::from([(
            "sync-server".to_owned(),
            Binary { path: "/t/sync-server".into(), sha256: "00ff".to_owned(), bytes: 1 },
        )]),
        provenance: Provenance {
            started_utc: "2026-01-02T03:04:05Z".to_owned(),
            commit: known("abc"),
            dirty: Some(false),
            cpu: known("A CPU"),
            cpus: Some(2),
            memory_bytes: Some(24 << 30),
            kernel: known("6.1"),
            kernel_build: known("Linux #1 SMP"),
            governor: Known { value: None, reason: Some("the kernel shows no frequency scaling".to_owned()) },
            load_average: known("0 0 0"),
            open_files: known("1024"),
            limits: BTreeMap::from([("stack".to_owned(), known("8388608, at most unlimited"))]),
            mitigations: BTreeMap::from([("spectre_v1".to_owned(), "Mitigation: barriers".to_owned())]),
            rustc: known("rustc 1.95.0"),
            packages: BTreeMap::from([("tokio".to_owned(), "1.54.1".to_owned())]),
            missing: BTreeMap::new(),
        },
        code: None,
        code_missing: Some("made up".to_owned()),
        sessions: Vec::new(),
    }
}

/// Adds servers that are not ours to the first setting of a run, each by the name of its manifest, its model and its workers.
pub(crate) fn add_guests(run: &mut ComparisonRecord, guests: &[(&str, Model, Option<usize>)]) {
    let first = run.planned[0].clone();
    for &(base, model, workers) in guests {
        let label = workers.map_or_else(|| base.to_owned(), |workers| format!("{base}@{workers}"));
        let launch = Launch::Manifest { file: format!("contenders/{base}.toml"), waits: true };
        let (base, stack) = (base.to_owned(), "other".to_owned());
        run.config.contenders.push(Contender { label: label.clone(), base, model, stack, workers, launch });
        let cell = Cell { contender: label, ..first.cell.clone() };
        run.planned.push(Planned { cell, ..first.clone() });
    }
}

/// Trials of [`run`], each measured by `outcome`.
pub(crate) fn trials(outcome: impl Fn(&crate::order::TrialSpec) -> Outcome) -> Vec<TrialRecord> {
    trials_of(&run(), outcome)
}

/// Trials of any run, each measured by `outcome`.
pub(crate) fn trials_of(
    run: &ComparisonRecord,
    outcome: impl Fn(&crate::order::TrialSpec) -> Outcome,
) -> Vec<TrialRecord> {
    randomised_blocks(&run.planned, run.config.seed)
        .into_iter()
        .map(|spec| TrialRecord {
            schema_version: SCHEMA_VERSION,
            outcome: outcome(&spec),
            spec,
            started_s: 0.0,
            ended_s: None,
        })
        .collect()
}

/// A measured outcome.
pub(crate) fn measured(measurement: Measurement) -> Outcome {
    Outcome::Measured(Box::new(measurement))
}
