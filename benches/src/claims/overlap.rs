//! C7: how many requests wait at the same time, by Little's law: answers a second times the wait.

use super::cases::why_not;
use super::words::{self, code};
use super::{Claim, Finding, Group, Observation, Unit, Verdict};
use crate::contender::Model;
use crate::format::figures;
use crate::matrix::Experiment;
use crate::record::ComparisonRecord;
use crate::stats::{self, Band, Comparison, ratio_interval};
use crate::summary::{Row, Summary, Table};

pub(super) fn judge(run: &ComparisonRecord, summary: &Summary) -> Verdict {
    let cpus = run.placement.server_cpus.len() as f64;
    let of = |experiment, blocked: bool, is_async: bool| -> Vec<Observation> {
        summary
            .tables_of(experiment)
            .filter(|table| table.setting.work.block_the_loop == blocked)
            .flat_map(|table| waiting(table, cpus, is_async))
            .collect()
    };
    let timer = of(Experiment::Waiting, false, true);
    let upstream = of(Experiment::Upstream, false, true);
    let blocked = of(Experiment::BlockingCall, true, true);
    let mut others = of(Experiment::Waiting, false, false);
    others.extend(of(Experiment::Upstream, false, false));
    let fallen: Vec<String> = blocked
        .iter()
        .filter(|one| one.finding != Finding::For)
        .filter_map(|one| Some(format!("{} {}", code(&one.subject), words::value(one.unit, &one.value?))))
        .collect();
    let mut flips = Vec::new();
    if !fallen.is_empty() {
        flips.push(format!(
            "a handler that blocks instead of awaiting overlaps no more: {}",
            fallen.join(", ")
        ));
    }
    flips.extend(pools(&others));
    Verdict {
        when: Some("the wait is awaited, and not a blocking call".to_owned()),
        prediction: reached(&timer),
        flips,
        deciding: vec![
            Group::of("waiting in a timer", timer),
            Group::of("waiting in an upstream call", upstream),
            Group::of("waiting in a blocking call", blocked),
        ],
        beside: vec![Group::of("blocking servers in a wait", others)],
        ..Verdict::of(Claim::Overlap, run, summary)
    }
}

fn waiting(table: &Table, cpus: f64, is_async: bool) -> Vec<Observation> {
    let wait_s = table.setting.work.wait().as_secs_f64();
    // One for each CPU needs no overlap.
    let one_each = Band { low: Band::PRACTICAL.low * cpus, high: Band::PRACTICAL.high * cpus };
    let mine = |row: &&Row| {
        let model = match row.contender.model {
            Model::Async => is_async,
            Model::Sync | Model::Threaded => !is_async,
            Model::Other => false,
        };
        model && !row.cell.twin && row.contender.package().is_some() && wait_s > 0.0
    };
    let observation = |row: &Row| {
        let logs: Vec<f64> = row.points.iter().map(|point| (point.rate_per_sec * wait_s).ln()).collect();
        let value = ratio_interval(&logs, stats::LEVEL).ok().filter(|_| row.is_valid());
        Observation {
            subject: row.cell.contender.clone(),
            over: None,
            at: table.setting,
            unit: Unit::AtATime,
            predicted: row.prediction.at_most_per_sec.map(|rate| rate * wait_s),
            finding: value.map_or(Finding::Undecided, |it| Comparison::of(&it, one_each).into()),
            doubt: why_not(row),
            value,
        }
    };
    table.rows.iter().filter(mine).map(observation).collect()
}

/// How much of the predicted overlap came about, at worst and at best.
fn reached(timer: &[Observation]) -> Option<String> {
    let mut shares: Vec<(f64, &Observation)> =
        timer.iter().filter_map(|one| Some((one.value?.estimate / one.predicted?, one))).collect();
    shares.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let text = |(share, one): &(f64, &Observation)| {
        let predicted = one.predicted.map_or_else(String::new, figures);
        let (who, at) = (code(&one.subject), words::setting(&one.at));
        format!("{} % of {predicted} at a time ({who}, {at})", figures(share * 100.0))
    };
    match shares.as_slice() {
        [] => None,
        [only] => Some(format!("reached {}", text(only))),
        [worst, .., best] => Some(format!("reached between {} and {}", text(worst), text(best))),
    }
}

/// What the blocking servers do in the same time.
fn pools(others: &[Observation]) -> Option<String> {
    let most = others.iter().filter(|one| one.finding == Finding::For);
    let most = most
        .filter_map(|one| Some((one.value?, one)))
        .max_by(|(a, _), (b, _)| a.estimate.total_cmp(&b.estimate));
    let (value, one) = most?;
    Some(format!(
        "a pool overlaps as many waits as it has threads: {} {} at {}",
        code(&one.subject),
        words::value(Unit::AtATime, &value),
        words::setting(&one.at)
    ))
}
