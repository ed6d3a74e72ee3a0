//! C3: how many keep-alive users each server holds, and what ends it.

use loadgen::verdict::Reason;

use super::cases::why_not;
use super::slow::Slow;
use super::words::{self, code};
use super::{Claim, Finding, Group, Observation, Topic, Unit, Verdict};
use crate::contender::{DEFAULT_WORKERS, POOL, TASKS};
use crate::format::{figures, grouped};
use crate::gates::Gate;
use crate::matrix::{Beside, Experiment, Load, Setting};
use crate::prediction::predict;
use crate::record::{ComparisonRecord, Outcome, TrialRecord};
use crate::stats::{self, Interval};
use crate::summary::{Row, Summary};

/// Whoever takes longer than so many times the wait is too slow.
const WITHIN: u32 = 10;

/// From this share of its trials on a fault makes a row invalid by itself.
const INVALID_SHARE: f64 = 0.2;

/// What became of a number of users.
#[derive(Debug, PartialEq)]
pub(super) enum Rung {
    /// The server held them, and what was seen.
    Held(String),
    /// The server did not hold them, and why.
    Broke(String),
    /// It cannot be told, and why.
    Unknown(String),
}

/// How far one server came.
struct Ladder {
    name: String,
    at: Setting,
    /// Largest number held, before the first that was not.
    held: usize,
    /// What was seen there.
    seen: Option<String>,
    /// The first number that was not held, and why.
    broke: Option<(usize, String)>,
    /// The first number above it that cannot be told, and why.
    unknown: Option<(usize, String)>,
}

pub(super) fn judge(run: &ComparisonRecord, trials: &[TrialRecord], summary: &Summary) -> Verdict {
    let plain = Verdict::of(Claim::Users, run, summary);
    let ladder = |grows, name: &str| climb(trials, summary, grows, name);
    let Some(tasks) = ladder(false, TASKS) else { return plain };
    let default = format!("{POOL}@{DEFAULT_WORKERS}");
    let pools: Vec<Ladder> = [(false, default.as_str()), (true, POOL)]
        .into_iter()
        .filter_map(|(grows, name)| ladder(grows, name))
        .collect();
    let against = |pool: &Ladder| {
        let its = pool.observation();
        let same = tasks.ends_where(pool);
        let doubt = same.into_iter().chain(its.doubt).collect::<Vec<_>>().join("; ");
        let finding = tasks.more_than(pool);
        Observation { finding, doubt: Some(doubt).filter(|doubt| !doubt.is_empty()), ..its }
    };
    let observations: Vec<Observation> = pools.iter().map(against).collect();
    let ahead: Vec<String> =
        observations.iter().filter(|one| one.finding == Finding::For).map(|one| code(&one.subject)).collect();
    let axum = ladder(false, "async/axum").map(|axum| axum.observation());
    let tasks_held = tasks.observation();
    Verdict {
        when: Some(format!("it is held against {}", words::and(&ahead))),
        prediction: prediction(run, &tasks.at),
        flips: pools.iter().filter_map(Ladder::limit).chain(tasks.limit()).collect(),
        figures: axum.iter().map(words::observation).collect(),
        deciding: vec![
            Group::of(Topic::Users, words::observation(&tasks_held), observations)
                .called(words::held(&tasks_held)),
        ],
        ..plain
    }
}

fn climb(trials: &[TrialRecord], summary: &Summary, grows: bool, name: &str) -> Option<Ladder> {
    let mut tables: Vec<_> = summary.tables_of(Experiment::Users).collect();
    tables.sort_by_key(|table| table.setting.load.connections());
    let mut ladder: Option<Ladder> = None;
    for table in tables {
        let users = table.setting.load.connections();
        let label = if grows { format!("{name}@{users}") } else { name.to_owned() };
        let Some(row) = table.row(&label) else {
            // Nobody has seen it end there.
            if let Some(ladder) = ladder.as_mut().filter(|ladder| ladder.broke.is_none()) {
                ladder.unknown = ladder.unknown.take().or(Some((users, "so many were not tried".to_owned())));
            }
            continue;
        };
        let shown = if grows { format!("{name}, a worker for each user") } else { label };
        let ladder = ladder.get_or_insert(Ladder {
            name: shown,
            at: table.setting,
            held: 0,
            seen: None,
            broke: None,
            unknown: None,
        });
        if ladder.broke.is_some() {
            continue;
        }
        match rung(trials, row, users) {
            // Who holds more users holds fewer, also where too few requests came to tell.
            Rung::Held(seen) => {
                (ladder.held, ladder.at) = (users, table.setting);
                (ladder.seen, ladder.unknown) = (Some(seen), None);
            }
            Rung::Broke(why) => ladder.broke = Some((users, why)),
            Rung::Unknown(why) => ladder.unknown = ladder.unknown.take().or(Some((users, why))),
        }
    }
    ladder
}

fn rung(trials: &[TrialRecord], row: &Row, users: usize) -> Rung {
    if !row.is_valid() {
        return not_valid(trials, row);
    }
    if row.points.iter().any(|point| point.connections < users) {
        return Rung::Broke("connections were lost".to_owned());
    }
    // A valid row has hardly any failures, and they are among those that were not answered in time.
    let slow = Slow::of(row, trials, row.cell.setting.work.wait() * WITHIN);
    slow.map_or_else(Rung::Unknown, |slow| slow.rung())
}

/// A row that is not valid is a limit of the server, if the server alone made it so in enough trials; otherwise nothing is known.
fn not_valid(trials: &[TrialRecord], row: &Row) -> Rung {
    let enough = |times: usize| times as f64 > INVALID_SHARE * row.planned as f64;
    let is = |gate: &Gate, gates: &[Gate]| gates.contains(gate);
    let machine = row.doubts.keys().any(|gate| is(gate, &[Gate::Stolen, Gate::Others]));
    let mine = trials.iter().filter(|trial| trial.spec.cell == row.cell);
    let reasons: Vec<&Reason> = mine
        .filter_map(|trial| match &trial.outcome {
            Outcome::Measured(it) => Some(&it.load.verdict.reasons),
            Outcome::Failed { .. } => None,
        })
        .flatten()
        .collect();
    let generator = reasons.iter().any(|one| matches!(one, Reason::Busy { .. } | Reason::Late { .. }));
    let of_the_server = |one: &&&Reason| matches!(one, Reason::FewerHeld { .. } | Reason::RateMissed { .. });
    let unknown = || Rung::Unknown(why_not(row).unwrap_or_default());
    if machine || generator {
        return unknown();
    }
    let broken = row.doubts.iter().find(|(gate, (times, _))| {
        is(gate, &[Gate::Contract, Gate::Failures, Gate::Starved]) && enough(*times)
    });
    match (broken, reasons.iter().find(of_the_server)) {
        (Some((_, (_, seen))), _) => Rung::Broke(seen.clone()),
        (None, Some(reason)) if enough(reasons.iter().filter(of_the_server).count()) => {
            Rung::Broke(told(reason))
        }
        _ => unknown(),
    }
}

fn told(reason: &Reason) -> String {
    match reason {
        Reason::FewerHeld { held, wanted } => format!("{held} of {wanted} connections were held"),
        Reason::RateMissed { sent, scheduled } => {
            format!(
                "{} % of the due requests could be sent",
                figures(100.0 * *sent as f64 / *scheduled as f64)
            )
        }
        other => other.to_string(),
    }
}

impl Ladder {
    /// Whether this server held more than `other`. Each may hold anything below the number at which it broke, and without such a number anything at
    /// all: two that end between the same rungs may differ many-fold.
    fn more_than(&self, other: &Ladder) -> Finding {
        let most = |one: &Ladder| one.broke.as_ref().map_or(usize::MAX, |(users, _)| *users - 1);
        match () {
            () if self.held > most(other) => Finding::For,
            () if other.held > most(self) => Finding::Against,
            () => Finding::Undecided,
        }
    }

    /// What is known of two servers that end on the same rung, if these do.
    fn ends_where(&self, other: &Ladder) -> Option<String> {
        let end = |one: &Ladder| one.broke.as_ref().map(|(users, _)| *users);
        let known = self.unknown.is_none() && other.unknown.is_none();
        if !known || self.held != other.held || end(self) != end(other) {
            return None;
        }
        let held = grouped(self.held as f64);
        let what = match (self.held, end(self)) {
            (0, Some(users)) => format!("neither held {}", grouped(users as f64)),
            (_, Some(users)) => format!("both held {held} and not {}", grouped(users as f64)),
            (_, None) => format!("both held {held}, the most that was tried"),
        };
        Some(format!("{what}: which holds more is not known"))
    }

    fn observation(&self) -> Observation {
        let held = self.held as f64;
        let high = self.broke.as_ref().map_or(f64::INFINITY, |(users, _)| *users as f64);
        let value = Interval { low: held, estimate: held, high, level: stats::LEVEL };
        let ended =
            self.broke.as_ref().map(|(users, why)| format!("{} users not: {why}", grouped(*users as f64)));
        let unknown = self.unknown.as_ref();
        let unknown =
            unknown.map(|(users, why)| format!("{} users cannot be told: {why}", grouped(*users as f64)));
        let is_known = unknown.is_none();
        let mut doubts: Vec<String> = if is_known {
            self.broke.iter().map(|(_, why)| why.clone()).collect()
        } else {
            unknown.into_iter().chain(ended).collect()
        };
        doubts.extend(self.seen.iter().map(|seen| format!("at {} users {seen}", grouped(held))));
        Observation {
            value: (is_known || self.held > 0).then_some(value),
            doubt: (!doubts.is_empty()).then(|| doubts.join("; ")),
            ..Observation::of(
                &self.name,
                None,
                self.at,
                if is_known { Unit::Users } else { Unit::UsersAtLeast },
            )
        }
    }

    fn limit(&self) -> Option<String> {
        let (users, why) = self.broke.as_ref()?;
        Some(format!("{} ends below {} users: {why}", code(&self.name), grouped(*users as f64)))
    }
}

/// A user asks once a second, so a server holds as many users as it can answer requests a second.
fn prediction(run: &ComparisonRecord, at: &Setting) -> Option<String> {
    let closed =
        Setting { load: Load::Closed { connections: usize::from(u16::MAX) }, beside: Beside::Nothing, ..*at };
    let cpus = run.placement.server_cpus.len();
    let most = |label: &str| {
        let one = run.config.contenders.iter().find(|one| one.label == label)?;
        let rate = predict(&closed, one, &run.pilots, None, cpus).at_most_per_sec?;
        Some(format!("{} at most {}", code(label), grouped(rate)))
    };
    let all: Vec<String> =
        [TASKS, &format!("{POOL}@{DEFAULT_WORKERS}")].into_iter().filter_map(most).collect();
    (!all.is_empty()).then(|| format!("users by capacity: {}", all.join(", ")))
}

#[cfg(test)]
mod tests;
