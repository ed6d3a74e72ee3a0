//! Words for figures: the same value is written the same way wherever it stands.

use std::time::Duration;

use super::{Finding, Group, Observation, Unit};
use crate::format::{figures, grouped};
use crate::matrix::{Experiment, Setting};
use crate::stats::Interval;

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
        _ => format!("{}, {clients} clients", wait(at.work.wait())),
    }
}

/// A figure with its interval: `1.23 × (1.20 to 1.26)`.
#[must_use]
pub fn value(unit: Unit, it: &Interval) -> String {
    let (factor, sign) = match unit {
        Unit::Times => (1.0, " ×"),
        Unit::Share => (100.0, " %"),
        Unit::AtATime => (1.0, " at a time"),
        Unit::Users => return users(it),
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
fn who(one: &Observation) -> String {
    one.over
        .as_ref()
        .map_or_else(|| code(&one.subject), |over| format!("{} over {}", code(&one.subject), code(over)))
}

/// One observation: `` `async/hyper` over `sync/hyper` 4.18 × (4.07 to 4.42) at no wait, 64 clients ``.
#[must_use]
pub fn observation(one: &Observation) -> String {
    let doubt = one.doubt.as_ref().map_or_else(String::new, |doubt| format!(", {doubt}"));
    match &one.value {
        Some(it) if one.unit == Unit::Users => format!("{}: {}{doubt}", who(one), value(one.unit, it)),
        Some(it) => format!("{} {} at {}{doubt}", who(one), value(one.unit, it), setting(&one.at)),
        None => format!("{} without a figure at {}", who(one), setting(&one.at)),
    }
}

/// A group in one sentence: its only figure, or the range from its smallest to its largest.
#[must_use]
pub fn group(group: &Group) -> String {
    let mut with: Vec<(&Observation, &Interval)> =
        group.observations.iter().filter_map(|one| Some((one, one.value.as_ref()?))).collect();
    if with.iter().any(|(one, _)| one.unit == Unit::Users) {
        return with.iter().map(|(one, _)| observation(one)).collect::<Vec<_>>().join("; ");
    }
    with.sort_by(|(_, a), (_, b)| a.estimate.total_cmp(&b.estimate));
    let one_place = with.len() > 1 && with.iter().all(|(one, _)| one.at == with[0].0.at);
    let text = |(one, it): (&Observation, &Interval)| {
        let doubt = one.doubt.as_ref().map_or_else(String::new, |doubt| format!(", {doubt}"));
        let place = if one_place { who(one) } else { format!("at {}", setting(&one.at)) };
        let link = if one_place { "for " } else { "" };
        format!("{} {link}{place}{doubt}", value(one.unit, it))
    };
    match with.as_slice() {
        [] => format!("{}: no valid figure", group.what),
        [(one, it)] => format!("{}: {}", group.what, text((one, it))),
        [first, .., last] => format!("{}: from {} to {}", group.what, text(*first), text(*last)),
    }
}

/// Where a group's claim holds, wait by wait: `10 ms wait from 1,024 clients on`.
#[must_use]
pub fn holds(observations: &[Observation]) -> String {
    let count = observations.iter().filter(|one| one.finding == Finding::For).count();
    if count == 0 {
        return "nowhere".to_owned();
    }
    if count == observations.len() {
        return if count == 1 { "in the one setting measured" } else { "in every setting measured" }
            .to_owned();
    }
    by_wait(observations)
        .into_iter()
        .filter_map(|(wait, rows)| holds_at(wait, &rows))
        .collect::<Vec<_>>()
        .join("; ")
}

/// Observations by wait, then by clients.
#[must_use]
pub fn by_wait(observations: &[Observation]) -> Vec<(Duration, Vec<(usize, Finding)>)> {
    let mut waits: Vec<(Duration, Vec<(usize, Finding)>)> = Vec::new();
    for one in observations {
        let (wait, point) = (one.at.work.wait(), (one.at.load.connections(), one.finding));
        match waits.iter_mut().find(|(known, _)| *known == wait) {
            Some((_, points)) => points.push(point),
            None => waits.push((wait, vec![point])),
        }
    }
    waits.sort_by_key(|(wait, _)| *wait);
    for (_, points) in &mut waits {
        points.sort_by_key(|(clients, _)| *clients);
        // Of two at the same place both must hold.
        points.dedup_by(|later, first| {
            let same = later.0 == first.0;
            if same && first.1 == Finding::For {
                first.1 = later.1;
            }
            same
        });
    }
    waits
}

fn holds_at(at: Duration, points: &[(usize, Finding)]) -> Option<String> {
    let good = |point: &&(usize, Finding)| point.1 == Finding::For;
    let count = points.iter().filter(good).count();
    let least = points.iter().find(good)?.0;
    let closed = points.iter().skip_while(|point| !good(point)).all(|point| good(&point));
    let clients = |count: usize| grouped(count as f64);
    let range = match (count == points.len(), closed, points) {
        (true, _, [(only, _)]) => format!("{} clients", clients(*only)),
        (true, _, [(first, _), .., (last, _)]) => {
            format!("{} to {} clients", clients(*first), clients(*last))
        }
        (_, true, _) => format!("from {} clients on", clients(least)),
        _ => {
            let list: Vec<String> = points.iter().filter(good).map(|(count, _)| clients(*count)).collect();
            format!("{} clients", list.join(" and "))
        }
    };
    Some(format!("{}: {range}", wait(at)))
}
