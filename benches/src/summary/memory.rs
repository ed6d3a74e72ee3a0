//! Memory a connection: the slope of a server's memory over the connections it holds, not a quotient.
//!
//! A quotient would charge the first connection for the program itself. The slope is fitted within each block, over the rungs of the
//! ladder, and the blocks give its interval.

use std::collections::BTreeMap;

use super::Table;
use crate::contender::Model;
use crate::matrix::Experiment;
use crate::stats::{self, Interval, slope};

/// What a connection costs one kind of server.
#[derive(Debug, Clone, PartialEq)]
pub struct Memory {
    /// The server, without the size of its pool where that grows with the ladder.
    pub contender: String,
    /// Whether its pool has a worker for each connection.
    pub pool_grows: bool,
    /// Bytes of user memory (PSS) a connection.
    pub bytes: Option<Interval>,
    /// Why that is not known.
    pub missing: Option<String>,
    /// Connections and median memory in bytes, for each rung of the ladder.
    pub rungs: Vec<(usize, f64)>,
    /// The trials behind it.
    pub trials: Vec<Trial>,
}

/// What a server held in one trial, and in how much memory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial {
    /// The rung: connections that were asked for.
    pub users: usize,
    /// The block.
    pub block: usize,
    /// Connections that were held.
    pub connections: f64,
    /// User memory in bytes.
    pub bytes: f64,
}

impl Memory {
    /// Bytes a connection over these rungs alone, from the blocks that have them all; `None` with fewer than two rungs or blocks. A server's
    /// memory need not grow along one line, so two servers are compared over the same rungs.
    #[must_use]
    pub fn over(&self, rungs: &[usize]) -> Option<Interval> {
        let mut blocks: BTreeMap<usize, Vec<(f64, f64)>> = BTreeMap::new();
        for one in self.trials.iter().filter(|one| rungs.contains(&one.users)) {
            blocks.entry(one.block).or_default().push((one.connections, one.bytes));
        }
        let whole: Vec<Vec<(f64, f64)>> =
            blocks.into_values().filter(|points| points.len() == rungs.len()).collect();
        slope::over_blocks(&whole, stats::LEVEL).ok()
    }

    /// The rungs on which this one and `other` were both measured validly, ascending.
    #[must_use]
    pub fn rungs_shared_with(&self, other: &Memory) -> Vec<usize> {
        let has = |users: &usize| other.rungs.iter().any(|(known, _)| known == users);
        let mut shared: Vec<usize> = self.rungs.iter().map(|(users, _)| *users).filter(has).collect();
        shared.sort_unstable();
        shared
    }
}

pub(super) fn of(tables: &[Table]) -> Vec<Memory> {
    let ladder: Vec<&Table> =
        tables.iter().filter(|table| table.setting.experiment == Experiment::Users).collect();
    let mut ladders: BTreeMap<(bool, String), Vec<(usize, &super::Row)>> = BTreeMap::new();
    for table in &ladder {
        let users = table.setting.load.connections();
        for row in table.rows.iter().filter(|row| row.is_valid() && !row.cell.twin) {
            let grows = row.contender.model == Model::Threaded && row.contender.workers == Some(users);
            let name = if grows { row.contender.base.clone() } else { row.contender.label.clone() };
            ladders.entry((grows, name)).or_default().push((users, row));
        }
    }
    ladders
        .into_iter()
        .map(|((pool_grows, contender), rungs)| memory(contender, pool_grows, &rungs))
        .collect()
}

fn memory(contender: String, pool_grows: bool, rungs: &[(usize, &super::Row)]) -> Memory {
    let mut blocks: BTreeMap<usize, Vec<(f64, f64)>> = BTreeMap::new();
    let points = || rungs.iter().flat_map(|(users, row)| row.points.iter().map(|point| (*users, point)));
    let trials: Vec<Trial> = points()
        .filter_map(|(users, point)| {
            let bytes = point.memory_bytes?;
            Some(Trial { users, block: point.block, connections: point.connections as f64, bytes })
        })
        .collect();
    for one in &trials {
        blocks.entry(one.block).or_default().push((one.connections, one.bytes));
    }
    blocks.retain(|_, points| points.len() >= 2);
    let blocks: Vec<Vec<(f64, f64)>> = blocks.into_values().collect();
    let median = |row: &super::Row| {
        super::Spread::of(row.points.iter().filter_map(|point| point.memory_bytes).collect())
            .map(|it| it.median)
    };
    let bytes = slope::over_blocks(&blocks, stats::LEVEL);
    let why = |error: &stats::StatsError| {
        if blocks.is_empty() && points().any(|(_, point)| point.memory_bytes.is_none()) {
            "the kernel does not tell how much of a server's memory is shared (PSS)".to_owned()
        } else if blocks.len() < 2 {
            "fewer than two blocks of two rungs".to_owned()
        } else {
            error.to_string()
        }
    };
    Memory {
        contender,
        pool_grows,
        missing: bytes.as_ref().err().map(why),
        bytes: bytes.ok(),
        rungs: rungs.iter().filter_map(|&(users, row)| Some((users, median(row)?))).collect(),
        trials,
    }
}
