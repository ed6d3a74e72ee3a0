//! What theory says of latencies, in units of the mean service time.
//!
//! L. Kleinrock, "Queueing Systems", volume 1 (1975): M/M/1 in section 3.2, M/M/1//M in 3.8, M/G/1 in 5.7.

/// The value at which a falling function has come down to `level`, by halving.
fn falls_to(level: f64, tail: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    while tail(high) > level {
        high *= 2.0;
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if tail(middle) > level { low = middle } else { high = middle }
    }
    high
}

/// The probability that a sum of `count` exponential times of mean 1 exceeds `time`.
fn erlang_tail(count: usize, time: f64) -> f64 {
    let mut term = (-time).exp();
    let mut sum = 0.0;
    for k in 0..count {
        sum += term;
        term *= time / (k + 1) as f64;
    }
    sum
}

/// Poisson arrivals, exponential service, one server.
pub(super) mod mm1 {
    /// Waiting and service together are exponential with this mean.
    pub(in super::super) fn mean(load: f64) -> f64 {
        1.0 / (1.0 - load)
    }

    /// The time in which the share `q` of the requests is answered.
    pub(in super::super) fn quantile(load: f64, q: f64) -> f64 {
        -(1.0 - q).ln() * mean(load)
    }
}

/// Poisson arrivals, constant service, one server.
pub(super) mod md1 {
    /// Pollaczek and Khinchine.
    pub(in super::super) fn mean(load: f64) -> f64 {
        1.0 + load / (2.0 * (1.0 - load))
    }

    /// The time in which the share `q` of the requests is answered.
    pub(in super::super) fn quantile(load: f64, q: f64) -> f64 {
        1.0 + super::falls_to(1.0 - q, |time| 1.0 - waits_at_most(load, time))
    }

    /// The distribution of the waiting time (A. K. Erlang 1909): (1 − ρ) Σ (−ρ(t − k))ᵏ/k! · e^(ρ(t − k)), k ≤ t.
    /// The terms alternate and are as large as e^ρt: near the p99 of load 0.9, at 21 service times, eight digits are left.
    fn waits_at_most(load: f64, time: f64) -> f64 {
        let mut sum = 0.0;
        let mut k = 0.0;
        while k <= time {
            let x = load * (time - k);
            // xᵏ/k! as a product, in which nothing overflows.
            let mut term = x.exp();
            let mut i = 1.0;
            while i <= k {
                term *= -x / i;
                i += 1.0;
            }
            sum += term;
            k += 1.0;
        }
        (1.0 - load) * sum
    }

    #[test]
    fn the_series_has_the_mean_of_pollaczek_and_khinchine() {
        for load in [0.5, 0.7, 0.9] {
            let step = 0.01;
            let area: f64 =
                (0..3_000).map(|i| step * (1.0 - waits_at_most(load, step * (f64::from(i) + 0.5)))).sum();
            // Beyond 30 service times there is a thousandth of the mean left.
            assert!((area / (mean(load) - 1.0) - 1.0).abs() < 2e-3, "{load}: {area}");
        }
    }
}

/// A fixed number of users; each waits an exponential `delay` without a queue, then queues for the one exponential
/// server, and begins again at once. The latency is both together.
pub(super) mod repairman {
    /// By Little's law: users over throughput, which is the share of time in which the server is busy.
    pub(in super::super) fn mean(users: usize, delay: f64) -> f64 {
        users as f64 / (1.0 - at_server(users, delay)[0])
    }

    /// The time in which the share `q` of the requests is answered.
    ///
    /// Who comes to the server finds the others as they are in the long run without it, however long its delay was
    /// (the arrival theorem; S. S. Lavenberg and M. Reiser, Journal of Applied Probability 17 (1980), 1048–1061).
    pub(in super::super) fn quantile(users: usize, delay: f64, q: f64) -> f64 {
        let found = at_server(users - 1, delay);
        let queues = |time: f64| -> f64 {
            found.iter().enumerate().map(|(ahead, p)| p * super::erlang_tail(ahead + 1, time)).sum()
        };
        super::falls_to(1.0 - q, |time| if delay > 0.0 { after(delay, time, queues) } else { queues(time) })
    }

    /// The probability that an exponential delay and then a time with this tail exceed `time` together (Simpson).
    fn after(delay: f64, time: f64, tail: impl Fn(f64) -> f64) -> f64 {
        const STEPS: u32 = 200;
        let step = time / f64::from(STEPS);
        let density = |z: f64| (-z / delay).exp() / delay * tail(time - z);
        let inner: f64 = (1..STEPS).map(|i| f64::from(2 + 2 * (i % 2)) * density(step * f64::from(i))).sum();
        (-time / delay).exp() + step / 3.0 * (density(0.0) + inner + density(time))
    }

    /// The probabilities of 0, 1, … users at the server. Without a delay all are there.
    fn at_server(users: usize, delay: f64) -> Vec<f64> {
        // Backwards from all of them, each state less likely by `delay` over the users that are away in it.
        let mut weight = 1.0;
        let mut weights = vec![weight];
        for away in 1..=users {
            weight *= delay / away as f64;
            weights.push(weight);
        }
        let sum: f64 = weights.iter().sum();
        weights.iter().rev().map(|weight| weight / sum).collect()
    }
}
