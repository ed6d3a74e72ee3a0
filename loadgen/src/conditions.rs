//! The conditions of a run, one by one: where two runs differ in one that decides what their figures mean, there is no
//! comparing them.
//!
//! | condition | when two records differ in it |
//! |---|---|
//! | transport, engine, method, headers, body of the request, connections, connections for each request, threads | refused: another load, or another instrument |
//! | loop, offered rate, arrivals, segment, spinning | refused: latency means something else |
//! | number of paths, expected status, validation of bodies, timeout | refused: another task, or other answers count |
//! | URL, length, warm-up, expected body, opening, certificates, version of the generator, pinning, sleep of the CPUs | told: it may explain a difference |
//! | headers or body of the request, if one record is of before they were kept | told: nobody knows |
//! | seed | nothing: another sample of the same load |

use serde::Serialize;

use crate::plan::ExpectedBody;
use crate::record::{Generator, PlanRecord, RunRecord, Validation};
use crate::reference::BodyCheck;
use crate::schedule::Schedule;

/// A condition in which two runs differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its name.
    pub condition: &'static str,
    /// What it was in the first run.
    pub first: String,
    /// What it was in the second run.
    pub second: String,
}

/// What a difference in a condition amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// The runs did not do the same.
    Refused,
    /// It may be why the figures differ.
    Told,
}

/// The value of a condition that a record of an earlier version does not have.
const NOT_RECORDED: &str = "not recorded";

fn unknown() -> String {
    NOT_RECORDED.to_owned()
}

/// The conditions in which two runs differ, in the order of the table.
pub(crate) fn differences(first: &RunRecord, second: &RunRecord, weight: Weight) -> Vec<Difference> {
    let pairs = conditions(first).into_iter().zip(conditions(second));
    pairs
        .filter(|(first, second)| {
            let unknown = [&first.2, &second.2].into_iter().any(|value| value == NOT_RECORDED);
            let applies = if unknown { Weight::Told } else { first.1 };
            applies == weight && first.2 != second.2
        })
        .map(|((condition, _, first), (.., second))| Difference { condition, first, second })
        .collect()
}

/// Name, weight and value of each condition. Taken apart field by field, so that nobody adds one and forgets this place.
fn conditions(record: &RunRecord) -> Vec<(&'static str, Weight, String)> {
    use Weight::{Refused, Told};
    let PlanRecord {
        url,
        transport,
        insecure,
        method,
        headers,
        body_sha256,
        connections,
        threads,
        stop,
        timeout_s,
        expect,
        r#loop,
        schedule,
        spin,
        warmup_s,
        paths,
        new_connections,
        opening,
        connect_rate_per_sec,
    } = &record.plan;
    let Generator {
        engine,
        version,
        batching: _,
        cpu_user_s: _,
        cpu_system_s: _,
        cpu_waited_s: _,
        cpus,
        cpu_sleep,
    } = &record.generator;
    let Validation { status, body, body_bytes } = &record.validation;
    let schedule = schedule.map(|Schedule { rate, arrivals, seed: _, segment }| (rate, arrivals, segment));
    let bodies = if *body == BodyCheck::Off { "off" } else { "on" };
    let exact = if let ExpectedBody::Exact(text) = &expect.body { Some(text) } else { None };
    vec![
        ("transport", Refused, told(transport)),
        ("engine", Refused, engine.clone()),
        ("method", Refused, method.clone()),
        ("headers", Refused, headers.as_ref().map_or_else(unknown, told)),
        ("SHA-256 of the request's body", Refused, body_sha256.clone().unwrap_or_else(unknown)),
        ("connections", Refused, told(connections)),
        ("connections for each request", Refused, told(new_connections)),
        ("threads", Refused, told(threads)),
        ("loop", Refused, r#loop.clone()),
        ("offered rate", Refused, told(&schedule.map(|(rate, ..)| rate))),
        ("arrivals", Refused, told(&schedule.map(|(_, arrivals, _)| arrivals))),
        ("segment", Refused, told(&schedule.map(|(.., segment)| segment))),
        ("spinning", Refused, told(spin)),
        ("number of paths", Refused, told(paths)),
        ("expected status", Refused, told(status)),
        ("validation of bodies", Refused, bodies.to_owned()),
        ("timeout in seconds", Refused, told(timeout_s)),
        ("URL", Told, url.clone()),
        ("length", Told, told(stop)),
        ("warm-up in seconds", Told, told(warmup_s)),
        ("expected body", Told, told(&(body, exact))),
        ("length of the body", Told, told(body_bytes)),
        ("opening", Told, told(opening)),
        ("connections opened a second", Told, told(connect_rate_per_sec)),
        ("any certificate", Told, told(insecure)),
        ("version of the generator", Told, version.clone()),
        ("CPUs", Told, told(cpus)),
        ("deep sleep prevented", Told, told(&cpu_sleep.prevented)),
    ]
}

/// A value as the record has it.
fn told(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).expect("what was read from a record can be written to one");
    text.trim_matches('"').to_owned()
}

/// All of them in words, for one line.
pub(crate) fn list(differences: &[Difference]) -> String {
    let one =
        |Difference { condition, first, second }: &Difference| format!("{condition} ({first}; {second})");
    differences.iter().map(one).collect::<Vec<_>>().join(", ")
}
