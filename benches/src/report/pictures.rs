//! The plots of a run, drawn from its summary: which figures go into which picture.

use std::time::Duration;

use super::document::{Block, Picture};
use crate::claims::words;
use crate::contender::{Contender, Model, POOL, TASKS};
use crate::matrix::{Experiment, Load, Offered};
use crate::plot::Plot;
use crate::plot::pictures::{
    self, Estimate, HockeyStick, LatencyCurve, Lead, LoadPoint, MemoryCurve, PercentileCurve, Percentiles,
    PoolSweep, Predicted, Predictions, Winner, Winners,
};
use crate::prediction::crossover_workers;
use crate::record::{ComparisonRecord, TrialRecord};
use crate::stats::Comparison;
use crate::summary::compared::best_pool;
use crate::summary::{Compared, Metric, Percentile, Spread, Summary, Table};

/// A sweep of fewer pools is no curve.
const LEAST_POOLS: usize = 3;

/// Percentiles of the picture, in percent.
const PERCENTILES: [f64; 9] = [0.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99];

/// The pictures of an experiment.
pub(super) fn of(
    run: &ComparisonRecord,
    trials: &[TrialRecord],
    summary: &Summary,
    experiment: Experiment,
) -> Vec<Block> {
    let tables = || summary.tables_of(experiment);
    match experiment {
        Experiment::Waiting => {
            let sweeps: Vec<Block> = tables().filter_map(|table| sweep(run, table)).collect();
            let mut blocks = Vec::new();
            if !sweeps.is_empty() {
                blocks.push(Block::Text(
                    "Throughput against the number of threads in the pool, with what theory allows it, and beside it the async server, which has no such number."
                        .to_owned(),
                ));
            }
            blocks.extend(sweeps);
            blocks.extend(winners(summary));
            blocks
        }
        Experiment::Users => memory(summary).into_iter().collect(),
        Experiment::EqualRate => tables().filter_map(|table| percentiles(trials, table)).collect(),
        Experiment::Overload => hockey_stick(summary),
        _ => Vec::new(),
    }
}

/// Predicted against observed, of all valid rows that have both.
pub(super) fn predictions(run: &ComparisonRecord, summary: &Summary) -> Vec<Block> {
    let rows: Vec<Predicted> = summary
        .tables
        .iter()
        .flat_map(|table| &table.rows)
        .filter(|row| row.is_valid() && !row.cell.twin)
        .filter_map(|row| {
            Some(Predicted {
                contender: looks(run, &row.contender),
                label: format!("{}, {}", row.cell.contender, row.cell.setting.label()),
                predicted: row.prediction.at_most_per_sec?,
                observed: estimate(row.rate_per_sec.filter(|rate| rate.min > 0.0)?),
            })
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let plot = Predictions { of: "throughput".to_owned(), unit: "requests/s".to_owned(), rows }.plot();
    vec![Block::section("Predicted and observed"), picture("predictions", plot)]
}

pub(super) fn picture(name: &str, plot: Plot) -> Block {
    Block::Picture(Picture { name: name.to_owned(), plot })
}

/// A server's name without the size of its pool, and looks of its own on the whole page.
fn looks(run: &ComparisonRecord, one: &Contender) -> pictures::Contender {
    let order = [TASKS, POOL, "async/axum", "sync/hyper", "threaded/tiny-http", "sync/tiny-http"];
    let known = order.iter().position(|base| *base == one.base);
    let guests = || run.config.contenders.iter().filter(|other| other.package().is_none());
    // One number is left free for a second curve of the pool.
    let number = known
        .or_else(|| Some(order.len() + 1 + guests().position(|other| other.base == one.base)?))
        .unwrap_or_default();
    pictures::Contender { name: one.base.clone(), number }
}

fn estimate(it: Spread) -> Estimate {
    Estimate::between(it.min, it.median, it.max)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The main picture: throughput against the size of the pool, under one load.
fn sweep(run: &ComparisonRecord, table: &Table) -> Option<Block> {
    let pools =
        || table.rows.iter().filter(|row| row.contender.base == POOL && row.is_valid() && !row.cell.twin);
    let mut measured: Vec<(u32, Estimate)> = pools()
        .filter_map(|row| Some((count(row.contender.workers?), estimate(row.rate_per_sec?))))
        .collect();
    if measured.len() < LEAST_POOLS || table.setting.work.wait().is_zero() {
        return None;
    }
    measured.sort_by_key(|(threads, _)| *threads);
    let cores = run.placement.server_cpus.len();
    let cpu_s = run.pilots.iter().find(|pilot| pilot.base == POOL)?.cpu_s?;
    let work_s = cpu_s + table.setting.work.cpu_work.as_secs_f64();
    let tasks = table.row(TASKS).filter(|row| row.is_valid());
    let setting = words::setting(&table.setting);
    let plot = PoolSweep {
        workload: setting,
        pool: looks(run, &pools().next()?.contender),
        measured,
        async_server: tasks.and_then(|row| Some((looks(run, &row.contender), estimate(row.rate_per_sec?)))),
        clients: count(table.setting.load.connections()),
        thread_limit_per_sec: 1.0 / (table.setting.work.wait().as_secs_f64() + work_s),
        cpu_limit_per_sec: cores as f64 / work_s,
        crossover_threads: crossover_workers(&table.setting, POOL, &run.pilots, cores)?,
    };
    let name = table.setting.label().replace(['/', '='], "-");
    Some(picture(&format!("pool-{name}"), plot.plot()))
}

/// Who leads under which wait and with how many clients: async or the best pool.
fn winners(summary: &Summary) -> Option<Block> {
    let tables = || summary.tables_of(Experiment::Hello).chain(summary.tables_of(Experiment::Waiting));
    let cells: Vec<_> = tables()
        .filter_map(|table| {
            let best = best_pool(table)?;
            let with = |one: &&Compared| {
                one.metric == Metric::Rate && one.subject == TASKS && one.over == best.cell.contender
            };
            let one = table.compared.iter().find(with)?;
            let (clients, ratio) = (table.setting.load.connections(), one.decided.ratio.estimate);
            Some((table.setting.work.wait(), clients, one.comparison(), ratio))
        })
        .collect();
    let mut waits: Vec<_> = cells.iter().map(|(wait, ..)| *wait).collect();
    let mut clients: Vec<_> = cells.iter().map(|(_, clients, ..)| *clients).collect();
    waits.sort_unstable();
    waits.dedup();
    clients.sort_unstable();
    clients.dedup();
    if waits.len() < 2 || clients.len() < 2 {
        return None;
    }
    let winner = |(wait, load, comparison, ratio): &(Duration, usize, Comparison, f64)| {
        let lead = match comparison {
            Comparison::Faster => Lead::Of(0),
            Comparison::Slower => Lead::Of(1),
            Comparison::NoPracticalDifference => Lead::Even,
            Comparison::Inconclusive => Lead::Undecided,
        };
        Some(Winner {
            wait: waits.iter().position(|one| one == wait)?,
            clients: clients.iter().position(|one| one == load)?,
            lead,
            ratio: ratio.max(ratio.recip()),
        })
    };
    let plot = Winners {
        of: "throughput, async against the best pool".to_owned(),
        clients: clients.iter().map(|&clients| crate::format::grouped(clients as f64)).collect(),
        waits: waits
            .iter()
            .map(|&wait| if wait.is_zero() { "none".to_owned() } else { words::span(wait) })
            .collect(),
        contenders: vec![
            pictures::Contender { name: "async".to_owned(), number: 0 },
            pictures::Contender { name: "pool".to_owned(), number: 1 },
        ],
        winners: cells.iter().filter_map(winner).collect(),
    };
    Some(picture("winners", plot.plot()))
}

/// Memory against connections, with the slope where there is one.
fn memory(summary: &Summary) -> Option<Block> {
    let curve = |one: &crate::summary::Memory| {
        let order = ["async/hyper", "threaded/hyper@64", "async/axum"];
        let number = order.iter().position(|name| *name == one.contender).unwrap_or(order.len());
        let name =
            if one.pool_grows { format!("{}, a worker each", one.contender) } else { one.contender.clone() };
        let fit = one.bytes.map(|slope| {
            let rest: f64 =
                one.rungs.iter().map(|(users, bytes)| bytes - slope.estimate * *users as f64).sum();
            (rest / one.rungs.len() as f64, slope.estimate)
        });
        MemoryCurve {
            contender: pictures::Contender { name, number },
            measured: one
                .rungs
                .iter()
                .map(|(users, bytes)| (count(*users), Estimate::exact(*bytes)))
                .collect(),
            fit,
        }
    };
    let curves: Vec<MemoryCurve> =
        summary.memory.iter().filter(|one| one.rungs.len() >= 2).map(curve).collect();
    let plot = pictures::Memory { of: "PSS, keep-alive users".to_owned(), curves };
    (!plot.curves.is_empty()).then(|| picture("memory", plot.plot()))
}

/// The whole distribution of latency of each server, at one rate for all.
fn percentiles(trials: &[TrialRecord], table: &Table) -> Option<Block> {
    let rate = table.rows.first()?.offered_per_sec?;
    let curves: Vec<PercentileCurve> = table
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.is_valid() && !row.cell.twin)
        .filter_map(|(number, row)| {
            let samples = row.latencies(trials).ok()?;
            let at = |percent: f64| Some((percent, samples.percentile(percent / 100.0).ok()? as f64));
            let latencies_ns: Vec<(f64, f64)> = PERCENTILES.into_iter().filter_map(at).collect();
            let name = row.cell.contender.clone();
            Some(PercentileCurve { contender: pictures::Contender { name, number }, latencies_ns })
        })
        .filter(|curve| !curve.latencies_ns.is_empty())
        .collect();
    let workload = format!("no wait, {} requests/s for each", crate::format::grouped(rate));
    let name = match table.setting.load {
        Load::Open { offered: Offered::OfSlowest(share) | Offered::OfOwn(share), .. } => {
            format!("percentiles-{share}")
        }
        _ => "percentiles".to_owned(),
    };
    (!curves.is_empty()).then(|| picture(&name, Percentiles { workload, curves }.plot()))
}

/// p99 against throughput, load by load, and what is not on it. One point is no curve and shows no turn.
fn hockey_stick(summary: &Summary) -> Vec<Block> {
    let rows = || summary.tables_of(Experiment::Overload).flat_map(|table| &table.rows);
    let valid = || rows().filter(|row| row.is_valid() && !row.cell.twin);
    let mut curves: Vec<LatencyCurve> = Vec::new();
    for row in valid() {
        let (Percentile::Ns(ns), Some(rate)) = (&row.p99, row.rate_per_sec) else { continue };
        let point = LoadPoint { rate_per_sec: rate.median, latency_ns: Estimate::exact(*ns as f64) };
        let known = curves.iter_mut().find(|curve| curve.contender.name == row.cell.contender);
        if let Some(curve) = known {
            curve.points.push(point);
            continue;
        }
        let number = match row.contender.model {
            Model::Async if row.contender.stack == "hyper" => 0,
            Model::Threaded => 1,
            _ => 2,
        };
        let contender = pictures::Contender { name: row.cell.contender.clone(), number };
        curves.push(LatencyCurve { contender, points: vec![point] });
    }
    curves.retain(|curve| curve.points.len() >= 2);
    let drawn: usize = curves.iter().map(|curve| curve.points.len()).sum();
    let all = valid().count();
    let mut blocks = Vec::new();
    if !curves.is_empty() {
        let work = summary
            .tables_of(Experiment::Overload)
            .next()
            .map_or(Duration::ZERO, |table| table.setting.work.cpu_work);
        let work = if work.is_zero() {
            "no wait".to_owned()
        } else {
            format!("{} of CPU work a request", words::span(work))
        };
        let workload = format!("{work}, rising share of each server's own capacity");
        let stick = HockeyStick { workload, percentile: "p99".to_owned(), curves };
        blocks.push(picture("hockey-stick", stick.plot()));
    }
    if drawn < all {
        blocks.push(Block::Text(format!(
            "{} of {all} valid rows are in no picture of latency against throughput: their 99th percentile is not known, as when requests are unfinished, or it is the only one of its server.",
            all - drawn
        )));
    }
    blocks
}
