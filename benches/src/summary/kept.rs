//! What trouble leaves of a server's rate: the same contender, with and without it, in the same blocks.

use super::compared::in_both;
use super::{Metric, Row, Table};
use crate::matrix::{Experiment, Setting};
use crate::stats::{self, Interval, log_ratios, ratio_interval};

/// One contender in one kind of trouble.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// The setting with the trouble.
    pub setting: Setting,
    /// Who.
    pub contender: String,
    /// The share of its rate that it kept, over blocks; `None` where it answered nothing in some block.
    pub share: Option<Interval>,
    /// Median rate without the trouble, in requests per second.
    pub before_per_sec: f64,
    /// Median rate with it.
    pub with_per_sec: f64,
}

pub(super) fn of(tables: &[Table]) -> Vec<Kept> {
    let mut all = Vec::new();
    for experiment in Experiment::TROUBLES {
        let mut mine = tables.iter().filter(|table| table.setting.experiment == experiment);
        let (Some(without), Some(with)) = (mine.next(), mine.next()) else { continue };
        for row in with.rows.iter().filter(|row| row.is_valid()) {
            let before = without.row(&row.cell.contender).filter(|row| row.is_valid());
            all.extend(before.and_then(|before| kept(row, before)));
        }
    }
    all
}

fn kept(with: &Row, before: &Row) -> Option<Kept> {
    let pairs = in_both(Metric::Rate, with, before);
    let everywhere = pairs.len() >= 2 && pairs.len() == with.points.len().min(before.points.len());
    let share = log_ratios(&pairs).and_then(|logs| ratio_interval(&logs, stats::LEVEL)).ok();
    Some(Kept {
        setting: with.cell.setting,
        contender: with.cell.contender.clone(),
        share: share.filter(|_| everywhere),
        before_per_sec: before.rate_per_sec?.median,
        with_per_sec: with.rate_per_sec?.median,
    })
}
