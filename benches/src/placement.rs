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
    /// Whether server and generator are on two hardware threads of one core, and so slow each other down; only where there is but one core.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shares_a_core: bool,
}

impl Placement {
    /// Splits the CPUs this process may use: the first half of the cores, rounded down, for the server.
    ///
    /// # Errors
    ///
    /// When the kernel does not tell which CPUs may be used.
    pub fn of_this_machine() -> io::Result<Self> {
        let cpus = cpus_of(Pid::from_raw(0))?;
        let siblings: Vec<Vec<usize>> = cpus.iter().map(|&cpu| siblings_of(cpu)).collect();
        Ok(Self::split(&cpus, &siblings))
    }

    /// `siblings` are, for each of `cpus`, the CPUs of its core, itself among them; those that may not be used do not matter.
    fn split(cpus: &[usize], siblings: &[Vec<usize>]) -> Self {
        if cpus.len() < 2 {
            return Placement {
                server_cpus: cpus.to_vec(),
                generator_cpus: cpus.to_vec(),
                disjoint: false,
                shares_a_core: false,
            };
        }
        let mut cores: Vec<Vec<usize>> = Vec::new();
        for (&cpu, siblings) in cpus.iter().zip(siblings) {
            match cores.iter_mut().find(|core| siblings.contains(&core[0])) {
                Some(core) => core.push(cpu),
                None => cores.push(vec![cpu]),
            }
        }
        let shares_a_core = cores.len() < 2;
        if shares_a_core {
            cores = cpus.iter().map(|&cpu| vec![cpu]).collect();
        }
        let (server, generator) = cores.split_at(cores.len() / 2);
        let sorted = |cores: &[Vec<usize>]| {
            let mut all = cores.concat();
            all.sort_unstable();
            all
        };
        Placement {
            server_cpus: sorted(server),
            generator_cpus: sorted(generator),
            disjoint: true,
            shares_a_core,
        }
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

/// The CPUs of a CPU's core; itself alone where the kernel does not tell.
fn siblings_of(cpu: usize) -> Vec<usize> {
    let path = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
    let list = std::fs::read_to_string(path).ok().and_then(|text| cpu_list(&text));
    list.unwrap_or_else(|| vec![cpu])
}

/// CPUs as the kernel lists them: `0-1,8`; `None` if it is no such list.
fn cpu_list(text: &str) -> Option<Vec<usize>> {
    let mut all = Vec::new();
    for part in text.trim().split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        all.extend(first.parse::<usize>().ok()?..=last.parse().ok()?);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_disjoint_cover_all_and_share_no_core_where_there_are_two() {
        for (cpus, cores, server, generator, disjoint, shares_a_core) in [
            (&[0, 1][..], "0 1", &[0][..], &[1][..], true, false),
            (&[2, 3, 5], "2 3 5", &[2], &[3, 5], true, false),
            (&[0, 1, 2, 3], "0 1 2 3", &[0, 1], &[2, 3], true, false),
            // Two cores of two threads, counted as most machines count them, and core by core.
            (&[0, 1, 2, 3], "0,2 1,3 0,2 1,3", &[0, 2], &[1, 3], true, false),
            (&[0, 1, 2, 3], "0-1 0-1 2-3 2-3", &[0, 1], &[2, 3], true, false),
            // Three cores, of which one has a thread that may not be used.
            (&[0, 1, 2, 3, 4], "0-1 0-1 2-3 2-3 4-5", &[0, 1], &[2, 3, 4], true, false),
            (&[0, 1], "0-1 0-1", &[0], &[1], true, true),
            (&[7], "6-7", &[7], &[7], false, false),
        ] {
            let cores: Vec<Vec<usize>> = cores.split(' ').map(|core| cpu_list(core).unwrap()).collect();
            let placement = Placement::split(cpus, &cores);
            assert_eq!(placement.server_cpus, server, "{cpus:?} {cores:?}");
            assert_eq!(placement.generator_cpus, generator, "{cpus:?} {cores:?}");
            assert_eq!((placement.disjoint, placement.shares_a_core), (disjoint, shares_a_core));
        }
    }

    #[test]
    fn lists_of_the_kernel_are_read() {
        assert_eq!(cpu_list("0-2,8\n"), Some(vec![0, 1, 2, 8]));
        assert_eq!((cpu_list(""), cpu_list("0-x")), (None, None));
    }
}
