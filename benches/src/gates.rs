//! Gates: whether a trial's figures may be believed, each a stated bound with what was seen.
//!
//! | gate | bound | where |
//! |---|---|---|
//! | generator | its own verdict is not INVALID; past capacity a missed rate is the finding, all else it says holds | everywhere |
//! | contract | no answer was wrong | everywhere |
//! | failures | at most 0.1 % of the requests failed otherwise | everywhere but in overload |
//! | starved | at most 5 % of the connections were asked and never answered, those in an open loop apart whose first request waits as it should | with nothing beside, but in overload |
//! | Little's law | \|X R / N − 1\| ≤ 5 % | closed loop with nothing beside |
//! | concurrency | the server worked on no more than min(c, k) at a time, and on 90 % of that, unless its CPUs were busy for 95 % of the window | closed loop with a wait |
//! | stolen | the hypervisor kept at most 2 % of the CPU time | where the kernel tells |
//! | others | other processes used at most 5 % of the CPU time, as far as the kernel's ticks can tell | everywhere |
//! | placement | the server could run on no CPU but its own | everywhere |
//!
//! Little's law (J. D. C. Little, Operations Research 9 (1961), 383–387): N connections that always have a request outstanding,
//! X answers a second that took R on average, make X R = N. A connection that is ignored is in N and not in X R, so a server
//! that serves a few and ignores the rest is caught, however fast it is with those. X R is taken as what it stands for, the number
//! outstanding on average ([`Samples::outstanding`]): the answers of a window alone fall short by the requests that its ends cut off, and by more than 5 % where
//! some took a tenth of it.
//!
//! The peak of requests at work is the server's own word since it started, examination and warm-up included: a pool that lost workers between
//! warm-up and window would show in its rate only.

use loadgen::verdict::Reason;
use loadgen::{ErrorClass, RunRecord, Samples, Status};
use serde::{Deserialize, Serialize};

use crate::contender::Contender;
use crate::format::figures;
use crate::matrix::{Beside, Experiment, Load, Setting};
use crate::record::Measurement;
use crate::surroundings::Surroundings;

/// How far X R / N may be from 1.
const LITTLE: f64 = 0.05;
/// The share of connections that may go without an answer in the window: the room that Little's law has. With a thousand threads on a
/// CPU some do, by the kernel's scheduling; a bound of none would leave the largest pools out, and flatter who is compared with the rest.
const STARVED_SHARE: f64 = 0.05;
/// The share of requests that may fail.
const FAILED_SHARE: f64 = 0.001;
/// The least share of min(c, k) that must have been at work at a time.
const AT_WORK: f64 = 0.9;
/// From this share of its CPUs on a server has none left to begin more requests with, and fewer may be at work than could.
const CPU_BOUND: f64 = 0.95;
/// The share of the CPU time that the hypervisor may keep.
const STOLEN: f64 = 0.02;
/// The share of the CPU time that other processes may use.
const OTHERS: f64 = 0.05;
/// A smaller error of that share is not told.
const TOLD: f64 = 0.0005;

/// Errors that mean a wrong answer rather than none.
const WRONG: [ErrorClass; 3] = [ErrorClass::BadStatus, ErrorClass::BadBody, ErrorClass::Protocol];

/// A condition for believing a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// The generator vouches for itself.
    Generator,
    /// The server kept the contract under load.
    Contract,
    /// Hardly any request failed.
    Failures,
    /// Hardly any connection was ignored.
    Starved,
    /// Throughput, latency and connections fit together.
    LittlesLaw,
    /// The server worked on as many requests at a time as the row claims.
    Concurrency,
    /// The hypervisor let the machine run.
    Stolen,
    /// Nobody else used the machine.
    Others,
    /// The server kept to its CPUs.
    Placement,
}

/// What came of a gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// The gate.
    pub gate: Gate,
    /// Whether it was passed; null where it does not apply.
    pub passed: Option<bool>,
    /// What was seen, or why it does not apply.
    pub reason: String,
}

impl Checked {
    /// Whether it applies and was not passed.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.passed == Some(false)
    }

    fn judged(gate: Gate, passed: bool, reason: String) -> Self {
        Checked { gate, passed: Some(passed), reason }
    }

    fn not_applicable(gate: Gate, reason: &str) -> Self {
        Checked { gate, passed: None, reason: reason.to_owned() }
    }
}

/// Holds a trial against every gate, in the order of [`Gate`]; `cpus` are those that the server was given.
#[must_use]
pub fn check(setting: &Setting, contender: &Contender, cpus: &[usize], it: &Measurement) -> Vec<Checked> {
    let load = &it.load;
    let overloaded = setting.experiment == Experiment::Overload;
    vec![
        generator(load, overloaded),
        contract(load),
        failures(load, overloaded),
        starved(load, setting, overloaded),
        littles_law(load, setting),
        concurrency(it, setting, contender, cpus.len()),
        stolen(&it.surroundings),
        others(&it.surroundings),
        placement(&it.server_cpus, cpus),
    ]
}

fn generator(load: &RunRecord, overloaded: bool) -> Checked {
    let found = &load.verdict.reasons;
    let missed = |one: &&Reason| matches!(one, Reason::RateMissed { .. });
    let only_missed = !found.is_empty() && found.iter().all(|one| missed(&one));
    let passed = load.verdict.status != Status::Invalid || (overloaded && only_missed);
    let mut reasons: Vec<String> =
        found.iter().filter(|one| !(overloaded && missed(one))).map(ToString::to_string).collect();
    if overloaded && found.iter().any(|one| missed(&one)) {
        reasons.push("past capacity a missed rate is the finding".to_owned());
    }
    let reason = if reasons.is_empty() { "it found nothing amiss".to_owned() } else { reasons.join("; ") };
    Checked::judged(Gate::Generator, passed, reason)
}

fn contract(load: &RunRecord) -> Checked {
    let wrong: u64 = WRONG.iter().filter_map(|class| load.requests.errors.get(class)).sum();
    Checked::judged(Gate::Contract, wrong == 0, format!("{wrong} answers were wrong"))
}

fn failures(load: &RunRecord, overloaded: bool) -> Checked {
    if overloaded {
        return Checked::not_applicable(Gate::Failures, "past capacity failures are the finding");
    }
    let (failed, sent) = (load.requests.failed(), load.requests.sent);
    let within = failed as f64 <= FAILED_SHARE * sent as f64;
    Checked::judged(Gate::Failures, within, format!("{failed} of {sent} requests failed"))
}

/// Why it says nothing that a connection waits, where waiting is what is looked at.
const FINDING: &str = "who has to wait beside the trouble is the finding";

fn starved(load: &RunRecord, setting: &Setting, overloaded: bool) -> Checked {
    if setting.beside != Beside::Nothing {
        return Checked::not_applicable(Gate::Starved, FINDING);
    }
    // One that has nothing to do in an open loop was not asked on, and does not count.
    if overloaded {
        return Checked::not_applicable(Gate::Starved, "past capacity who has to wait is the finding");
    }
    let (starved, wanted) = (load.connections.starved, load.connections.wanted);
    // In an open loop some are asked for the first time so late that their answer is not due before the end: at most as many as wait at a
    // time at that rate, by Little's law.
    let waiting = load.rate.target_per_sec.map_or(0.0, |rate| rate * setting.work.wait().as_secs_f64());
    let within = starved as f64 <= STARVED_SHARE * wanted as f64 + waiting;
    Checked::judged(Gate::Starved, within, format!("{starved} of {wanted} connections were never answered"))
}

fn littles_law(load: &RunRecord, setting: &Setting) -> Checked {
    let gate = Gate::LittlesLaw;
    if setting.beside != Beside::Nothing {
        return Checked::not_applicable(gate, FINDING);
    }
    if matches!(setting.load, Load::Open { .. }) {
        return Checked::not_applicable(gate, "an open loop does not fix the number of requests outstanding");
    }
    match Samples::from_record(load) {
        Err(error) => Checked::judged(gate, false, format!("the histogram cannot be read: {error}")),
        Ok(samples) if samples.answered().is_empty() => {
            Checked::judged(gate, false, "no request was answered".to_owned())
        }
        Ok(samples) => {
            let ratio = samples.outstanding(load.duration_s) / load.connections.wanted as f64;
            let seen = format!("X R / N is {}", figures(ratio));
            Checked::judged(gate, (ratio - 1.0).abs() <= LITTLE, seen)
        }
    }
}

fn concurrency(it: &Measurement, setting: &Setting, contender: &Contender, cpus: usize) -> Checked {
    let gate = Gate::Concurrency;
    let (Load::Closed { connections }, Beside::Nothing) = (setting.load, setting.beside) else {
        return Checked::not_applicable(gate, "only a closed loop alone says how many there should be");
    };
    let Some(peak) = it.peak_in_flight else {
        return Checked::not_applicable(gate, "the server was not asked, or does not tell");
    };
    let blocked = setting.work.block_the_loop.then_some(cpus);
    let expected = connections.min(blocked.or(contender.workers).unwrap_or(connections));
    let seen = format!("at most {peak} requests were at work at a time, of {expected}");
    let busy = it.server.cpu_s / (it.load.duration_s * cpus as f64);
    let enough = peak as f64 >= AT_WORK * expected as f64;
    if !enough && busy >= CPU_BOUND {
        let seen = format!(
            "{seen}; its CPUs were busy for {} % of the window and let it begin no more",
            percent(busy)
        );
        return Checked::judged(gate, true, seen);
    }
    Checked::judged(gate, enough && peak <= expected, seen)
}

fn percent(share: f64) -> String {
    figures(share * 100.0)
}

fn stolen(it: &Surroundings) -> Checked {
    match it.stolen_share {
        None => {
            let reason = it.stolen_missing.as_deref().unwrap_or("the kernel does not tell");
            Checked::not_applicable(Gate::Stolen, reason)
        }
        Some(share) => {
            let seen = format!("the hypervisor kept {} % of the CPU time", percent(share));
            Checked::judged(Gate::Stolen, share <= STOLEN, seen)
        }
    }
}

/// Where the kernel does not say whether a process's CPU time has the interrupts in it that came meanwhile, both readings must agree.
fn others(it: &Surroundings) -> Checked {
    let gate = Gate::Others;
    let (with, error) = (it.others_share, it.others_error.unwrap_or(0.0));
    let without = with - it.interrupts_share.unwrap_or(0.0);
    let give = if error < TOLD { String::new() } else { format!(" ± {}", percent(error)) };
    let told = |share: f64| format!("other processes used {}{give} % of the CPU time", percent(share));
    let judged = |share: f64| Checked::judged(gate, share - error <= OTHERS, told(share));
    match it.interrupts_in_clocks {
        Some(true) => judged(with),
        Some(false) => judged(without),
        None if (with - error <= OTHERS) == (without - error <= OTHERS) => judged(with),
        None => Checked::not_applicable(
            gate,
            &format!(
                "{}, or {} % without interrupts, and the kernel does not tell whose those are",
                told(with),
                percent(without)
            ),
        ),
    }
}

fn placement(allowed: &[usize], given: &[usize]) -> Checked {
    let beyond: Vec<String> =
        allowed.iter().filter(|cpu| !given.contains(cpu)).map(ToString::to_string).collect();
    let seen = if beyond.is_empty() {
        "the server kept to its CPUs".to_owned()
    } else {
        format!("the server may also run on CPU {}", beyond.join(", "))
    };
    Checked::judged(Gate::Placement, beyond.is_empty(), seen)
}

#[cfg(test)]
mod tests;
