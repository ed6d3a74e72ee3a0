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
//! The queue of an overloaded open loop is not: the later a request was due, the longer it would have waited, and the
//! younger it is when the window closes. There [`Censoring::Queued`] counts an unfinished request as longer than every
//! answered one: a percentile is then the time in which that share of all due requests certainly was answered.

mod missing;

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

/// The share of queued requests that a mean may leave out.
const QUEUED_LEFT_OUT: f64 = 0.001;

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
        Self { answered: histogram::empty(), censored: histogram::empty(), above_range: 0, censoring }
    }

    /// The samples of answered requests alone.
    pub(crate) fn of_answers(answered: Histogram<u64>) -> Self {
        Self { answered, ..Self::new() }
    }

    /// The uncorrected latencies of a record, as exact as they were when it was written.
    pub fn from_record(record: &RunRecord) -> Result<Self, HistogramError> {
        Self::of(&record.latency.uncorrected)
    }

    /// What a distribution of a record was made from; an error if it is absent there.
    pub fn of(distribution: &Distribution) -> Result<Self, HistogramError> {
        let read = |text: &Option<String>, field| match text {
            Some(text) => histogram::decode(text, field),
            None => Err(HistogramError { field, cause: "it is null".to_owned() }),
        };
        Ok(Self {
            answered: read(&distribution.histogram, "histogram")?,
            censored: read(&distribution.histogram_censored, "histogram_censored")?,
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

    /// Adds all observations of `other`; exact, because all histograms have the same bounds.
    pub fn merge(&mut self, other: &Self) {
        self.answered.add(&other.answered).expect("all histograms have the same bounds");
        self.censored.add(&other.censored).expect("all histograms have the same bounds");
        self.above_range += other.above_range;
        self.censoring = self.censoring.max(other.censoring);
    }

    /// These with `gone`, which must be among them, taken out and `come` put in their place.
    pub(crate) fn replacing(&self, gone: &Self, come: &Self) -> Self {
        let mut rest = self.clone();
        rest.answered.subtract(&gone.answered).expect("they were among them");
        rest.censored.subtract(&gone.censored).expect("they were among them");
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

    /// How many observations exceeded the histogram's top and were recorded as the top.
    #[must_use]
    pub fn above_range(&self) -> u64 {
        self.above_range
    }

    /// The latency in nanoseconds that the share `q` of requests does not exceed (0.99 for p99).
    ///
    /// `Missing` with fewer than [`OBSERVATIONS_BEYOND`] observations beyond it, or where the survival curve never
    /// falls to `1 − q` because of unfinished requests, or falls to it only above the histogram's range.
    pub fn percentile(&self, q: f64) -> Result<u64, Missing> {
        let observed = self.observed()?;
        if (1.0 - q) * observed as f64 * (1.0 + EPSILON) < OBSERVATIONS_BEYOND as f64 {
            return Err(Missing::TooFew { needed: observations_needed(q), observed });
        }
        self.quantile(q)
    }

    /// The 95 % interval of `percentile(q)` in nanoseconds, by order statistics: the two observations between whose
    /// ranks the number of observations below the true percentile falls with that probability, a binomial count.
    ///
    /// `None` where the percentile is missing, or unfinished requests could move an end. It takes requests to be
    /// independent; those of one run are not quite, so runs differ by more than the interval is wide.
    #[must_use]
    pub fn interval(&self, q: f64) -> Option<[u64; 2]> {
        self.percentile(q).ok()?;
        let n = self.observed().ok()? as f64;
        let (mean, deviation) = (n * q, (n * q * (1.0 - q)).sqrt());
        let rank = |sign: f64| (mean + sign * (1.96 * deviation + 1.0)) / n;
        Some([self.quantile(rank(-1.0)).ok()?, self.quantile(rank(1.0)).ok()?])
    }

    /// `percentile` without the demand for observations beyond it.
    fn quantile(&self, q: f64) -> Result<u64, Missing> {
        let level = (1.0 - q) * (1.0 + EPSILON);
        self.curve()
            .find(|step| step.survival <= level)
            .ok_or(Missing::Unfinished { censored: self.censored.len() })
            .and_then(|step| self.within_range(step.latency_ns))
    }

    /// The mean latency in nanoseconds: the area under the survival curve.
    ///
    /// `Missing` if the longest observation is a censored one: the area beyond it is unknown. The same where an
    /// observation exceeded the histogram's range. With [`Censoring::Queued`] up to one unfinished request in a
    /// thousand, which is the histogram's precision, is left out, and more are too many.
    pub fn mean(&self) -> Result<u64, Missing> {
        self.observed()?;
        self.within_range(HISTOGRAM_BOUNDS.highest_ns)?;
        let mut area = 0.0;
        let mut survival = 1.0;
        for step in self.curve() {
            area += self.answered.median_equivalent(step.latency_ns) as f64 * (survival - step.survival);
            survival = step.survival;
        }
        if survival > self.left_out() {
            return Err(Missing::Unfinished { censored: self.censored.len() });
        }
        area /= 1.0 - survival;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 60 s in nanoseconds"
        )]
        Ok(area.round() as u64)
    }

    /// The longest latency in nanoseconds, to the histogram's precision. `Missing` if a censored age exceeds it.
    pub fn max(&self) -> Result<u64, Missing> {
        self.observed()?;
        let share = self.censored.len() as f64 / self.observed()? as f64;
        let queued = self.censoring == Censoring::Queued && share > self.left_out();
        if self.answered.is_empty() || queued || self.censored.max() > self.answered.max() {
            return Err(Missing::Unfinished { censored: self.censored.len() });
        }
        self.within_range(self.answered.max())
    }

    /// The share of unfinished requests that a mean or a maximum may leave out.
    fn left_out(&self) -> f64 {
        match self.censoring {
            Censoring::Independent => EPSILON,
            Censoring::Queued => QUEUED_LEFT_OUT,
        }
    }

    /// Refuses a value in the top bucket if that also holds observations which were longer.
    fn within_range(&self, value_ns: u64) -> Result<u64, Missing> {
        let at_top = value_ns >= self.answered.lowest_equivalent(HISTOGRAM_BOUNDS.highest_ns);
        match self.above_range {
            observations @ 1.. if at_top => Err(Missing::AboveRange { observations }),
            _ => Ok(value_ns),
        }
    }

    fn observed(&self) -> Result<u64, Missing> {
        match self.answered.len() + self.censored.len() {
            0 => Err(Missing::Nothing),
            observed => Ok(observed),
        }
    }

    /// The steps of the survival curve, one for each distinct latency.
    fn curve(&self) -> impl Iterator<Item = Step> {
        let mut censored = self.censored.iter_recorded().peekable();
        let mut at_risk = self.answered.len() + self.censored.len();
        let mut survival = 1.0;
        self.answered.iter_recorded().map(move |answered| {
            let latency_ns = answered.value_iterated_to();
            let leaves = self.censoring == Censoring::Independent;
            while let Some(gone) = censored.next_if(|gone| leaves && gone.value_iterated_to() < latency_ns) {
                at_risk -= gone.count_at_value();
            }
            survival *= (at_risk - answered.count_at_value()) as f64 / at_risk as f64;
            at_risk -= answered.count_at_value();
            Step { latency_ns, survival }
        })
    }
}

/// After `latency_ns` the share `survival` of the requests is still unanswered.
struct Step {
    latency_ns: u64,
    survival: f64,
}

/// The fewest observations with [`OBSERVATIONS_BEYOND`] of them beyond `q`.
fn observations_needed(q: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive count")]
    let needed = (OBSERVATIONS_BEYOND as f64 / (1.0 - q) * (1.0 - EPSILON)).ceil() as u64;
    needed
}

#[cfg(test)]
mod tests;
