//! Event loops on CPUs of their own.

use std::io;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use crate::error::LoadError;

/// The calling thread, for the scheduler's calls.
const THIS_THREAD: Pid = Pid::from_raw(0);

/// Whether the process may use all these CPUs.
pub(crate) fn check(cpus: &[usize]) -> Result<(), LoadError> {
    let allowed = sched_getaffinity(THIS_THREAD).map_err(io::Error::from)?;
    let forbidden = cpus.iter().find(|cpu| !allowed.is_set(**cpu).unwrap_or(false));
    forbidden.map_or(Ok(()), |cpu| Err(LoadError::Cpu { cpu: *cpu }))
}

/// Keeps the calling thread, the event loop with this number, on its CPU; without CPUs it may run anywhere.
pub(crate) fn pin(thread: usize, cpus: &[usize]) -> io::Result<()> {
    let Some(cpu) = cpus.get(thread % cpus.len().max(1)) else { return Ok(()) };
    let mut set = CpuSet::new();
    set.set(*cpu)?;
    Ok(sched_setaffinity(THIS_THREAD, &set)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_stays_where_it_is_put() {
        let allowed = sched_getaffinity(THIS_THREAD).expect("a thread");
        let cpu = (0..CpuSet::count()).find(|cpu| allowed.is_set(*cpu).unwrap_or(false)).expect("a CPU");
        check(&[cpu]).expect("it is allowed");
        pin(5, &[cpu]).expect("it is allowed");
        let now = sched_getaffinity(THIS_THREAD).expect("a thread");
        assert_eq!(
            (0..CpuSet::count()).filter(|cpu| now.is_set(*cpu).unwrap_or(false)).collect::<Vec<_>>(),
            [cpu]
        );
    }

    #[test]
    fn a_cpu_that_is_not_there_is_refused() {
        assert!(matches!(check(&[1_000_000]), Err(LoadError::Cpu { cpu: 1_000_000 })));
    }
}
