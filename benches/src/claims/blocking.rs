//! C2: whether an async server is held up by slow clients, by a slow route, by a handler that blocks.

use super::cases::why_not;
use super::words::{self, code};
use super::{Claim, Finding, Group, Observation, Unit, Verdict};
use crate::contender::Model;
use crate::format::{figures, grouped};
use crate::matrix::{Beside, Experiment, Setting};
use crate::record::ComparisonRecord;
use crate::summary::{Row, Summary};

/// A server that loses more than this share of its rate is blocked; one that loses less shares its CPU with the trouble.
const BLOCKED: f64 = 0.5;

pub(super) fn judge(run: &ComparisonRecord, summary: &Summary) -> Verdict {
    let of = |experiment, is_async| observations(summary, experiment, is_async);
    let group = |experiment: Experiment| {
        let observations = of(experiment, true);
        Group::of(name(experiment, observations.first()), observations)
    };
    let deciding: Vec<Group> = Claim::Blocking.decided_by().iter().map(|one| group(*one)).collect();
    let others: Vec<Observation> =
        Claim::Blocking.decided_by().iter().flat_map(|one| of(*one, false)).collect();
    let part = |wanted: bool| {
        let holds = |group: &&Group| {
            let all = group.observations.iter().all(|one| one.finding == Finding::For);
            !group.observations.is_empty() && all == wanted
        };
        deciding.iter().filter(holds).map(|group| group.what.clone()).collect::<Vec<_>>().join(" and ")
    };
    let when = format!("{}; not surely {}", part(true), part(false));
    let prediction = blocked_rate(summary);
    Verdict {
        when: Some(when),
        prediction,
        flips: flips(&deciding, &others),
        deciding,
        figures: others.iter().map(in_trouble).collect(),
        ..Verdict::of(Claim::Blocking, run, summary)
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
                (Some(share), _) => (Finding::above(BLOCKED, share), None),
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
                subject: row.cell.contender.clone(),
                over: None,
                at: with.setting,
                value: share,
                unit: Unit::Share,
                predicted: None,
                finding,
                doubt,
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
