//! A distribution of times as the record has it: percentiles with intervals, what is missing and why, the histograms.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::histogram;
use crate::samples::{Censoring, Missing, Samples};

/// Times of requests, unfinished requests in as censored observations. See [`Samples`] for the estimator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Distribution {
    /// Median, in nanoseconds.
    pub p50_ns: Option<u64>,
    /// 90th percentile, in nanoseconds.
    pub p90_ns: Option<u64>,
    /// 99th percentile, in nanoseconds.
    pub p99_ns: Option<u64>,
    /// 99.9th percentile, in nanoseconds.
    pub p999_ns: Option<u64>,
    /// Maximum, in nanoseconds.
    pub max_ns: Option<u64>,
    /// Mean, in nanoseconds.
    pub mean_ns: Option<u64>,
    /// Why there is no distribution at all; null where there is one.
    pub reason: Option<String>,
    /// 95 % intervals of the percentiles by the name of their field, in nanoseconds; see [`Samples::interval`].
    pub intervals_ns: BTreeMap<String, [u64; 2]>,
    /// Finished requests observed.
    pub answered: u64,
    /// Requests that timed out, were unfinished, or were due and not sent at the end.
    pub censored: u64,
    /// What was assumed of the censored ones.
    pub censoring: Censoring,
    /// Observations above the histogram's top, recorded as the top.
    pub above_range: u64,
    /// The reason for each null, by the name of its field.
    pub missing: BTreeMap<String, String>,
    /// Times of the finished requests, base64 of V2 deflate.
    pub histogram: Option<String>,
    /// Ages of the censored requests, base64 of V2 deflate.
    pub histogram_censored: Option<String>,
    /// Ages from which on requests were watched that were sent before the window, base64 of V2 deflate; null if none was
    /// (and in records of before this was kept, in which their whole ages count).
    #[serde(default)]
    pub histogram_entered: Option<String>,
}

impl Distribution {
    /// No distribution, and why.
    #[must_use]
    pub fn absent(reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..Self::default() }
    }
}

impl From<&Samples> for Distribution {
    fn from(samples: &Samples) -> Self {
        let mut missing = BTreeMap::new();
        let mut intervals_ns = BTreeMap::new();
        let mut told = |field: &str, value: Result<u64, Missing>| {
            value.map_err(|reason| missing.insert(field.to_owned(), reason.to_string())).ok()
        };
        let mut percentile = |field: &str, q: f64| {
            intervals_ns.extend(samples.interval(q).map(|interval| (field.to_owned(), interval)));
            told(field, samples.percentile(q))
        };
        Self {
            p50_ns: percentile("p50_ns", 0.5),
            p90_ns: percentile("p90_ns", 0.9),
            p99_ns: percentile("p99_ns", 0.99),
            p999_ns: percentile("p999_ns", 0.999),
            max_ns: told("max_ns", samples.max()),
            mean_ns: told("mean_ns", samples.mean()),
            reason: None,
            answered: samples.answered().len(),
            censored: samples.censored().len(),
            censoring: samples.censoring(),
            above_range: samples.above_range(),
            histogram: Some(histogram::encode(samples.answered())),
            histogram_censored: Some(histogram::encode(samples.censored())),
            histogram_entered: (!samples.entered().is_empty()).then(|| histogram::encode(samples.entered())),
            intervals_ns,
            missing,
        }
    }
}
