//! The estimate against a truth that is known: simulated requests, of which a window shows a part.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;

/// Mean latency.
const MEAN: f64 = 1e6;

struct Simulation(ChaCha8Rng);

impl Simulation {
    fn exponential(&mut self, mean: f64) -> f64 {
        const STEPS: f64 = (1_u64 << 53) as f64;
        -mean * (((self.0.next_u64() >> 11) as f64 + 0.5) / STEPS).ln()
    }

    /// Latencies of very different lengths: half of them a tenth of the others in the mean.
    fn latency(&mut self) -> f64 {
        let slow = self.0.next_u64().is_multiple_of(2);
        self.exponential(if slow { MEAN } else { MEAN / 10.0 })
    }
}

/// The latency that the share `q` of those does not exceed, by halving.
fn truth(q: f64) -> f64 {
    let survival = |t: f64| f64::midpoint((-t / MEAN).exp(), (-10.0 * t / MEAN).exp());
    let (mut low, mut high) = (0.0, 100.0 * MEAN);
    while high - low > 1.0 {
        let middle = f64::midpoint(low, high);
        if survival(middle) > 1.0 - q { low = middle } else { high = middle }
    }
    low
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below a minute in nanoseconds")]
fn whole(value: f64) -> u64 {
    value as u64
}

/// Connections in a closed loop, seen through a window that opens while each waits for an answer.
fn closed_loop(seed: u64, connections: usize, window: f64, delayed: bool) -> Samples {
    let mut simulation = Simulation(ChaCha8Rng::seed_from_u64(seed));
    let (opens, mut samples) = (8.0 * MEAN, Samples::new());
    for _ in 0..connections {
        let mut sent = 0.0;
        while sent < opens + window {
            let answered = sent + simulation.latency();
            let closes = opens + window;
            if answered >= opens {
                if answered < closes {
                    samples.record_answered(whole(answered - sent));
                } else {
                    samples.record_censored(whole(closes - sent));
                }
                if sent < opens && delayed {
                    samples.record_entered(whole(opens - sent));
                }
            }
            sent = answered;
        }
    }
    samples
}

#[test]
fn requests_of_before_the_window_bias_nothing() {
    // A window of two latencies: what was under way when it opened, mostly slow, is a quarter of all that it shows.
    let found = |delayed| closed_loop(1, 5_000, 2.0 * MEAN, delayed).percentile(0.9).expect("enough") as f64;
    assert!((found(true) / truth(0.9) - 1.0).abs() < 0.03, "{} {}", found(true), truth(0.9));
    // Were they watched from the start, the slow ones would be too many.
    assert!(found(false) / truth(0.9) > 1.05, "{} {}", found(false), truth(0.9));
}

/// How many of so many runs have intervals that hold the truth; each run has such samples.
fn covered(q: f64, runs: u64, samples: impl Fn(u64) -> Samples) -> usize {
    let truth = truth(q);
    let holds = |seed: &u64| {
        let [low, high] = samples(*seed).interval(q).expect("enough for an interval");
        (low as f64..=high as f64 * 1.001).contains(&truth)
    };
    (0..runs).filter(holds).count()
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say_however_much_is_censored() {
    // Given up at any age, half of them before their answer.
    let heavy = |seed| {
        let mut simulation = Simulation(ChaCha8Rng::seed_from_u64(seed));
        let mut samples = Samples::new();
        for _ in 0..4_000 {
            let (latency, patience) = (simulation.latency(), simulation.exponential(MEAN / 2.0));
            if latency <= patience {
                samples.record_answered(whole(latency));
            } else {
                samples.record_censored(whole(patience));
            }
        }
        samples
    };
    assert!(heavy(0).censored().len() > 1_200, "{}", heavy(0).censored().len());
    // Binomial with n = 100 and p = 0.95: 99.9 % of it from 87 on; the rank's room makes intervals a little wider.
    for q in [0.5, 0.75] {
        let held = covered(q, 100, heavy);
        assert!(held >= 87, "{q}: {held} of 100");
    }
    // And not by being wide: with half as many requests as there are, they would be a fifth wider.
    let width =
        |samples: &Samples| samples.interval(0.5).map(|[low, high]| (high - low) as f64).expect("enough");
    let plain = |seed| {
        let mut simulation = Simulation(ChaCha8Rng::seed_from_u64(seed));
        let mut samples = Samples::new();
        (0..4_000).for_each(|_| samples.record_answered(whole(simulation.latency())));
        samples
    };
    let mean = |of: &dyn Fn(u64) -> Samples| (0..20).map(|seed| width(&of(seed))).sum::<f64>() / 20.0;
    assert!((1.0..1.5).contains(&(mean(&heavy) / mean(&plain))), "{} {}", mean(&heavy), mean(&plain));
}
