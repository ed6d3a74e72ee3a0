//! C4 and C6: CPU, memory, threads and switches, of async and of what it is compared with.

use super::cases::{Paired, family, planned_cost, why_not};
use super::words::{self, code};
use super::{Claim, Cost, Finding, Group, Observation, Topic, Unit, Verdict};
use crate::contender::{DEFAULT_WORKERS, POOL, TASKS};
use crate::format::{figures, grouped, kibibytes, mebibytes};
use crate::matrix::Experiment;
use crate::record::ComparisonRecord;
use crate::stats::{Band, Comparison, Interval};
use crate::summary::compared::{best_pool, in_both};
use crate::summary::{Memory, Metric, Row, Summary, Table};

/// C4: async against the others, at an equal rate and over the ladder of users.
pub(super) fn resources(run: &ComparisonRecord, summary: &Summary) -> Verdict {
    let (pool, usual) = (default_pool(), format!("threaded/tiny-http@{DEFAULT_WORKERS}"));
    let pairs = [
        ("sync/hyper", TASKS),
        (pool.as_str(), TASKS),
        ("sync/tiny-http", "async/axum"),
        (usual.as_str(), "async/axum"),
    ];
    let at_equal_rate =
        |table| pairs.into_iter().filter_map(move |(dear, over)| planned_cost(table, dear, over));
    let cpu: Vec<Observation> = summary.tables_of(Experiment::EqualRate).flat_map(at_equal_rate).collect();
    let memory = slopes(summary);
    let conditions: Vec<String> = [("CPU time", &cpu), ("memory a connection", &memory)]
        .into_iter()
        .filter_map(|(what, observations)| Some(format!("{what} against {}", dearer(observations)?)))
        .collect();
    Verdict {
        when: Some(format!("what is counted is {}", conditions.join(", or "))),
        flips: not_saved(&cpu, &memory),
        figures: summary
            .tables_of(Experiment::EqualRate)
            .map(threads_and_switches)
            .chain(each(summary))
            .collect(),
        deciding: vec![group(Cost::CpuTime, cpu), group(Cost::MemoryAConnection, memory)],
        ..Verdict::of(Claim::Resources, run, summary)
    }
}

fn group(cost: Cost, observations: Vec<Observation>) -> Group {
    let short = if cost == Cost::CpuTime { "in CPU time".to_owned() } else { format!("in {}", cost.label()) };
    Group::of(Topic::Cost(cost), cost.label(), observations).called(short)
}

/// Those that surely cost more than async.
fn dearer(observations: &[Observation]) -> Option<String> {
    let dearer = observations.iter().filter(|one| one.finding == Finding::For);
    let names: Vec<String> = dearer.map(|one| code(&one.subject)).collect();
    (!names.is_empty()).then(|| words::and(&names))
}

/// C6: the pool that came closest to async's throughput under a wait, against async.
pub(super) fn threads(run: &ComparisonRecord, summary: &Summary) -> Verdict {
    let waiting =
        || summary.tables_of(Experiment::Waiting).filter(|table| !table.setting.work.wait().is_zero());
    let pairs = waiting().flat_map(|table| [Cost::CpuTime, Cost::Memory].map(|one| paired(table, one)));
    // One family of all, because all of them decide.
    let both = family(pairs.flatten().collect());
    let of = |cost| both.iter().filter(|one| one.unit == Unit::Cost(cost)).cloned().collect();
    let slopes: Vec<Observation> =
        slopes(summary).into_iter().filter(|one| one.subject != default_pool()).collect();
    let deciding = vec![
        group(Cost::CpuTime, of(Cost::CpuTime)),
        group(Cost::Memory, of(Cost::Memory)),
        group(Cost::MemoryAConnection, slopes),
    ];
    let flips = deciding.iter().filter(|group| words::fails_somewhere(&group.observations));
    Verdict {
        flips: flips
            .map(|group| format!("{} not surely more: {}", group.what, words::holds_not(&group.observations)))
            .collect(),
        when: words::conditions(&deciding, ", or ").map(|when| format!("what is counted is {when}")),
        figures: waiting().filter_map(side_by_side).chain(each(summary)).collect(),
        deciding,
        ..Verdict::of(Claim::Threads, run, summary)
    }
}

fn default_pool() -> String {
    format!("{POOL}@{DEFAULT_WORKERS}")
}

/// A cost of the best pool, and of async, block by block.
fn paired(table: &Table, cost: Cost) -> Option<Paired> {
    let tasks = table.row(TASKS)?;
    let pool = best_pool(table).or_else(|| table.rows.iter().find(|row| row.contender.base == POOL))?;
    let observation = Observation {
        doubt: why_not(tasks).or_else(|| why_not(pool)),
        ..Observation::of(&pool.cell.contender, Some(TASKS), table.setting, Unit::Cost(cost))
    };
    let pairs = match cost {
        _ if !tasks.is_valid() || !pool.is_valid() => Vec::new(),
        // Requests for a CPU second of async for those of the pool.
        Cost::CpuTime => in_both(Metric::RequestsPerCpu, tasks, pool),
        Cost::Memory | Cost::MemoryAConnection => memory_in_both(pool, tasks),
    };
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

/// Memory a connection of each pool for that of async, over the numbers of users at which both were measured.
fn slopes(summary: &Summary) -> Vec<Observation> {
    let Some(tasks) = summary.memory.iter().find(|one| one.contender == TASKS) else { return Vec::new() };
    let pools = summary.memory.iter().filter(|one| one.contender.starts_with(POOL));
    pools.filter_map(|pool| slope(summary, tasks, pool)).collect()
}

/// The widest ratio that the two slopes' intervals allow.
fn slope(summary: &Summary, tasks: &Memory, pool: &Memory) -> Option<Observation> {
    let rungs = pool.rungs_shared_with(tasks);
    let last = |table: &&Table| Some(&table.setting.load.connections()) == rungs.last();
    let ladder = || summary.tables_of(Experiment::Users);
    let at = ladder().find(last).or_else(|| ladder().last())?.setting;
    let [pool_slope, tasks_slope] = [pool, tasks].map(|one| one.over(&rungs));
    let positive = |(pool, tasks): &(Interval, Interval)| pool.low > 0.0 && tasks.low > 0.0;
    let value = pool_slope.zip(tasks_slope).filter(positive).map(|(pool, tasks)| Interval {
        low: pool.low / tasks.high,
        estimate: pool.estimate / tasks.estimate,
        high: pool.high / tasks.low,
        level: tasks.level,
    });
    let (mine, its) = (code(&name(pool)), code(TASKS));
    let doubt = match rungs.len() {
        0 | 1 => format!("{mine} and {its} have fewer than two numbers of users in common with valid rows"),
        _ => format!("no slope above zero for {mine} and {its} over {}", words::users_of(&rungs)),
    };
    let unit = Unit::Cost(Cost::MemoryAConnection);
    Some(Observation {
        finding: value.map_or(Finding::Undecided, |it| Comparison::of(&it, Band::PRACTICAL).into()),
        doubt: value.is_none().then_some(doubt),
        value,
        rungs,
        ..Observation::of(name(pool), Some(TASKS), at, unit)
    })
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
            let rungs: Vec<usize> = one.rungs.iter().map(|(users, _)| *users).collect();
            Some(format!(
                "{} {} ({} to {}, over {})",
                code(&name(one)),
                kibibytes(it.estimate),
                kibibytes(it.low),
                kibibytes(it.high),
                words::users_of(&rungs)
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
        for one in observations.iter().filter(|one| one.is_told()) {
            let words = match one.finding {
                Finding::For => continue,
                Finding::Against => "costs less than",
                Finding::Equal => "costs as much as",
                Finding::Undecided => "costs perhaps as much as",
            };
            let over = code(one.over.as_deref().unwrap_or_default());
            flips.push(format!("{what}: {} {words} {over}", code(&one.subject)));
        }
    }
    flips
}
