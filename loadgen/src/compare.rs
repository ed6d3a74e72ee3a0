//! Two records held against each other: better, worse, no practical difference, or inconclusive.
//!
//! Every ratio has an interval: of a percentile, from the intervals of both; of throughput in a closed loop, from the
//! spread of the seconds of each run, which therefore must have been kept. The intervals know what varies *within* a
//! run. Fresh processes and other minutes vary by more, so that "worse" here is a reason to measure again in turns, and
//! "inconclusive" is a result.

use serde::Serialize;

pub use crate::conditions::Difference;
use crate::conditions::{self, Weight};
use crate::intervals::IntervalRecord;
use crate::record::RunRecord;

/// Ratios this close to 1 make no difference in practice.
const MARGIN: f64 = 0.05;
/// The fewest seconds that tell how throughput spreads.
const SECONDS: usize = 5;
/// Standard errors on either side of a mean: Student's 97.5 % point for the fewest seconds, on the safe side for more.
const STANDARD_ERRORS: f64 = 2.78;

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
    /// The interval is on both sides of a margin.
    Inconclusive,
}

/// One figure of both runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The figure's name.
    pub figure: &'static str,
    /// The second run's value over the first one's: lowest and highest that the data allow. Null with a reason.
    pub ratio: Option<[f64; 2]>,
    /// Why there is no ratio.
    pub reason: Option<String>,
    /// What the ratio means.
    pub outcome: Outcome,
}

/// Compares a second run with a first.
pub fn compare(first: &RunRecord, second: &RunRecord) -> Result<Comparison, CompareError> {
    let refused = conditions::differences(first, second, Weight::Refused);
    if !refused.is_empty() {
        return Err(CompareError(refused));
    }
    let open = first.plan.schedule.is_some();
    let mut rows = Vec::new();
    if !open {
        // In an open loop throughput is what was offered.
        let ratio = rate(first).and_then(|first| Ok(over(rate(second)?, first)));
        rows.push(Row::new("throughput", ratio, 1.0));
    }
    for (figure, field) in [("p50", "p50_ns"), ("p90", "p90_ns"), ("p99", "p99_ns"), ("p99.9", "p999_ns")] {
        let interval = |record: &RunRecord| {
            let latency = if open { &record.latency.corrected } else { &record.latency.uncorrected };
            let [low, high] = *latency.intervals_ns.get(field)?;
            Some([low as f64, high as f64])
        };
        let missing = || "a run has no interval for it".to_owned();
        let ratio = interval(first).zip(interval(second)).map(|(first, second)| over(second, first));
        rows.push(Row::new(figure, ratio.ok_or_else(missing), -1.0));
    }
    Ok(Comparison { differences: conditions::differences(first, second, Weight::Told), rows })
}

/// The interval of a quotient.
fn over([low, high]: [f64; 2], [below_low, below_high]: [f64; 2]) -> [f64; 2] {
    [low / below_high, high / below_low]
}

/// The interval of the valid answers a second.
fn rate(record: &RunRecord) -> Result<[f64; 2], String> {
    let seconds = record.timeseries.as_deref().unwrap_or_default();
    let rate = |second: &IntervalRecord| second.ok as f64 / second.length_s;
    let rates: Vec<_> = seconds.iter().filter(|second| second.length_s >= 1.0).map(rate).collect();
    if rates.len() < SECONDS {
        return Err(format!("both runs need --timeseries and {SECONDS} s"));
    }
    let n = rates.len() as f64;
    let mean = rates.iter().sum::<f64>() / n;
    let variance = rates.iter().map(|rate| (rate - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let error = STANDARD_ERRORS * (variance / n).sqrt();
    Ok([(mean - error).max(0.0), mean + error])
}

impl Row {
    /// `good` is 1 where more is better and -1 where less is.
    fn new(figure: &'static str, ratio: Result<[f64; 2], String>, good: f64) -> Self {
        let (ratio, reason) = match ratio {
            Ok(ratio) => (Some(ratio), None),
            Err(reason) => (None, Some(reason)),
        };
        let outcome = ratio.map_or(Outcome::Inconclusive, |[low, high]| {
            let up = low > 1.0 + MARGIN;
            let down = high < 1.0 - MARGIN;
            let inside = low >= 1.0 - MARGIN && high <= 1.0 + MARGIN;
            match (up, down, inside) {
                (true, ..) if good > 0.0 => Outcome::Better,
                (_, true, _) if good < 0.0 => Outcome::Better,
                (true, ..) | (_, true, _) => Outcome::Worse,
                (.., true) => Outcome::NoDifference,
                _ => Outcome::Inconclusive,
            }
        });
        Self { figure, ratio, reason, outcome }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(low: f64, high: f64, good: f64) -> Outcome {
        Row::new("figure", Ok([low, high]), good).outcome
    }

    #[test]
    fn only_what_is_clear_of_the_margin_is_better_or_worse() {
        assert_eq!(outcome(1.06, 1.2, 1.0), Outcome::Better);
        assert_eq!(outcome(1.06, 1.2, -1.0), Outcome::Worse);
        assert_eq!(outcome(0.5, 0.94, 1.0), Outcome::Worse);
        assert_eq!(outcome(0.5, 0.94, -1.0), Outcome::Better);
        assert_eq!(outcome(0.96, 1.04, 1.0), Outcome::NoDifference);
        assert_eq!(outcome(0.9, 1.2, 1.0), Outcome::Inconclusive);
        assert_eq!(Row::new("figure", Err("why".to_owned()), 1.0).outcome, Outcome::Inconclusive);
    }

    #[test]
    fn a_quotient_is_as_uncertain_as_both_of_its_parts() {
        let [low, high] = over([2.0, 3.0], [1.0, 2.0]);
        assert!((low - 1.0).abs() < 1e-12 && (high - 3.0).abs() < 1e-12, "{low} {high}");
    }
}
