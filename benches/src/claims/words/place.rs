//! Where something was found, in words: wait by wait, from the fewest to the most clients that were tried, and no further.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{and, code, wait, who};
use crate::claims::{Finding, Group, Observation};
use crate::format::grouped;

/// Where a group's claim holds, wait by wait: `with 10 ms wait from 256 to 1,024 clients`.
#[must_use]
pub fn holds(observations: &[Observation]) -> String {
    found(observations, Finding::For)
}

/// Where this was found.
#[must_use]
pub fn found(observations: &[Observation], wanted: Finding) -> String {
    place(observations, |finding| finding == wanted)
}

/// Where it does not, or not surely.
#[must_use]
pub fn holds_not(observations: &[Observation]) -> String {
    place(observations, |finding| finding != Finding::For)
}

/// Whether somewhere a figure does not support the claim.
#[must_use]
pub fn fails_somewhere(observations: &[Observation]) -> bool {
    observations.iter().any(|one| one.is_told() && one.finding != Finding::For)
}

/// The groups for which a claim holds somewhere, with where: `over one request at a time (in every setting measured)`; `None` if there is none.
#[must_use]
pub fn conditions(groups: &[Group], join: &str) -> Option<String> {
    let of = |group: &Group| {
        let some = group.observations.iter().any(|one| one.finding == Finding::For);
        some.then(|| format!("{} ({})", group.what, holds(&group.observations)))
    };
    let all: Vec<String> = groups.iter().filter_map(of).collect();
    (!all.is_empty()).then(|| all.join(join))
}

fn place(observations: &[Observation], good: impl Fn(Finding) -> bool + Copy) -> String {
    let told: Vec<&Observation> = observations.iter().filter(|one| one.is_told()).collect();
    let count = told.iter().filter(|one| good(one.finding)).count();
    if count == 0 {
        return "nowhere".to_owned();
    }
    if count == told.len() {
        let kind = if told.len() < observations.len() { "valid setting" } else { "setting measured" };
        return if count == 1 { format!("in the one {kind}") } else { format!("in every {kind}") };
    }
    if is_one_finding_a_place(&told, good) {
        return by_wait(&told, good);
    }
    // At one place there is more than one figure, and they differ: told server by server.
    let of_server = |one: &&Observation| code(&one.subject);
    let by_server = grouped_by(&told, of_server);
    let is_clear = by_server.iter().all(|(_, some)| is_one_finding_a_place(some, good));
    let parts = if is_clear { by_server } else { grouped_by(&told, |one| who(one)) };
    let text = |(name, some): &(String, Vec<&Observation>)| {
        let count = some.iter().filter(|one| good(one.finding)).count();
        match count {
            0 => None,
            all if all == some.len() => Some(format!("for {name}")),
            _ if is_one_finding_a_place(some, good) => Some(format!("for {name} {}", by_wait(some, good))),
            some_of => Some(format!("for {name} in {some_of} of {} figures", some.len())),
        }
    };
    and(&parts.iter().filter_map(text).collect::<Vec<_>>())
}

fn grouped_by<'a>(
    observations: &[&'a Observation],
    name: impl Fn(&&'a Observation) -> String,
) -> Vec<(String, Vec<&'a Observation>)> {
    let mut groups: Vec<(String, Vec<&Observation>)> = Vec::new();
    for one in observations {
        let name = name(one);
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, group)) => group.push(one),
            None => groups.push((name, vec![one])),
        }
    }
    groups
}

type Place = (Duration, usize);

fn place_of(one: &Observation) -> Place {
    (one.at.work.wait(), one.at.load.connections())
}

fn is_one_finding_a_place(observations: &[&Observation], good: impl Fn(Finding) -> bool) -> bool {
    let mut seen: BTreeMap<Place, bool> = BTreeMap::new();
    observations.iter().all(|one| {
        let is_good = good(one.finding);
        *seen.entry(place_of(one)).or_insert(is_good) == is_good
    })
}

/// Where it is good, wait by wait; somewhere it is, and all figures of a place agree.
fn by_wait(observations: &[&Observation], good: impl Fn(Finding) -> bool) -> String {
    let mut waits: BTreeMap<Duration, BTreeMap<usize, bool>> = BTreeMap::new();
    for one in observations {
        let (wait, clients) = place_of(one);
        waits.entry(wait).or_default().insert(clients, good(one.finding));
    }
    waits.iter().filter_map(|(wait, points)| at_wait(*wait, points)).collect::<Vec<_>>().join(", ")
}

/// Runs of neighbours that are good, each from its first to its last.
fn at_wait(at: Duration, points: &BTreeMap<usize, bool>) -> Option<String> {
    let clients = |count: usize| grouped(count as f64);
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut was_good = false;
    for (&count, &is_good) in points {
        match runs.last_mut() {
            Some((_, last)) if is_good && was_good => *last = count,
            _ if is_good => runs.push((count, count)),
            _ => {}
        }
        was_good = is_good;
    }
    let text = |(first, last): &(usize, usize)| {
        if first == last {
            format!("at {}", clients(*first))
        } else {
            format!("from {} to {}", clients(*first), clients(*last))
        }
    };
    let ranges: Vec<String> = runs.iter().map(text).collect();
    (!ranges.is_empty()).then(|| format!("with {} {} clients", wait(at), and(&ranges)))
}
