//! A server under test, ours or a guest: started on its CPUs, held to the contract, asked about, stopped.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{Read, Seek};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use contract::conformance::{self, Options};
use contract::program::Program;
use nix::unistd::Pid;

use crate::guest::Guest;
use crate::launch;
use crate::manifest::{Machine, Manifest};
use crate::matrix::Work;
use crate::placement;
use crate::trial::TrialError;
use crate::usage;

/// How long a server may take to listen, and to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// The cases of the contract that a process passes when the same binary has passed all of them at the same work before, or
/// when it waits so long in each that all would take minutes.
const BRIEF: [&str; 8] = [
    "greet.name",
    "greet.percent-encoded",
    "answer.content-type",
    "answer.content-length",
    "connection.is-kept-alive",
    "method.post-is-405-with-allow",
    "path.two-segments-is-404",
    "host.missing-is-400",
];

/// How much of the contract a process is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Examination {
    /// Every case.
    Whole,
    /// A few of each kind.
    Brief,
}

/// A server under test and where its stderr goes.
#[derive(Debug)]
pub struct ServerUnderTest {
    process: Process,
    stderr: File,
}

#[derive(Debug)]
enum Process {
    Ours(Program),
    Guest(Guest),
}

/// The last line a server wrote on stderr, ready to be put behind a sentence.
#[derive(Debug, Default)]
pub struct LastWords(Option<String>);

impl fmt::Display for LastWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |line| write!(f, "; its last words: {line}"))
    }
}

impl ServerUnderTest {
    /// Starts a server of this workspace on `cpus`.
    ///
    /// Call it from a thread that outlives the server: the kernel ends the server with that thread.
    ///
    /// # Errors
    ///
    /// [`TrialError::Server`] when it does not come up.
    pub fn start(binary: &Path, args: &[String], cpus: &[usize]) -> Result<Self, TrialError> {
        let mut all = vec!["--addr".to_owned(), "127.0.0.1:0".to_owned()];
        all.extend_from_slice(args);
        let mut command = launch::command(binary, &all, cpus)?;
        let mut stderr = tempfile::tempfile()?;
        command.stderr(Stdio::from(stderr.try_clone()?));
        match Program::start(&mut command, PATIENCE) {
            Ok(program) => Ok(ServerUnderTest { process: Process::Ours(program), stderr }),
            Err(error) => Err(TrialError::Server(error, last_words(&mut stderr))),
        }
    }

    /// Starts a program that a manifest describes on `cpus`, with `workers` where it has a pool.
    ///
    /// Call it from a thread that outlives it, as [`ServerUnderTest::start`].
    ///
    /// # Errors
    ///
    /// [`TrialError::Guest`] when it does not come up, or does not answer as its manifest says.
    pub fn start_guest(
        manifest: &Manifest,
        machine: &Machine,
        (work, workers): (&Work, Option<usize>),
        cpus: &[usize],
    ) -> Result<Self, TrialError> {
        let mut stderr = tempfile::tempfile()?;
        match Guest::start(manifest, machine, (work, workers), cpus, &stderr) {
            Ok(guest) => Ok(ServerUnderTest { process: Process::Guest(guest), stderr }),
            Err(error) => Err(TrialError::Guest(error, last_words(&mut stderr))),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        match &self.process {
            Process::Ours(program) => program.ready().addr,
            Process::Guest(guest) => guest.addr(),
        }
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        match &self.process {
            Process::Ours(program) => program.ready().pid,
            Process::Guest(guest) => guest.pid(),
        }
    }

    /// All processes that serve: a guest may have children, and they are in its process group.
    #[must_use]
    pub fn pids(&self) -> Vec<u32> {
        match &self.process {
            Process::Ours(_) => vec![self.pid()],
            Process::Guest(_) => usage::group_of(self.pid()),
        }
    }

    /// The CPUs the kernel allows its processes, together: a guest may give its children others than its own.
    ///
    /// # Errors
    ///
    /// When a process is gone.
    pub fn cpus(&self) -> Result<Vec<usize>, TrialError> {
        let mut all = BTreeSet::new();
        for pid in self.pids() {
            all.extend(placement::cpus_of(Pid::from_raw(pid.cast_signed()))?);
        }
        Ok(all.into_iter().collect())
    }

    /// Checks that no thread of its processes may run beside the CPUs it was given.
    ///
    /// # Errors
    ///
    /// [`TrialError::LeftItsCpus`] when one may.
    pub fn keeps_to(&self, given: &[usize]) -> Result<(), TrialError> {
        for pid in self.pids() {
            // Threads may end between being listed and being asked.
            let tasks = procfs::process::Process::new(pid.cast_signed()).and_then(|process| process.tasks());
            for task in tasks.into_iter().flatten().flatten() {
                let Ok(allowed) = placement::cpus_of(Pid::from_raw(task.tid)) else { continue };
                if allowed.iter().any(|cpu| !given.contains(cpu)) {
                    return Err(TrialError::LeftItsCpus { given: given.to_vec(), allowed });
                }
            }
        }
        Ok(())
    }

    /// What was started for a contender from a manifest, in words; nothing for a server of this workspace.
    #[must_use]
    pub fn command(&self) -> &[String] {
        match &self.process {
            Process::Ours(_) => &[],
            Process::Guest(guest) => guest.command(),
        }
    }

    /// Holds it to the contract and says how many cases it passed.
    ///
    /// # Errors
    ///
    /// [`TrialError::Contract`] when it fails one.
    pub fn hold_to_contract(&self, how: Examination) -> Result<usize, TrialError> {
        let only: &[&str] = match how {
            Examination::Whole => &[],
            Examination::Brief => &BRIEF,
        };
        let gaps = match &self.process {
            Process::Ours(program) => conformance::known_gaps(&program.ready().http),
            Process::Guest(_) => &[],
        };
        let report = conformance::run_with(self.addr(), &Options { only, gaps, ..Options::default() });
        if report.passed() {
            return Ok(report.outcomes.len());
        }
        let failures = report.failures().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        Err(TrialError::Contract(format!("{} ({failures})", report.summary())))
    }

    /// The most requests it has said to be at work at the same time, since this was last asked.
    #[must_use]
    pub fn peak_in_flight(&self) -> Option<usize> {
        match &self.process {
            Process::Ours(program) => program.peak_in_flight(),
            Process::Guest(_) => None,
        }
    }

    /// How it ended and its last words, if it has ended by itself.
    ///
    /// # Errors
    ///
    /// When the kernel does not tell.
    pub fn has_ended(&mut self) -> Result<Option<(ExitStatus, LastWords)>, TrialError> {
        let ended = match &mut self.process {
            Process::Ours(program) => program.has_ended()?,
            Process::Guest(guest) => guest.has_ended()?,
        };
        Ok(ended.map(|status| (status, last_words(&mut self.stderr))))
    }

    /// Stops it as a user would.
    ///
    /// # Errors
    ///
    /// [`TrialError`] when it does not obey.
    pub fn stop(self) -> Result<(), TrialError> {
        let ServerUnderTest { process, mut stderr } = self;
        match process {
            Process::Ours(program) => match program.stop(PATIENCE) {
                Ok(_) => Ok(()),
                Err(error) => Err(TrialError::Server(error, last_words(&mut stderr))),
            },
            Process::Guest(guest) => {
                guest.stop().map_err(|error| TrialError::Guest(error, last_words(&mut stderr)))
            }
        }
    }
}

fn last_words(stderr: &mut File) -> LastWords {
    let mut text = String::new();
    // Its words are a help to the reader, not a part of the measurement: without them the failure still stands.
    let read = stderr.rewind().and_then(|()| stderr.read_to_string(&mut text));
    LastWords(read.ok().and_then(|_| text.lines().last().map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_brief_examination_names_cases_that_exist() {
        let ids: Vec<&str> = conformance::cases().iter().map(|case| case.id).collect();
        assert!(BRIEF.iter().all(|id| ids.contains(id)));
    }
}
