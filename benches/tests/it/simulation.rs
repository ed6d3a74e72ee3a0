//! Simulated runs: a trial's rate is log-normal about its contender's, times the speed of the machine, which all trials of
//! a block share.

use std::collections::BTreeMap;

use benches::stats::log_ratios;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{ContinuousCDF, Normal};

/// How a machine's speed moves.
#[derive(Clone, Copy)]
pub(crate) struct Machine {
    /// Standard deviation of the log ratio of two equal contenders within a block.
    pub(crate) ratio_spread: f64,
    /// Standard deviation of the log of what all trials of a block share.
    pub(crate) block_spread: f64,
    /// Growth of the log of the speed from the first trial of the run to the last.
    pub(crate) drift: f64,
    /// Share of trials that lose half their speed to something else on the machine.
    pub(crate) disturbed: f64,
}

impl Machine {
    pub(crate) fn of_spread(ratio_spread: f64) -> Self {
        Machine { ratio_spread, block_spread: 0.1, drift: 0.0, disturbed: 0.0 }
    }

    /// What all trials of a block share, as a logarithm.
    fn block(&self, random: &mut ChaCha8Rng) -> f64 {
        normal(random, self.block_spread)
    }

    /// The speed of a trial, when a share `passed` of the run has.
    fn trial(&self, random: &mut ChaCha8Rng, shared: f64, passed: f64) -> f64 {
        let noise = normal(random, self.ratio_spread / 2.0_f64.sqrt());
        let disturbed = random.random_bool(self.disturbed);
        (shared + noise + self.drift * passed).exp() * if disturbed { 0.5 } else { 1.0 }
    }
}

fn normal(random: &mut ChaCha8Rng, spread: f64) -> f64 {
    spread * Normal::standard().inverse_cdf(random.random())
}

/// A machine over one run, for trials that come in whatever order.
pub(crate) struct Weather {
    machine: Machine,
    random: ChaCha8Rng,
    blocks: BTreeMap<usize, f64>,
}

impl Weather {
    pub(crate) fn new(machine: Machine, seed: u64) -> Self {
        Weather { machine, random: ChaCha8Rng::seed_from_u64(seed), blocks: BTreeMap::new() }
    }

    /// The speed of the next trial, which is one of `block`.
    pub(crate) fn speed(&mut self, block: usize) -> f64 {
        let Weather { machine, random, blocks } = self;
        let shared = *blocks.entry(block).or_insert_with(|| machine.block(random));
        machine.trial(random, shared, 0.0)
    }
}

/// The order of contenders within a block.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Order {
    Shuffled,
    Fixed,
}

pub(crate) struct Simulation {
    machine: Machine,
    order: Order,
    random: ChaCha8Rng,
}

impl Simulation {
    pub(crate) fn new(machine: Machine, seed: u64) -> Self {
        Simulation { machine, order: Order::Shuffled, random: ChaCha8Rng::seed_from_u64(seed) }
    }

    pub(crate) fn in_order(self, order: Order) -> Self {
        Simulation { order, ..self }
    }

    /// Rates of each contender (outer) in each block (inner), where `truth` are their rates on a machine at rest.
    pub(crate) fn run(&mut self, truth: &[f64], blocks: usize) -> Vec<Vec<f64>> {
        let mut rates = vec![Vec::with_capacity(blocks); truth.len()];
        let mut order: Vec<usize> = (0..truth.len()).collect();
        let trials = (blocks * truth.len()) as f64;
        for block in 0..blocks {
            if self.order == Order::Shuffled {
                order.shuffle(&mut self.random);
            }
            let shared = self.machine.block(&mut self.random);
            for (place, &contender) in order.iter().enumerate() {
                let passed = (block * truth.len() + place) as f64 / trials;
                rates[contender]
                    .push(truth[contender] * self.machine.trial(&mut self.random, shared, passed));
            }
        }
        rates
    }

    /// Log ratios of a contender whose true ratio to the other is `ratio`.
    pub(crate) fn log_ratios(&mut self, ratio: f64, blocks: usize) -> Vec<f64> {
        let rates = self.run(&[60_000.0 * ratio, 60_000.0], blocks);
        against(&rates[0], &rates[1])
    }
}

/// Log ratios, a value for each block.
pub(crate) fn against(rates: &[f64], others: &[f64]) -> Vec<f64> {
    log_ratios(&rates.iter().copied().zip(others.iter().copied()).collect::<Vec<_>>()).unwrap()
}

/// A share of runs.
pub(crate) fn as_percent(count: u32, of: u32) -> f64 {
    f64::from(count) * 100.0 / f64::from(of)
}

/// In how many percent of `runs` runs something happened.
pub(crate) fn percent(runs: u32, mut happens: impl FnMut() -> bool) -> f64 {
    as_percent((0..runs).map(|_| u32::from(happens())).sum(), runs)
}
