//! What the rest of the machine did while a trial was measured: CPU time that the hypervisor kept, and that others took.

use std::time::Duration;

use procfs::{CurrentSI, KernelStats, ProcResult};
use serde::{Deserialize, Serialize};

/// The machine's CPU counters at one moment, in the kernel's ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    /// In user mode and in system calls, all processes.
    busy: u64,
    /// Kept by the hypervisor.
    stolen: u64,
}

/// What the rest of the machine did in a window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Surroundings {
    /// CPU time that the hypervisor kept, as a share of the window times the CPUs.
    pub stolen_share: f64,
    /// CPU time of processes other than server and generator, as a share of the window times the CPUs.
    pub others_share: f64,
}

impl Counters {
    /// Reads `/proc/stat`.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn now() -> ProcResult<Self> {
        let total = KernelStats::current()?.total;
        Ok(Counters { busy: total.user + total.nice + total.system, stolen: total.steal.unwrap_or(0) })
    }

    /// What happened until `later`, a `window` after, on a machine of `cpus`, of which `known` is the CPU time that server and
    /// generator used.
    ///
    /// Interrupts are left out: the kernel counts what it does for the loopback network there, which is the trial's own.
    #[must_use]
    pub fn until(&self, later: &Counters, window: Duration, cpus: usize, known: Duration) -> Surroundings {
        let seconds = |ticks: u64| ticks as f64 / procfs::ticks_per_second() as f64;
        let whole = (window.as_secs_f64() * cpus as f64).max(f64::MIN_POSITIVE);
        let busy = seconds(later.busy.saturating_sub(self.busy));
        Surroundings {
            stolen_share: seconds(later.stolen.saturating_sub(self.stolen)) / whole,
            others_share: (busy - known.as_secs_f64()).max(0.0) / whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_others() {
        let tick = procfs::ticks_per_second();
        let (before, after) =
            (Counters { busy: 10, stolen: 5 }, Counters { busy: 10 + 3 * tick, stolen: 5 + tick / 10 });
        let it = before.until(&after, Duration::from_secs(2), 2, Duration::from_secs(2));
        assert!((it.others_share - 0.25).abs() < 1e-9 && (it.stolen_share - 0.025).abs() < 1e-9, "{it:?}");
        let ours = before.until(&after, Duration::from_secs(2), 2, Duration::from_secs(4));
        assert!(ours.others_share.abs() < 1e-9, "{ours:?}");
    }

    #[test]
    fn this_machine_has_counters() {
        let (first, second) = (Counters::now().unwrap(), Counters::now().unwrap());
        assert!(second.busy >= first.busy && first.busy > 0);
    }
}
