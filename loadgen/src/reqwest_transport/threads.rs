//! The threads of a runtime, and what CPU time they use.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::unistd::{Pid, gettid};
use procfs::process::Process;

use crate::cpu::{self, CpuTime};

/// The threads that were entered; all clones know the same ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Threads(Arc<Mutex<Vec<Pid>>>);

impl Threads {
    fn list(&self) -> MutexGuard<'_, Vec<Pid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the calling thread, and says how many there were before it.
    pub(super) fn enter(&self) -> usize {
        let mut list = self.list();
        list.push(gettid());
        list.len() - 1
    }

    /// Forgets all threads.
    pub(super) fn clear(&self) {
        self.list().clear();
    }

    /// What each thread has used since it was started, in ticks of a hundredth of a second on most machines.
    pub(super) fn cpu(&self) -> io::Result<Vec<CpuTime>> {
        let process = Process::myself().map_err(io::Error::other)?;
        let time = |ticks: u64| Duration::from_secs_f64(ticks as f64 / procfs::ticks_per_second() as f64);
        let of = |tid: &Pid| {
            let task = process.task_from_tid(tid.as_raw()).map_err(io::Error::other)?;
            let stat = task.stat().map_err(io::Error::other)?;
            Ok(CpuTime { user: time(stat.utime), system: time(stat.stime), waited: cpu::waited(&task).ok() })
        };
        self.list().iter().map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_works_is_seen_working() {
        let threads = Threads::default();
        assert_eq!(threads.enter(), 0);
        let total = || threads.cpu().expect("a thread")[0];
        let (before, mut sum) = (total(), 0_u64);
        while (total() - before).user + (total() - before).system < Duration::from_millis(20) {
            sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(7));
        }
        threads.clear();
        assert!(threads.cpu().expect("no thread").is_empty());
    }
}
