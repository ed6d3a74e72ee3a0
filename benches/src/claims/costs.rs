//! C4 and C6: CPU, memory, threads and switches, of async and of what it is compared with.

use super::cases::{family, planned, why_not};
use super::throughput::{POOL, TASKS};
use super::words::{self, code};
use super::{Claim, Finding, Group, Observation, Unit, Verdict};
use crate::contender::DEFAULT_WORKERS;
use crate::format::{figures, grouped, kibibytes, mebibytes};
use crate::matrix::{Experiment, Setting};
use crate::record::ComparisonRecord;
use crate::stats::{Band, Comparison, Interval};
use crate::summary::compared::{best_pool, in_both};
use crate::summary::{Memory, Metric, Row, Summary, Table};

/// C4: async against the others, at an equal rate and over the ladder of users.
pub(super) fn resources(run: &ComparisonRecord, summary: &Summary) -> Verdict {
    let (pool, usual) =
        (format!("{POOL}@{DEFAULT_WORKERS}"), format!("threaded/tiny-http@{DEFAULT_WORKERS}"));
    let pairs = [
        (TASKS, "sync/hyper"),
        (TASKS, pool.as_str()),
        ("async/axum", "sync/tiny-http"),
        ("async/axum", usual.as_str()),
    ];
    let at_equal_rate = |table| {
        pairs.into_iter().filter_map(move |(one, other)| planned(table, Metric::RequestsPerCpu, one, other))
    };
    let cpu: Vec<Observation> = summary.tables_of(Experiment::EqualRate).flat_map(at_equal_rate).collect();
    let memory = slopes(summary);
    let saved = |observations: &[Observation]| {
        let over: Vec<String> = observations
            .iter()
            .filter(|one| one.finding == Finding::For)
            .map(|one| code(one.over.as_deref().unwrap_or_default()))
            .collect();
        if over.is_empty() { "nobody".to_owned() } else { over.join(" and ") }
    };
    Verdict {
        when: Some(format!(
            "CPU time is held against that of {}, memory a connection against that of {}",
            saved(&cpu),
            saved(&memory)
        )),
        flips: not_saved(&cpu, &memory),
        figures: summary
            .tables_of(Experiment::EqualRate)
            .map(threads_and_switches)
            .chain(each(summary))
            .collect(),
        deciding: vec![
            Group::of("CPU time a request", cpu).called("in CPU time"),
            Group::of("memory a connection", memory).called("in memory a connection"),
        ],
        ..Verdict::of(Claim::Resources, run, summary)
    }
}

/// C6: the pool that came closest to async's throughput under a wait, against async.
pub(super) fn threads(run: &ComparisonRecord, summary: &Summary) -> Verdict {
    let waiting =
        || summary.tables_of(Experiment::Waiting).filter(|table| !table.setting.work.wait().is_zero());
    // One family of all, because all of them decide.
    let cpu = |table| cost(table, |tasks, pool| in_both(Metric::RequestsPerCpu, tasks, pool));
    let memory = |table| cost(table, |tasks, pool| memory_in_both(pool, tasks));
    let mut both = family(waiting().filter_map(cpu).chain(waiting().filter_map(memory)).collect());
    let memory = both.split_off(both.len() / 2);
    let slopes: Vec<Observation> = slopes(summary)
        .into_iter()
        .filter(|one| one.over.as_deref().is_some_and(|over| over != default_pool()))
        .collect();
    let when = [("CPU time", &both), ("memory", &memory), ("memory a connection", &slopes)]
        .into_iter()
        .filter(|(_, group)| !group.is_empty())
        .map(|(what, group)| format!("{what} ({})", words::holds(group)))
        .collect::<Vec<_>>()
        .join(", ");
    let flips = [("CPU time", &both), ("memory", &memory), ("memory a connection", &slopes)]
        .into_iter()
        .filter(|(_, group)| words::fails_somewhere(group))
        .map(|(what, group)| format!("{what} not surely more: {}", words::holds_not(group)))
        .collect();
    Verdict {
        flips,
        when: Some(format!("what is counted is {when}")),
        figures: waiting().filter_map(side_by_side).chain(each(summary)).collect(),
        deciding: vec![
            Group::of("CPU time a request of the best pool", both).called("in CPU time"),
            Group::of("memory of the process with the best pool", memory).called("in memory"),
            Group::of("memory a connection with a thread each", slopes).called("in memory a connection"),
        ],
        ..Verdict::of(Claim::Threads, run, summary)
    }
}

fn default_pool() -> String {
    format!("{POOL}@{DEFAULT_WORKERS}")
}

/// The cost of the best pool for that of async, block by block.
fn cost(
    table: &Table,
    pairs: impl Fn(&Row, &Row) -> Vec<(f64, f64)>,
) -> Option<(Observation, Vec<(f64, f64)>)> {
    let tasks = table.row(TASKS)?;
    let pool = best_pool(table).or_else(|| table.rows.iter().find(|row| row.contender.base == POOL))?;
    let observation = Observation {
        subject: pool.cell.contender.clone(),
        over: Some(TASKS.to_owned()),
        at: table.setting,
        value: None,
        unit: Unit::Times,
        predicted: None,
        finding: Finding::Undecided,
        doubt: why_not(tasks).or_else(|| why_not(pool)),
    };
    let pairs = if tasks.is_valid() && pool.is_valid() { pairs(tasks, pool) } else { Vec::new() };
    Some((observation, pairs))
}

fn memory_in_both(subject: &Row, over: &Row) -> Vec<(f64, f64)> {
    let other = |block| over.points.iter().find(|point| point.block == block);
    subject
        .points
        .iter()
        .filter_map(|point| Some((point.memory_bytes?, other(point.block)?.memory_bytes?)))
        .collect()
}

/// Memory a connection of each pool for that of async: the widest ratio that the two intervals allow.
fn slopes(summary: &Summary) -> Vec<Observation> {
    let Some(at) = summary.tables_of(Experiment::Users).last().map(|table| table.setting) else {
        return Vec::new();
    };
    let Some(tasks) = summary.memory.iter().find(|one| one.contender == TASKS) else { return Vec::new() };
    let pools = summary.memory.iter().filter(|one| one.contender.starts_with(POOL));
    pools.map(|pool| slope(tasks, pool, at)).collect()
}

fn slope(tasks: &Memory, pool: &Memory, at: Setting) -> Observation {
    let value = tasks.bytes.zip(pool.bytes).filter(|(tasks, pool)| tasks.low > 0.0 && pool.low > 0.0).map(
        |(tasks, pool)| Interval {
            low: pool.low / tasks.high,
            estimate: pool.estimate / tasks.estimate,
            high: pool.high / tasks.low,
            level: tasks.level,
        },
    );
    Observation {
        subject: TASKS.to_owned(),
        over: Some(name(pool)),
        at,
        unit: Unit::Times,
        predicted: None,
        finding: value.map_or(Finding::Undecided, |it| Comparison::of(&it, Band::PRACTICAL).into()),
        doubt: value
            .is_none()
            .then(|| format!("no slope above zero for {} and {}", code(TASKS), code(&name(pool)))),
        value,
    }
}

fn name(memory: &Memory) -> String {
    if memory.pool_grows {
        format!("{}, a worker a connection", memory.contender)
    } else {
        memory.contender.clone()
    }
}

/// Memory a connection of each server, in figures.
fn each(summary: &Summary) -> Option<String> {
    let all: Vec<String> = summary
        .memory
        .iter()
        .filter_map(|one| {
            let it = one.bytes?;
            Some(format!(
                "{} {} ({} to {})",
                code(&name(one)),
                kibibytes(it.estimate),
                kibibytes(it.low),
                kibibytes(it.high)
            ))
        })
        .collect();
    (!all.is_empty()).then(|| format!("memory a connection: {}", all.join(", ")))
}

fn threads_and_switches(table: &Table) -> String {
    let text = |row: &Row| {
        let threads = row.threads.map_or_else(|| "unknown".to_owned(), grouped);
        let switches = row.switches.map_or_else(|| "unknown".to_owned(), |(one, other)| figures(one + other));
        format!("{} {threads} and {switches}", code(&row.cell.contender))
    };
    let rows: Vec<String> =
        table.rows.iter().filter(|row| row.is_valid() && !row.cell.twin).map(text).collect();
    format!("threads, and switches a request, at an equal rate: {}", rows.join(", "))
}

/// Best pool and async under one wait, in figures.
fn side_by_side(table: &Table) -> Option<String> {
    let text = |row: &Row| {
        Some(format!(
            "{} {} requests/s, {} µs a request, {}, {} threads",
            code(&row.cell.contender),
            grouped(row.rate_per_sec?.median),
            figures(row.cpu_us?.median),
            mebibytes(row.pss_bytes.or(row.rss_bytes)?),
            grouped(row.threads?)
        ))
    };
    let (pool, tasks) = (text(best_pool(table)?)?, text(table.row(TASKS)?)?);
    Some(format!("{}: {pool}; {tasks}", words::setting(&table.setting)))
}

/// Where async saves nothing, or costs more.
fn not_saved(cpu: &[Observation], memory: &[Observation]) -> Vec<String> {
    let mut flips = Vec::new();
    for (what, observations) in [("CPU time", cpu), ("memory a connection", memory)] {
        for one in observations {
            if one.value.is_none() {
                continue;
            }
            let words = match one.finding {
                Finding::For => continue,
                Finding::Against => "costs more than",
                Finding::Equal => "costs as much as",
                Finding::Undecided => "costs perhaps as much as",
            };
            let over = code(one.over.as_deref().unwrap_or_default());
            flips.push(format!("{what}: {} {words} {over}", code(&one.subject)));
        }
    }
    flips
}
