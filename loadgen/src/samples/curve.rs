//! The survival curve of the product-limit estimate, and how much is known at a level of it.

use hdrhistogram::Histogram;

use super::{Censoring, EPSILON, OBSERVATIONS_BEYOND, Samples};

/// One distinct latency at which requests were answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) latency_ns: u64,
    /// The share of requests that is still unanswered after it.
    pub(super) survival: f64,
    /// The share that was before it.
    pub(super) before: f64,
    /// Requests that had lasted so long and were watched just before the first of them was answered.
    pub(super) at_risk: u64,
    /// Σ d/(n(n − d)) over the steps before this one: Greenwood's sum, with which the variance of the share is its
    /// square times this (M. Greenwood, "The Natural Duration of Cancer", Reports on Public Health and Medical Subjects
    /// 33 (1926), 1–26).
    greenwood: f64,
}

/// What is known of the latency at which a share is reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    pub(super) latency_ns: u64,
    /// Requests that are watched beyond it.
    pub(super) beyond: f64,
    /// The number of uncensored requests from which the share would be known as well.
    pub(super) effective: f64,
}

impl Step {
    /// What is known where the share `level`, which is not above `before` nor below `survival`, is left. Of the
    /// requests answered at this latency as many are counted as are needed to get there, one by one.
    pub(super) fn at(&self, level: f64) -> Level {
        let at_risk = self.at_risk as f64;
        let beyond = at_risk * level / self.before;
        // Of the k that are counted here, k/(n(n − k)) = 1/(n − k) − 1/n.
        let greenwood = self.greenwood + 1.0 / beyond - 1.0 / at_risk;
        let effective = (1.0 - level) / level / greenwood;
        Level { latency_ns: self.latency_ns, beyond, effective }
    }
}

impl Level {
    /// Whether enough lies beyond for the value to be told.
    pub(super) fn is_known(&self) -> bool {
        self.beyond * (1.0 + EPSILON) >= OBSERVATIONS_BEYOND as f64
    }
}

/// Takes the counts up to `latency_ns` off a histogram's iterator.
struct Counts<I: Iterator>(std::iter::Peekable<I>);

impl<I: Iterator<Item = (u64, u64)>> Counts<I> {
    fn while_at(&mut self, wanted: impl Fn(u64) -> bool) -> u64 {
        std::iter::from_fn(|| self.0.next_if(|(value, _)| wanted(*value))).map(|(_, count)| count).sum()
    }
}

fn counts(histogram: &Histogram<u64>) -> Counts<impl Iterator<Item = (u64, u64)>> {
    let counts = histogram.iter_recorded().map(|at| (at.value_iterated_to(), at.count_at_value()));
    Counts(counts.peekable())
}

impl Samples {
    /// The steps of the survival curve, one for each distinct latency.
    ///
    /// Whoever was first watched at an age is at risk from that age on. Of equal values entering comes first, then the
    /// answer, then the censoring.
    pub(super) fn curve(&self) -> impl Iterator<Item = Step> {
        let (mut entered, mut censored) = (counts(&self.entered), counts(&self.censored));
        let mut at_risk = self.answered.len() + self.censored.len();
        at_risk = at_risk.saturating_sub(self.entered.len());
        let (mut survival, mut greenwood) = (1.0, 0.0);
        let leaves = self.censoring == Censoring::Independent;
        self.answered.iter_recorded().map(move |answered| {
            let latency_ns = answered.value_iterated_to();
            at_risk += entered.while_at(|age| age <= latency_ns);
            at_risk = at_risk.saturating_sub(censored.while_at(|age| leaves && age < latency_ns));
            let (before, count) = (survival, answered.count_at_value());
            // Nobody is first watched after the end; a record that says so was edited.
            at_risk = at_risk.max(count);
            let left = at_risk - count;
            let step = Step {
                latency_ns,
                survival: before * left as f64 / at_risk as f64,
                before,
                at_risk,
                greenwood,
            };
            survival = step.survival;
            greenwood += count as f64 / (at_risk as f64 * left as f64);
            at_risk = left;
            step
        })
    }

    /// Whether the curve falls to nothing while requests are still to be watched: a few that were there early say
    /// nothing then about those that entered later.
    pub(super) fn ends_early(&self) -> bool {
        let last = self.answered.max().max(self.entered.max());
        self.curve().any(|step| step.survival <= 0.0 && step.latency_ns < last)
    }
}
