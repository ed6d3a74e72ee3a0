//! CPU work that is the same amount in every process that is compared.
//!
//! Measured by the CPU clock of the thread, not by a wall clock, which would count the time of whoever preempts it
//! and so make a busy server work less; and not by a loop calibrated at the start, whose error differs from process to
//! process and would look like a difference between servers. The price: a system call each few microseconds, which
//! is inside the time that is burnt.

use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Rounds between two looks at the clock: 2 to 4 µs of an optimised build, so that a burn is late by no more.
const ROUNDS: u32 = 2_000;

/// Uses CPU time of the calling thread, at least `work` and a few microseconds more.
pub fn burn(work: Duration) {
    if work.is_zero() {
        return;
    }
    let start = thread_cpu_time();
    let mut state = 1_u64;
    while thread_cpu_time().saturating_sub(start) < work {
        for _ in 0..ROUNDS {
            // A multiplication that needs the one before it: nothing to vectorise, nothing to leave out.
            state = black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        }
    }
}

fn thread_cpu_time() -> Duration {
    // The kernel counts from the thread's start, so neither part is ever negative.
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost_of(work: Duration) -> f64 {
        let before = thread_cpu_time();
        burn(work);
        thread_cpu_time().saturating_sub(before).as_secs_f64()
    }

    #[test]
    fn twice_the_work_is_twice_the_cpu_time() {
        let ratio = cost_of(Duration::from_millis(40)) / cost_of(Duration::from_millis(20));
        assert!((1.9..2.1).contains(&ratio), "{ratio}");
    }

    #[test]
    fn nothing_is_burnt_for_nothing() {
        assert!(cost_of(Duration::ZERO) < 0.001);
    }
}
