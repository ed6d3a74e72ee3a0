//! What the rest of the machine did while a trial was measured: CPU time that the hypervisor kept, and that others took.

use std::sync::LazyLock;
use std::time::Duration;

use procfs::{ConfigSetting, CurrentSI, KernelStats, ProcResult};
use serde::{Deserialize, Serialize};

/// The machine's CPU counters at one moment, in the kernel's ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    /// In user mode and in system calls, all processes.
    busy: u64,
    /// In interrupts, hard and soft: what the loopback network does is among it.
    interrupts: u64,
    /// Kept by the hypervisor; `None` where the kernel does not count it.
    stolen: Option<u64>,
}

/// What the rest of the machine did in a window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Surroundings {
    /// CPU time that the hypervisor kept, as a share of the window times the CPUs; null where the kernel does not count it.
    pub stolen_share: Option<f64>,
    /// Why that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stolen_missing: Option<String>,
    /// CPU time of all processes and of interrupts, less that of the trial's own processes, as a share of the window times the CPUs. Ticks are
    /// samples, so that it may be below zero. Records without [`interrupts_share`](Self::interrupts_share) have no interrupts in it and nothing
    /// below zero.
    pub others_share: f64,
    /// Twice the standard deviation that counting by ticks gives it, as a share of the same; null in older records.
    #[serde(default)]
    pub others_error: Option<f64>,
    /// The part of it that is interrupts, the trial's own among them; null in older records.
    #[serde(default)]
    pub interrupts_share: Option<f64>,
    /// Whether the CPU time of a process has the interrupts in it that came while it ran; null where the kernel does not tell.
    #[serde(default)]
    pub interrupts_in_clocks: Option<bool>,
}

/// How far below zero the processes' own time must put the others, beyond the error, to show that interrupts are in it.
const BELOW_ZERO: f64 = 0.01;

impl Counters {
    /// Reads `/proc/stat`.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn now() -> ProcResult<Self> {
        let total = KernelStats::current()?.total;
        Ok(Counters {
            busy: total.user + total.nice + total.system,
            interrupts: total.irq.unwrap_or(0) + total.softirq.unwrap_or(0),
            stolen: total.steal,
        })
    }

    /// What happened until `later`, a `window` after, on a machine of `cpus`, of which `known` is the CPU time that the trial's own
    /// processes used: server, generator, upstream.
    ///
    /// The kernel counts a tick for whoever runs at that moment, and each process's time in nanoseconds. Whether a process's time has
    /// the interrupts in it that came while it ran depends on how the kernel was built (`CONFIG_IRQ_TIME_ACCOUNTING`); `in_clocks` says it where
    /// that is known. A share p seen in n ticks has the standard deviation √(p (1 − p) / n), as any sampled share.
    #[must_use]
    pub fn until(
        &self,
        later: &Counters,
        (window, cpus): (Duration, usize),
        known: Duration,
        in_clocks: Option<bool>,
    ) -> Surroundings {
        let per_second = procfs::ticks_per_second() as f64;
        let ticks = (window.as_secs_f64() * cpus as f64 * per_second).max(f64::MIN_POSITIVE);
        let share = |before: u64, after: u64| after.saturating_sub(before) as f64 / ticks;
        let (busy, interrupts) = (share(self.busy, later.busy), share(self.interrupts, later.interrupts));
        let others = busy + interrupts - known.as_secs_f64() * per_second / ticks;
        let seen = (busy + interrupts).clamp(0.0, 1.0);
        let error = 2.0 * (seen * (1.0 - seen) / ticks).sqrt();
        let shown = (others - interrupts < -(error + BELOW_ZERO)).then_some(true);
        let stolen_share = self.stolen.zip(later.stolen).map(|(before, after)| share(before, after));
        Surroundings {
            stolen_share,
            stolen_missing: stolen_share
                .is_none()
                .then(|| "the kernel does not count stolen time".to_owned()),
            others_share: others,
            others_error: Some(error),
            interrupts_share: Some(interrupts),
            interrupts_in_clocks: in_clocks.or(shown),
        }
    }
}

/// Whether the CPU time of a process has interrupts in it on this kernel, by its configuration; `None` where that cannot be read.
#[must_use]
pub fn interrupts_in_clocks() -> Option<bool> {
    static FOUND: LazyLock<Option<bool>> = LazyLock::new(|| {
        let config = procfs::kernel_config().ok()?;
        let separate = config.get("CONFIG_IRQ_TIME_ACCOUNTING") == Some(&ConfigSetting::Yes);
        Some(!separate)
    });
    *FOUND
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(busy: u64, interrupts: u64) -> Counters {
        Counters { busy, interrupts, stolen: Some(5) }
    }

    /// Two seconds on two CPUs: of `busy` and `interrupts` seconds altogether, `known` are the trial's own.
    fn two_seconds(busy: f64, interrupts: f64, known: f64) -> Surroundings {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive numbers")]
        let ticks = |seconds: f64| (seconds * procfs::ticks_per_second() as f64).round() as u64;
        let after =
            Counters { stolen: Some(5 + ticks(0.1)), ..counters(10 + ticks(busy), 3 + ticks(interrupts)) };
        counters(10, 3).until(&after, (Duration::from_secs(2), 2), Duration::from_secs_f64(known), None)
    }

    #[test]
    fn what_is_not_known_is_others_with_a_sign() {
        for (busy, interrupts, known, others, in_clocks) in [
            (3.0, 0.0, 2.0, 0.25, None),
            (3.0, 0.4, 2.0, 0.35, None),
            // A clock that has more than all processes together has the interrupts in it.
            (3.5, 0.5, 4.0, 0.0, Some(true)),
            (3.5, 0.4, 4.0, -0.025, Some(true)),
            (3.9, 0.1, 3.92, 0.02, None),
        ] {
            let it = two_seconds(busy, interrupts, known);
            assert!((it.others_share - others).abs() < 1e-9, "{it:?}");
            assert!((it.interrupts_share.unwrap() - interrupts / 4.0).abs() < 1e-9, "{it:?}");
            assert!((it.stolen_share.unwrap() - 0.025).abs() < 1e-9, "{it:?}");
            assert_eq!(it.interrupts_in_clocks, in_clocks, "{it:?}");
        }
        // Half busy in 400 ticks: 2 × √(0.25 / 400).
        assert!((two_seconds(2.0, 0.0, 2.0).others_error.unwrap() - 0.05).abs() < 1e-9);
        assert!(
            two_seconds(4.0, 0.0, 4.0).others_error.unwrap() < 1e-9,
            "of a busy machine every tick is known"
        );
    }

    #[test]
    fn what_the_kernel_does_not_count_is_no_zero() {
        let without = Counters { stolen: None, ..counters(1, 1) };
        let it = without.until(&without, (Duration::from_secs(1), 1), Duration::ZERO, Some(false));
        assert_eq!((it.stolen_share, it.interrupts_in_clocks), (None, Some(false)));
        assert!(it.stolen_missing.is_some());
    }

    #[test]
    fn this_machine_has_counters() {
        let (first, second) = (Counters::now().unwrap(), Counters::now().unwrap());
        assert!(second.busy >= first.busy && first.busy > 0);
    }

    #[test]
    fn older_records_are_read() {
        let old: Surroundings =
            serde_json::from_str(r#"{"stolen_share": 0.0, "others_share": 0.01}"#).unwrap();
        assert_eq!((old.stolen_share, old.interrupts_share), (Some(0.0), None));
    }
}
