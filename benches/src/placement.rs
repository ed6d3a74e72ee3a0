//! Which CPUs the server and the generator run on: never the same ones, where there are two or more.

use std::io;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

/// CPUs by number, each side's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// CPUs of the server.
    pub server_cpus: Vec<usize>,
    /// CPUs of the load generator and the runner.
    pub generator_cpus: Vec<usize>,
    /// Whether no CPU is in both lists; false only on a machine with one CPU, where it marks every row.
    pub disjoint: bool,
}

impl Placement {
    /// Splits the CPUs this process may use: the first half, rounded down, for the server.
    ///
    /// # Errors
    ///
    /// When the kernel does not tell which CPUs may be used.
    pub fn of_this_machine() -> io::Result<Self> {
        Ok(Self::split(&cpus_of(Pid::from_raw(0))?))
    }

    fn split(cpus: &[usize]) -> Self {
        if cpus.len() < 2 {
            return Placement { server_cpus: cpus.to_vec(), generator_cpus: cpus.to_vec(), disjoint: false };
        }
        let (server, generator) = cpus.split_at(cpus.len() / 2);
        Placement { server_cpus: server.to_vec(), generator_cpus: generator.to_vec(), disjoint: true }
    }

    /// How many CPUs take part.
    #[must_use]
    pub fn cpus(&self) -> usize {
        let all = self.server_cpus.iter().chain(&self.generator_cpus);
        all.collect::<std::collections::BTreeSet<_>>().len()
    }

    /// Moves the calling thread, and threads it starts from now on, to the generator's CPUs.
    ///
    /// # Errors
    ///
    /// When the kernel refuses the CPU mask.
    pub fn pin_generator(&self) -> io::Result<()> {
        pin_this_thread(&self.generator_cpus)
    }
}

/// Moves the calling thread to `cpus`.
///
/// # Errors
///
/// When the kernel refuses the CPU mask, because a CPU is offline or not allowed.
pub fn pin_this_thread(cpus: &[usize]) -> io::Result<()> {
    let mut set = CpuSet::new();
    for &cpu in cpus {
        set.set(cpu)?;
    }
    Ok(sched_setaffinity(Pid::from_raw(0), &set)?)
}

/// The CPUs a process may run on.
///
/// # Errors
///
/// When the process is gone.
pub fn cpus_of(pid: Pid) -> io::Result<Vec<usize>> {
    let set = sched_getaffinity(pid)?;
    Ok((0..CpuSet::count()).filter(|&cpu| set.is_set(cpu).unwrap_or(false)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_disjoint_and_cover_all() {
        for (cpus, server, generator, disjoint) in [
            (&[0, 1][..], &[0][..], &[1][..], true),
            (&[2, 3, 5], &[2], &[3, 5], true),
            (&[0, 1, 2, 3], &[0, 1], &[2, 3], true),
            (&[7], &[7], &[7], false),
        ] {
            let placement = Placement::split(cpus);
            assert_eq!(placement.server_cpus, server);
            assert_eq!(placement.generator_cpus, generator);
            assert_eq!(placement.disjoint, disjoint);
        }
    }
}
