//! The order of trials: randomised blocks, from a seed.
//!
//! A machine's speed drifts over minutes. Each block therefore holds every cell once, and a ratio is taken within a block. A block of a whole
//! matrix takes minutes itself, so the cells that are compared with each other lie next to each other in it, some seconds apart: first the
//! groups of such cells are put in random order, then the cells of each group.
//!
//! Cells that have fewer blocks than others have them spread evenly over the run: it has as many rounds as the most blocks are, and in each round
//! those whose turn it is.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::matrix::{Cell, Experiment, Setting};
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
    let mut groups = groups(planned);
    let rounds = planned.iter().map(|one| one.blocks).max().unwrap_or(0);
    let mut order = Vec::new();
    for round in 0..rounds {
        groups.shuffle(&mut rng);
        for cells in &mut groups {
            cells.shuffle(&mut rng);
            for planned in cells {
                let mut blocks = 0..planned.blocks;
                if let Some(block) = blocks.find(|&block| round_of(block, planned.blocks, rounds) == round) {
                    order.push(TrialSpec { block, position: order.len(), cell: planned.cell.clone() });
                }
            }
        }
    }
    order
}

/// Cells that are compared with each other, together.
fn groups(planned: &[Planned]) -> Vec<Vec<&Planned>> {
    let mut groups: Vec<Vec<&Planned>> = Vec::new();
    for one in planned {
        let mine = |group: &&mut Vec<&Planned>| are_compared(&group[0].cell.setting, &one.cell.setting);
        match groups.iter_mut().find(mine) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

/// Contenders in one setting are; and a contender in trouble with itself without it.
fn are_compared(one: &Setting, other: &Setting) -> bool {
    one == other || (one.experiment == other.experiment && Experiment::TROUBLES.contains(&one.experiment))
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
    use crate::agenda;
    use crate::matrix::Profile;
    use crate::testing::planned;

    #[test]
    fn what_is_compared_lies_side_by_side() {
        let entries: Vec<_> =
            Experiment::ALL.into_iter().flat_map(|one| one.entries(Profile::Standard, &[])).collect();
        let planned = agenda::plan(&entries, 6, &[], 1);
        let trials = randomised_blocks(&planned, 7);
        assert_eq!(trials.len(), planned.iter().map(|one| one.blocks).sum::<usize>());
        for group in groups(&planned) {
            for block in 0..group[0].blocks {
                let is_mine =
                    |one: &&TrialSpec| one.block == block && group.iter().any(|mine| mine.cell == one.cell);
                let mine: Vec<&TrialSpec> = trials.iter().filter(is_mine).collect();
                assert_eq!(mine.len(), group.len());
                assert_eq!(mine[mine.len() - 1].position - mine[0].position, mine.len() - 1, "{mine:?}");
            }
        }
        // Trouble is in one group with its absence, settings of other experiments have one each.
        let of = |experiment| {
            groups(&planned).iter().filter(|group| group[0].cell.setting.experiment == experiment).count()
        };
        assert_eq!((of(Experiment::SlowRoute), of(Experiment::Waiting)), (1, 8));
    }

    #[test]
    fn each_contender_is_first_in_its_turn() {
        let planned = planned(40);
        let trials = randomised_blocks(&planned, 3);
        let hello = planned[0].cell.setting;
        let firsts: BTreeSet<String> = (0..40)
            .filter_map(|block| {
                trials
                    .iter()
                    .find(|one| one.block == block && one.cell.setting == hello)
                    .map(|one| one.cell.name())
            })
            .collect();
        assert_eq!(
            firsts.len(),
            planned.iter().filter(|one| one.cell.setting == hello).count(),
            "{firsts:?}"
        );
    }

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
