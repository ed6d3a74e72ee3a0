//! What every server promises beyond its answers, as checks that each server's own tests run on its binary: deadlines,
//! an upstream in any state, the stop, and a kernel that has nothing more to give.
//!
//! Each check starts the binary with the arguments that choose a stack, and panics with what it saw instead. Nothing here
//! sleeps to wait for a server: a check waits for the event itself, most often the end of a connection.

mod at_work;
mod deadlines;
mod descriptors;
mod fake_upstream;
mod gaps;
mod in_process;
mod stop;
mod upstream;

use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::client::PATIENCE;
use crate::program::Program;

pub use at_work::assert_at_work;
pub use deadlines::{assert_deadlines, assert_no_effect_is_told};
pub use descriptors::{assert_no_descriptors_is_survived, assert_refused_accepts_are_survived};
pub use fake_upstream::{Call, FakeUpstream, Habit};
pub use gaps::assert_gaps;
pub use in_process::while_serving;
pub use stop::{
    ask_to_stop, assert_begun_heads_are_answered, assert_begun_messages_are_answered,
    assert_blocked_threads_do_not_hold, assert_stop,
};
pub use upstream::assert_upstream;

static ALONE: Mutex<()> = Mutex::new(());

/// Held by a check that loads the machine, or whose bound is a time, so that within one test binary no two of them run beside each other.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A server's binary and the arguments that choose one of its stacks.
#[derive(Debug, Clone, Copy)]
pub struct Server<'a> {
    /// The program.
    pub binary: &'a Path,
    /// Such as `--http hyper`.
    pub args: &'a [&'a str],
}

impl Server<'_> {
    /// The command that starts it on any free port, with `more` arguments.
    #[must_use]
    pub fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(self.binary);
        command.args(["--addr", "127.0.0.1:0"]).args(self.args).args(more);
        command
    }

    /// Starts it.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn start(&self, more: &[&str]) -> Program {
        self.launch(&mut self.command(more))
    }

    /// Starts it with at most `files` open file descriptors.
    ///
    /// # Panics
    ///
    /// When it does not start.
    #[must_use]
    pub fn start_with_files(&self, files: u32, more: &[&str]) -> Program {
        let plain = self.command(more);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("ulimit -n {files}; exec \"$0\" \"$@\"")])
            .arg(plain.get_program())
            .args(plain.get_args());
        self.launch(&mut shell)
    }

    pub(crate) fn launch(&self, command: &mut Command) -> Program {
        Program::start(command, PATIENCE)
            .unwrap_or_else(|error| panic!("{} {:?}: {error}", self.binary.display(), self.args))
    }
}
