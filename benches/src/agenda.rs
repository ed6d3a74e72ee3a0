//! What a run is going to do: who takes part in which cells, how often, at which rate, what theory expects.

use crate::contender::Contender;
use crate::matrix::Entry;
use crate::prediction::{Pilot, offered_per_sec, predict};
use crate::record::Planned;

/// Turns entries into planned cells: how often each is measured, at which rate, and what is expected.
///
/// `cpus` are the server's.
#[must_use]
pub fn plan(entries: &[Entry], blocks: usize, pilots: &[Pilot], cpus: usize) -> Vec<Planned> {
    let mut planned = Vec::new();
    for entry in entries {
        let rivals: Vec<&Contender> = entry.contenders.iter().collect();
        for cell in entry.cells() {
            let contender = rivals.iter().find(|one| one.label == cell.contender);
            let contender = contender.expect("an entry's cells are of its contenders");
            let offered = offered_per_sec(&entry.setting, contender, &rivals, pilots);
            let prediction = predict(&entry.setting, contender, pilots, offered, cpus);
            planned.push(Planned {
                cell,
                blocks: entry.blocks.of(blocks),
                windows: entry.windows,
                offered_per_sec: offered,
                prediction,
            });
        }
    }
    planned
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::{Experiment, Profile};

    #[test]
    fn a_setting_has_the_blocks_and_windows_that_it_needs() {
        for (experiment, asked, blocks, windows) in [
            (Experiment::Users, 10, 5, 4),
            (Experiment::Users, 2, 2, 4),
            (Experiment::Hello, 6, 30, 1),
            (Experiment::Hello, 40, 40, 1),
            (Experiment::Waiting, 6, 6, 1),
        ] {
            let entries = experiment.entries(Profile::Standard, &[]);
            let planned = plan(&entries, asked, &[], 1);
            assert!(
                planned.iter().all(|one| (one.blocks, one.windows) == (blocks, windows)),
                "{experiment:?}"
            );
        }
    }
}
