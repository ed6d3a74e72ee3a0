//! Several records as one, exactly: counts are added, histograms are added, percentiles are computed anew.
//!
//! What ran at the same time and what ran one after another adds up differently, so when each run started is looked at.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use crate::distribution::Distribution;
use crate::histogram::HistogramError;
use crate::record::{Batching, Carried, Connections, PlanRecord, RunRecord};
use crate::samples::Samples;
use crate::schedule::Segment;
use crate::verdict::{Status, Verdict};
use crate::warning::Warning;

/// How far apart segments of one schedule may start and still count as simultaneous: this, or a hundredth of the
/// longest of them, whichever is more.
pub const STARTS_APART: Duration = Duration::from_millis(100);

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
    /// The same run is there twice.
    #[error("record {0} holds a run that another one holds too; name each file once")]
    Twice(usize),
    /// A segment did not start when the first one did.
    #[error(
        "record {record} started {apart_s:.3} s apart from the first, at most {allowed_s:.3} s count as together; start all segments with the same --start-at"
    )]
    Apart {
        /// Which record, counted from 1.
        record: usize,
        /// How far apart, in seconds.
        apart_s: f64,
        /// How far apart they may be, in seconds.
        allowed_s: f64,
    },
    /// A run that is no segment went on at the same time as another.
    #[error(
        "record {0} went on at the same time as another one; runs that add up one after another must not overlap, and simultaneous ones need --rate and --segment"
    )]
    Overlap(usize),
    /// A histogram cannot be read.
    #[error(transparent)]
    Histogram(#[from] HistogramError),
}

/// The plan without what segments of one schedule may differ in.
fn common(plan: &PlanRecord) -> PlanRecord {
    let schedule = plan.schedule.map(|schedule| schedule.whole());
    PlanRecord { schedule, ..plan.clone() }
}

fn started(record: &RunRecord) -> Option<SystemTime> {
    record.started_at.as_ref().and_then(|text| humantime::parse_rfc3339(text).ok())
}

/// How far two times of day are apart.
fn apart(one: SystemTime, other: SystemTime) -> Duration {
    one.duration_since(other).unwrap_or_else(|other| other.duration())
}

/// Refuses a run that is there twice.
fn check_names(records: &[RunRecord]) -> Result<(), MergeError> {
    let mut names = HashSet::new();
    for (index, record) in records.iter().enumerate() {
        let known = record.runs.iter().any(|name| !names.insert(name));
        // Without names, two runs that agree in every histogram and count are one.
        let same = record.runs.is_empty() && records[..index].contains(record);
        if known || same {
            return Err(MergeError::Twice(index + 1));
        }
    }
    Ok(())
}

/// Refuses segments that did not start together.
fn check_together(records: &[RunRecord]) -> Result<(), MergeError> {
    let longest = records.iter().map(|record| record.duration_s).fold(0.0, f64::max);
    let allowed_s = STARTS_APART.as_secs_f64().max(longest / 100.0);
    let Some(first) = records.first().and_then(started) else { return Ok(()) };
    for (index, record) in records.iter().enumerate() {
        let apart_s = started(record).map_or(0.0, |start| apart(start, first).as_secs_f64());
        if apart_s > allowed_s {
            return Err(MergeError::Apart { record: index + 1, apart_s, allowed_s });
        }
    }
    Ok(())
}

/// Refuses runs that overlap. A merged record has several, of which the first start and the sum of the lengths are known.
fn check_in_turn(records: &[RunRecord]) -> Result<(), MergeError> {
    let mut runs: Vec<_> = records
        .iter()
        .enumerate()
        .filter_map(|(index, record)| Some((started(record)?, record.duration_s, index)))
        .collect();
    runs.sort_by_key(|(start, ..)| *start);
    for pair in runs.windows(2) {
        let ((earlier, lasted, _), (later, _, index)) = (pair[0], pair[1]);
        // The wall clock may be corrected a little in between.
        if apart(earlier, later).as_secs_f64() + STARTS_APART.as_secs_f64().min(lasted / 10.0) < lasted {
            return Err(MergeError::Overlap(index + 1));
        }
    }
    Ok(())
}

fn segment(record: &RunRecord) -> Segment {
    record.plan.schedule.map_or(Segment::WHOLE, |schedule| schedule.segment)
}

/// Merges runs of one plan.
///
/// Segments of one schedule ran at the same time: their rates, connections and threads add up, and the window is the
/// longest. Other runs came one after another: their windows add up. The seconds of a run
/// have no place in a merged record, nor has what a server used, which several records may tell of one and the same.
///
/// # Errors
///
/// [`MergeError`] for records of different plans, runs or segments that are there twice, segments that started more than
/// [`STARTS_APART`] (or a hundredth of their length) apart, other runs that overlap, and histograms that cannot be read.
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
    check_names(records)?;
    if together {
        check_together(records)?;
    } else {
        check_in_turn(records)?;
    }
    let mut total = first.clone();
    if together && records.iter().any(|record| started(record).is_none()) {
        total.warnings.push(Warning::StartUnknown);
    }
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
    let carried = requests.carried.take().zip(record.requests.carried.as_ref());
    requests.carried = carried.map(|(mine, theirs)| both(mine, theirs));
    let sent = requests.sent;
    let (mine, theirs) = (total.connections, record.connections);
    let reconnects = mine.reconnects + theirs.reconnects;
    let unsolicited = mine.unsolicited.zip(theirs.unsolicited).map(|(mine, theirs)| mine + theirs);
    if together {
        let rates = total.rate.target_per_sec.zip(record.rate.target_per_sec);
        total.rate.target_per_sec = rates.map(|(mine, theirs)| mine + theirs);
        total.duration_s = total.duration_s.max(record.duration_s);
        total.plan.connections += record.plan.connections;
        total.plan.threads += record.plan.threads;
        total.connections = Connections {
            wanted: mine.wanted + theirs.wanted,
            held: mine.held + theirs.held,
            starved: mine.starved + theirs.starved,
            reconnects,
            unsolicited,
            served: None,
        };
    } else {
        total.duration_s += record.duration_s;
        // The same connections each time: the worst time counts.
        total.connections = Connections {
            wanted: mine.wanted,
            held: mine.held.min(theirs.held),
            starved: mine.starved.max(theirs.starved),
            reconnects,
            unsolicited,
            served: None,
        };
    }
    let batching = total.generator.batching.zip(record.generator.batching);
    total.generator.batching = batching.map(|(mine, theirs)| Batching::merged(mine, theirs, sent));
    total.runs.extend_from_slice(&record.runs);
    let starts = started(total).zip(started(record));
    if starts.is_none_or(|(mine, theirs)| theirs < mine) {
        total.started_at = starts.and(record.started_at.clone());
    }
    total.generator.cpu_user_s += record.generator.cpu_user_s;
    total.generator.cpu_system_s += record.generator.cpu_system_s;
    let waited = total.generator.cpu_waited_s.zip(record.generator.cpu_waited_s);
    total.generator.cpu_waited_s = waited.map(|(mine, theirs)| mine + theirs);
    total.interrupted |= record.interrupted;
    total.warnings.extend(&record.warnings);
    total.verdict = worse(&total.verdict, &record.verdict);
}

fn both(mut mine: Carried, theirs: &Carried) -> Carried {
    mine.total += theirs.total;
    mine.ok += theirs.ok;
    mine.in_flight += theirs.in_flight;
    for (class, count) in &theirs.errors {
        *mine.errors.entry(*class).or_default() += count;
    }
    mine
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
