//! A series of samples whose length is bounded, however long the run.

use std::time::Duration;

use crate::server_usage::ServerSample;

/// The most samples: a minute at ten a second.
const MOST: usize = 600;

/// When it is full every other sample is dropped, and from then on samples are taken half as often.
#[derive(Debug)]
pub(super) struct Series {
    samples: Vec<ServerSample>,
    period: Duration,
}

impl Series {
    pub(super) fn new(period: Duration) -> Self {
        Self { samples: Vec::new(), period }
    }

    /// The time between two samples.
    pub(super) fn period(&self) -> Duration {
        self.period
    }

    pub(super) fn push(&mut self, sample: ServerSample) {
        self.samples.push(sample);
        if self.samples.len() == MOST {
            let mut odd = false;
            self.samples.retain(|_| {
                odd = !odd;
                !odd
            });
            self.period *= 2;
        }
    }

    pub(super) fn into_samples(self) -> Vec<ServerSample> {
        self.samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_series_is_thinned_out_evenly() {
        let mut series = Series::new(Duration::from_millis(100));
        let mut at_s = 0.0;
        for _ in 0..1_500 {
            at_s += series.period().as_secs_f64();
            series.push(ServerSample { at_s, ..ServerSample::default() });
            assert!(series.samples.len() < MOST);
        }
        let (period, samples) = (series.period().as_secs_f64(), series.into_samples());
        assert!(period >= 0.8 && samples.len() >= MOST / 2, "{period} {}", samples.len());
        for pair in samples.windows(2) {
            assert!((pair[1].at_s - pair[0].at_s - period).abs() < 1e-6, "{pair:?}");
        }
    }
}
