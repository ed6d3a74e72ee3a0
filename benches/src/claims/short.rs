//! A run in short: where async wins, where not, what it costs and what could not be told, in lines that follow from the figures alone.

use super::words::{self, code};
use super::{Claim, Finding, Group, Observation, Status, Topic, Unit, Verdict};
use crate::matrix::Experiment;
use crate::stats::Comparison;
use crate::summary::{Compared, Effect, Summary};

/// What a reader needs who reads nothing else, each line with the figure that it rests on.
#[must_use]
pub fn lines(summary: &Summary, verdicts: &[Verdict]) -> Vec<String> {
    let of = |claim| verdicts.iter().find(|one| one.claim == claim);
    let mut lines = Vec::new();
    if let Some(throughput) = of(Claim::Throughput) {
        lines.extend(choose(throughput));
        lines.extend(wins(throughput));
        lines.extend(undivided(throughput));
    }
    lines.extend(loses(of(Claim::Throughput), of(Claim::Blocking)));
    lines.extend(of(Claim::Resources).and_then(costs));
    lines.extend(library(summary));
    lines.extend(untold(summary, verdicts));
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

fn about(verdict: &Verdict, topic: Topic) -> Option<&Group> {
    verdict.deciding.iter().chain(&verdict.beside).find(|group| group.topic == topic)
}

/// Which of async and a pool answered more requests, setting by setting, and where that is not shown.
fn choose(throughput: &Verdict) -> Option<String> {
    let best = about(throughput, Topic::BestPool)?;
    let place = |finding| words::found(&best.observations, finding);
    let is_found = |finding| !sorted(best, finding).is_empty();
    let mut parts = Vec::new();
    if is_found(Finding::For) {
        parts.push(format!("async {}", place(Finding::For)));
    }
    if is_found(Finding::Against) {
        let mut pools: Vec<String> =
            sorted(best, Finding::Against).iter().filter_map(|one| one.over.as_deref().map(code)).collect();
        pools.sort();
        pools.dedup();
        parts.push(format!("a pool ({}) {}", words::and(&pools), place(Finding::Against)));
    }
    if is_found(Finding::Equal) {
        parts.push(format!("either {}", place(Finding::Equal)));
    }
    Some(if parts.is_empty() {
        "**Choose** by other things than throughput: these records do not show whether async or a pool of the right size answers more."
            .to_owned()
    } else {
        format!(
            "**Choose**, for throughput, {}; elsewhere these records do not show which.",
            parts.join("; ")
        )
    })
}

/// Over what people have without thinking, and over a pool of the right size.
fn wins(throughput: &Verdict) -> Vec<String> {
    let won = |topic| {
        let group = about(throughput, topic)?;
        let most = sorted(group, Finding::For).pop()?;
        let place = words::holds(&group.observations);
        Some(format!("{} {place}, by up to {}", group.what, figure(most)?))
    };
    let plain: Vec<String> = [Topic::OneAtATime, Topic::UsualPool].into_iter().filter_map(won).collect();
    let plain = (!plain.is_empty()).then(|| plain.join("; "));
    let won: Vec<String> = [plain, won(Topic::BestPool)]
        .into_iter()
        .flatten()
        .map(|won| format!("**Async wins** {won}."))
        .collect();
    let measured = throughput.observations().any(|one| one.value.is_some());
    if won.is_empty() && measured {
        vec!["**Async wins** nowhere in what was measured.".to_owned()]
    } else {
        won
    }
}

/// Where neither wins, as far as that is known.
fn undivided(throughput: &Verdict) -> Option<String> {
    let best = about(throughput, Topic::BestPool)?;
    let part = |finding, words: &str| {
        let place = words::found(&best.observations, finding);
        (!sorted(best, finding).is_empty()).then(|| format!("**{words}** against the best pool {place}"))
    };
    let parts: Vec<String> = [(Finding::Equal, "No practical difference"), (Finding::Undecided, "Undecided")]
        .into_iter()
        .filter_map(|(finding, words)| part(finding, words))
        .collect();
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
    let best = about(throughput, Topic::BestPool)?;
    let worst = *sorted(best, Finding::Against).first()?;
    let alike = |one: &&Observation| {
        one.at.experiment == Experiment::VaryingWait
            && one.at.load == worst.at.load
            && one.at.work.wait() == worst.at.work.wait()
    };
    let varying = throughput.beside.iter().flat_map(|group| &group.observations).find(alike);
    let varying = varying.and_then(|one| {
        let open = if one.finding == Finding::Undecided { "undecided, " } else { "" };
        Some(format!(", but {open}{}", figure(one)?))
    });
    let place = words::found(&best.observations, Finding::Against);
    let only = sorted(best, Finding::Against).len() == 1;
    let least = if only { words::value(worst.unit, &worst.value?) } else { figure(worst)? };
    Some(format!("to the best pool {place}: {least}{}", varying.unwrap_or_default()))
}

fn to_a_blocking_call(blocking: &Verdict) -> Option<String> {
    let lost = |one: &&Observation| {
        one.at.work.block_the_loop && one.value.is_some() && one.finding == Finding::Against
    };
    let one = blocking.observations().find(lost)?;
    let (kept, wait) = (words::value(one.unit, &one.value?), words::span(one.at.work.wait()));
    Some(format!("where a handler blocks: a call of {wait} left {} {kept} of its rate", code(&one.subject)))
}

/// What others cost for what async costs, the dearer first; what is not decided is no figure here.
fn costs(resources: &Verdict) -> Option<String> {
    let text = |group: &Group| {
        let sure: Vec<&Observation> =
            [Finding::Against, Finding::For].into_iter().flat_map(|finding| sorted(group, finding)).collect();
        let mut parts: Vec<String> = sure
            .iter()
            .filter_map(|one| {
                let figure = words::figure(one, &one.value?);
                Some(if one.rungs.is_empty() { figure } else { format!("{figure} over {}", words::at(one)) })
            })
            .collect();
        let pairs = |finding| {
            let some = sorted(group, finding).into_iter();
            let names: Vec<String> = some.map(words::who).collect();
            (!names.is_empty()).then(|| words::and(&names))
        };
        let name = match group.topic {
            Topic::Cost(cost) => cost.label(),
            _ => &group.what,
        };
        parts.extend(pairs(Finding::Equal).map(|who| format!("no practical difference in {name} for {who}")));
        parts.extend(pairs(Finding::Undecided).map(|who| format!("{name} undecided for {who}")));
        parts
    };
    let each: Vec<String> = resources.deciding.iter().flat_map(text).collect();
    (!each.is_empty()).then(|| format!("**Costs of others**: {}.", each.join("; ")))
}

/// What stays open: claims without a verdict, and rows that are not valid.
fn untold(summary: &Summary, verdicts: &[Verdict]) -> Option<String> {
    let open = |one: &Verdict| match one.status {
        Status::Inconclusive | Status::NotMeasured => {
            Some(format!("{} is {}", one.claim.label(), one.status.label()))
        }
        _ => None,
    };
    let mut open: Vec<String> = verdicts.iter().filter_map(open).collect();
    let rows = || summary.tables.iter().flat_map(|table| &table.rows);
    let (without, all) = (rows().filter(|row| !row.is_valid()).count(), rows().count());
    if without > 0 {
        let are = if without == 1 { "is" } else { "are" };
        open.push(format!(
            "{without} of the {all} rows of all tables, a server in a setting each, {are} not valid"
        ));
    }
    (!open.is_empty()).then(|| format!("**Not told**: {}.", open.join(", ")))
}

/// How much the library makes out, beside the model.
fn library(summary: &Summary) -> Option<String> {
    let hello = summary.tables_of(Experiment::Hello).next()?;
    let of = |effect| hello.compared.iter().filter(move |one| one.effect == effect);
    let far = |ratio: f64| ratio.ln().abs();
    // What is decided says more than what is far.
    let is_decided = |one: &Compared| one.comparison() != Comparison::Inconclusive;
    let library = of(Effect::Library).max_by(|a, b| {
        let farther = far(a.decided.ratio.estimate).total_cmp(&far(b.decided.ratio.estimate));
        is_decided(a).cmp(&is_decided(b)).then(farther)
    })?;
    let advice = match library.comparison() {
        Comparison::Faster | Comparison::Slower => "**The HTTP library** is a choice of its own",
        Comparison::NoPracticalDifference => "**The HTTP library** makes no practical difference",
        Comparison::Inconclusive => "**The HTTP library**: not decided",
    };
    let limited = match library.caveat() {
        "" => String::new(),
        caveat => format!(", {caveat}"),
    };
    Some(format!(
        "{advice}: under the same model {} answered {} the requests of {} without a wait{limited}.",
        code(&library.subject),
        words::value(Unit::Times, &library.decided.ratio),
        code(&library.over)
    ))
}
