//! How much two equal servers differed, and whether the machine drifted: what every other figure has to be read against.

use super::compared::in_both;
use super::{Metric, Table};
use crate::matrix::Setting;
use crate::stats::spearman::correlation;
use crate::stats::{self, Interval, log_ratios, ratio_interval};

/// One contender against itself in one setting (A/A).
#[derive(Debug, Clone, PartialEq)]
pub struct Noise {
    /// Where.
    pub setting: Setting,
    /// Who.
    pub contender: String,
    /// The ratio of the second to the first, over blocks.
    pub ratio: Interval,
    /// The largest difference in one block, as a share.
    pub largest: f64,
    /// Blocks.
    pub blocks: usize,
}

impl Noise {
    /// Whether the interval covers 1, as it must where there is no difference.
    #[must_use]
    pub fn covers_one(&self) -> bool {
        self.ratio.contains(1.0)
    }

    /// How far from 1 the interval reaches, on the logarithm: 0.05 at 1/1.05 or 1.05.
    fn reach(&self) -> f64 {
        self.ratio.low.ln().abs().max(self.ratio.high.ln().abs())
    }
}

/// How the rates of a run went with the time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drift {
    /// Spearman's rank correlation of trial order and rate over the cell's median, from −1 to 1.
    pub rho: f64,
    /// p-value of "none".
    pub p: f64,
    /// Trials.
    pub trials: usize,
}

/// The one that reaches furthest from 1.
pub(super) fn widest(all: &[Noise]) -> Option<Noise> {
    all.iter().max_by(|one, other| one.reach().total_cmp(&other.reach())).cloned()
}

/// One for each contender that was measured twice, where both are valid.
pub(super) fn of(tables: &[Table]) -> Vec<Noise> {
    tables.iter().filter_map(in_table).collect()
}

fn in_table(table: &Table) -> Option<Noise> {
    let twin = table.rows.iter().find(|row| row.cell.twin)?;
    let first = table.row(&twin.cell.contender)?;
    if !(twin.is_valid() && first.is_valid()) {
        return None;
    }
    let logs = log_ratios(&in_both(Metric::Rate, twin, first)).ok()?;
    let largest = logs.iter().map(|log| (log.abs().exp() - 1.0).abs()).fold(0.0, f64::max);
    let ratio = ratio_interval(&logs, stats::LEVEL).ok()?;
    Some(Noise {
        setting: table.setting,
        contender: first.cell.contender.clone(),
        ratio,
        largest,
        blocks: logs.len(),
    })
}

pub(super) fn drift(tables: &[Table]) -> Option<Drift> {
    let mut pairs = Vec::new();
    for row in tables.iter().flat_map(|table| &table.rows).filter(|row| row.is_valid()) {
        let Some(rate) = row.rate_per_sec.filter(|rate| rate.median > 0.0) else { continue };
        pairs
            .extend(row.points.iter().map(|point| (point.position as f64, point.rate_per_sec / rate.median)));
    }
    let found = correlation(&pairs).ok()?;
    Some(Drift { rho: found.rho, p: found.p_value, trials: pairs.len() })
}
