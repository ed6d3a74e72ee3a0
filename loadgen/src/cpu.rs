//! The CPU time of a thread, from getrusage(2), and how long it had to wait for a CPU, from `/proc`.

use std::ops::{AddAssign, Sub};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use nix::unistd::gettid;
use procfs::ProcResult;
use procfs::process::{Process, Task};

/// CPU time in user mode and in the kernel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CpuTime {
    pub(crate) user: Duration,
    pub(crate) system: Duration,
    /// Ready to run, while another program had the CPU; `None` if the kernel does not tell. What a hypervisor took is not in it.
    pub(crate) waited: Option<Duration>,
}

impl Default for CpuTime {
    fn default() -> Self {
        Self { user: Duration::ZERO, system: Duration::ZERO, waited: Some(Duration::ZERO) }
    }
}

impl CpuTime {
    /// What the calling thread has used since it was started.
    pub(crate) fn of_thread() -> Self {
        // The call can only fail on a bad address or a bad `who`, neither of which is ours to pass.
        let usage = getrusage(UsageWho::RUSAGE_THREAD).expect("getrusage knows RUSAGE_THREAD");
        let task = Process::myself().and_then(|process| process.task_from_tid(gettid().as_raw()));
        let (user, system) = (duration(usage.user_time()), duration(usage.system_time()));
        Self { user, system, waited: task.and_then(|task| waited(&task)).ok() }
    }
}

impl Sub for CpuTime {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            user: self.user.saturating_sub(earlier.user),
            system: self.system.saturating_sub(earlier.system),
            waited: self.waited.zip(earlier.waited).map(|(now, before)| now.saturating_sub(before)),
        }
    }
}

impl AddAssign for CpuTime {
    fn add_assign(&mut self, other: Self) {
        self.user += other.user;
        self.system += other.system;
        self.waited = self.waited.zip(other.waited).map(|(mine, theirs)| mine + theirs);
    }
}

/// How long a thread was ready to run and had no CPU, since it was started.
pub(crate) fn waited(task: &Task) -> ProcResult<Duration> {
    task.schedstat().map(|schedstat| Duration::from_nanos(schedstat.run_delay))
}

fn duration(time: TimeVal) -> Duration {
    let seconds = u64::try_from(time.tv_sec()).unwrap_or_default();
    let micros = u64::try_from(time.tv_usec()).unwrap_or_default();
    Duration::from_secs(seconds) + Duration::from_micros(micros)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::Instant;

    use nix::sched::{CpuSet, sched_getaffinity};
    use nix::unistd::Pid;

    use super::*;
    use crate::pinning;

    #[test]
    fn of_two_threads_on_one_cpu_one_is_seen_waiting() {
        let allowed = sched_getaffinity(Pid::from_raw(0)).expect("a thread");
        let cpu = (0..CpuSet::count()).find(|cpu| allowed.is_set(*cpu).unwrap_or(false)).expect("a CPU");
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                pinning::pin(0, &[cpu]).expect("it is allowed");
                while !over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
            scope.spawn(|| {
                pinning::pin(0, &[cpu]).expect("it is allowed");
                let (before, began) = (CpuTime::of_thread(), Instant::now());
                let waited = || (CpuTime::of_thread() - before).waited;
                while waited() == Some(Duration::ZERO) && began.elapsed() < Duration::from_mins(1) {}
                let (waited, lasted) = (waited(), began.elapsed());
                over.store(true, Ordering::Relaxed);
                // A kernel that does not tell says so, and not that nobody waited.
                assert_ne!(waited, Some(Duration::ZERO));
                assert!(waited.is_none_or(|waited| waited <= lasted), "{waited:?} of {lasted:?}");
            });
        });
    }
}
