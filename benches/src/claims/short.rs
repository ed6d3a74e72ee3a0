//! A run in short: where async wins, where not, what it costs and what could not be told, in lines that follow from the figures alone.

use super::throughput::{BEST_POOL, ONE_AT_A_TIME, usual_pool};
use super::words::{self, code};
use super::{Claim, Finding, Group, Observation, Status, Verdict};
use crate::format::figures;
use crate::matrix::Experiment;
use crate::stats::Comparison;
use crate::summary::{Effect, Summary};

/// What a reader needs who reads nothing else, each line with the figure that it rests on.
#[must_use]
pub fn lines(summary: &Summary, verdicts: &[Verdict]) -> Vec<String> {
    let of = |claim| verdicts.iter().find(|one| one.claim == claim);
    let mut lines = Vec::new();
    if let Some(throughput) = of(Claim::Throughput) {
        lines.extend(wins(throughput));
        lines.extend(undivided(throughput));
    }
    lines.extend(loses(of(Claim::Throughput), of(Claim::Blocking)));
    lines.extend(of(Claim::Resources).and_then(costs));
    lines.extend(library(summary));
    lines.extend(untold(verdicts));
    lines
}

fn estimate(one: &Observation) -> f64 {
    one.value.map_or(f64::NAN, |it| it.estimate)
}

/// The observations with this finding, by rising value.
fn sorted(group: &Group, finding: Finding) -> Vec<&Observation> {
    let with = |one: &&Observation| one.value.is_some() && one.finding == finding;
    let mut some: Vec<&Observation> = group.observations.iter().filter(with).collect();
    some.sort_by(|a, b| estimate(a).total_cmp(&estimate(b)));
    some
}

fn figure(one: &Observation) -> Option<String> {
    let doubt = one.doubt.as_ref().map_or_else(String::new, |doubt| format!(", {doubt}"));
    Some(format!("{} at {}{doubt}", words::value(one.unit, &one.value?), words::setting(&one.at)))
}

fn called<'a>(verdict: &'a Verdict, what: &str) -> Option<&'a Group> {
    verdict.deciding.iter().chain(&verdict.beside).find(|group| group.what == what)
}

/// Over what people have without thinking, and over a pool of the right size.
fn wins(throughput: &Verdict) -> Vec<String> {
    let won = |what: &str| {
        let group = called(throughput, what)?;
        let most = sorted(group, Finding::For).pop()?;
        let place = words::holds(&group.observations);
        Some(format!("{what} {place}, by up to {}", figure(most)?))
    };
    let plain: Vec<String> =
        [ONE_AT_A_TIME.to_owned(), usual_pool()].iter().filter_map(|what| won(what)).collect();
    let plain = (!plain.is_empty()).then(|| plain.join("; "));
    let won: Vec<String> =
        [plain, won(BEST_POOL)].into_iter().flatten().map(|won| format!("**Async wins** {won}.")).collect();
    let measured = throughput.observations().any(|one| one.value.is_some());
    if won.is_empty() && measured {
        vec!["**Async wins** nowhere in what was measured.".to_owned()]
    } else {
        won
    }
}

/// Where neither wins, as far as that is known.
fn undivided(throughput: &Verdict) -> Option<String> {
    let best = called(throughput, BEST_POOL)?;
    let even = sorted(best, Finding::Equal);
    let open = sorted(best, Finding::Undecided);
    let place = |finding| words::found(&best.observations, finding);
    let mut parts = Vec::new();
    if !even.is_empty() {
        parts.push(format!("**It makes no practical difference** {BEST_POOL} {}", place(Finding::Equal)));
    }
    if !open.is_empty() {
        parts.push(format!("**It is undecided** {BEST_POOL} {}", place(Finding::Undecided)));
    }
    (!parts.is_empty()).then(|| format!("{}.", parts.join("; ")))
}

/// Where a pool of the right size is faster, whether waits that vary change that, and what a blocking call does.
fn loses(throughput: Option<&Verdict>, blocking: Option<&Verdict>) -> Option<String> {
    let parts: Vec<String> = [throughput.and_then(to_a_pool), blocking.and_then(to_a_blocking_call)]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| format!("**Async loses** {}.", parts.join("; ")))
}

fn to_a_pool(throughput: &Verdict) -> Option<String> {
    let best = called(throughput, BEST_POOL)?;
    let worst = *sorted(best, Finding::Against).first()?;
    let alike = |one: &&Observation| {
        one.at.experiment == Experiment::VaryingWait
            && one.at.load == worst.at.load
            && one.at.work.wait() == worst.at.work.wait()
    };
    let varying = throughput.beside.iter().flat_map(|group| &group.observations).find(alike);
    let varying = varying.and_then(figure).map_or_else(String::new, |figure| format!(", but {figure}"));
    let place = words::found(&best.observations, Finding::Against);
    Some(format!("to the best pool {place}: {}{varying}", figure(worst)?))
}

fn to_a_blocking_call(blocking: &Verdict) -> Option<String> {
    let lost = |one: &&Observation| {
        one.at.work.block_the_loop && one.value.is_some() && one.finding == Finding::Against
    };
    let one = blocking.observations().find(lost)?;
    let (kept, wait) = (words::value(one.unit, &one.value?), words::span(one.at.work.wait()));
    Some(format!("where a handler blocks: a call of {wait} left {} {kept} of its rate", code(&one.subject)))
}

fn costs(resources: &Verdict) -> Option<String> {
    let with = |group: &&Group| group.observations.iter().any(|one| one.value.is_some());
    let each: Vec<String> = resources.deciding.iter().filter(with).map(words::group).collect();
    (!each.is_empty()).then(|| format!("**Costs of others, async being 1**: {}.", each.join("; ")))
}

/// What stays open: claims without a verdict, and figures that are not valid.
fn untold(verdicts: &[Verdict]) -> Option<String> {
    let open = |one: &Verdict| match one.status {
        Status::Inconclusive | Status::NotMeasured => {
            Some(format!("{} is {}", one.claim.label(), one.status.label()))
        }
        _ => None,
    };
    let mut open: Vec<String> = verdicts.iter().filter_map(open).collect();
    let without: usize = verdicts.iter().map(|one| one.without_value().count()).sum();
    let all: usize = verdicts.iter().map(|one| one.observations().count()).sum();
    if without > 0 {
        let are = if without == 1 { "is" } else { "are" };
        open.push(format!("{without} of the {all} figures that decide {are} not valid"));
    }
    (!open.is_empty()).then(|| format!("**Not told**: {}.", open.join(", ")))
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
    let limited = match library.client_bound {
        (false, false) => "",
        _ => ", though the load generator was at its limit",
    };
    Some(format!(
        "{advice}: under the same model {} answered {} × ({} to {}) the requests of {} without a wait{limited}.",
        code(&library.subject),
        figures(it.estimate),
        figures(it.low),
        figures(it.high),
        code(&library.over)
    ))
}
