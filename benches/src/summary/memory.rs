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
    let points = || rungs.iter().flat_map(|(_, row)| &row.points);
    for point in points() {
        let place = point.memory_bytes.map(|bytes| (point.connections as f64, bytes));
        blocks.entry(point.block).or_default().extend(place);
    }
    blocks.retain(|_, points| points.len() >= 2);
    let blocks: Vec<Vec<(f64, f64)>> = blocks.into_values().collect();
    let median = |row: &super::Row| {
        super::Spread::of(row.points.iter().filter_map(|point| point.memory_bytes).collect())
            .map(|it| it.median)
    };
    let bytes = slope::over_blocks(&blocks, stats::LEVEL);
    let why = |error: &stats::StatsError| {
        if blocks.is_empty() && points().any(|point| point.memory_bytes.is_none()) {
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
    }
}
