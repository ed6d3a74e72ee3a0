//! A process that is not ours: started from its manifest, waited for, stopped with all that it has started.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use contract::program::{Program, ProgramError};
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use procfs::net::{TcpNetEntry, TcpState};
use procfs::process::{FDTarget, Process};
use tempfile::TempDir;
use thiserror::Error;

use crate::binaries::Source;
use crate::launch::{self, Keeper};
use crate::manifest::{
    Machine, Manifest, NotAnswering, Readiness, RenderError, Rendered, Values, free_port, wait_until_answers,
};
use crate::matrix::Work;
use crate::usage;

mod mark;

use mark::Mark;

/// How long it may take to answer, and to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often an ending process is looked at.
const SLICE: Duration = Duration::from_millis(10);

/// Why a guest does not serve, or did not stop.
#[derive(Debug, Error)]
pub enum GuestFailure {
    /// Something is not installed.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// It does not answer.
    #[error(transparent)]
    Silent(#[from] NotAnswering),
    /// It said that it listens elsewhere, or nothing, or ended.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// It left the process that was started.
    #[error(
        "it put itself into the background: the process that was started has ended, so nothing could be measured; what it left running is ended; start it in the foreground"
    )]
    Daemon,
    /// Whoever answers is not what was started.
    #[error(
        "another process answers at {0}, not the one that was started: what was measured would be that one; end it, or start the contender in the foreground"
    )]
    Stranger(SocketAddr),
    /// Its answer is not what its manifest says.
    #[error("it answers {got:?} to GET {path}, its manifest says {expected:?}")]
    WrongAnswer {
        /// What was asked for.
        path: String,
        /// What came.
        got: String,
        /// What should have come.
        expected: String,
    },
    /// It ignored SIGTERM.
    #[error("it did not stop within {PATIENCE:?} of SIGTERM and was killed")]
    Unstoppable,
    /// Something of the operating system failed.
    #[error("cannot start it: {0}")]
    Io(#[from] io::Error),
}

/// A running guest. Dropping it kills its process group, and whatever of it has left the group.
#[derive(Debug)]
pub(crate) struct Guest {
    process: Started,
    addr: SocketAddr,
    /// For the processes that it starts itself.
    keeper: Keeper,
    command: Vec<String>,
    // Dropped in this order: what it runs in goes last.
    _mark: Mark,
    _work_dir: TempDir,
}

#[derive(Debug)]
enum Started {
    /// It prints a READY line.
    Announced(Program),
    /// It is known by its answers.
    Silent(Child),
}

impl Started {
    fn pid(&self) -> u32 {
        match self {
            Started::Announced(program) => program.pid(),
            Started::Silent(child) => child.id(),
        }
    }
}

impl Guest {
    /// Starts it on `cpus` with `workers`, its stderr into `stderr`, and waits until it answers as it should.
    pub(crate) fn start(
        manifest: &Manifest,
        machine: &Machine,
        (work, workers): (&Work, Option<usize>),
        cpus: &[usize],
        stderr: &File,
    ) -> Result<Self, GuestFailure> {
        let work_dir = tempfile::tempdir()?;
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        let values = Values {
            addr,
            threads: workers.and_then(NonZeroUsize::new).unwrap_or(NonZeroUsize::MIN),
            io_wait: work.io_wait,
            cpu_work: work.cpu_work,
            work_dir: work_dir.path().to_owned(),
        };
        let rendered = manifest.command(machine, &values)?;
        rendered.write_files()?;
        let Rendered { program, args, env, .. } = &rendered;
        let mut command = launch::command(program, args, cpus)?;
        let keeper = Keeper::start()?;
        let mark = Mark::new(work_dir.path());
        command
            .envs(env)
            .env(Mark::NAME, mark.value())
            .stdin(Stdio::null())
            .stderr(Stdio::from(stderr.try_clone()?));
        let (process, addr) = match manifest.readiness {
            Readiness::ReadyLine => {
                let program = Program::start(&mut command, PATIENCE)?;
                let addr = program.ready().addr;
                (Started::Announced(program), addr)
            }
            // What it prints goes nowhere, so that it never waits for a reader.
            Readiness::Connect => (Started::Silent(command.stdout(Stdio::null()).spawn()?), addr),
        };
        let command = in_words(&rendered);
        let mut guest = Guest { process, addr, keeper, command, _mark: mark, _work_dir: work_dir };
        guest.keeper.keep(guest.process.pid())?;
        guest.wait_until_it_answers(manifest)?;
        Ok(guest)
    }

    fn wait_until_it_answers(&mut self, manifest: &Manifest) -> Result<(), GuestFailure> {
        let addr = self.addr;
        // One that has ended well may serve from the background; one that failed will never serve.
        let mut goes_on = || !matches!(self.has_ended(), Ok(Some(status)) if !status.success());
        let answer = wait_until_answers(addr, &manifest.path, Instant::now() + PATIENCE, &mut goes_on)?;
        if self.has_ended()?.is_some() {
            return Err(GuestFailure::Daemon);
        }
        if !listens(addr, &usage::group_of(self.pid())) {
            return Err(GuestFailure::Stranger(addr));
        }
        if answer.body != manifest.expect_body.as_bytes() {
            return Err(GuestFailure::WrongAnswer {
                path: manifest.path.clone(),
                got: String::from_utf8_lossy(&answer.body[..answer.body.len().min(80)]).into_owned(),
                expected: manifest.expect_body.clone(),
            });
        }
        Ok(())
    }

    /// What was started: variables added to its environment as `NAME=value`, program, arguments.
    pub(crate) fn command(&self) -> &[String] {
        &self.command
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    pub(crate) fn has_ended(&mut self) -> io::Result<Option<ExitStatus>> {
        match &mut self.process {
            Started::Announced(program) => program.has_ended(),
            Started::Silent(child) => child.try_wait(),
        }
    }

    /// Asks it to stop and waits, then kills what is left of its process group.
    pub(crate) fn stop(mut self) -> Result<(), GuestFailure> {
        self.signal(Signal::SIGTERM);
        let deadline = Instant::now() + PATIENCE;
        while self.has_ended()?.is_none() {
            if Instant::now() >= deadline {
                return Err(GuestFailure::Unstoppable);
            }
            // An early return is harmless: it only looks sooner.
            std::thread::park_timeout(SLICE);
        }
        Ok(())
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.pid().cast_signed());
        let sent = match signal {
            // The leader decides how its children end; a group-wide SIGTERM would take the decision from it.
            Signal::SIGTERM => nix::sys::signal::kill(pid, signal),
            _ => killpg(pid, signal),
        };
        debug_assert!(matches!(sent, Ok(()) | Err(Errno::ESRCH)), "{sent:?}");
    }
}

/// Environment, program and arguments for a record: paths from the workspace or from the user's own folder, because where somebody keeps it is no part of a result.
fn in_words(rendered: &Rendered) -> Vec<String> {
    let workspace = format!("{}/", Source::workspace().display());
    let variables = rendered.env.iter().map(|(name, value)| format!("{name}={value}"));
    let words =
        variables.chain([rendered.program.display().to_string()]).chain(rendered.args.iter().cloned());
    let home = std::env::var("HOME").ok().filter(|home| home.len() > 1).map(|home| format!("{home}/"));
    let short = |word: String| {
        let word = word.replace(&workspace, "");
        home.as_ref().map_or_else(|| word.clone(), |home| word.replace(home.as_str(), "~/"))
    };
    words.map(short).collect()
}

/// Whether one of these processes holds the socket that listens at `addr`; true where the kernel does not tell.
fn listens(addr: SocketAddr, pids: &[u32]) -> bool {
    let Ok(sockets) = procfs::net::tcp() else { return true };
    let mine = |one: &TcpNetEntry| {
        let there = one.local_address.ip() == addr.ip() || one.local_address.ip().is_unspecified();
        one.state == TcpState::Listen && there && one.local_address.port() == addr.port()
    };
    let inodes: Vec<u64> = sockets.iter().filter(|one| mine(one)).map(|one| one.inode).collect();
    let holds = |pid: &u32| {
        let files = Process::new(pid.cast_signed()).and_then(|process| process.fd());
        let mut files = files.into_iter().flatten().flatten();
        files.any(|file| matches!(file.target, FDTarget::Socket(inode) if inodes.contains(&inode)))
    };
    // Listening on both IP versions is in another table; then there is nothing to compare with.
    inodes.is_empty() || pids.iter().any(holds)
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
        if let Started::Silent(child) = &mut self.process {
            // It was killed, if it had not ended before.
            let _ = child.wait();
        }
    }
}
