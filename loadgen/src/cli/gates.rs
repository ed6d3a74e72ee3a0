//! Objectives that a run has to meet, and the words for each that it misses.

use std::time::Duration;

use loadgen::RunRecord;

use super::report::time;

/// What the command line demands of the run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gates {
    /// The largest 99th percentile: corrected where there is such a thing, uncorrected in a closed loop.
    pub(crate) slo_p99: Option<Duration>,
    /// The largest share of failed requests among those that ended.
    pub(crate) max_error_rate: Option<f64>,
}

impl Gates {
    /// A sentence for each objective that the run has missed. One that cannot be judged is missed.
    pub(crate) fn missed(&self, record: &RunRecord) -> Vec<String> {
        let latency = self.slo_p99.and_then(|limit| latency(record, limit));
        let errors = self.max_error_rate.and_then(|limit| errors(record, limit));
        errors.into_iter().chain(latency).collect()
    }
}

fn latency(record: &RunRecord, limit: Duration) -> Option<String> {
    let open = record.plan.schedule.is_some();
    let latency = if open { &record.latency.corrected } else { &record.latency.uncorrected };
    let wanted = humantime::format_duration(limit);
    match latency.p99_ns {
        Some(p99) if u128::from(p99) <= limit.as_nanos() => None,
        Some(p99) => Some(format!("p99 is {}, above the {wanted} that --slo-p99 allows", time(p99))),
        None => {
            let reason = latency.missing.get("p99_ns").map_or("no reason recorded", String::as_str);
            Some(format!("p99 cannot be held against the {wanted} of --slo-p99: {reason}"))
        }
    }
}

fn errors(record: &RunRecord, limit: f64) -> Option<String> {
    let failed = record.requests.failed();
    let ended = record.requests.ok + failed;
    let share = failed as f64 / ended.max(1) as f64;
    (share > limit).then(|| {
        let (share, limit) = (share * 100.0, limit * 100.0);
        format!("{failed} of {ended} requests failed, {share:.3} %, above the {limit} % that --max-error-rate allows")
    })
}
