//! What a server has used, read from `/proc` from outside.

use std::io;
use std::time::Duration;

use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use procfs::process::Process;
use procfs::{ProcResult, WithCurrentSystemInfo};
use serde::{Deserialize, Serialize};

/// A process's counters at one moment. CPU times are since its start and include threads that have ended.
///
/// The sum comes from the process's CPU clock, in nanoseconds. The split into user and system is known only in ticks, a
/// hundredth of a second each on most machines: too coarse for a server that served a hundred requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Snapshot {
    cpu: Duration,
    user_s: f64,
    system_s: f64,
    rss_bytes: u64,
    threads: u64,
}

/// What a server used while it was under load.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// CPU time during the measured window, in seconds.
    pub cpu_s: f64,
    /// The part of it in user mode, in seconds, by the kernel's ticks.
    pub cpu_user_s: f64,
    /// The part of it in the kernel, in seconds, by the kernel's ticks.
    pub cpu_system_s: f64,
    /// Resident memory at the end of the window, with every connection still open.
    pub rss_bytes: u64,
    /// Threads at the end of the window, the HTTP library's own included.
    pub threads: u64,
}

impl Snapshot {
    /// Reads the counters of a process.
    ///
    /// # Errors
    ///
    /// When the process is gone.
    pub fn of(pid: u32) -> ProcResult<Self> {
        let stat = Process::new(pid.cast_signed())?.stat()?;
        let clock = clock_getcpuclockid(Pid::from_raw(pid.cast_signed())).and_then(clock_gettime);
        let seconds = |ticks: u64| ticks as f64 / procfs::ticks_per_second() as f64;
        Ok(Snapshot {
            cpu: clock.map_err(io::Error::from)?.into(),
            user_s: seconds(stat.utime),
            system_s: seconds(stat.stime),
            rss_bytes: stat.rss_bytes().get(),
            threads: stat.num_threads.unsigned_abs(),
        })
    }

    /// What was used between `self` and a `later` moment.
    #[must_use]
    pub fn until(&self, later: &Snapshot) -> Usage {
        Usage {
            cpu_s: later.cpu.saturating_sub(self.cpu).as_secs_f64(),
            cpu_user_s: later.user_s - self.user_s,
            cpu_system_s: later.system_s - self.system_s,
            rss_bytes: later.rss_bytes,
            threads: later.threads,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_and_threads_and_its_time_does_not_run_backwards() {
        let pid = std::process::id();
        let before = Snapshot::of(pid).unwrap();
        let mut sum = 0_u64;
        while Snapshot::of(pid).unwrap().cpu < before.cpu + Duration::from_millis(5) {
            sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(7));
        }
        let usage = before.until(&Snapshot::of(pid).unwrap());
        assert!(usage.cpu_s >= 0.005, "{usage:?}");
        assert!(usage.rss_bytes > 100_000 && usage.threads >= 1);
        assert!(usage.cpu_user_s >= 0.0 && usage.cpu_system_s >= 0.0);
    }

    #[test]
    fn a_process_that_is_gone_is_an_error() {
        assert!(Snapshot::of(u32::MAX >> 1).is_err());
    }
}
