//! Latencies with the unfinished requests in: the Kaplan–Meier estimate over two histograms.
//!
//! A request that was unfinished when the window closed, or that timed out, took *at least* its age. Leaving it out
//! flatters the server; entering its age as if it were a latency does too. It is a censored observation, and the
//! product-limit estimator is made for those: S(t) = Π (1 − dᵢ/nᵢ) over the distinct latencies tᵢ ≤ t, where dᵢ
//! requests were answered at tᵢ and nᵢ had lasted at least so long (E. L. Kaplan and P. Meier, "Nonparametric
//! Estimation from Incomplete Observations", Journal of the American Statistical Association 53 (1958), 457–481).
//! Of an answer and a censoring at the same value the answer comes first. Without censored observations the estimate
//! is the plain percentile (nearest rank).
//!
//! Caveat: it takes the censoring to be independent of the latency. A window that closes at a fixed time is; a
//! timeout is at one fixed age, which the estimator handles too, by refusing what lies beyond.
//!
//! A request that was sent before the window began to count is watched from the age that it had then: those that were
//! answered sooner would not have been met. It is at risk from that age on (left truncation; W.-Y. Tsai, N. P. Jewell
//! and M.-C. Wang, "A Note on the Product-Limit Estimator under Right Censoring and Left Truncation", Biometrika 74
//! (1987), 883–886).
//!
//! The censoring by the queue of an overloaded open loop is not independent: the later a request was due, the longer it would have waited, and the
//! younger it is when the window closes. There [`Censoring::Queued`] counts an unfinished request as longer than every
//! answered one: a percentile is then the time in which that share of all due requests certainly was answered.

mod curve;
mod missing;
mod statistics;

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::distribution::Distribution;
use crate::histogram::{self, HISTOGRAM_BOUNDS, HistogramError};
use crate::record::RunRecord;
pub use missing::Missing;

/// How many observations must lie beyond a percentile for it to be told.
pub const OBSERVATIONS_BEYOND: u64 = 100;

/// Rounding room in the product of survival factors: far above what the multiplications lose, far below one request.
const EPSILON: f64 = 1e-9;

/// What is assumed of the requests that were not finished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Censoring {
    /// They would have gone on like those that had lasted as long: the product-limit estimate.
    #[default]
    Independent,
    /// Nothing: they may have lasted for ever.
    Queued,
}

/// The observed latencies of one run, or of several merged ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    answered: Histogram<u64>,
    censored: Histogram<u64>,
    /// The ages at which requests were first watched, of those that were sent before; all others from age 0.
    entered: Histogram<u64>,
    above_range: u64,
    censoring: Censoring,
}

impl Default for Samples {
    fn default() -> Self {
        Self::new()
    }
}

impl Samples {
    /// No observation.
    #[must_use]
    pub fn new() -> Self {
        Self::censored_as(Censoring::Independent)
    }

    /// No observation, and what is to be assumed of unfinished ones.
    #[must_use]
    pub fn censored_as(censoring: Censoring) -> Self {
        Self {
            answered: histogram::empty(),
            censored: histogram::empty(),
            entered: histogram::empty(),
            above_range: 0,
            censoring,
        }
    }

    /// The samples of answered requests alone.
    pub(crate) fn of_answers(answered: Histogram<u64>) -> Self {
        Self { answered, ..Self::new() }
    }

    /// The uncorrected latencies of a record, as exact as they were when it was written.
    ///
    /// # Errors
    ///
    /// If a histogram of the record is missing or cannot be read.
    pub fn from_record(record: &RunRecord) -> Result<Self, HistogramError> {
        Self::of(&record.latency.uncorrected)
    }

    /// What a distribution of a record was made from.
    ///
    /// # Errors
    ///
    /// If it is absent there, or a histogram cannot be read. A record of before ages of entry were kept has none: its
    /// requests are all taken to be watched from age 0, as that version took them.
    pub fn of(distribution: &Distribution) -> Result<Self, HistogramError> {
        let read = |text: &Option<String>, field| match text {
            Some(text) => histogram::decode(text, field),
            None => Err(HistogramError { field, cause: "it is null".to_owned() }),
        };
        Ok(Self {
            answered: read(&distribution.histogram, "histogram")?,
            censored: read(&distribution.histogram_censored, "histogram_censored")?,
            entered: match &distribution.histogram_entered {
                Some(text) => histogram::decode(text, "histogram_entered")?,
                None => histogram::empty(),
            },
            above_range: distribution.above_range,
            censoring: distribution.censoring,
        })
    }

    /// Adds the latency of an answered request, in nanoseconds.
    pub fn record_answered(&mut self, latency_ns: u64) {
        self.above_range += u64::from(latency_ns > HISTOGRAM_BOUNDS.highest_ns);
        self.answered.saturating_record(latency_ns.min(HISTOGRAM_BOUNDS.highest_ns));
    }

    /// Adds the age of a request that was given up or left unfinished, in nanoseconds.
    pub fn record_censored(&mut self, age_ns: u64) {
        self.above_range += u64::from(age_ns > HISTOGRAM_BOUNDS.highest_ns);
        self.censored.saturating_record(age_ns.min(HISTOGRAM_BOUNDS.highest_ns));
    }

    /// Says of one of the requests added that it was watched from this age in nanoseconds on, and not before.
    pub fn record_entered(&mut self, age_ns: u64) {
        self.entered.saturating_record(age_ns.min(HISTOGRAM_BOUNDS.highest_ns));
    }

    /// Adds all observations of `other`; exact, because all histograms have the same bounds.
    pub fn merge(&mut self, other: &Self) {
        self.answered.add(&other.answered).expect("all histograms have the same bounds");
        self.censored.add(&other.censored).expect("all histograms have the same bounds");
        self.entered.add(&other.entered).expect("all histograms have the same bounds");
        self.above_range += other.above_range;
        self.censoring = self.censoring.max(other.censoring);
    }

    /// These with `gone`, which must be among them, taken out and `come` put in their place.
    pub(crate) fn replacing(&self, gone: &Self, come: &Self) -> Self {
        let mut rest = self.clone();
        rest.answered.subtract(&gone.answered).expect("they were among them");
        rest.censored.subtract(&gone.censored).expect("they were among them");
        rest.entered.subtract(&gone.entered).expect("they were among them");
        rest.above_range -= gone.above_range;
        rest.merge(come);
        rest
    }

    /// What is assumed of the requests that were not finished.
    #[must_use]
    pub fn censoring(&self) -> Censoring {
        self.censoring
    }

    /// The latencies of the requests that were answered.
    #[must_use]
    pub fn answered(&self) -> &Histogram<u64> {
        &self.answered
    }

    /// The ages of the requests that were not.
    #[must_use]
    pub fn censored(&self) -> &Histogram<u64> {
        &self.censored
    }

    /// The ages from which on requests were watched, of those that were sent before that.
    #[must_use]
    pub fn entered(&self) -> &Histogram<u64> {
        &self.entered
    }

    /// How many observations exceeded the histogram's top and were recorded as the top.
    #[must_use]
    pub fn above_range(&self) -> u64 {
        self.above_range
    }
}

#[cfg(test)]
mod simulations;
#[cfg(test)]
mod tests;
