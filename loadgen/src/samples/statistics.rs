//! What is told of the observations: percentiles with intervals, mean and maximum, or why there is none.

use hdrhistogram::Histogram;

use super::curve::Level;
use super::{Censoring, EPSILON, Missing, OBSERVATIONS_BEYOND, Samples};
use crate::histogram::HISTOGRAM_BOUNDS;

/// The precision of the histogram.
const PRECISION: f64 = 0.001;

/// The share of queued requests that a mean may leave out.
const QUEUED_LEFT_OUT: f64 = 0.001;

impl Samples {
    /// The latency in nanoseconds that the share `q` of requests does not exceed (0.99 for p99).
    ///
    /// # Errors
    ///
    /// `Missing` with fewer than [`OBSERVATIONS_BEYOND`] observations beyond it, of those that were watched so long;
    /// or where the survival curve never falls to `1 − q` because of unfinished requests, or falls to it only above
    /// the histogram's range.
    pub fn percentile(&self, q: f64) -> Result<u64, Missing> {
        self.known(q).map(|level| level.latency_ns)
    }

    fn known(&self, q: f64) -> Result<Level, Missing> {
        let observed = self.observed()?;
        if (1.0 - q) * observed as f64 * (1.0 + EPSILON) < OBSERVATIONS_BEYOND as f64 {
            return Err(Missing::TooFew { needed: observations_needed(q), observed });
        }
        let level = self.level(q)?;
        if !level.is_known() {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below a hundred")]
            return Err(Missing::FewWatched { beyond: level.beyond as u64 });
        }
        Ok(level)
    }

    /// The 95 % interval of `percentile(q)` in nanoseconds, by order statistics: the two observations between whose
    /// ranks the number of observations below the true percentile falls with that probability, a binomial count. Where
    /// observations are censored, or were watched from a later age on, the count is of as many requests as would tell
    /// the share as well if none were: those that give the binomial variance the value of Greenwood's (for the median,
    /// R. Brookmeyer and J. Crowley, "A Confidence Interval for the Median Survival Time", Biometrics 38 (1982), 29–41).
    ///
    /// `None` where the percentile is missing, or unfinished requests could move an end. It takes requests to be
    /// independent; those of one run are not quite, so runs differ by more than the interval is wide.
    #[must_use]
    pub fn interval(&self, q: f64) -> Option<[u64; 2]> {
        let level = self.known(q).ok()?;
        let whole = self.censored.is_empty() && self.entered.is_empty();
        let n = if whole { self.observed().ok()? as f64 } else { level.effective };
        let (mean, deviation) = (n * q, (n * q * (1.0 - q)).sqrt());
        let rank = |sign: f64| (mean + sign * (1.96 * deviation + 1.0)) / n;
        Some([self.quantile(rank(-1.0)).ok()?, self.quantile(rank(1.0)).ok()?])
    }

    /// How many requests were outstanding at a time, on average over a window of `window_s` seconds: the time that they spent in it over its own,
    /// those that an end of it cut off with their part in it. It is what Little's law calls L, which in a window equals answers a second
    /// times their mean latency only up to what the ends cut off (S.-H. Kim and W. Whitt, "Statistical Analysis with Little's Law",
    /// Operations Research 61 (2013), 1030–1045).
    ///
    /// An unfinished request that is older than the slowest answer is left out: it may be one that nobody works on.
    #[must_use]
    pub fn outstanding(&self, window_s: f64) -> f64 {
        let slowest = self.answered.max();
        let total_ns = |times: &Histogram<u64>| {
            let counted = times.iter_recorded().filter(|one| one.value_iterated_to() <= slowest);
            let time = |value, count| times.median_equivalent(value) as f64 * count as f64;
            counted.map(|one| time(one.value_iterated_to(), one.count_at_value())).sum::<f64>()
        };
        (total_ns(&self.answered) + total_ns(&self.censored) - total_ns(&self.entered)) / 1e9 / window_s
    }

    /// `percentile` without the demand for observations beyond it.
    ///
    /// # Errors
    ///
    /// `Missing` where unfinished requests, or those above the histogram's range, could move it.
    pub(crate) fn quantile(&self, q: f64) -> Result<u64, Missing> {
        self.level(q).map(|level| level.latency_ns)
    }

    fn level(&self, q: f64) -> Result<Level, Missing> {
        let level = (1.0 - q) * (1.0 + EPSILON);
        let step = self.curve().find(|step| step.survival <= level);
        let step = step.ok_or(Missing::Unfinished { censored: self.censored.len() })?;
        self.within_range(step.latency_ns)?;
        Ok(step.at(level.min(step.before)))
    }

    /// The mean latency in nanoseconds: the area under the survival curve.
    ///
    /// With [`Censoring::Queued`] up to one unfinished request in a thousand is left out, if no more is known of them
    /// than that they are like the others: none is older than the longest answer took, and with their ages as latencies
    /// the mean would not be higher by more than the histogram's precision.
    ///
    /// # Errors
    ///
    /// `Missing` if the longest observation is a censored one: the area beyond it is unknown. The same where an
    /// observation exceeded the histogram's range, where the requests that were watched early had all ended before
    /// others were, and where unfinished requests cannot be left out.
    pub fn mean(&self) -> Result<u64, Missing> {
        let observed = self.observed()?;
        self.within_range(HISTOGRAM_BOUNDS.highest_ns)?;
        let unfinished = Missing::Unfinished { censored: self.censored.len() };
        if self.ends_early() {
            return Err(unfinished);
        }
        let mut area = 0.0;
        let mut survival = 1.0;
        for step in self.curve() {
            area += self.answered.median_equivalent(step.latency_ns) as f64 * (survival - step.survival);
            survival = step.survival;
        }
        if survival > self.left_out() {
            return Err(unfinished);
        }
        let mean = area / (1.0 - survival);
        if self.censoring == Censoring::Queued && !self.censored.is_empty() {
            // The shares of answered and unfinished requests times what each took, or took at least.
            let ages = self.censored.mean() * self.censored.len() as f64 / observed as f64;
            if area + ages > mean * (1.0 + PRECISION) || self.censored.max() > self.answered.max() {
                return Err(unfinished);
            }
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 60 s in nanoseconds"
        )]
        Ok(mean.round() as u64)
    }

    /// The longest latency in nanoseconds, to the histogram's precision.
    ///
    /// # Errors
    ///
    /// `Missing` if a censored age exceeds it, or an observation exceeded the histogram's range.
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
}

/// The fewest observations with [`OBSERVATIONS_BEYOND`] of them beyond `q`.
fn observations_needed(q: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive count")]
    let needed = (OBSERVATIONS_BEYOND as f64 / (1.0 - q) * (1.0 - EPSILON)).ceil() as u64;
    needed
}
