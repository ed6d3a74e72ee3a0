//! A closed loop at a server with a wait and some CPUs: the formula behind the advice.
//!
//! n requests go round between a wait, which all can be in at the same time, and m CPUs, for which they queue. Mean value analysis
//! (M. Reiser and S. S. Lavenberg, "Mean-Value Analysis of Closed Multichain Queuing Networks", Journal of the ACM 27 (1980), 313–322)
//! gives their rate exactly for exponential times, and close to it for others; several CPUs are one that is m times as fast, and
//! a delay for the rest (A. Seidmann, P. Schweitzer and S. Shalev-Oren, "Computerized Closed Queueing Network Models of Flexible
//! Manufacturing Systems", Large Scale Systems 12 (1987), 91–107). The rate stays below both ceilings, n / (wait + demand) and m / demand.

/// Requests a second of `at_work` requests that go round between a wait of `wait_s` and a demand of `demand_s` on `cpus`.
///
/// # Panics
///
/// Without a request, a CPU or a positive demand.
#[must_use]
pub fn rate_per_sec(at_work: usize, wait_s: f64, demand_s: f64, cpus: usize) -> f64 {
    assert!(at_work > 0 && cpus > 0 && demand_s > 0.0, "{at_work} requests of {demand_s} s on {cpus} CPUs");
    let cpus = cpus as f64;
    let queued_s = demand_s / cpus;
    let delay_s = wait_s + demand_s * (cpus - 1.0) / cpus;
    let mut in_queue = 0.0;
    let mut rate = 0.0;
    for requests in 1..=at_work {
        // What arrives sees the queue as it is with one request less.
        let response_s = queued_s * (1.0 + in_queue);
        rate = requests as f64 / (delay_s + response_s);
        in_queue = rate * response_s;
    }
    rate
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn against_figures_that_can_be_had_otherwise() {
        let near = |got: f64, want: f64| assert!((got / want - 1.0).abs() < 1e-9, "{got}, not {want}");
        // One request never queues.
        near(rate_per_sec(1, 0.010, 0.002, 1), 1.0 / 0.012);
        // Two requests, no wait: the CPU is always busy.
        near(rate_per_sec(2, 0.0, 0.002, 1), 500.0);
        // Two requests, wait 10 ms, demand 10 ms: the second finds the CPU busy half the time, so 2 / (10 + 10 · 1.5) ms.
        near(rate_per_sec(2, 0.010, 0.010, 1), 80.0);
        // The machine repair problem with three machines and one repairman (exponential, both means 1): P(idle) = 1/16.
        near(rate_per_sec(3, 1.0, 1.0, 1), 15.0 / 16.0);
        // Two CPUs, no wait, many requests.
        assert!((rate_per_sec(1_000, 0.0, 0.002, 2) - 1_000.0).abs() < 5.0);
    }

    proptest! {
        #[test]
        fn more_requests_are_never_slower_and_no_ceiling_is_broken(
            at_work in 1..800_usize, wait_us in 0..100_000_u32, demand_us in 1..2_000_u32, cpus in 1..5_usize,
        ) {
            let (wait_s, demand_s) = (f64::from(wait_us) / 1e6, f64::from(demand_us) / 1e6);
            let rate = rate_per_sec(at_work, wait_s, demand_s, cpus);
            prop_assert!(rate_per_sec(at_work + 1, wait_s, demand_s, cpus) >= rate * (1.0 - 1e-12));
            let ceiling = (at_work as f64 / (wait_s + demand_s)).min(cpus as f64 / demand_s);
            prop_assert!(rate <= ceiling * (1.0 + 1e-9), "{rate} above {ceiling}");
            // All others always in front is the worst that can be.
            prop_assert!(rate >= at_work as f64 / (wait_s + demand_s * at_work as f64) * (1.0 - 1e-9));
        }
    }
}
