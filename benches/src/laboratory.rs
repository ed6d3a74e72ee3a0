//! The laboratory in which a trial really happens: processes, sockets and clocks of this machine.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use loadgen::{Cancel, ExpectedBody, Opening, Pacing, Plan, RunRecord, Schedule, Session, Stop, Target};
use nix::sys::resource::{UsageWho, getrusage};

use crate::beside::Running;
use crate::binaries::Binary;
use crate::contender::{Contender, Launch};
use crate::gates;
use crate::guests::Guests;
use crate::manifest::Machine;
use crate::matrix::{Load, Setting};
use crate::order::TrialSpec;
use crate::placement::Placement;
use crate::record::{Config, Measurement, Planned};
use crate::server::{Examination, ServerUnderTest};
use crate::surroundings::{Counters, interrupts_in_clocks};
use crate::trial::{Laboratory, TrialError, UPSTREAM_PACKAGE};
use crate::usage::{self, Snapshot, Switches};

/// How long one answer may take before it counts as a timeout.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// The path every request asks a server of ours for.
const PATH: &str = "/World";

/// What it answers.
const BODY: &str = "Hello, World!";

/// The longest that opening connections one after the other, each with a first answer, may take by the wait alone; beyond it all are
/// opened at once.
const OPENING: Duration = Duration::from_secs(1);

/// How fast they are opened then: slower than a listen queue overflows.
const CONNECTS_PER_SEC: f64 = 5_000.0;

/// The longest wait with which a process is held to the whole contract, which asks more than a hundred times.
const EXAMINED_WAIT: Duration = Duration::from_millis(20);

/// The real laboratory: processes, sockets and clocks of this machine.
#[derive(Debug)]
pub struct ThisMachine {
    /// The binary of each package.
    pub binaries: BTreeMap<String, Binary>,
    /// Contenders that are not ours.
    pub guests: Guests,
    /// Where their programs are.
    pub programs: Machine,
    /// Who runs where.
    pub placement: Placement,
    /// Windows and contenders.
    pub config: Config,
    /// Ends the trial under way.
    pub cancel: Cancel,
}

/// Server and generator in a window, and what surrounded them.
struct Window {
    load: RunRecord,
    beside: Option<Box<RunRecord>>,
    server: usage::Usage,
    surroundings: crate::surroundings::Surroundings,
}

impl ThisMachine {
    /// Starts a contender on the server's CPUs; `upstream` is the URL of the server behind it, where there is one.
    ///
    /// Call it from a thread that outlives the server: the kernel ends the server with that thread.
    ///
    /// # Errors
    ///
    /// [`TrialError`] when it does not come up.
    pub fn start(
        &self,
        contender: &Contender,
        setting: &Setting,
        upstream: Option<SocketAddr>,
    ) -> Result<ServerUnderTest, TrialError> {
        let Launch::Package { package, args } = &contender.launch else {
            let manifest = self.guests.manifest(contender);
            let manifest = manifest.ok_or_else(|| TrialError::NoBinary(contender.label.clone()))?;
            let what = (&setting.work, contender.workers);
            return ServerUnderTest::start_guest(manifest, &self.programs, what, &self.placement.server_cpus);
        };
        let mut args = args.clone();
        args.extend(setting.server_args());
        args.extend(
            upstream.into_iter().flat_map(|addr| ["--upstream".to_owned(), format!("http://{addr}/")]),
        );
        ServerUnderTest::start(self.binary(package)?, &args, &self.placement.server_cpus)
    }

    fn binary(&self, package: &str) -> Result<&Path, TrialError> {
        let binary = self.binaries.get(package).ok_or_else(|| TrialError::NoBinary(package.to_owned()))?;
        Ok(&binary.path)
    }

    /// The server behind the one under test, on the generator's CPUs: it is part of the world, not of the contender.
    fn start_upstream(&self, wait: Duration) -> Result<ServerUnderTest, TrialError> {
        let args = ["--http", "hyper", "--io-wait", &humantime::format_duration(wait).to_string()];
        let args = args.map(str::to_owned);
        ServerUnderTest::start(self.binary(UPSTREAM_PACKAGE)?, &args, &self.placement.generator_cpus)
    }

    /// What the generator is to do against a server; `seed` decides the arrivals of an open loop.
    ///
    /// # Errors
    ///
    /// [`TrialError`] when the server's address cannot be used, or the rate is not known.
    pub fn plan(
        &self,
        (addr, contender): (SocketAddr, &Contender),
        setting: &Setting,
        offered_per_sec: Option<f64>,
        seed: u64,
    ) -> Result<Plan, TrialError> {
        let manifest = self.guests.manifest(contender);
        let (path, body) = manifest.map_or((PATH, BODY), |one| (one.path.as_str(), one.expect_body.as_str()));
        let mut plan = Plan::new(Target::parse(&format!("http://{addr}{path}"))?);
        plan.connections = setting.load.connections();
        plan.threads = self.placement.generator_cpus.len().min(plan.connections);
        plan.timeout = ANSWER_TIMEOUT;
        plan.expect.body = ExpectedBody::Exact(body.to_owned());
        let one_by_one = setting.work.wait() * u32::try_from(plan.connections).unwrap_or(u32::MAX);
        if one_by_one > OPENING {
            plan.opening = Opening::Burst;
            plan.connect_rate = Some(CONNECTS_PER_SEC);
        }
        if let Load::Open { .. } = setting.load {
            let rate = offered_per_sec.ok_or_else(|| {
                TrialError::NoRate(
                    "the pilot that would show the capacity has no figures; `run.json` says why".to_owned(),
                )
            })?;
            plan.pacing = Pacing::Open(Schedule { seed, ..Schedule::steady(rate) });
            // Between arrivals the event loop would sleep, and its waking up be most of what is measured as lag.
            plan.spin = true;
        }
        Ok(plan)
    }

    fn load(
        &self,
        (server, upstream): (&ServerUnderTest, Option<&ServerUnderTest>),
        contender: &Contender,
        planned: &Planned,
        block: usize,
    ) -> Result<Window, TrialError> {
        let setting = &planned.cell.setting;
        // Arrivals of its own for each block, the same for everybody in it.
        let seed = self.config.seed.wrapping_add(block as u64);
        let plan = self.plan((server.addr(), contender), setting, planned.offered_per_sec, seed)?;
        let mut session = Session::open_unless(&plan, &self.cancel)?;
        let beside = Running::start(setting.beside, server.addr())?;
        let (pids, behind) = (server.pids(), upstream.map(ServerUnderTest::pids).unwrap_or_default());
        let (warmup, length) = planned.lengths(&self.config);
        if !warmup.is_zero() {
            session.warm_up(warmup, &self.cancel)?;
        }
        let (switches, upstream) = (Switches::of(&pids).ok(), Snapshot::of(&behind)?);
        let (before, machine, own) = (Snapshot::of(&pids)?, Counters::now()?, own_cpu()?);
        let started = Instant::now();
        let load = session.run(&Stop::After(length), &self.cancel)?;
        let (length, after) = (started.elapsed(), Snapshot::of(&pids)?);
        let machine_after = Counters::now()?;
        let known = own_cpu()?.saturating_sub(own)
            + before.cpu_until(&after)
            + upstream.cpu_until(&Snapshot::of(&behind)?);
        let place = (length, self.placement.cpus());
        let surroundings = machine.until(&machine_after, place, known, interrupts_in_clocks());
        let mut used = before.until(&after);
        used.switches = switches
            .zip(Switches::of(&pids).ok())
            .map(|(before, after)| before.until(&after, load.requests.ok));
        used.pss_bytes = usage::pss_bytes(&pids);
        Ok(Window { load, beside: beside.finish()?.map(Box::new), server: used, surroundings })
    }
}

impl ThisMachine {
    fn attempt(&self, spec: &TrialSpec, planned: &Planned) -> Result<Measurement, TrialError> {
        let setting = &spec.cell.setting;
        let contender = self.config.contenders.iter().find(|one| one.label == spec.cell.contender);
        let contender = contender.ok_or_else(|| TrialError::NoBinary(spec.cell.contender.clone()))?;
        let upstream = setting.work.upstream_wait.map(|wait| self.start_upstream(wait)).transpose()?;
        let mut server = self.start(contender, setting, upstream.as_ref().map(ServerUnderTest::addr))?;
        let keeps_contract = self.guests.manifest(contender).is_none_or(|manifest| manifest.keeps_contract);
        let examine = || server.hold_to_contract(examination(spec));
        let contract_cases = keeps_contract.then(examine).transpose()?;
        let window = match self.load((&server, upstream.as_ref()), contender, planned, spec.block) {
            Ok(window) => window,
            // If the server has ended, that is the cause of whatever else was seen.
            Err(error) => {
                return Err(match server.has_ended()? {
                    Some((status, last_words)) => TrialError::EndedUnderLoad { status, ok: None, last_words },
                    None => error,
                });
            }
        };
        if let Some((status, last_words)) = server.has_ended()? {
            let ok = Some(window.load.requests.ok);
            return Err(TrialError::EndedUnderLoad { status, ok, last_words });
        }
        server.keeps_to(&self.placement.server_cpus)?;
        let (server_cpus, peak_in_flight) = (server.cpus()?, server.peak_in_flight());
        let command = server.command().to_vec();
        server.stop()?;
        upstream.map(ServerUnderTest::stop).transpose()?;
        let Window { load, beside, server, surroundings } = window;
        let mut measurement = Measurement {
            load,
            beside,
            server,
            command,
            server_cpus,
            peak_in_flight,
            contract_cases,
            surroundings,
            gates: Vec::new(),
        };
        measurement.gates = gates::check(setting, contender, &self.placement.server_cpus, &measurement);
        Ok(measurement)
    }
}

impl Laboratory for ThisMachine {
    /// Once the user has asked to stop, whatever came of the trial is no finding: servers and generator may have been stopped with the runner.
    fn measure(&mut self, spec: &TrialSpec, planned: &Planned) -> Result<Measurement, TrialError> {
        let result = self.attempt(spec, planned);
        if self.cancel.is_cancelled() { Err(TrialError::Interrupted) } else { result }
    }
}

/// The first process of a cell passes every case, unless each would wait for long; the others pass a few.
fn examination(spec: &TrialSpec) -> Examination {
    if spec.block == 0 && spec.cell.setting.work.wait() <= EXAMINED_WAIT {
        Examination::Whole
    } else {
        Examination::Brief
    }
}

/// CPU time of this process so far: the generator's, and what goes on beside.
fn own_cpu() -> io::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let micros = |time: nix::sys::time::TimeVal| {
        use nix::sys::time::TimeValLike;
        Duration::from_micros(time.num_microseconds().unsigned_abs())
    };
    Ok(micros(usage.user_time()) + micros(usage.system_time()))
}
