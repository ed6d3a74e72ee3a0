//! The order of trials: randomised blocks, from a seed.
//!
//! A machine's speed drifts over minutes. Each block therefore holds every pair of workload and contender once, in an
//! order of its own, so that drift falls on all alike and a ratio is taken within a block.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::contender::Contender;
use crate::workload::Workload;

/// One trial to be made: a fresh server process under one workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialSpec {
    /// The block it belongs to, from 0.
    pub block: usize,
    /// Its place in the whole order, from 0.
    pub position: usize,
    /// What is asked.
    pub workload: Workload,
    /// Who is asked.
    pub contender: Contender,
}

/// All trials of `blocks` blocks, in the order that `seed` gives, the same on every machine.
#[must_use]
pub fn randomised_blocks(
    blocks: usize,
    workloads: &[Workload],
    contenders: &[Contender],
    seed: u64,
) -> Vec<TrialSpec> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut cells: Vec<(Workload, Contender)> =
        workloads.iter().flat_map(|&workload| contenders.iter().map(move |&one| (workload, one))).collect();
    let mut order = Vec::with_capacity(blocks * cells.len());
    for block in 0..blocks {
        cells.shuffle(&mut rng);
        for &(workload, contender) in &cells {
            order.push(TrialSpec { block, position: order.len(), workload, contender });
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_block_holds_every_cell_once_and_the_seed_decides_the_order() {
        let order = |seed| randomised_blocks(4, &Workload::ALL, &Contender::ALL, seed);
        let trials = order(7);
        let cells = Workload::ALL.len() * Contender::ALL.len();
        for (block, members) in trials.chunks(cells).enumerate() {
            assert!(members.iter().all(|trial| trial.block == block));
            let distinct: HashSet<_> =
                members.iter().map(|trial| (trial.workload, trial.contender)).collect();
            assert_eq!(distinct.len(), cells);
        }
        assert!(trials.iter().enumerate().all(|(index, trial)| trial.position == index));
        assert_eq!(trials, order(7));
        assert_ne!(trials, order(8));
    }
}
