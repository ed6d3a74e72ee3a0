//! What to choose, in a few lines that follow from the figures and from nothing else.

use super::throughput::{POOL, TASKS, over_best_pool};
use super::words::{self, code};
use super::{Claim, Finding, Observation, Unit, Verdict};
use crate::contender::DEFAULT_WORKERS;
use crate::format::figures;
use crate::matrix::Experiment;
use crate::stats::Comparison;
use crate::summary::{Effect, Summary};

/// At most five lines of advice, each with the figure that it rests on.
#[must_use]
pub fn lines(summary: &Summary, verdicts: &[Verdict]) -> Vec<String> {
    [
        one_at_a_time(verdicts),
        without_wait(summary),
        with_wait(summary, verdicts),
        blocking_calls(verdicts),
        library(summary),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn group(verdicts: &[Verdict], claim: Claim, index: usize) -> Option<&[Observation]> {
    let verdict = verdicts.iter().find(|one| one.claim == claim)?;
    verdict.deciding.get(index).map(|group| group.observations.as_slice())
}

/// The observation with the largest value.
fn largest(observations: &[Observation]) -> Option<&Observation> {
    let with = observations.iter().filter(|one| one.value.is_some());
    let estimate = |one: &&Observation| one.value.map_or(f64::NEG_INFINITY, |it| it.estimate);
    with.max_by(|a, b| estimate(a).total_cmp(&estimate(b)))
}

fn figure(one: &Observation) -> Option<String> {
    Some(format!("{} at {}", words::value(one.unit, &one.value?), words::setting(&one.at)))
}

fn one_at_a_time(verdicts: &[Verdict]) -> Option<String> {
    let observations = group(verdicts, Claim::Throughput, 0)?;
    let mine: Vec<Observation> = observations.iter().filter(|one| one.subject == TASKS).cloned().collect();
    let most = largest(&mine)?;
    let advice = match most.finding {
        Finding::For => "**One request at a time** is for one client at a time",
        Finding::Equal | Finding::Against => "**One request at a time** is enough here",
        Finding::Undecided => "**One request at a time** may or may not be enough",
    };
    let (value, over) = (words::value(most.unit, &most.value?), code(most.over.as_deref()?));
    let at = words::setting(&most.at);
    Some(format!("{advice}: {} answered {value} the requests of {over} at {at}.", code(TASKS)))
}

fn without_wait(summary: &Summary) -> Option<String> {
    let cases: Vec<Observation> = summary.tables_of(Experiment::Hello).filter_map(over_best_pool).collect();
    let one = cases.first()?;
    let over = code(one.over.as_deref()?);
    let advice = match one.finding {
        Finding::For => "**Requests that do not wait**: async",
        Finding::Against => "**Requests that do not wait**: a thread pool",
        Finding::Equal => "**Requests that do not wait**: either; the model makes no practical difference",
        Finding::Undecided => "**Requests that do not wait**: not decided",
    };
    Some(format!("{advice} ({} over {over}: {}).", code(TASKS), figure(one)?))
}

fn with_wait(summary: &Summary, verdicts: &[Verdict]) -> Option<String> {
    let waits = |one: &&Observation| !one.at.work.wait().is_zero();
    let best: Vec<Observation> =
        group(verdicts, Claim::Throughput, 1)?.iter().filter(waits).cloned().collect();
    let pool = format!("{POOL}@{DEFAULT_WORKERS}");
    let default: Vec<Observation> = summary
        .tables_of(Experiment::Waiting)
        .filter_map(|table| super::cases::planned(table, crate::summary::Metric::Rate, TASKS, &pool))
        .filter(|one| waits(&one))
        .collect();
    let (best_most, default_most) = (largest(&best)?, largest(&default)?);
    let advice = match (best_most.finding, default_most.finding) {
        (Finding::For, _) => "**Requests that wait**: async, where clients are many",
        (_, Finding::For) => {
            "**Requests that wait**: async, or a pool with a thread for each request that waits"
        }
        (Finding::Equal, Finding::Equal) => {
            "**Requests that wait**: either, with no more clients than threads"
        }
        _ => "**Requests that wait**: not decided",
    };
    Some(format!(
        "{advice}; at most {} over the best pool, {} over the pool of {DEFAULT_WORKERS}.",
        figure(best_most)?,
        figure(default_most)?
    ))
}

fn blocking_calls(verdicts: &[Verdict]) -> Option<String> {
    let verdict = verdicts.iter().find(|one| one.claim == Claim::Blocking)?;
    let blocked = verdict.observations().find(|one| one.at.work.block_the_loop && one.value.is_some())?;
    let share = words::value(Unit::Share, &blocked.value?);
    let advice = match blocked.finding {
        Finding::Against => {
            "**Handlers that block**, through a library or a lock: a pool, or a thread for the call"
        }
        Finding::For | Finding::Equal => "**Handlers that block** did no harm here",
        Finding::Undecided => "**Handlers that block**: not decided",
    };
    Some(format!("{advice}; {} kept {share} of its rate when its handler blocked.", code(&blocked.subject)))
}

/// How much the library makes out, beside the model.
fn library(summary: &Summary) -> Option<String> {
    let hello = summary.tables_of(Experiment::Hello).next()?;
    let of = |effect| hello.compared.iter().filter(move |one| one.effect == effect);
    let far = |ratio: f64| ratio.ln().abs();
    let library = of(Effect::Library)
        .max_by(|a, b| far(a.decided.ratio.estimate).total_cmp(&far(b.decided.ratio.estimate)))?;
    let advice = match library.decided.comparison {
        Comparison::Faster | Comparison::Slower => "**The HTTP library** is a choice of its own",
        Comparison::NoPracticalDifference => "**The HTTP library** makes no practical difference",
        Comparison::Inconclusive => "**The HTTP library**: not decided",
    };
    let it = library.decided.ratio;
    Some(format!(
        "{advice}: under the same model {} answered {} × ({} to {}) the requests of {} without a wait.",
        code(&library.subject),
        figures(it.estimate),
        figures(it.low),
        figures(it.high),
        code(&library.over)
    ))
}
