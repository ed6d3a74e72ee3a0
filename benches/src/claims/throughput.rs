//! C1: more throughput than a synchronous server, be it one request at a time or a pool of the right size.

use super::cases::{planned, why_not};
use super::words;
use super::{Claim, Group, Observation, Topic, Unit, Verdict};
use crate::contender::{DEFAULT_WORKERS, Model, POOL, TASKS};
use crate::format::{figures, grouped};
use crate::matrix::Experiment;
use crate::prediction::crossover_workers;
use crate::record::ComparisonRecord;
use crate::summary::compared::best_pool;
use crate::summary::{Metric, Row, Summary, Table};

pub(super) fn judge(run: &ComparisonRecord, summary: &Summary) -> Verdict {
    let tables = || summary.tables_of(Experiment::Hello).chain(summary.tables_of(Experiment::Waiting));
    let pairs = |pairs: &[(&str, &str)]| -> Vec<Observation> {
        let of =
            |table| pairs.iter().filter_map(move |(one, other)| planned(table, Metric::Rate, one, other));
        tables().flat_map(of).collect()
    };
    let (pool, usual_pool) =
        (format!("{POOL}@{DEFAULT_WORKERS}"), format!("threaded/tiny-http@{DEFAULT_WORKERS}"));
    let one_at_a_time = pairs(&[(TASKS, "sync/hyper"), ("async/axum", "sync/tiny-http")]);
    let best: Vec<Observation> = tables().filter_map(over_best_pool).collect();
    let default = pairs(&[(TASKS, &pool)]);
    let varying: Vec<Observation> =
        summary.tables_of(Experiment::VaryingWait).filter_map(over_best_pool).collect();
    let prediction = prediction(&best);
    let flips = flips(run, summary, [&best, &default, &varying]);
    let deciding = vec![
        Group::of(Topic::OneAtATime, "over one request at a time", one_at_a_time),
        Group::of(Topic::BestPool, "over the best pool", best),
    ];
    Verdict {
        when: words::conditions(&deciding, ", or ").map(|when| format!("it leads {when}")),
        prediction,
        flips,
        deciding,
        beside: vec![
            Group::of(Topic::UsualPool, format!("over the pool of {DEFAULT_WORKERS}"), default),
            Group::of(
                Topic::WholeServers,
                "whole servers, `async/axum` over the usual pool",
                pairs(&[("async/axum", &usual_pool)]),
            ),
            Group::of(Topic::VaryingWaits, "over the best pool, where waits vary", varying),
        ],
        ..Verdict::of(Claim::Throughput, run, summary)
    }
}

/// async against the pool that was fastest here.
pub(super) fn over_best_pool(table: &Table) -> Option<Observation> {
    if let Some(best) = best_pool(table) {
        return planned(table, Metric::Rate, TASKS, &best.cell.contender);
    }
    let is_pool = |row: &&Row| row.contender.model == Model::Threaded && row.contender.base == POOL;
    let pool = table.rows.iter().find(is_pool)?;
    table.row(TASKS)?;
    Some(Observation {
        doubt: why_not(pool),
        ..Observation::of(TASKS, Some(&pool.cell.contender), table.setting, Unit::Times)
    })
}

/// The smallest and the largest lead over the best pool that theory expected.
fn prediction(best: &[Observation]) -> Option<String> {
    let mut ratios: Vec<(f64, &Observation)> =
        best.iter().filter_map(|one| Some((one.predicted?, one))).collect();
    ratios.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let text =
        |(ratio, one): &(f64, &Observation)| format!("{} × at {}", figures(*ratio), words::setting(&one.at));
    match ratios.as_slice() {
        [] => None,
        [only] => Some(format!("over the best pool {}", text(only))),
        [first, .., last] => Some(format!("over the best pool from {} to {}", text(first), text(last))),
    }
}

fn flips(
    run: &ComparisonRecord,
    summary: &Summary,
    [best, default, varying]: [&[Observation]; 3],
) -> Vec<String> {
    let mut flips = Vec::new();
    if words::fails_somewhere(best) {
        flips.push(format!("no sure lead of 5 % over the best pool: {}", words::holds_not(best)));
    }
    flips.extend(crossovers(run, summary));
    if default.iter().any(|one| one.value.is_some()) {
        flips.push(format!("a lead over the pool of {DEFAULT_WORKERS}: {}", words::holds(default)));
    }
    let seen: Vec<String> =
        varying.iter().filter(|one| one.value.is_some()).map(words::observation).collect();
    if !seen.is_empty() {
        flips.push(format!("over the best pool where waits vary: {}", seen.join("; ")));
    }
    flips
}

/// k*, for each wait that was measured with a pool: from there on more workers should not help.
fn crossovers(run: &ComparisonRecord, summary: &Summary) -> Option<String> {
    let mut sizes: Vec<(std::time::Duration, f64)> = Vec::new();
    for table in summary.tables_of(Experiment::Waiting) {
        let wait = table.setting.work.wait();
        let k = crossover_workers(&table.setting, POOL, &run.pilots, run.placement.server_cpus.len());
        if let (false, Some(k)) = (wait.is_zero() || sizes.iter().any(|(known, _)| *known == wait), k) {
            sizes.push((wait, k));
        }
    }
    sizes.sort_by_key(|(wait, _)| *wait);
    let text: Vec<String> = sizes
        .iter()
        .map(|(wait, k)| format!("{} threads with {}", grouped(*k), words::wait(*wait)))
        .collect();
    (!text.is_empty()).then(|| format!("predicted pool that keeps up (k*): {}", text.join(", ")))
}
