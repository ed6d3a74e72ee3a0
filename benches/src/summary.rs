//! From trials to the rows of a table: medians over blocks, merged latencies, ratios within a block.

use loadgen::{Samples, Warning};
use serde::{Deserialize, Serialize};

use crate::contender::Contender;
use crate::record::{Config, Measurement, Outcome, TrialRecord};
use crate::workload::Workload;

/// Median and range of a quantity over blocks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Middle value; the mean of the two middle ones where their number is even.
    pub median: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
}

impl Spread {
    /// Of no values there is no spread.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (&min, &max) = (values.first()?, values.last()?);
        let median = f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2]);
        Some(Spread { median, min, max })
    }
}

/// A latency in nanoseconds, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Percentile {
    /// Nanoseconds.
    Ns(u64),
    /// Why it cannot be told.
    Missing(String),
}

/// One contender under one workload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Who.
    pub contender: Contender,
    /// Trials that were measured.
    pub measured: usize,
    /// Why the other trials failed.
    pub failures: Vec<String>,
    /// Valid answers a second, over blocks.
    pub rate_per_sec: Option<Spread>,
    /// The rate over this contender's rate of the same block, for every other contender, over blocks.
    pub ratios: Vec<Ratio>,
    /// The share of the rate that the wait alone allows, where the workload waits.
    pub share_of_ceiling: Option<f64>,
    /// Median latency of all blocks' requests together.
    pub p50: Percentile,
    /// 99th percentile of all blocks' requests together.
    pub p99: Percentile,
    /// Server CPU time for each valid answer in microseconds, over blocks.
    pub cpu_us: Option<Spread>,
    /// Resident memory of the server in bytes, median over blocks.
    pub rss_bytes: Option<f64>,
    /// Threads of the server, median over blocks.
    pub threads: Option<f64>,
    /// Failed requests of all blocks.
    pub errors: u64,
    /// Connections that were asked on and never answered, of all blocks.
    pub starved: usize,
    /// Trials in which the generator was nearly out of CPU, so that the server may be faster than it seems.
    pub client_bound: usize,
}

impl Row {
    /// Whether the generator was the limit in more than half of the trials, and so in the median.
    #[must_use]
    pub fn is_client_bound(&self) -> bool {
        self.client_bound * 2 > self.measured
    }
}

/// How one contender's rate compares with another's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// The other one, whose rate is the denominator.
    pub over: Contender,
    /// Ratio of rates within a block, over blocks.
    pub ratio: Spread,
}

/// One workload's rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// What was asked.
    pub workload: Workload,
    /// A row a contender.
    pub rows: Vec<Row>,
}

/// Sums up trials, a table for each workload of the configuration.
#[must_use]
pub fn summarise(config: &Config, trials: &[TrialRecord]) -> Vec<Table> {
    let row = |workload, contender| {
        let of = |who| cells(trials, workload, who);
        let ratios = config.contenders.iter().filter(|&&other| other != contender);
        let ratios = ratios.filter_map(|&over| {
            let ratio = Spread::of(ratios_within_blocks(&of(contender), &of(over)))?;
            Some(Ratio { over, ratio })
        });
        summarise_row(config, workload, contender, ratios.collect(), trials)
    };
    config
        .workloads
        .iter()
        .map(|&workload| Table {
            workload,
            rows: config.contenders.iter().map(|&contender| row(workload, contender)).collect(),
        })
        .collect()
}

fn cells(trials: &[TrialRecord], workload: Workload, contender: Contender) -> Vec<(usize, &Measurement)> {
    let mine =
        trials.iter().filter(|trial| trial.spec.workload == workload && trial.spec.contender == contender);
    mine.filter_map(|trial| match &trial.outcome {
        Outcome::Measured(measurement) => Some((trial.spec.block, &**measurement)),
        Outcome::Failed { .. } => None,
    })
    .collect()
}

fn ratios_within_blocks(mine: &[(usize, &Measurement)], others: &[(usize, &Measurement)]) -> Vec<f64> {
    let rate = |measurement: &Measurement| measurement.load.rate.achieved_per_sec;
    mine.iter()
        .filter_map(|(block, one)| {
            let (_, other) = others.iter().find(|(of, other)| of == block && rate(other) > 0.0)?;
            Some(rate(one) / rate(other))
        })
        .collect()
}

fn summarise_row(
    config: &Config,
    workload: Workload,
    contender: Contender,
    ratios: Vec<Ratio>,
    trials: &[TrialRecord],
) -> Row {
    let measured: Vec<&Measurement> =
        cells(trials, workload, contender).into_iter().map(|(_, measurement)| measurement).collect();
    let spread = |value: &dyn Fn(&Measurement) -> Option<f64>| {
        Spread::of(measured.iter().filter_map(|measurement| value(measurement)).collect())
    };
    let rate_per_sec = spread(&|one| Some(one.load.rate.achieved_per_sec));
    let ceiling = workload.wait_ceiling_per_sec(contender.model(), config.connections, contender.workers());
    let (p50, p99) = percentiles(&measured);
    Row {
        contender,
        measured: measured.len(),
        failures: failures(trials, workload, contender),
        rate_per_sec,
        ratios,
        share_of_ceiling: rate_per_sec.zip(ceiling).map(|(rate, ceiling)| rate.median / ceiling),
        p50,
        p99,
        cpu_us: spread(&Measurement::server_cpu_us_per_request),
        rss_bytes: spread(&|one| Some(one.server.rss_bytes as f64)).map(|rss| rss.median),
        threads: spread(&|one| Some(one.server.threads as f64)).map(|threads| threads.median),
        errors: measured.iter().map(|one| one.load.requests.failed()).sum(),
        starved: measured.iter().map(|one| one.load.connections.starved).sum(),
        client_bound: measured.iter().filter(|one| is_client_bound(one)).count(),
    }
}

fn failures(trials: &[TrialRecord], workload: Workload, contender: Contender) -> Vec<String> {
    let mine =
        trials.iter().filter(|trial| trial.spec.workload == workload && trial.spec.contender == contender);
    mine.filter_map(|trial| match &trial.outcome {
        Outcome::Failed { reason } => Some(reason.clone()),
        Outcome::Measured(_) => None,
    })
    .collect()
}

/// Percentiles of all requests together: percentiles of blocks are never averaged.
fn percentiles(measured: &[&Measurement]) -> (Percentile, Percentile) {
    let mut all = Samples::new();
    for measurement in measured {
        match Samples::from_record(&measurement.load) {
            Ok(samples) => all.merge(&samples),
            Err(error) => {
                let missing = Percentile::Missing(format!("a record's histogram cannot be read: {error}"));
                return (missing.clone(), missing);
            }
        }
    }
    let told = |q| all.percentile(q).map_or_else(|why| Percentile::Missing(why.to_string()), Percentile::Ns);
    (told(0.5), told(0.99))
}

fn is_client_bound(measurement: &Measurement) -> bool {
    measurement.load.warnings.iter().any(|warning| matches!(warning, Warning::ClientBound { .. }))
}

#[cfg(test)]
mod tests;
