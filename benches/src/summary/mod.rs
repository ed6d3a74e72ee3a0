//! From trials to rows, comparisons and the noise floor. Pure: the same records give the same summary.
//!
//! [`row`] is one contender in one setting, [`compared`] the planned comparisons, decided as a family an experiment, [`reading`] what they say, [`kept`] what
//! trouble leaves of a server's rate, [`memory`] what a connection costs, [`noise`] how much two equal servers differ.

pub mod compared;
pub mod kept;
pub mod memory;
pub mod noise;
pub mod reading;
pub mod row;

use crate::matrix::{Experiment, Setting};
use crate::record::{ComparisonRecord, Measurement, Outcome, TrialRecord};

pub use compared::{Compared, Effect, Metric};
pub use kept::Kept;
pub use memory::Memory;
pub use noise::{Drift, Noise};
pub use reading::Limit;
pub use row::{Percentile, Row, Spread};

/// One setting's rows and comparisons.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The setting.
    pub setting: Setting,
    /// A row a cell, in the order of the plan.
    pub rows: Vec<Row>,
    /// The planned comparisons that could be made.
    pub compared: Vec<Compared>,
}

/// All that a run's trials say.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// A table a setting, in the order of the plan.
    pub tables: Vec<Table>,
    /// What trouble left of a server's rate.
    pub kept: Vec<Kept>,
    /// Memory a connection.
    pub memory: Vec<Memory>,
    /// How much two equal servers differed, in each setting in which one was measured twice.
    pub noises: Vec<Noise>,
    /// The one of these that reaches furthest from 1; `None` where there is none.
    pub noise: Option<Noise>,
    /// Whether the machine drifted; `None` with too few trials to tell.
    pub drift: Option<Drift>,
}

impl Summary {
    /// Sums up the trials of a run.
    #[must_use]
    pub fn of(run: &ComparisonRecord, trials: &[TrialRecord]) -> Self {
        let mut tables: Vec<Table> = Vec::new();
        for planned in &run.planned {
            let row = Row::of(run, planned, trials);
            match tables.iter_mut().find(|table| table.setting == planned.cell.setting) {
                Some(table) => table.rows.push(row),
                None => tables.push(Table {
                    setting: planned.cell.setting,
                    rows: vec![row],
                    compared: Vec::new(),
                }),
            }
        }
        compared::decide(run, &mut tables);
        let noises = noise::of(&tables);
        Summary {
            kept: kept::of(&tables),
            memory: memory::of(&tables),
            noise: noise::widest(&noises),
            noises,
            drift: noise::drift(&tables),
            tables,
        }
    }

    /// The tables of one experiment.
    pub fn tables_of(&self, experiment: Experiment) -> impl Iterator<Item = &Table> {
        self.tables.iter().filter(move |table| table.setting.experiment == experiment)
    }
}

impl Table {
    /// The row of a contender, its twin apart.
    #[must_use]
    pub fn row(&self, contender: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.cell.contender == contender && !row.cell.twin)
    }
}

/// What was measured in a trial, if it was.
fn measured(trial: &TrialRecord) -> Option<&Measurement> {
    match &trial.outcome {
        Outcome::Measured(measurement) => Some(measurement),
        Outcome::Failed { .. } => None,
    }
}

#[cfg(test)]
mod tests;
