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
    /// Memory at the same moment with shared pages divided among those who share them; null where the kernel does not tell.
    pub pss_bytes: Option<u64>,
    /// How often its threads were switched from in the window; null where the process could not be read. In records of trials whose answers here are
    /// more than those of the window, the warm-up is in both.
    pub switches: Option<Switches>,
    /// Threads at the end of the window, the HTTP library's own included.
    pub threads: u64,
}

/// How often threads gave up a CPU, or lost it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switches {
    /// By waiting for something.
    pub voluntary: u64,
    /// By the kernel's decision.
    pub involuntary: u64,
    /// Valid answers while they were counted.
    pub answers: u64,
}

impl Snapshot {
    /// Reads the counters of processes and adds them up.
    ///
    /// # Errors
    ///
    /// When one of them is gone.
    pub fn of(pids: &[u32]) -> ProcResult<Self> {
        let nothing = Snapshot { cpu: Duration::ZERO, user_s: 0.0, system_s: 0.0, rss_bytes: 0, threads: 0 };
        pids.iter().try_fold(nothing, |sum, &pid| {
            let one = Snapshot::of_one(pid)?;
            Ok(Snapshot {
                cpu: sum.cpu + one.cpu,
                user_s: sum.user_s + one.user_s,
                system_s: sum.system_s + one.system_s,
                rss_bytes: sum.rss_bytes + one.rss_bytes,
                threads: sum.threads + one.threads,
            })
        })
    }

    fn of_one(pid: u32) -> ProcResult<Self> {
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

    /// CPU time between `self` and a `later` moment.
    #[must_use]
    pub fn cpu_until(&self, later: &Snapshot) -> Duration {
        later.cpu.saturating_sub(self.cpu)
    }

    /// What was used between `self` and a `later` moment.
    #[must_use]
    pub fn until(&self, later: &Snapshot) -> Usage {
        Usage {
            cpu_s: self.cpu_until(later).as_secs_f64(),
            cpu_user_s: later.user_s - self.user_s,
            cpu_system_s: later.system_s - self.system_s,
            rss_bytes: later.rss_bytes,
            pss_bytes: None,
            switches: None,
            threads: later.threads,
        }
    }
}

impl Switches {
    /// Switches of all threads of these processes since each began; threads that have ended are not in it.
    ///
    /// It reads a file a thread, which takes long enough to disturb a server with thousands: right before a measured window and right after, not inside.
    ///
    /// # Errors
    ///
    /// When the process is gone.
    pub fn of(pids: &[u32]) -> ProcResult<Self> {
        let mut sum = Switches { voluntary: 0, involuntary: 0, answers: 0 };
        for &pid in pids {
            for task in Process::new(pid.cast_signed())?.tasks()?.flatten() {
                // A thread may end between being listed and being read.
                let Ok(status) = task.status() else { continue };
                sum.voluntary += status.voluntary_ctxt_switches.unwrap_or(0);
                sum.involuntary += status.nonvoluntary_ctxt_switches.unwrap_or(0);
            }
        }
        Ok(sum)
    }

    /// The switches between `self` and a `later` moment, in which there were `answers` valid answers.
    #[must_use]
    pub fn until(&self, later: &Switches, answers: u64) -> Switches {
        Switches {
            voluntary: later.voluntary.saturating_sub(self.voluntary),
            involuntary: later.involuntary.saturating_sub(self.involuntary),
            answers,
        }
    }
}

/// Memory of processes with shared pages divided among those who share them, in bytes; `None` where the kernel does not tell.
#[must_use]
pub fn pss_bytes(pids: &[u32]) -> Option<u64> {
    let one = |&pid: &u32| {
        let rollup = Process::new(pid.cast_signed()).and_then(|process| process.smaps_rollup()).ok()?;
        rollup.memory_map_rollup.iter().find_map(|map| map.extension.map.get("Pss").copied())
    };
    pids.iter().map(one).sum()
}

/// The processes of the group that `leader` leads, itself first, in the order of their ids.
#[must_use]
pub fn group_of(leader: u32) -> Vec<u32> {
    let all = procfs::process::all_processes().into_iter().flatten().flatten();
    let mine = all.filter(|one| one.stat().is_ok_and(|stat| stat.pgrp == leader.cast_signed()));
    let mut others: Vec<u32> =
        mine.map(|one| one.pid().cast_unsigned()).filter(|&pid| pid != leader).collect();
    others.sort_unstable();
    others.insert(0, leader);
    others
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_and_threads_and_its_time_does_not_run_backwards() {
        let pid = std::process::id();
        let before = Snapshot::of(&[pid]).unwrap();
        let mut sum = 0_u64;
        while Snapshot::of(&[pid]).unwrap().cpu < before.cpu + Duration::from_millis(5) {
            sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(7));
        }
        let usage = before.until(&Snapshot::of(&[pid]).unwrap());
        assert!(usage.cpu_s >= 0.005, "{usage:?}");
        assert!(usage.rss_bytes > 100_000 && usage.threads >= 1);
        assert!(usage.cpu_user_s >= 0.0 && usage.cpu_system_s >= 0.0);
    }

    #[test]
    fn this_process_shares_some_of_its_memory_and_waits_now_and_then() {
        let pid = std::process::id();
        let pss = pss_bytes(&[pid]).expect("this kernel tells");
        assert!(pss > 100_000 && pss <= Process::myself().unwrap().stat().unwrap().rss_bytes().get() * 2);
        let before = Switches::of(&[pid]).unwrap();
        let (sender, receiver) = std::sync::mpsc::channel::<()>();
        let _ = receiver.recv_timeout(Duration::from_millis(1));
        drop(sender);
        let between = before.until(&Switches::of(&[pid]).unwrap(), 7);
        assert!(between.voluntary >= 1 && between.answers == 7, "{between:?}");
    }

    #[test]
    fn a_group_is_its_leader_and_those_it_has_started() {
        use std::os::unix::process::CommandExt;
        let mut shell = std::process::Command::new("sh");
        let mut shell = shell
            .args(["-c", "tail -f /dev/null & echo; wait"])
            .process_group(0)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // Its first line comes after its child's start.
        io::Read::read_exact(shell.stdout.as_mut().unwrap(), &mut [0]).unwrap();
        let group = group_of(shell.id());
        assert_eq!((group[0], group.len()), (shell.id(), 2), "{group:?}");
        assert_eq!(Snapshot::of(&group).unwrap().threads, 2);
        nix::sys::signal::killpg(Pid::from_raw(shell.id().cast_signed()), nix::sys::signal::Signal::SIGKILL)
            .unwrap();
        shell.wait().unwrap();
    }

    #[test]
    fn a_process_that_is_gone_is_an_error() {
        assert!(Snapshot::of(&[u32::MAX >> 1]).is_err());
    }
}
