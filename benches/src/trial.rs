//! One trial: a fresh server process, held to the contract, warmed up, loaded, looked at, stopped.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::process::Stdio;
use std::time::Duration;

use contract::conformance;
use contract::program::{Program, ProgramError};
use loadgen::{Cancel, ExpectedBody, LoadError, Plan, RunRecord, Session, Stop, Target, TargetError};
use nix::unistd::Pid;
use procfs::ProcError;
use thiserror::Error;

use crate::binaries::Binary;
use crate::contender::Contender;
use crate::launch;
use crate::order::TrialSpec;
use crate::placement::{self, Placement};
use crate::record::{Config, Measurement};
use crate::usage::Snapshot;
use crate::workload::Workload;

/// How long a server may take to listen, and to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long one answer may take before it counts as a timeout.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// The path every request asks for.
const PATH: &str = "/World";

/// Why a trial has no measurement.
#[derive(Debug, Error)]
pub enum TrialError {
    /// The server did not start, or did not stop when asked.
    #[error("the server failed: {0}{1}")]
    Server(ProgramError, LastWords),
    /// The server does not keep the contract, so timing it would mean nothing.
    #[error("the server breaks the contract: {0}")]
    Contract(String),
    /// The server ended while it was under load.
    #[error("the server ended under load ({status}) after {ok} valid answers{last_words}")]
    EndedUnderLoad {
        /// How it ended.
        status: std::process::ExitStatus,
        /// Valid answers until then.
        ok: u64,
        /// The last line on its stderr.
        last_words: LastWords,
    },
    /// The generator could not begin.
    #[error("the load generator could not begin: {0}")]
    Load(#[from] LoadError),
    /// The address the server announced is no target; never seen.
    #[error("the server's address is no target: {0}")]
    Target(#[from] TargetError),
    /// `/proc` did not answer.
    #[error("cannot read the server's counters: {0}")]
    Proc(#[from] ProcError),
    /// Something of the operating system failed.
    #[error("cannot run the trial: {0}")]
    Io(#[from] io::Error),
    /// The user asked to stop; the trial is not recorded.
    #[error("interrupted")]
    Interrupted,
}

/// The last line a server wrote on stderr, ready to be put behind a sentence.
#[derive(Debug, Default)]
pub struct LastWords(Option<String>);

impl std::fmt::Display for LastWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.as_ref().map_or(Ok(()), |line| write!(f, "; its last words: {line}"))
    }
}

/// Whatever can make a trial. The runner takes it as a value, so that its order and its bookkeeping can be tested
/// without a server and without a clock.
pub trait Laboratory {
    /// Makes one trial.
    ///
    /// # Errors
    ///
    /// [`TrialError`] when it has no measurement.
    fn measure(&mut self, spec: &TrialSpec) -> Result<Measurement, TrialError>;
}

/// The real laboratory: processes, sockets and clocks of this machine.
#[derive(Debug)]
pub struct ThisMachine {
    /// The binary of each package.
    pub binaries: BTreeMap<&'static str, Binary>,
    /// Who runs where.
    pub placement: Placement,
    /// Windows and connections.
    pub config: Config,
    /// Ends the trial under way.
    pub cancel: Cancel,
}

/// A server under test and where its stderr goes.
#[derive(Debug)]
pub struct ServerUnderTest {
    program: Program,
    stderr: File,
}

impl ThisMachine {
    /// Starts a contender on the server's CPUs.
    ///
    /// Call it from a thread that outlives the server: the kernel ends the server with that thread.
    ///
    /// # Errors
    ///
    /// [`TrialError::Server`] when it does not come up.
    pub fn start(&self, contender: Contender, workload: Workload) -> Result<ServerUnderTest, TrialError> {
        let mut args = vec!["--addr".to_owned(), "127.0.0.1:0".to_owned()];
        args.extend(contender.args());
        args.extend(workload.server_args());
        let path = &self.binaries[contender.package()].path;
        let mut command = launch::command(path, &args, &self.placement.server_cpus)?;
        let mut stderr = tempfile::tempfile()?;
        command.stderr(Stdio::from(stderr.try_clone()?));
        match Program::start(&mut command, PATIENCE) {
            Ok(program) => Ok(ServerUnderTest { program, stderr }),
            Err(error) => Err(TrialError::Server(error, last_words(&mut stderr))),
        }
    }

    /// What the generator is to do against a server.
    ///
    /// # Errors
    ///
    /// [`TrialError::Target`] when the server's address cannot be used.
    pub fn plan(&self, server: &ServerUnderTest) -> Result<Plan, TrialError> {
        let url = format!("http://{}{PATH}", server.program.ready().addr);
        let mut plan = Plan::new(Target::parse(&url)?);
        plan.connections = self.config.connections;
        plan.threads = self.placement.generator_cpus.len().min(plan.connections);
        plan.timeout = ANSWER_TIMEOUT;
        plan.expect.body = ExpectedBody::Exact("Hello, World!".to_owned());
        Ok(plan)
    }

    fn load(&self, server: &ServerUnderTest) -> Result<(RunRecord, Snapshot, Snapshot), TrialError> {
        let mut session = Session::open(&self.plan(server)?)?;
        if !self.config.warmup.is_zero() {
            session.run(&Stop::After(self.config.warmup), &self.cancel)?;
        }
        let before = Snapshot::of(server.pid())?;
        let record = session.run(&Stop::After(self.config.duration), &self.cancel)?;
        let after = Snapshot::of(server.pid())?;
        Ok((record, before, after))
    }
}

impl ServerUnderTest {
    /// The server's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.program.ready().pid
    }

    fn hold_to_contract(&self) -> Result<(), TrialError> {
        let ready = self.program.ready();
        let report = conformance::run_for(ready.addr, &ready.http);
        if report.passed() {
            return Ok(());
        }
        let failures = report.failures().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        Err(TrialError::Contract(format!("{} ({failures})", report.summary())))
    }

    /// If the server has ended, that is the cause of whatever else was seen.
    fn blame(&mut self, error: TrialError, ok: u64) -> TrialError {
        match self.program.has_ended() {
            Ok(Some(status)) => {
                TrialError::EndedUnderLoad { status, ok, last_words: last_words(&mut self.stderr) }
            }
            _ => error,
        }
    }

    /// Stops the server as a user would.
    ///
    /// # Errors
    ///
    /// [`TrialError::Server`] when it does not obey.
    pub fn stop(self) -> Result<(), TrialError> {
        let ServerUnderTest { program, mut stderr } = self;
        match program.stop(PATIENCE) {
            Ok(_) => Ok(()),
            Err(error) => Err(TrialError::Server(error, last_words(&mut stderr))),
        }
    }
}

impl Laboratory for ThisMachine {
    fn measure(&mut self, spec: &TrialSpec) -> Result<Measurement, TrialError> {
        let mut server = self.start(spec.contender, spec.workload)?;
        server.hold_to_contract()?;
        let (load, before, after) = self.load(&server).map_err(|error| server.blame(error, 0))?;
        if self.cancel.is_cancelled() {
            return Err(TrialError::Interrupted);
        }
        if let Some(status) = server.program.has_ended()? {
            let last_words = last_words(&mut server.stderr);
            return Err(TrialError::EndedUnderLoad { status, ok: load.requests.ok, last_words });
        }
        let server_cpus = placement::cpus_of(Pid::from_raw(server.pid().cast_signed()))?;
        server.stop()?;
        Ok(Measurement { load, server: before.until(&after), server_cpus })
    }
}

fn last_words(stderr: &mut File) -> LastWords {
    let mut text = String::new();
    // Its words are a help to the reader, not a part of the measurement: without them the failure still stands.
    let read = stderr.rewind().and_then(|()| stderr.read_to_string(&mut text));
    LastWords(read.ok().and_then(|_| text.lines().last().map(str::to_owned)))
}
