//! Candidates held against an objective, and the one that is recommended.
//!
//! The rule: of those that meet the objective with a tenth of it to spare, the one with the least memory; where others need
//! at most a tenth more memory, the one of these with the most to spare. If none has a tenth to spare, the one with the most; if none meets the
//! objective, the one that comes closest, and it is said that it does not. One that failed in the nearest cell that was measured is only
//! recommended where there is no other.

use serde::Serialize;

use super::Workload;
use super::model::{Expected, Model};
use super::observed::Place;
use super::verify::Verification;
use crate::contender::{Contender, Model as Concurrency};

/// The share of the objective that a candidate should have to spare.
pub const TO_SPARE: f64 = 0.1;
/// Memory that differs by less than this share is the same.
const SAME_MEMORY: f64 = 0.1;
/// The smallest pool that is considered, and the largest.
const POOLS: (usize, usize) = (8, 4_096);

/// A server, and what is expected of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// Its label.
    #[serde(serialize_with = "label")]
    pub contender: Contender,
    /// What is expected.
    #[serde(flatten)]
    pub expected: Expected,
    /// What is left of the objective at the expected 99th percentile, as a share of it; below 0 it is missed.
    pub margin: f64,
}

/// How sure the recommended candidate is to meet the objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outlook {
    /// With a tenth or more to spare.
    Meets,
    /// With less to spare.
    Barely,
    /// Not at all.
    Misses,
}

/// Candidates, and the one that is recommended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Advice {
    /// The run that it comes from.
    pub run: String,
    /// CPUs of the server.
    pub cpus: usize,
    /// Cells of that run that taught something.
    pub cells: usize,
    /// What makes the whole of it less sure: another machine, a run that lacks something.
    pub doubts: Vec<String>,
    /// What was asked.
    pub workload: Workload,
    /// Everybody the run teaches something of.
    pub candidates: Vec<Candidate>,
    /// The label of the recommended one; null if there is no candidate at all.
    pub recommended: Option<String>,
    /// How sure it is.
    pub outlook: Option<Outlook>,
    /// What measuring it showed; null if it was not measured.
    pub verification: Option<Verification>,
}

fn label<S: serde::Serializer>(contender: &Contender, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&contender.label)
}

/// Who is considered for so many clients: one at a time, pools from 8 workers to one a client, tasks.
#[must_use]
pub fn contenders(clients: usize) -> Vec<Contender> {
    let pool = Contender::ours(Concurrency::Threaded, "hyper");
    let most = clients.clamp(POOLS.0, POOLS.1);
    let doubling = std::iter::successors(Some(POOLS.0), |workers| Some(workers * 2));
    let sizes = doubling.take_while(|&workers| workers < most).chain([most]);
    let mut all = vec![Contender::ours(Concurrency::Sync, "hyper")];
    all.extend(sizes.map(|workers| pool.with_workers(workers)));
    all.extend(["axum", "hyper"].map(|stack| Contender::ours(Concurrency::Async, stack)));
    all
}

impl Advice {
    /// What a model advises for a workload.
    #[must_use]
    pub fn of(model: &Model, workload: &Workload) -> Self {
        let slo_s = workload.slo_p99.as_secs_f64();
        let candidate = |contender: Contender| {
            let place = Place::of(&contender, workload.io_wait, workload.cpu_work, workload.clients);
            let expected = model.expect(&contender, &place)?;
            Some(Candidate { margin: 1.0 - expected.p99_s / slo_s, contender, expected })
        };
        let candidates: Vec<Candidate> =
            contenders(workload.clients).into_iter().filter_map(candidate).collect();
        let chosen = choose(&candidates);
        Advice {
            run: model.run.clone(),
            cpus: model.cpus,
            cells: model.observed.len(),
            doubts: Vec::new(),
            workload: *workload,
            recommended: chosen.map(|(one, _)| one.contender.label.clone()),
            outlook: chosen.map(|(_, outlook)| outlook),
            candidates,
            verification: None,
        }
    }

    /// The recommended candidate.
    #[must_use]
    pub fn chosen(&self) -> Option<&Candidate> {
        let label = self.recommended.as_ref()?;
        self.candidates.iter().find(|one| one.contender.label == *label)
    }
}

/// The candidate that the rule of this module recommends.
fn choose(candidates: &[Candidate]) -> Option<(&Candidate, Outlook)> {
    let by_margin = |a: &&Candidate, b: &&Candidate| a.margin.total_cmp(&b.margin);
    let bytes = |one: &Candidate| one.expected.memory_bytes.unwrap_or(f64::INFINITY);
    let serving = || candidates.iter().filter(|one| one.expected.fails.is_none());
    let roomy = || serving().filter(|one| one.margin >= TO_SPARE);
    if let Some(least) = roomy().map(bytes).min_by(f64::total_cmp) {
        let cheap = roomy().filter(|&one| bytes(one) <= least * (1.0 + SAME_MEMORY));
        return cheap.max_by(by_margin).map(|best| (best, Outlook::Meets));
    }
    let Some(best) = serving().max_by(by_margin) else {
        return candidates.iter().max_by(by_margin).map(|best| (best, Outlook::Misses));
    };
    Some((best, if best.margin >= 0.0 { Outlook::Barely } else { Outlook::Misses }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prediction::Bound;

    fn candidate(name: &str, margin: f64, mebibytes: Option<f64>) -> Candidate {
        let expected = Expected {
            rate_per_sec: 1.0,
            mean_s: 1.0,
            p99_s: 1.0,
            memory_bytes: mebibytes.map(|it| it * f64::from(1 << 20)),
            bound: Bound::Cpu,
            fails: None,
            doubts: Vec::new(),
        };
        Candidate { contender: Contender::called(name, &[]).unwrap(), expected, margin }
    }

    #[test]
    fn the_cheapest_with_room_wins_and_the_roomiest_of_equals() {
        let sync = |margin| candidate("sync/hyper", margin, Some(4.0));
        let pool = |margin| candidate("threaded/hyper@64", margin, Some(8.0));
        let task = |margin| candidate("async/hyper", margin, Some(8.5));
        let unknown = |margin| candidate("async/axum", margin, None);
        let failing = |margin| {
            let mut one = candidate("threaded/hyper@8", margin, Some(4.0));
            one.expected.fails = Some("many failed".to_owned());
            one
        };
        for (candidates, expected) in [
            (vec![sync(0.5), pool(0.6), task(0.7)], Some(("sync/hyper", Outlook::Meets))),
            (vec![sync(-9.0), pool(0.6), task(0.5)], Some(("threaded/hyper@64", Outlook::Meets))),
            (vec![sync(-9.0), pool(0.5), task(0.6)], Some(("async/hyper", Outlook::Meets))),
            (vec![sync(-9.0), pool(0.09), task(0.1)], Some(("async/hyper", Outlook::Meets))),
            (vec![sync(-9.0), pool(0.09), task(0.05)], Some(("threaded/hyper@64", Outlook::Barely))),
            (vec![sync(-9.0), pool(-0.2), task(-0.1)], Some(("async/hyper", Outlook::Misses))),
            (vec![unknown(0.9), task(0.2)], Some(("async/hyper", Outlook::Meets))),
            (vec![unknown(0.9), task(-0.2)], Some(("async/axum", Outlook::Meets))),
            (vec![failing(0.9), task(0.2)], Some(("async/hyper", Outlook::Meets))),
            (vec![failing(0.9), task(-0.2)], Some(("async/hyper", Outlook::Misses))),
            (vec![failing(0.9)], Some(("threaded/hyper@8", Outlook::Misses))),
            (vec![], None),
        ] {
            let chosen = choose(&candidates).map(|(one, outlook)| (one.contender.label.as_str(), outlook));
            assert_eq!(chosen, expected, "{candidates:?}");
        }
    }

    #[test]
    fn pools_double_up_to_one_worker_a_client_and_no_further_than_the_largest() {
        let workers = |clients| -> Vec<usize> {
            contenders(clients).iter().filter(|one| one.has_pool()).filter_map(|one| one.workers).collect()
        };
        assert_eq!(workers(1), [8]);
        assert_eq!(workers(8), [8]);
        assert_eq!(workers(100), [8, 16, 32, 64, 100]);
        assert_eq!(workers(9_999).last(), Some(&4_096));
        let labels: Vec<String> = contenders(16).into_iter().map(|one| one.label).collect();
        assert_eq!(
            labels,
            ["sync/hyper", "threaded/hyper@8", "threaded/hyper@16", "async/axum", "async/hyper"]
        );
    }
}
