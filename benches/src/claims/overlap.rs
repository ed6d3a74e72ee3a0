//! C7: how many requests wait at the same time, by Little's law: answers a second times the wait.

use super::cases::why_not;
use super::words::{self, code};
use super::{Claim, Finding, Group, Observation, Topic, Unit, Verdict};
use crate::contender::Model;
use crate::format::{figures, grouped};
use crate::matrix::Experiment;
use crate::record::ComparisonRecord;
use crate::stats::{self, Band, Comparison, ratio_interval};
use crate::summary::{Limit, Row, Summary, Table};

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
    flips.extend(pools(run, &others));
    let prediction = reached("reached", &timer, |one| one.predicted);
    let group = |experiment, blocks, what: &str, observations| {
        Group::of(Topic::Waits(experiment, blocks), what, observations)
    };
    let deciding = vec![
        group(Experiment::Waiting, false, "waiting in a timer", timer),
        group(Experiment::Upstream, false, "waiting in an upstream call", upstream),
        group(Experiment::BlockingCall, true, "waiting in a blocking call", blocked),
    ];
    Verdict {
        when: words::conditions(&deciding, ", or ").map(|when| format!("a task is {when}")),
        prediction,
        flips,
        deciding,
        beside: vec![Group::of(Topic::OtherWaits, "blocking servers in a wait", others)],
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
        // A generator at its limit holds the number down: what it shows of overlap is so much or more.
        let limit = Limit::of((row.is_client_bound(), false));
        let found = value.map(|it| Comparison::of(&it, one_each));
        let caveat = found.map(|found| limit.caveat(found).to_owned()).filter(|caveat| !caveat.is_empty());
        Observation {
            predicted: row.prediction.at_most_per_sec.map(|rate| rate * wait_s),
            finding: found.map_or(Finding::Undecided, |found| limit.leaves(found).into()),
            doubt: why_not(row).or(caveat),
            value,
            ..Observation::of(&row.cell.contender, None, table.setting, Unit::AtATime)
        }
    };
    table.rows.iter().filter(mine).map(observation).collect()
}

/// How much of an expected overlap came about, at worst and at best.
fn reached(
    verb: &str,
    observations: &[Observation],
    expected: impl Fn(&Observation) -> Option<f64>,
) -> Option<String> {
    let mut shares: Vec<(f64, &Observation)> =
        observations.iter().filter_map(|one| Some((one.value?.estimate / expected(one)?, one))).collect();
    shares.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let text = |(share, one): &(f64, &Observation)| {
        let expected = expected(one).map_or_else(String::new, |all| match all.fract() {
            0.0 => grouped(all),
            _ => figures(all),
        });
        let (who, at) = (code(&one.subject), words::setting(&one.at));
        format!("{} % of {expected} at a time ({who}, {at})", figures(share * 100.0))
    };
    match shares.as_slice() {
        [] => None,
        [only] => Some(format!("{verb} {}", text(only))),
        [worst, .., best] => Some(format!("{verb} between {} and {}", text(worst), text(best))),
    }
}

/// How many waits pools overlap, of as many as they have threads and clients.
fn pools(run: &ComparisonRecord, others: &[Observation]) -> Option<String> {
    let threads = |one: &Observation| {
        let workers = run.contender(&one.subject).workers?;
        Some(workers.min(one.at.load.connections()) as f64)
    };
    let several = |one: &&Observation| threads(one).is_some_and(|threads| threads > 1.0);
    let pools: Vec<Observation> = others.iter().filter(several).cloned().collect();
    reached("of as many waits as they have threads and clients, pools overlap", &pools, threads)
}
