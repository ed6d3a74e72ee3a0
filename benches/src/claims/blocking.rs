//! C2: whether an async server is held up by slow clients, by a slow route, by a handler that blocks.

use super::cases::why_not;
use super::words::{self, code};
use super::{Claim, Finding, Group, Observation, Topic, Unit, Verdict};
use crate::contender::Model;
use crate::format::{figures, grouped};
use crate::matrix::{Beside, Experiment, Setting};
use crate::record::ComparisonRecord;
use crate::stats::{Band, Comparison};
use crate::summary::{Limit, Row, Summary};

/// A server that loses more than this share of its rate is blocked; one that loses less shares its CPU with the trouble.
const BLOCKED: f64 = 0.5;

pub(super) fn judge(run: &ComparisonRecord, summary: &Summary) -> Verdict {
    let of = |experiment, is_async| observations(summary, experiment, is_async);
    let group = |experiment: Experiment| {
        let observations = of(experiment, true);
        Group::of(Topic::Trouble(experiment), name(experiment, observations.first()), observations)
    };
    let deciding: Vec<Group> = Claim::Blocking.decided_by().iter().map(|one| group(*one)).collect();
    let others: Vec<Observation> =
        Claim::Blocking.decided_by().iter().flat_map(|one| of(*one, false)).collect();
    let when = when(&deciding);
    let prediction = blocked_rate(summary);
    Verdict {
        when,
        prediction,
        flips: flips(&deciding, &others),
        deciding,
        figures: others.iter().map(in_trouble).collect(),
        ..Verdict::of(Claim::Blocking, run, summary)
    }
}

/// The troubles that leave async servers unblocked, and those that surely or perhaps do not.
fn when(groups: &[Group]) -> Option<String> {
    let of = |wanted: bool| -> Vec<String> {
        let part = |group: &Group| {
            let all: Vec<&Observation> = group.told().collect();
            let some = || all.iter().filter(|one| (one.finding == Finding::For) == wanted);
            let names: Vec<String> = some().map(|one| code(&one.subject)).collect();
            match names.len() {
                0 => None,
                count if count == all.len() => Some(group.what.clone()),
                _ => Some(format!("{} ({})", group.what, words::and(&names))),
            }
        };
        groups.iter().filter_map(part).collect()
    };
    let (kept, not) = (of(true), of(false));
    match (kept.is_empty(), not.is_empty()) {
        (true, _) => None,
        (false, true) => Some(words::and(&kept)),
        (false, false) => Some(format!("{}; not surely {}", words::and(&kept), words::and(&not))),
    }
}

fn name(experiment: Experiment, first: Option<&Observation>) -> String {
    let at = first.map(|one| one.at);
    match (experiment, at) {
        (Experiment::SlowClients, Some(Setting { beside: Beside::SlowClients(count), .. })) => {
            format!("beside {count} slow clients")
        }
        (Experiment::SlowRoute, Some(Setting { beside: Beside::SlowRequests(count), .. })) => {
            format!("beside {count} requests of a slow route")
        }
        (Experiment::BlockingCall, Some(at)) => {
            format!("with a blocking call of {} in the handler", words::span(at.work.wait()))
        }
        _ => experiment.label().to_owned(),
    }
}

/// What each async server, or each other one, kept of its rate in an experiment's trouble.
fn observations(summary: &Summary, experiment: Experiment, is_async: bool) -> Vec<Observation> {
    let mut tables = summary.tables_of(experiment);
    let (Some(before), Some(with)) = (tables.next(), tables.next()) else { return Vec::new() };
    let mine = |row: &&Row| (row.contender.model == Model::Async) == is_async && !row.cell.twin;
    with.rows
        .iter()
        .filter(mine)
        .map(|row| {
            let kept = summary
                .kept
                .iter()
                .find(|one| one.setting == with.setting && one.contender == row.cell.contender);
            let share = kept.and_then(|kept| kept.share);
            let (finding, doubt) = match (&share, kept) {
                (Some(share), _) => {
                    let other = before.row(&row.cell.contender).is_some_and(Row::is_client_bound);
                    let limit = Limit::of((row.is_client_bound(), other));
                    let found = Comparison::of(share, Band { low: BLOCKED, high: BLOCKED });
                    let caveat = Some(limit.caveat(found)).filter(|caveat| !caveat.is_empty());
                    (limit.leaves(found).into(), caveat.map(str::to_owned))
                }
                (None, Some(kept)) => (
                    if kept.with_per_sec < BLOCKED * kept.before_per_sec {
                        Finding::Against
                    } else {
                        Finding::Undecided
                    },
                    Some(format!(
                        "{} answered nothing in some block of `{}`",
                        code(&row.cell.contender),
                        with.setting.label()
                    )),
                ),
                (None, None) => (
                    Finding::Undecided,
                    why_not(row).or_else(|| before.row(&row.cell.contender).and_then(why_not)),
                ),
            };
            Observation {
                value: share,
                finding,
                doubt,
                ..Observation::of(&row.cell.contender, None, with.setting, Unit::Share)
            }
        })
        .collect()
}

/// What theory says of a blocked event loop: one request for each of its CPUs at a time.
fn blocked_rate(summary: &Summary) -> Option<String> {
    let blocked =
        summary.tables_of(Experiment::BlockingCall).find(|table| table.setting.work.block_the_loop)?;
    let rate = blocked.rows.first()?.prediction.at_most_per_sec?;
    Some(format!(
        "blocked, at most {} requests/s at {}; no formula for the others",
        grouped(rate),
        words::setting(&blocked.setting)
    ))
}

fn in_trouble(one: &Observation) -> String {
    let trouble = name(one.at.experiment, Some(one));
    match (&one.value, &one.doubt) {
        (Some(share), _) => {
            format!("{} kept {} {trouble}", code(&one.subject), words::value(Unit::Share, share))
        }
        (None, Some(doubt)) => doubt.clone(),
        (None, None) => format!("{}: no figure {trouble}", code(&one.subject)),
    }
}

/// Where async is blocked, and where a pool is not.
fn flips(deciding: &[Group], others: &[Observation]) -> Vec<String> {
    let lost = |group: &Group| {
        let lost: Vec<String> = group
            .observations
            .iter()
            .filter(|one| one.finding == Finding::Against)
            .map(|one| {
                let kept = one
                    .value
                    .map_or_else(|| "nothing".to_owned(), |it| format!("{} %", figures(it.estimate * 100.0)));
                format!("{kept} of {}", code(&one.subject))
            })
            .collect();
        (!lost.is_empty()).then(|| format!("{} there is left {}", group.what, lost.join(" and ")))
    };
    let mut flips: Vec<String> = deciding.iter().filter_map(lost).collect();
    for (finding, verb) in [(Finding::For, "is not blocked either"), (Finding::Against, "is blocked")] {
        for one in others.iter().filter(|one| one.finding == finding) {
            flips.push(format!("{} {verb} {}", code(&one.subject), name(one.at.experiment, Some(one))));
        }
    }
    flips
}
