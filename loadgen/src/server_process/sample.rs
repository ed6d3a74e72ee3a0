//! What the kernel says of a process at one moment, read from `/proc`.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use procfs::process::Process;
use procfs::{ProcError, ProcResult, WithCurrentSystemInfo};

/// The context switches of one thread since it was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Switches {
    pub(super) voluntary: u64,
    pub(super) involuntary: u64,
}

/// A process at one moment. CPU times are since its start, threads that have ended included.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// To the nanosecond, from the process's CPU clock.
    pub(super) cpu: Duration,
    /// In ticks, a hundredth of a second each on most machines, as is the next.
    pub(super) user: Duration,
    pub(super) system: Duration,
    pub(super) rss_bytes: u64,
    /// Or why it cannot be read.
    pub(super) pss_bytes: Result<u64, String>,
    pub(super) threads: u64,
    /// Of each living thread.
    pub(super) switches: BTreeMap<i32, Switches>,
}

impl Sample {
    /// Reads all of it; an error if the process is gone.
    pub(super) fn of(process: &Process) -> ProcResult<Self> {
        let stat = process.stat()?;
        if matches!(stat.state, 'Z' | 'X') {
            // Dead, and only waiting for its parent to take note.
            return Err(ProcError::NotFound(None));
        }
        let clock = clock_getcpuclockid(Pid::from_raw(process.pid())).and_then(clock_gettime);
        let ticks = |ticks: u64| Duration::from_secs_f64(ticks as f64 / procfs::ticks_per_second() as f64);
        Ok(Self {
            cpu: clock.map_err(io::Error::from)?.into(),
            user: ticks(stat.utime),
            system: ticks(stat.stime),
            rss_bytes: stat.rss_bytes().get(),
            pss_bytes: pss_bytes(process),
            threads: stat.num_threads.unsigned_abs(),
            switches: switches(process)?,
        })
    }

    /// The switches of all living threads together.
    pub(super) fn all_switches(&self) -> Switches {
        self.switches.values().fold(Switches::default(), |sum, one| Switches {
            voluntary: sum.voluntary + one.voluntary,
            involuntary: sum.involuntary + one.involuntary,
        })
    }

    /// The switches since an `earlier` moment of the threads that live now, and how many of then live no more.
    pub(super) fn switches_since(&self, earlier: &Self) -> (Switches, u64) {
        let mut sum = Switches::default();
        for (tid, now) in &self.switches {
            let before = earlier.switches.get(tid).copied().unwrap_or_default();
            // A number that was given to another thread since begins at zero again.
            sum.voluntary += now.voluntary.checked_sub(before.voluntary).unwrap_or(now.voluntary);
            sum.involuntary += now.involuntary.checked_sub(before.involuntary).unwrap_or(now.involuntary);
        }
        let ended = earlier.switches.keys().filter(|tid| !self.switches.contains_key(tid)).count();
        (sum, ended as u64)
    }
}

fn pss_bytes(process: &Process) -> Result<u64, String> {
    let rollup = process.smaps_rollup().map_err(|error| error.to_string())?;
    let parts = rollup.memory_map_rollup.0;
    let sizes: Vec<_> = parts.iter().filter_map(|map| map.extension.map.get("Pss")).collect();
    if sizes.is_empty() { Err("the kernel tells no PSS".to_owned()) } else { Ok(sizes.into_iter().sum()) }
}

fn switches(process: &Process) -> ProcResult<BTreeMap<i32, Switches>> {
    let mut all = BTreeMap::new();
    // A thread may end between being listed and being read: it is then none of the living.
    for task in process.tasks()?.flatten() {
        if let Ok(status) = task.status() {
            let voluntary = status.voluntary_ctxt_switches.unwrap_or_default();
            let involuntary = status.nonvoluntary_ctxt_switches.unwrap_or_default();
            all.insert(task.tid, Switches { voluntary, involuntary });
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn this_process_has_memory_threads_and_switches() {
        let process = Process::myself().expect("this process");
        let before = Sample::of(&process).expect("it lives");
        // A thread that waits for another switches voluntarily.
        let (sender, receiver) = mpsc::channel();
        let (done, finished) = mpsc::channel::<()>();
        let waiting = thread::spawn(move || {
            for () in receiver {
                done.send(()).expect("the test waits");
            }
        });
        for _ in 0..50 {
            sender.send(()).expect("the thread lives");
            finished.recv().expect("the thread answers");
        }
        let after = Sample::of(&process).expect("it lives");
        drop(sender);
        waiting.join().expect("no panic");
        let pss = after.pss_bytes.clone().expect("it is our own");
        assert!(pss > 100_000 && after.rss_bytes >= pss, "{after:?}");
        assert!(after.threads >= 2 && after.cpu >= before.cpu);
        assert!(after.switches_since(&before).0.voluntary >= 50);
        assert!(after.all_switches().voluntary >= 50);
    }

    #[test]
    fn switches_are_those_of_the_threads_that_still_live() {
        let switches = |of: &[(i32, u64)]| {
            let all = of.iter().map(|(tid, count)| (*tid, Switches { voluntary: *count, involuntary: 1 }));
            let process = Process::myself().expect("this process");
            Sample { switches: all.collect(), ..Sample::of(&process).expect("it lives") }
        };
        let before = switches(&[(1, 10), (2, 20), (3, 30)]);
        let after = switches(&[(1, 15), (3, 4), (4, 7)]);
        let (sum, ended) = after.switches_since(&before);
        assert_eq!((sum.voluntary, sum.involuntary, ended), (5 + 4 + 7, 1, 1));
    }
}
