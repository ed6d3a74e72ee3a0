//! Two records held against each other: better, worse, no practical difference, or inconclusive.
//!
//! Every ratio has an interval. Where both runs were told second by second (`--timeseries`), it comes from the spread of
//! throughput, median and 99th percentile over blocks of seconds, since requests that follow each other are not
//! independent and blocks nearly are (batch means; B. Schmeiser, "Batch Size Effects in the Analysis of Simulation
//! Output", Operations Research 30 (1982), 556–568, who finds 10 to 30 batches enough). Otherwise a percentile has the
//! interval that it has in the record, which takes requests to be independent and is too narrow where the load has good
//! and bad minutes: it is called "within the run only", and never shows that there is no difference.
//!
//! Both know what varies within a run. Fresh processes and other minutes vary by more, so that "worse" here is a reason
//! to measure again in turns, and "inconclusive" is a result.
//!
//! A server that fails more requests has less to do for the others: where the shares of failed requests differ, nothing
//! else is called better or worse.

use serde::Serialize;
use statrs::distribution::{Beta, ContinuousCDF, StudentsT};

pub use crate::conditions::Difference;
use crate::conditions::{self, Weight};
use crate::intervals::IntervalRecord;
use crate::record::RunRecord;

/// Ratios this close to 1 make no difference in practice.
const MARGIN: f64 = 0.05;
/// The fewest seconds that tell how a figure spreads.
const SECONDS: usize = 5;
/// As many blocks as there may be: from 10 s on they grow longer, and the less dependent.
const BLOCKS: usize = 10;
/// Half of what may be outside of a 95 % interval.
const TAIL: f64 = 0.025;
/// Shares of failed requests that are both surely below this make no difference in practice.
const FAILED_MARGIN: f64 = 0.001;

/// Two runs that cannot be compared: these conditions differ, and decide what the figures mean.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the runs differ in {}; run one of them again as the other was, and compare those", conditions::list(.0))]
pub struct CompareError(pub Vec<Difference>);

/// Two runs that can.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What differs besides the server and may be the reason for what the rows say.
    pub differences: Vec<Difference>,
    /// The figures, one by one.
    pub rows: Vec<Row>,
}

impl Comparison {
    /// The differences as one line for whoever reads the rows; `None` without any.
    #[must_use]
    pub fn remark(&self) -> Option<String> {
        (!self.differences.is_empty())
            .then(|| format!("the runs also differ in {}", conditions::list(&self.differences)))
    }
}

/// How the second run stands to the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The interval is clear of the margin, on the good side.
    Better,
    /// The interval is clear of the margin, on the bad side.
    Worse,
    /// The interval is inside the margin.
    NoDifference,
    /// The interval is on both sides of a margin, or says too little.
    Inconclusive,
}

/// Where the interval of a row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// From the spread over blocks of seconds.
    Blocks,
    /// From the requests of each run, as if they were independent.
    WithinRun,
    /// From counts, exactly.
    Counts,
}

/// One figure of both runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The figure's name.
    pub figure: &'static str,
    /// The second run's value over the first one's: lowest and highest that the data allow. Null with a reason.
    pub ratio: Option<[f64; 2]>,
    /// The 95 % intervals of both runs' values, where those are compared themselves: shares of failed requests.
    pub shares: Option<[[f64; 2]; 2]>,
    /// Where the interval comes from; null without one.
    pub basis: Option<Basis>,
    /// Why there is no ratio, or why a clear one decides nothing.
    pub reason: Option<String>,
    /// What the ratio means.
    pub outcome: Outcome,
}

/// A figure of one second.
type OfSecond = fn(&IntervalRecord) -> Option<f64>;

/// Compares a second run with a first.
///
/// # Errors
///
/// [`CompareError`] where the runs differ in conditions that decide what their figures mean.
pub fn compare(first: &RunRecord, second: &RunRecord) -> Result<Comparison, CompareError> {
    let refused = conditions::differences(first, second, Weight::Refused);
    if !refused.is_empty() {
        return Err(CompareError(refused));
    }
    let open = first.plan.schedule.is_some();
    let failed = Row::of_shares("failed", failed_share(first), failed_share(second));
    let mut rows = Vec::new();
    if !open {
        // In an open loop throughput is what was offered.
        let rate = |second: &IntervalRecord| Some(second.ok as f64 / second.length_s);
        let missing = || format!("both runs need --timeseries and {SECONDS} s");
        let ratio = in_blocks(first, second, rate).ok_or_else(missing);
        rows.push(Row::new("throughput", ratio.map(|ratio| (ratio, Basis::Blocks)), 1.0));
    }
    let figures: [(&str, &str, OfSecond); 4] = [
        ("p50", "p50_ns", |second| second.p50_ns.map(|value| value as f64)),
        ("p90", "p90_ns", |_| None),
        ("p99", "p99_ns", |second| second.p99_ns.map(|value| value as f64)),
        ("p99.9", "p999_ns", |_| None),
    ];
    for (figure, field, of_second) in figures {
        let interval = |record: &RunRecord| {
            let latency = if open { &record.latency.corrected } else { &record.latency.uncorrected };
            let [low, high] = *latency.intervals_ns.get(field)?;
            Some([low as f64, high as f64])
        };
        let blocks = in_blocks(first, second, of_second).map(|ratio| (ratio, Basis::Blocks));
        let within = || Some((over(interval(second)?, interval(first)?), Basis::WithinRun));
        let missing = || "a run has no interval for it".to_owned();
        rows.push(Row::new(figure, blocks.or_else(within).ok_or_else(missing), -1.0));
    }
    if matches!(failed.outcome, Outcome::Better | Outcome::Worse) {
        rows.iter_mut().for_each(Row::doubt);
    }
    rows.insert(0, failed);
    Ok(Comparison { differences: conditions::differences(first, second, Weight::Told), rows })
}

/// The interval of a quotient.
fn over([low, high]: [f64; 2], [below_low, below_high]: [f64; 2]) -> [f64; 2] {
    [low / below_high, high / below_low]
}

/// The interval of the ratio of a figure that each second has, from its mean over blocks of seconds in both runs.
fn in_blocks(
    first: &RunRecord,
    second: &RunRecord,
    figure: impl Fn(&IntervalRecord) -> Option<f64>,
) -> Option<[f64; 2]> {
    let interval = |record: &RunRecord| {
        let seconds = record.timeseries.as_deref()?;
        let whole = seconds.iter().filter(|second| second.length_s >= 1.0);
        block_interval(&whole.map(&figure).collect::<Option<Vec<_>>>()?)
    };
    Some(over(interval(second)?, interval(first)?))
}

/// The 95 % interval of the mean of a series, by Student's t over the means of its blocks.
fn block_interval(series: &[f64]) -> Option<[f64; 2]> {
    if series.len() < SECONDS {
        return None;
    }
    let blocks = series.chunks_exact((series.len() / BLOCKS).max(1));
    let means: Vec<_> = blocks.map(|block| block.iter().sum::<f64>() / block.len() as f64).collect();
    let n = means.len() as f64;
    let mean = means.iter().sum::<f64>() / n;
    let variance = means.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let student = StudentsT::new(0.0, 1.0, n - 1.0).expect("at least four degrees of freedom");
    let error = student.inverse_cdf(1.0 - TAIL) * (variance / n).sqrt();
    Some([(mean - error).max(0.0), mean + error])
}

/// The exact 95 % interval of the share of failed requests among those that ended (C. J. Clopper and E. S. Pearson, "The
/// Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial", Biometrika 26 (1934), 404–413).
fn failed_share(record: &RunRecord) -> Option<[f64; 2]> {
    let failed = record.requests.failed();
    let ended = record.requests.ok + failed;
    (ended > 0).then(|| {
        let (k, n) = (failed as f64, ended as f64);
        let quantile = |share: f64, a: f64, b: f64| {
            Beta::new(a, b).expect("both shapes are above zero").inverse_cdf(share)
        };
        // Where one shape is 0 the Beta distribution degenerates to its end.
        let low = if failed == 0 { 0.0 } else { quantile(TAIL, k, n - k + 1.0) };
        let high = if failed == ended { 1.0 } else { quantile(1.0 - TAIL, k + 1.0, n - k) };
        [low, high]
    })
}

impl Row {
    /// `good` is 1 where more is better and -1 where less is.
    fn new(figure: &'static str, ratio: Result<([f64; 2], Basis), String>, good: f64) -> Self {
        let (ratio, basis, reason) = match ratio {
            Ok((ratio, basis)) => (Some(ratio), Some(basis), None),
            Err(reason) => (None, None, Some(reason)),
        };
        let outcome = ratio.map_or(Outcome::Inconclusive, |[low, high]| {
            let up = low > 1.0 + MARGIN;
            let down = high < 1.0 - MARGIN;
            let inside = low >= 1.0 - MARGIN && high <= 1.0 + MARGIN;
            match (up, down, inside) {
                (true, ..) if good > 0.0 => Outcome::Better,
                (_, true, _) if good < 0.0 => Outcome::Better,
                (true, ..) | (_, true, _) => Outcome::Worse,
                (.., true) if basis != Some(Basis::WithinRun) => Outcome::NoDifference,
                _ => Outcome::Inconclusive,
            }
        });
        Self { figure, ratio, shares: None, basis, reason, outcome }
    }

    /// Two shares of which less is better.
    fn of_shares(figure: &'static str, first: Option<[f64; 2]>, second: Option<[f64; 2]>) -> Self {
        let shares = first.zip(second);
        let outcome = shares.map_or(Outcome::Inconclusive, |(first, second)| {
            let apart = |low: [f64; 2], high: [f64; 2]| low[1] < high[0] && high[1] > FAILED_MARGIN;
            match () {
                () if apart(first, second) => Outcome::Worse,
                () if apart(second, first) => Outcome::Better,
                () if first[1].max(second[1]) <= FAILED_MARGIN => Outcome::NoDifference,
                () => Outcome::Inconclusive,
            }
        });
        let reason = shares.is_none().then(|| "a run has no request that ended".to_owned());
        let basis = shares.map(|_| Basis::Counts);
        Self {
            figure,
            ratio: None,
            shares: shares.map(|(first, second)| [first, second]),
            basis,
            reason,
            outcome,
        }
    }

    /// The runs failed different shares of their requests, so what they did for the rest is not the same.
    fn doubt(&mut self) {
        if matches!(self.outcome, Outcome::Better | Outcome::Worse) {
            self.outcome = Outcome::Inconclusive;
            self.reason = Some("the runs failed different shares of their requests".to_owned());
        }
    }
}

#[cfg(test)]
mod tests;
