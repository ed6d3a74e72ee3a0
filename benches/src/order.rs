//! The order of trials: randomised blocks, from a seed.
//!
//! A machine's speed drifts over minutes. Each block therefore holds every cell once, in an order of its own, so that
//! drift falls on all alike and a ratio is taken within a block. Cells that have fewer blocks than others have them spread evenly over the
//! run: it has as many rounds as the most blocks are, and in each round, in random order, those whose turn it is.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::matrix::Cell;
use crate::record::Planned;

/// One trial to be made: a fresh server process in one setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialSpec {
    /// The block it belongs to, from 0.
    pub block: usize,
    /// Its place in the whole order, from 0.
    pub position: usize,
    /// Who is measured in which setting.
    pub cell: Cell,
}

/// All trials of the planned cells, in the order that `seed` gives, the same on every machine.
#[must_use]
pub fn randomised_blocks(planned: &[Planned], seed: u64) -> Vec<TrialSpec> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut cells: Vec<&Planned> = planned.iter().collect();
    let rounds = planned.iter().map(|one| one.blocks).max().unwrap_or(0);
    let mut order = Vec::new();
    for round in 0..rounds {
        cells.shuffle(&mut rng);
        for planned in &cells {
            if let Some(block) =
                (0..planned.blocks).find(|&block| round_of(block, planned.blocks, rounds) == round)
            {
                order.push(TrialSpec { block, position: order.len(), cell: planned.cell.clone() });
            }
        }
    }
    order
}

/// The round in which a cell of `blocks` blocks has this one: the middle of its share of the run. Each has a round of its own, because
/// there are no fewer rounds than blocks.
fn round_of(block: usize, blocks: usize, rounds: usize) -> usize {
    (2 * block + 1) * rounds / (2 * blocks)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::testing::planned;

    #[test]
    fn every_block_holds_every_cell_once_and_the_seed_decides_the_order() {
        let mut cells = planned(4);
        cells[0].blocks = 2;
        let trials = randomised_blocks(&cells, 7);
        assert_eq!(trials.len(), 4 * cells.len() - 2);
        for block in 0..4 {
            let mine: Vec<_> = trials.iter().filter(|trial| trial.block == block).collect();
            let distinct: BTreeSet<_> = mine.iter().map(|trial| trial.cell.label()).collect();
            assert_eq!(distinct.len(), mine.len());
            assert_eq!(mine.len(), cells.len() - usize::from(block >= 2));
        }
        // Two blocks of four lie in the second and in the last round.
        let few: Vec<usize> =
            trials.iter().filter(|one| one.cell == cells[0].cell).map(|one| one.position).collect();
        let all = cells.len();
        assert!((all - 1..2 * all - 1).contains(&few[0]) && few[1] >= trials.len() - all, "{few:?}");
        assert!(trials.iter().enumerate().all(|(index, trial)| trial.position == index));
        assert_eq!(trials, randomised_blocks(&cells, 7));
        assert_ne!(trials, randomised_blocks(&cells, 8));
    }
}
