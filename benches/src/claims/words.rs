//! Words for figures: the same value is written the same way wherever it stands.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Finding, Group, Observation, Status, Unit};
use crate::format::{figures, grouped};
use crate::matrix::{Experiment, Setting, Spread};
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
        Unit::Times => (1.0, " ×"),
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

/// One observation: `` `async/hyper` over `sync/hyper` 4.18 × (4.07 to 4.42) at no wait, 64 clients ``.
#[must_use]
pub fn observation(one: &Observation) -> String {
    let doubt = one.doubt.as_ref().map_or_else(String::new, |doubt| format!(", {doubt}"));
    match &one.value {
        Some(it) if one.unit.is_users() => format!("{}: {}{doubt}", who(one), value(one.unit, it)),
        Some(it) => format!("{} {} at {}{doubt}", who(one), value(one.unit, it), setting(&one.at)),
        None if one.unit.is_users() => format!("{}: cannot be told{doubt}", who(one)),
        None => format!("{} without a figure at {}", who(one), setting(&one.at)),
    }
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

/// Where a group's claim holds, wait by wait: `with 10 ms wait from 1,024 clients on`.
#[must_use]
pub fn holds(observations: &[Observation]) -> String {
    place(observations, |finding| finding == Finding::For)
}

/// Where it does not, or not surely.
#[must_use]
pub fn holds_not(observations: &[Observation]) -> String {
    place(observations, |finding| finding != Finding::For)
}

fn place(observations: &[Observation], good: impl Fn(Finding) -> bool + Copy) -> String {
    let valid: Vec<&Observation> = observations.iter().filter(|one| one.value.is_some()).collect();
    let count = valid.iter().filter(|one| good(one.finding)).count();
    if count == 0 {
        return "nowhere".to_owned();
    }
    if count == valid.len() {
        let kind = if valid.len() < observations.len() { "valid setting" } else { "setting measured" };
        return if count == 1 { format!("in the one {kind}") } else { format!("in every {kind}") };
    }
    let waits = by_wait(&valid, good).into_iter();
    waits.filter_map(|(wait, points)| place_at(wait, &points)).collect::<Vec<_>>().join(", ")
}

/// Whether somewhere a valid figure does not support the claim.
#[must_use]
pub fn fails_somewhere(observations: &[Observation]) -> bool {
    observations.iter().any(|one| one.value.is_some() && one.finding != Finding::For)
}

/// Clients of each wait, and whether all that was observed there is good.
fn by_wait(
    observations: &[&Observation],
    good: impl Fn(Finding) -> bool,
) -> BTreeMap<Duration, BTreeMap<usize, bool>> {
    let mut waits: BTreeMap<Duration, BTreeMap<usize, bool>> = BTreeMap::new();
    for one in observations {
        let points = waits.entry(one.at.work.wait()).or_default();
        *points.entry(one.at.load.connections()).or_insert(true) &= good(one.finding);
    }
    waits
}

fn place_at(at: Duration, points: &BTreeMap<usize, bool>) -> Option<String> {
    let clients = |count: &usize| grouped(*count as f64);
    let good: Vec<&usize> = points.iter().filter(|(_, good)| **good).map(|(clients, _)| clients).collect();
    let upwards = points.values().skip_while(|good| !**good).all(|good| *good);
    let downwards = points.values().skip_while(|good| **good).all(|good| !*good);
    let range = match (good.as_slice(), upwards, downwards) {
        ([], ..) => return None,
        ([only], ..) if points.len() == 1 => format!("at {} clients", clients(only)),
        ([first, .., last], ..) if good.len() == points.len() => {
            format!("at {} to {} clients", clients(first), clients(last))
        }
        ([first, ..], true, _) => format!("from {} clients on", clients(first)),
        ([.., last], _, true) => format!("up to {} clients", clients(last)),
        (some, ..) => {
            format!("at {} clients", some.iter().map(|one| clients(one)).collect::<Vec<_>>().join(" and "))
        }
    };
    Some(format!("with {} {range}", wait(at)))
}

/// A group in few words, as `status` needs it: the least that supports, the most that is reached, or the whole range.
#[must_use]
pub fn brief(status: Status, group: &Group) -> String {
    let figure = |one: &Observation| one.value.map_or(f64::NAN, |it| it.estimate);
    let mut with: Vec<&Observation> = group.observations.iter().filter(|one| one.value.is_some()).collect();
    with.sort_by(|a, b| figure(a).total_cmp(&figure(b)));
    let (Some(&least), Some(&most)) = (with.first(), with.last()) else { return self::group(group) };
    let (word, one) = match (least.unit, status) {
        (Unit::Users | Unit::UsersAtLeast, _) => return self::group(group),
        _ if with.len() == 1 => ("", least),
        (Unit::Share, _) | (_, Status::Supported) => ("at least ", least),
        (_, Status::OnlyWhen) => ("up to ", most),
        _ => return self::group(group),
    };
    let (Some(it), doubt) = (one.value, one.doubt.as_ref()) else { return self::group(group) };
    let doubt = doubt.map_or_else(String::new, |doubt| format!(", {doubt}"));
    let same = with.iter().all(|other| other.at == one.at) && with.len() > 1;
    let at = if same { who(one) } else { setting(&one.at) };
    format!("{}: {word}{} ({at}{doubt})", group.what, value(one.unit, &it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::{Beside, Load, Work};

    fn at(ms: u64, clients: usize, finding: Finding) -> Observation {
        let setting = Setting {
            experiment: Experiment::Waiting,
            work: Work::waiting(Duration::from_millis(ms)),
            load: Load::Closed { connections: clients },
            beside: Beside::Nothing,
        };
        Observation {
            subject: "a".to_owned(),
            over: Some("b".to_owned()),
            at: setting,
            value: Some(Interval { low: 1.0, estimate: 1.1, high: 1.2, level: 0.95 }),
            unit: Unit::Times,
            predicted: None,
            finding,
            doubt: None,
        }
    }

    #[test]
    fn where_a_claim_holds() {
        use Finding::{Equal, For};
        for (points, holds_there, not_there) in [
            (vec![(10, 64, For)], "in the one setting measured", "nowhere"),
            (vec![(10, 64, For), (10, 256, For)], "in every setting measured", "nowhere"),
            (
                vec![(10, 64, Equal), (10, 256, For)],
                "with 10 ms wait from 256 clients on",
                "with 10 ms wait up to 64 clients",
            ),
            (
                vec![(0, 64, For), (10, 64, Equal), (10, 1_024, Equal)],
                "with no wait at 64 clients",
                "with 10 ms wait at 64 to 1,024 clients",
            ),
            (
                vec![(1, 64, For), (1, 256, Equal), (1, 1_024, For)],
                "with 1 ms wait at 64 and 1,024 clients",
                "with 1 ms wait at 256 clients",
            ),
            // Of two at the same place both must hold.
            (
                vec![(1, 64, For), (1, 64, Equal), (0, 64, For)],
                "with no wait at 64 clients",
                "with 1 ms wait at 64 clients",
            ),
        ] {
            let observations: Vec<Observation> =
                points.into_iter().map(|(ms, clients, finding)| at(ms, clients, finding)).collect();
            assert_eq!(holds(&observations), holds_there);
            let not = holds_not(&observations);
            assert!(not == not_there || observations.len() == 3, "{not}");
        }
    }

    #[test]
    fn spans_have_the_signs_of_their_units() {
        for (micros, text) in [(500, "500 µs"), (10_000, "10 ms"), (2_000_000, "2 s"), (1_500, "1ms 500us")]
        {
            assert_eq!(span(Duration::from_micros(micros)), text);
        }
    }

    #[test]
    fn values_in_their_units() {
        let it = Interval { low: 0.9, estimate: 1.0, high: 1.1, level: 0.95 };
        let held = Interval { low: 0.0, estimate: 0.0, high: 500.0, level: 0.95 };
        for (unit, interval, text) in [
            (Unit::Times, it, "1.00 × (0.900 to 1.10)"),
            (Unit::Share, it, "100 % (90.0 to 110)"),
            (Unit::AtATime, it, "1.00 at a time (0.900 to 1.10)"),
            (Unit::Users, held, "not even 500 users"),
            (Unit::Users, Interval { estimate: 100.0, ..held }, "100 users, not 500"),
            (
                Unit::Users,
                Interval { estimate: 100.0, high: f64::INFINITY, ..held },
                "100 users, the top of the ladder",
            ),
        ] {
            assert_eq!(value(unit, &interval), text);
        }
    }
}
