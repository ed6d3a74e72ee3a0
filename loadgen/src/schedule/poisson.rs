//! A Poisson process of rate 1 in which any arrival can be computed without the ones before it.
//!
//! The time of the n-th arrival is a sum of n exponential gaps, which would have to be drawn one after another. But the
//! process can be drawn from the coarse to the fine: the time that `2n` arrivals take is gamma distributed with shape
//! `2n`, and the share of it that the first `n` of them take is Beta(n, n) and independent of it (E. Lukacs, "A
//! Characterization of the Gamma Distribution", Annals of Mathematical Statistics 26 (1955), 319–324). Halving again
//! and again is the gamma bridge (C. Ribeiro and N. Webber, "Valuing Path-Dependent Options in the Variance-Gamma Model
//! by Monte Carlo with a Gamma Bridge", Journal of Computational Finance 7 (2003), 81–100). Here:
//!
//! - arrivals come in blocks of 64; `anchors[k]` is the time at which `2ᵏ` blocks are over, a sum of `k + 1` gammas;
//! - the end of any other block is found by halving between two anchors: as many steps as its index has bits;
//! - inside a block, 64 exponential gaps are scaled to the block's length, which are the gaps of 64 arrivals given
//!   when the last of them comes.
//!
//! Every draw has a stream of `ChaCha8` of its own, numbered by the block it belongs to, so that an arrival depends on
//! the seed and its index alone. The process is exact: nothing is approximated but the reals by f64. The logarithm and
//! cosine are the platform's; another platform may differ in the last digit.

use std::f64::consts::TAU;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Arrivals that are drawn together.
pub(super) const BLOCK: u64 = LENGTH as u64;
/// The same as a length.
pub(super) const LENGTH: usize = 64;
/// Blocks go up to 2 to this power: 10¹⁵ arrivals, a year at 30 million a second.
const LEVELS: usize = 44;

/// What a stream of random numbers is for; together with a block it numbers the stream.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    /// How long the blocks from this power of two to the next take together.
    Span,
    /// Where between its neighbours the end of the block before this one lies.
    Split,
    /// The gaps inside this block.
    Gaps,
}

/// A Poisson process of rate 1, given by its seed.
#[derive(Clone, Debug)]
pub(super) struct Poisson {
    random: ChaCha8Rng,
    anchors: Vec<f64>,
}

impl Poisson {
    pub(super) fn new(seed: u64) -> Self {
        let mut process = Self { random: ChaCha8Rng::seed_from_u64(seed), anchors: Vec::new() };
        let mut end = gamma(BLOCK as f64, &mut process.stream(Purpose::Span, 0));
        process.anchors.push(end);
        for level in 0..LEVELS {
            let first = 1 << level;
            end += gamma((first * BLOCK) as f64, &mut process.stream(Purpose::Span, first));
            process.anchors.push(end);
        }
        process
    }

    /// The times of the arrivals of a block, in order.
    pub(super) fn block(&self, block: u64) -> [f64; LENGTH] {
        let (start, end) = (self.boundary(block), self.boundary(block + 1));
        let mut random = self.stream(Purpose::Gaps, block);
        let mut elapsed = 0.0;
        let gaps = [(); LENGTH].map(|()| {
            elapsed += exponential(&mut random);
            elapsed
        });
        gaps.map(|until| start + (end - start) * (until / elapsed))
    }

    /// When the blocks before `block` are over.
    fn boundary(&self, block: u64) -> f64 {
        let Some(level) = block.checked_ilog2() else { return 0.0 };
        let level = level as usize;
        let (mut low, mut width) = (1 << level, 1 << level);
        let (mut start, mut end) = (self.anchors[level], self.anchors[level + 1]);
        while low != block {
            width /= 2;
            let middle = low + width;
            let mut random = self.stream(Purpose::Split, middle);
            let shape = (width * BLOCK) as f64;
            let (before, after) = (gamma(shape, &mut random), gamma(shape, &mut random));
            let time = start + (end - start) * (before / (before + after));
            if block < middle {
                end = time;
            } else {
                (low, start) = (middle, time);
            }
        }
        start
    }

    fn stream(&self, purpose: Purpose, block: u64) -> ChaCha8Rng {
        let mut random = self.random.clone();
        random.set_stream(block * 3 + purpose as u64);
        random
    }
}

/// Uniform between 0 and 1, and neither of them.
fn uniform(random: &mut ChaCha8Rng) -> f64 {
    const STEPS: f64 = (1_u64 << 53) as f64;
    ((random.next_u64() >> 11) as f64 + 0.5) / STEPS
}

fn exponential(random: &mut ChaCha8Rng) -> f64 {
    -uniform(random).ln()
}

/// Box and Muller's transformation; the second value is not used, so that a draw has no memory.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    (2.0 * exponential(random)).sqrt() * (TAU * uniform(random)).cos()
}

/// G. Marsaglia and W. W. Tsang, "A Simple Method for Generating Gamma Variables", ACM Transactions on Mathematical
/// Software 26 (2000), 363–372; for shapes of at least 1.
fn gamma(shape: f64, random: &mut ChaCha8Rng) -> f64 {
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = normal(random);
        let v = (1.0 + c * x).powi(3);
        if v > 0.0 && uniform(random).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}
