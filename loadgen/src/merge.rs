//! Several records as one, exactly: counts are added, histograms are added, percentiles are computed anew.

use crate::distribution::Distribution;
use crate::histogram::HistogramError;
use crate::record::{Connections, PlanRecord, RunRecord};
use crate::samples::Samples;
use crate::schedule::Segment;
use crate::verdict::{Status, Verdict};

/// Why records cannot be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// There is nothing to merge.
    #[error("no record was given; name the files that runs were written to")]
    Nothing,
    /// Two records are not of the same experiment.
    #[error(
        "record {0} has another plan than the first; only runs of one plan, or segments of one schedule, add up"
    )]
    Plan(usize),
    /// A segment is there twice, or beside a whole schedule.
    #[error("record {0} covers requests that another one covers too; give each process a segment of its own")]
    Segment(usize),
    /// A histogram cannot be read.
    #[error(transparent)]
    Histogram(#[from] HistogramError),
}

/// The plan without what segments of one schedule may differ in.
fn common(plan: &PlanRecord) -> PlanRecord {
    let schedule = plan.schedule.map(|schedule| schedule.whole());
    PlanRecord { schedule, ..plan.clone() }
}

fn segment(record: &RunRecord) -> Segment {
    record.plan.schedule.map_or(Segment::WHOLE, |schedule| schedule.segment)
}

/// Merges runs of one plan.
///
/// Segments of one schedule ran at the same time: their rates and connections add up, and the window is the longest.
/// Other runs came one after another: their windows add up. The seconds of a run
/// have no place in a merged record, nor has what a server used, which several records may tell of one and the same.
pub fn merge(records: &[RunRecord]) -> Result<RunRecord, MergeError> {
    let (first, others) = records.split_first().ok_or(MergeError::Nothing)?;
    let together = segment(first) != Segment::WHOLE;
    for (index, record) in others.iter().enumerate() {
        if common(&record.plan) != common(&first.plan) {
            return Err(MergeError::Plan(index + 2));
        }
        let taken = records[..=index].iter().any(|earlier| segment(earlier) == segment(record));
        if segment(record).of != segment(first).of || (together && taken) {
            return Err(MergeError::Segment(index + 2));
        }
    }
    let mut total = first.clone();
    if !others.is_empty() {
        total.plan = common(&first.plan);
    }
    for record in others {
        add(&mut total, record, together);
    }
    let distribution = |of: fn(&RunRecord) -> &Distribution| merged(records.iter().map(of));
    total.latency.corrected = distribution(|record| &record.latency.corrected)?;
    total.latency.uncorrected = distribution(|record| &record.latency.uncorrected)?;
    total.latency.schedule_lag = distribution(|record| &record.latency.schedule_lag)?;
    total.latency.generator_lag = distribution(|record| &record.latency.generator_lag)?;
    total.latency.first_byte = distribution(|record| &record.latency.first_byte)?;
    total.latency.connect = distribution(|record| &record.latency.connect)?;
    total.latency.opening_connect = distribution(|record| &record.latency.opening_connect)?;
    total.rate.achieved_per_sec = total.requests.ok as f64 / total.duration_s;
    (total.timeseries, total.server) = (None, None);
    Ok(total)
}

fn add(total: &mut RunRecord, record: &RunRecord, together: bool) {
    let requests = &mut total.requests;
    requests.scheduled += record.requests.scheduled;
    requests.sent += record.requests.sent;
    requests.ok += record.requests.ok;
    requests.shed += record.requests.shed;
    requests.unsent += record.requests.unsent;
    requests.in_flight += record.requests.in_flight;
    for (class, count) in &record.requests.errors {
        *requests.errors.entry(*class).or_default() += count;
    }
    let (mine, theirs) = (total.connections, record.connections);
    let reconnects = mine.reconnects + theirs.reconnects;
    if together {
        let rates = total.rate.target_per_sec.zip(record.rate.target_per_sec);
        total.rate.target_per_sec = rates.map(|(mine, theirs)| mine + theirs);
        total.duration_s = total.duration_s.max(record.duration_s);
        total.connections = Connections {
            wanted: mine.wanted + theirs.wanted,
            held: mine.held + theirs.held,
            starved: mine.starved + theirs.starved,
            reconnects,
        };
    } else {
        total.duration_s += record.duration_s;
        // The same connections each time: the worst time counts.
        total.connections = Connections {
            wanted: mine.wanted,
            held: mine.held.min(theirs.held),
            starved: mine.starved.max(theirs.starved),
            reconnects,
        };
    }
    total.generator.cpu_user_s += record.generator.cpu_user_s;
    total.generator.cpu_system_s += record.generator.cpu_system_s;
    total.interrupted |= record.interrupted;
    total.warnings.extend(&record.warnings);
    total.verdict = worse(&total.verdict, &record.verdict);
}

/// A whole is as good as its worst part.
fn worse(one: &Verdict, other: &Verdict) -> Verdict {
    let rank = |verdict: &Verdict| match verdict.status {
        Status::Valid => 0,
        Status::ClientBound => 1,
        Status::Invalid => 2,
    };
    let status = if rank(one) >= rank(other) { one.status } else { other.status };
    Verdict { status, reasons: [&one.reasons[..], &other.reasons].concat() }
}

fn merged<'a>(parts: impl Iterator<Item = &'a Distribution>) -> Result<Distribution, HistogramError> {
    let mut total: Option<Samples> = None;
    for part in parts {
        if part.reason.is_some() {
            return Ok(part.clone());
        }
        let samples = Samples::of(part)?;
        match &mut total {
            Some(total) => total.merge(&samples),
            None => total = Some(samples),
        }
    }
    Ok(total.as_ref().map_or_else(Distribution::default, Distribution::from))
}
