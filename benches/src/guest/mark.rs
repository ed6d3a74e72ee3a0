//! A variable in the environment of everything that a guest starts, by which what has left its process group is found and ended.
//!
//! What has also emptied its environment is not found; a port alone would find strangers too.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use procfs::process::all_processes;

/// How often processes are looked for: one that is being found may have just started another.
const ROUNDS: usize = 100;

/// Between two looks.
const SLICE: Duration = Duration::from_millis(10);

/// The mark of one trial. Dropping it ends every process that bears it.
#[derive(Debug)]
pub(super) struct Mark(OsString);

impl Mark {
    /// The name of the variable.
    pub(super) const NAME: &str = "CONTENDER_TRIAL";

    /// The mark of the trial that has `work_dir` to itself.
    pub(super) fn new(work_dir: &Path) -> Self {
        Mark(work_dir.as_os_str().to_owned())
    }

    pub(super) fn value(&self) -> &OsStr {
        &self.0
    }

    fn bearers(&self) -> Vec<Pid> {
        let bears = |variables: &std::collections::HashMap<OsString, OsString>| {
            variables.get(OsStr::new(Self::NAME)) == Some(&self.0)
        };
        // Those of other users, and those that end meanwhile, cannot be read.
        let all = all_processes().into_iter().flatten().flatten();
        all.filter(|one| one.environ().is_ok_and(|variables| bears(&variables)))
            .map(|one| Pid::from_raw(one.pid()))
            .collect()
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        for _ in 0..ROUNDS {
            let bearers = self.bearers();
            if bearers.is_empty() {
                return;
            }
            for pid in bearers {
                // It may have ended by itself.
                let _ = kill(pid, Signal::SIGKILL);
            }
            // An early return is harmless: it only looks sooner.
            thread::park_timeout(SLICE);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn who_bears_the_mark_is_ended_and_nobody_else() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [mine, other] = folders.each_ref().map(|folder| Mark::new(folder.path()));
        let start = |mark: &Mark| {
            let mut command = Command::new("tail");
            command.args(["-f", "/dev/null"]).stdin(Stdio::null()).env(Mark::NAME, mark.value());
            command.spawn().unwrap()
        };
        let (mut ended, mut kept) = (start(&mine), start(&other));
        drop(mine);
        assert!(!ended.wait().unwrap().success());
        assert_eq!(kept.try_wait().unwrap(), None);
        drop(other);
        assert!(!kept.wait().unwrap().success());
    }
}
