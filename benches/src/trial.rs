//! One trial: a fresh server process, held to the contract, warmed up, loaded, looked at, stopped.

use std::io;

use contract::program::ProgramError;
use loadgen::{LoadError, TargetError};
use procfs::ProcError;
use thiserror::Error;

use crate::guest::GuestFailure;
use crate::order::TrialSpec;
use crate::record::{Measurement, Planned};
use crate::server::LastWords;

/// The server that stands behind another one in a setting with an upstream.
pub const UPSTREAM_PACKAGE: &str = "async-server";

/// Why a trial has no measurement.
#[derive(Debug, Error)]
pub enum TrialError {
    /// The server did not start, or did not stop when asked.
    #[error("the server failed: {0}{1}")]
    Server(ProgramError, LastWords),
    /// A program of a manifest did not start, did not answer as it should, or did not stop.
    #[error("the contender failed: {0}{1}")]
    Guest(GuestFailure, LastWords),
    /// There is nothing to start.
    #[error("there is no binary for {0}; run without --binaries, or with a folder that has it")]
    NoBinary(String),
    /// The server does not keep the contract, so timing it would mean nothing.
    #[error("the server breaks the contract: {0}")]
    Contract(String),
    /// The server ended while it was under load.
    #[error("the server ended under load ({status}){}{last_words}", after(*.ok))]
    EndedUnderLoad {
        /// How it ended.
        status: std::process::ExitStatus,
        /// Valid answers in the window; `None` where it ended before the generator could say.
        ok: Option<u64>,
        /// The last line on its stderr.
        last_words: LastWords,
    },
    /// It would have had more of the machine than the others.
    #[error(
        "the server left its CPUs: it may run on {allowed:?} and was given {given:?}, so it could take the load generator's; start it without a CPU mask of its own"
    )]
    LeftItsCpus {
        /// CPUs it was given.
        given: Vec<usize>,
        /// CPUs that one of its threads may use.
        allowed: Vec<usize>,
    },
    /// The generator could not begin.
    #[error("the load generator could not begin: {0}")]
    Load(#[from] LoadError),
    /// The rate depends on a pilot that failed.
    #[error("the offered rate is not known: {0}")]
    NoRate(String),
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

fn after(ok: Option<u64>) -> String {
    ok.map_or_else(String::new, |ok| format!(" after {ok} valid answers"))
}

/// Whatever can make a trial. The runner takes it as a value, so that its order and its bookkeeping can be tested
/// without a server and without a clock.
pub trait Laboratory {
    /// Makes one trial of a planned cell.
    ///
    /// # Errors
    ///
    /// [`TrialError`] when it has no measurement.
    fn measure(&mut self, spec: &TrialSpec, planned: &Planned) -> Result<Measurement, TrialError>;
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn answers_that_are_not_known_are_not_told_as_none() {
        let ended = |ok| {
            let status = std::process::ExitStatus::from_raw(9);
            TrialError::EndedUnderLoad { status, ok, last_words: LastWords::default() }.to_string()
        };
        assert_eq!(ended(None), "the server ended under load (signal: 9 (SIGKILL))");
        assert_eq!(ended(Some(0)), "the server ended under load (signal: 9 (SIGKILL)) after 0 valid answers");
    }
}
