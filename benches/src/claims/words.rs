//! Words for figures: the same value is written the same way wherever it stands.

mod place;

use std::time::Duration;

use super::{Group, Observation, Status, Unit};
use crate::format::{figures, grouped};
use crate::matrix::{Experiment, Setting, Spread};
use crate::stats::Interval;
pub use place::{conditions, fails_somewhere, found, holds, holds_not};

/// A name as code.
#[must_use]
pub fn code(name: &str) -> String {
    format!("`{name}`")
}

/// `10 ms wait` or `no wait`.
#[must_use]
pub fn wait(wait: Duration) -> String {
    if wait.is_zero() { "no wait".to_owned() } else { format!("{} wait", span(wait)) }
}

/// `10 ms`.
#[must_use]
pub fn span(duration: Duration) -> String {
    let text = humantime::format_duration(duration).to_string();
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = if unit == "us" { "µs" } else { unit };
    if unit.contains(' ') { text.clone() } else { format!("{number} {unit}") }
}

/// The condition in words: `10 ms wait, 64 clients`.
#[must_use]
pub fn setting(at: &Setting) -> String {
    let clients = grouped(at.load.connections() as f64);
    match at.experiment {
        Experiment::Users => format!("{clients} users"),
        Experiment::EqualRate => "an equal rate".to_owned(),
        Experiment::Upstream => {
            format!("an upstream call of {}, {clients} clients", span(at.work.wait()))
        }
        Experiment::CpuBound => format!("{} of CPU work, {clients} clients", span(at.work.cpu_work)),
        _ if at.work.block_the_loop => {
            format!("a blocking wait of {}, {clients} clients", span(at.work.wait()))
        }
        _ if at.work.spread == Spread::Exponential => {
            format!("a varying wait of {} on average, {clients} clients", span(at.work.wait()))
        }
        _ => format!("{}, {clients} clients", wait(at.work.wait())),
    }
}

/// A figure with its interval: `1.23 × (1.20 to 1.26)`.
#[must_use]
pub fn value(unit: Unit, it: &Interval) -> String {
    let (factor, sign) = match unit {
        Unit::Times | Unit::Cost(_) => (1.0, " ×"),
        Unit::Share => (100.0, " %"),
        Unit::AtATime => (1.0, " at a time"),
        Unit::Users => return users(it),
        Unit::UsersAtLeast => return format!("at least {} users", grouped(it.estimate)),
    };
    let [low, estimate, high] = [it.low, it.estimate, it.high].map(|value| figures(value * factor));
    format!("{estimate}{sign} ({low} to {high})")
}

fn users(it: &Interval) -> String {
    let held = grouped(it.estimate);
    match (it.estimate > 0.0, it.high.is_finite()) {
        (true, true) => format!("{held} users, not {}", grouped(it.high)),
        (true, false) => format!("{held} users, the top of the ladder"),
        (false, _) => format!("not even {} users", grouped(it.high)),
    }
}

/// Who, and over whom.
#[must_use]
pub fn who(one: &Observation) -> String {
    one.over
        .as_ref()
        .map_or_else(|| code(&one.subject), |over| format!("{} over {}", code(&one.subject), code(over)))
}

/// Where, or over which numbers of users: `500 and 1,000 users`.
#[must_use]
pub fn at(one: &Observation) -> String {
    if one.rungs.is_empty() { setting(&one.at) } else { users_of(&one.rungs) }
}

/// `500, 1,000 and 8,000 users`.
#[must_use]
pub fn users_of(rungs: &[usize]) -> String {
    let numbers: Vec<String> = rungs.iter().map(|users| grouped(*users as f64)).collect();
    format!("{} users", and(&numbers))
}

/// `a, b and c`.
#[must_use]
pub fn and(all: &[String]) -> String {
    match all {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// One observation: `` `async/hyper` over `sync/hyper` 4.18 × (4.07 to 4.42) at no wait, 64 clients ``.
#[must_use]
pub fn observation(one: &Observation) -> String {
    let doubt = doubt(one);
    match &one.value {
        Some(it) if one.unit.is_users() => format!("{}: {}{doubt}", who(one), value(one.unit, it)),
        Some(it) => format!("{} at {}{doubt}", figure(one, it), at(one)),
        None if one.unit.is_users() => format!("{}: cannot be told{doubt}", who(one)),
        None => format!("{} without a figure at {}", who(one), at(one)),
    }
}

/// What limits a figure, behind a comma.
fn doubt(one: &Observation) -> String {
    one.doubt.as_ref().map_or_else(String::new, |doubt| format!(", {doubt}"))
}

/// Whose figure, and which: of costs the dearer server comes first, as in `` `a` used 2.21 × (2.00 to 2.44) the CPU time a request of `b` ``.
#[must_use]
pub fn figure(one: &Observation, it: &Interval) -> String {
    let value = value(one.unit, it);
    match (one.unit, &one.over) {
        (Unit::Cost(cost), Some(over)) => {
            format!("{} used {value} the {} of {}", code(&one.subject), cost.label(), code(over))
        }
        _ => format!("{} {value}", who(one)),
    }
}

/// How many users a server held: `` `async/hyper`: 8,000 users, the top of the ladder ``.
#[must_use]
pub fn held(one: &Observation) -> String {
    let held = one.value.as_ref().map_or_else(|| "cannot be told".to_owned(), |it| value(one.unit, it));
    format!("{}: {held}", who(one))
}

/// A group in one sentence: its only figure, or the range from its smallest to its largest.
#[must_use]
pub fn group(group: &Group) -> String {
    if group.observations.iter().any(|one| one.unit.is_users()) {
        let each: Vec<String> = group.observations.iter().map(observation).collect();
        return format!("{}; {}", group.what, each.join("; "));
    }
    let mut with: Vec<(&Observation, &Interval)> =
        group.observations.iter().filter_map(|one| Some((one, one.value.as_ref()?))).collect();
    with.sort_by(|(_, a), (_, b)| a.estimate.total_cmp(&b.estimate));
    let is_cost = with.iter().any(|(one, _)| matches!(one.unit, Unit::Cost(_)));
    match with.as_slice() {
        [] => format!("{}: no valid figure", group.what),
        [only] if is_cost => within(&with, *only),
        [first, .., last] if is_cost => {
            format!("at the least {}; at the most {}", within(&with, *first), within(&with, *last))
        }
        [only] => format!("{}: {}", group.what, within(&with, *only)),
        [first, .., last] => {
            format!("{}: from {} to {}", group.what, within(&with, *first), within(&with, *last))
        }
    }
}

/// One figure of some: what sets it apart from the others stands with it.
fn within(all: &[(&Observation, &Interval)], (one, it): (&Observation, &Interval)) -> String {
    let same_place = all.len() > 1 && all.iter().all(|(other, _)| other.at == one.at);
    match one.unit {
        Unit::Cost(_) if same_place && one.rungs.is_empty() => figure(one, it) + &doubt(one),
        Unit::Cost(_) => format!("{} at {}{}", figure(one, it), at(one), doubt(one)),
        unit if same_place => format!("{} ({}{})", value(unit, it), who(one), doubt(one)),
        unit => format!("{} ({}{})", value(unit, it), at(one), doubt(one)),
    }
}

/// A group in few words, as `status` needs it: the least that supports, the most that is reached, or the whole range.
#[must_use]
pub fn brief(status: Status, group: &Group) -> String {
    let figure = |one: &Observation| one.value.map_or(f64::NAN, |it| it.estimate);
    let mut with: Vec<&Observation> = group.observations.iter().filter(|one| one.value.is_some()).collect();
    with.sort_by(|a, b| figure(a).total_cmp(&figure(b)));
    let (Some(&least), Some(&most)) = (with.first(), with.last()) else { return self::group(group) };
    let only = with.len() == 1;
    let (is_least, one) = match (least.unit, status) {
        (Unit::Users | Unit::UsersAtLeast, _) => return self::group(group),
        (Unit::Share, _) | (_, Status::Supported) => (true, least),
        (_, Status::OnlyWhen) => (false, most),
        _ if only => (true, least),
        _ => return self::group(group),
    };
    let all: Vec<(&Observation, &Interval)> =
        with.into_iter().filter_map(|one| Some((one, one.value.as_ref()?))).collect();
    let Some(it) = &one.value else { return self::group(group) };
    let text = within(&all, (one, it));
    match (one.unit, is_least) {
        (Unit::Share, _) => {
            format!("{} keeps {} of its rate {}", code(&one.subject), value(one.unit, it), group.what)
                + &doubt(one)
        }
        (Unit::Cost(_), _) if only => text,
        (Unit::Cost(_), true) => format!("at the least {text}"),
        (Unit::Cost(_), false) => format!("at the most {text}"),
        _ if only => format!("{}: {text}", group.what),
        (_, true) => format!("{}: at least {text}", group.what),
        (_, false) => format!("{}: up to {text}", group.what),
    }
}

#[cfg(test)]
mod tests;
