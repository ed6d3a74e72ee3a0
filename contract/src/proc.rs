//! What `/proc` says of a process, as far as the tests need it.

use std::fs;
use std::time::Duration;

/// CPU time the process has used, user and system, in the kernel's ticks of 10 ms.
///
/// # Panics
///
/// When there is no such process.
#[must_use]
pub(crate) fn cpu_time(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process runs");
    // The second field is the program's name, which may hold anything but the last parenthesis.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<u64>().expect("the kernel writes numbers");
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

/// Resident memory of the process in bytes.
///
/// # Panics
///
/// When there is no such process.
#[must_use]
pub(crate) fn resident_bytes(pid: u32) -> u64 {
    memory_bytes(pid, "VmRSS:")
}

/// The most resident memory the process has had so far, in bytes.
///
/// # Panics
///
/// When there is no such process.
#[must_use]
pub(crate) fn peak_resident_bytes(pid: u32) -> u64 {
    memory_bytes(pid, "VmHWM:")
}

fn memory_bytes(pid: u32, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.parse::<u64>().ok()).expect("the kernel writes kilobytes") * 1_024
}
