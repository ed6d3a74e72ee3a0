//! Pilots: each server loaded once before the first trial, for what predictions and offered rates are made from.
//!
//! A pilot is held against the gates of a trial that concern machine, generator and contract; that a pool turns some of many clients away, or lets them
//! wait, is part of its capacity. Much hangs on it, and a machine may be busy for a moment: unlike a trial it is flown again, a few times, and how often is
//! told. One that fails a gate each time has no figures. Where the generator was the limit the CPU time of a request stands, and the capacity is "at least" that.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::contender::Contender;
use crate::gates::{Checked, Gate};
use crate::matrix::setting::seconds;
use crate::matrix::{Beside, Cell, Entry, Experiment, Load, Offered, Setting, Work};
use crate::order::TrialSpec;
use crate::prediction::Prediction;
use crate::record::{Outcome, Planned};
use crate::trial::{Laboratory, TrialError};

/// Connections of a pilot of greetings: enough to keep a server's CPUs busy.
pub const PILOT_CONNECTIONS: usize = 64;

/// How often a pilot is flown at most.
const MOST_FLIGHTS: usize = 5;

/// What a pilot run showed of a server at saturation: CPU time of a request, and capacity. Each server has one with no work but the greeting,
/// from which predictions are made; and one at the connections and the CPU work of each setting that offers a share of a capacity there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pilot {
    /// The server, without the size of its pool.
    pub base: String,
    /// Connections.
    #[serde(default = "pilot_connections")]
    pub connections: usize,
    /// CPU work in every request, in seconds.
    #[serde(default, with = "seconds")]
    pub cpu_work: Duration,
    /// CPU seconds of the server for each valid answer; null when the pilot failed.
    pub cpu_s: Option<f64>,
    /// Valid answers a second; null when the pilot failed.
    pub capacity_per_sec: Option<f64>,
    /// Whether the generator was the limit, so that the server is capable of that or more.
    #[serde(default)]
    pub at_least: bool,
    /// Whether its figures may be believed, gate by gate; empty in older records. One that failed a gate has no figures.
    #[serde(default)]
    pub gates: Vec<Checked>,
    /// How often it was flown; 1 in older records.
    #[serde(default = "once")]
    pub flown: usize,
    /// Why it failed.
    pub reason: Option<String>,
}

const fn once() -> usize {
    1
}

const fn pilot_connections() -> usize {
    PILOT_CONNECTIONS
}

impl Pilot {
    /// A pilot of greetings that has shown nothing yet.
    #[must_use]
    pub fn of_greetings(base: &str) -> Self {
        Pilot {
            base: base.to_owned(),
            connections: PILOT_CONNECTIONS,
            cpu_work: Duration::ZERO,
            cpu_s: None,
            capacity_per_sec: None,
            at_least: false,
            gates: Vec::new(),
            flown: 1,
            reason: None,
        }
    }

    /// Whether it shows the capacity of the server `base` in `setting`.
    #[must_use]
    pub fn is_of(&self, base: &str, setting: &Setting) -> bool {
        self.base == base
            && (self.connections, self.cpu_work) == (setting.load.connections(), setting.work.cpu_work)
    }

    /// What a pilot in `setting` showed of the server `base`.
    fn from_outcome(base: &str, setting: &Setting, outcome: Outcome) -> Self {
        let plain = Pilot {
            connections: setting.load.connections(),
            cpu_work: setting.work.cpu_work,
            ..Pilot::of_greetings(base)
        };
        let it = match outcome {
            Outcome::Measured(it) => it,
            Outcome::Failed { reason } => return Pilot { reason: Some(reason), ..plain },
        };
        let of_the_server = [Gate::Failures, Gate::Starved, Gate::LittlesLaw, Gate::Concurrency];
        let doubted = it.failed_gates().filter(|one| !of_the_server.contains(&one.gate));
        let doubts: Vec<String> = doubted.map(|one| one.reason.clone()).collect();
        let reason = match (it.load.requests.ok, doubts.is_empty()) {
            (0, _) => Some("it gave no valid answer".to_owned()),
            (_, false) => Some(format!("its figures are not to be believed: {}", doubts.join("; "))),
            (_, true) => None,
        };
        let believed = reason.is_none();
        Pilot {
            cpu_s: it.server_cpu_us_per_request().map(|us| us / 1e6).filter(|_| believed),
            capacity_per_sec: believed.then_some(it.load.rate.achieved_per_sec),
            at_least: believed && it.is_client_bound(),
            gates: it.gates,
            reason,
            ..plain
        }
    }
}

/// The setting of a pilot: as many answers as the server can give.
#[must_use]
pub fn pilot_setting(connections: usize, cpu_work: Duration) -> Setting {
    Setting {
        experiment: Experiment::Hello,
        work: Work { cpu_work, ..Work::NOTHING },
        load: Load::Closed { connections },
        beside: Beside::Nothing,
    }
}

/// Who is flown in which settings: everybody with greetings, then those of which an entry wants to know a share of the capacity. Pools of several
/// sizes are one server, and have one pilot, with the first of them.
fn flights(entries: &[Entry]) -> Vec<(Setting, &Contender)> {
    let greetings = entries.iter().map(|entry| (pilot_setting(PILOT_CONNECTIONS, Duration::ZERO), entry));
    let shares = entries.iter().filter(|entry| {
        let share = |offered| matches!(offered, Offered::OfOwn(_) | Offered::OfSlowest(_));
        matches!(entry.setting.load, Load::Open { offered, .. } if share(offered))
    });
    let shares = shares
        .map(|entry| (pilot_setting(entry.setting.load.connections(), entry.setting.work.cpu_work), entry));
    let mut flights: Vec<(Setting, &Contender)> = Vec::new();
    for (setting, entry) in greetings.chain(shares) {
        for contender in &entry.contenders {
            if !flights.iter().any(|(known, one)| *known == setting && one.base == contender.base) {
                flights.push((setting, contender));
            }
        }
    }
    flights
}

/// Measures each server of `entries` once, and once more where a share of its capacity at other work is wanted.
///
/// # Errors
///
/// [`TrialError::Interrupted`] when the user asks to stop; any other failure is in the pilot itself.
pub fn fly_pilots(
    laboratory: &mut impl Laboratory,
    entries: &[Entry],
    mut told: impl FnMut(&Pilot),
) -> Result<Vec<Pilot>, TrialError> {
    let mut pilots: Vec<Pilot> = Vec::new();
    for (setting, contender) in flights(entries) {
        let cell = Cell::of(setting, contender);
        let prediction =
            Prediction { at_most_per_sec: None, bound: None, reason: Some("a pilot".to_owned()) };
        let planned =
            Planned { cell: cell.clone(), blocks: 1, windows: 1, offered_per_sec: None, prediction };
        let spec = TrialSpec { block: 0, position: 0, cell };
        let mut flown = 0;
        let pilot = loop {
            flown += 1;
            let outcome = match laboratory.measure(&spec, &planned) {
                Ok(measurement) => Outcome::Measured(Box::new(measurement)),
                Err(TrialError::Interrupted) => return Err(TrialError::Interrupted),
                Err(error) => Outcome::Failed { reason: error.to_string() },
            };
            // A server that fails does so again; a machine that was busy may not be.
            let may_do_better = matches!(outcome, Outcome::Measured(_)) && flown < MOST_FLIGHTS;
            let pilot = Pilot { flown, ..Pilot::from_outcome(&contender.base, &setting, outcome) };
            if pilot.reason.is_none() || !may_do_better {
                break pilot;
            }
        };
        told(&pilot);
        pilots.push(pilot);
    }
    Ok(pilots)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agenda::plan;
    use crate::contender::Model;
    use crate::matrix::Profile;
    use crate::record::Measurement;
    use crate::testing::{client_bound, measurement, not_valid};

    /// One fails, one is measured while others use the machine, one is faster than the generator.
    struct Troubled;

    /// The machine is busy for the first two flights.
    #[derive(Default)]
    struct BusyAtFirst(usize);

    impl Laboratory for BusyAtFirst {
        fn measure(&mut self, _: &TrialSpec, _: &Planned) -> Result<Measurement, TrialError> {
            self.0 += 1;
            Ok(if self.0 <= 2 { not_valid(1_000.0) } else { measurement(10_000.0) })
        }
    }

    #[test]
    fn a_machine_that_is_busy_for_a_moment_spoils_no_pilot() {
        let entries = Experiment::EqualRate.entries(Profile::Standard, &[]);
        let pilots = fly_pilots(&mut BusyAtFirst::default(), &entries, |_| ()).unwrap();
        let flown: Vec<usize> = pilots.iter().map(|one| one.flown).collect();
        assert_eq!(flown, [3, 1, 1, 1, 1, 1]);
        assert!(pilots.iter().all(|one| one.capacity_per_sec == Some(10_000.0)), "{pilots:?}");
    }

    impl Laboratory for Troubled {
        fn measure(&mut self, spec: &TrialSpec, _: &Planned) -> Result<Measurement, TrialError> {
            match spec.cell.contender.as_str() {
                "sync/tiny-http" => Err(TrialError::Contract("greet.name".to_owned())),
                "async/axum" => Ok(not_valid(10_000.0)),
                "async/hyper" => Ok(client_bound(10_000.0)),
                _ => Ok(measurement(10_000.0)),
            }
        }
    }

    #[test]
    fn each_server_has_one_pilot_and_one_without_figures_says_why() {
        let mut entries = Experiment::EqualRate.entries(Profile::Standard, &[]);
        entries[0].contenders.push(Contender::ours(Model::Threaded, "hyper").with_workers(8));
        let pilots = fly_pilots(&mut Troubled, &entries, |_| ()).unwrap();
        assert_eq!(pilots.len(), 6);
        let of = |base: &str| pilots.iter().find(|one| one.base == base).unwrap();
        for (base, reason) in [
            ("sync/tiny-http", Some("greet.name")),
            ("async/axum", Some("not to be believed: other processes used 40.0 %")),
            ("async/hyper", None),
            ("sync/hyper", None),
        ] {
            let pilot = of(base);
            assert_eq!(
                (pilot.cpu_s.is_none(), pilot.capacity_per_sec.is_none()),
                (reason.is_some(), reason.is_some())
            );
            assert_eq!(pilot.reason.is_some(), reason.is_some(), "{pilot:?}");
            assert!(pilot.reason.iter().all(|told| told.contains(reason.unwrap())), "{pilot:?}");
            assert_eq!(pilot.at_least, base == "async/hyper");
            assert_eq!(pilot.flown, if base == "async/axum" { MOST_FLIGHTS } else { 1 });
        }
        assert!(of("async/axum").gates.iter().any(Checked::failed));
        // Half a second of CPU for 10,000 answers.
        assert!((of("threaded/hyper").cpu_s.unwrap() - 50e-6).abs() < 1e-12);

        let planned = plan(&entries, 5, &pilots, 1);
        assert!(planned.iter().all(|one| one.offered_per_sec.is_none()), "the slowest is not known");
    }

    #[test]
    fn a_capacity_of_which_a_share_is_wanted_is_measured_at_its_own_work() {
        let entries: Vec<Entry> = [Experiment::Hello, Experiment::Overload]
            .into_iter()
            .flat_map(|one| one.entries(Profile::Standard, &[]))
            .collect();
        let pilots = fly_pilots(&mut Troubled, &entries, |_| ()).unwrap();
        let shown: Vec<(&str, usize, u128)> =
            pilots.iter().map(|one| (one.base.as_str(), one.connections, one.cpu_work.as_micros())).collect();
        assert_eq!(
            shown[6..],
            [("threaded/hyper", 256, 100), ("async/axum", 256, 100), ("async/hyper", 256, 100)]
        );
        assert!(shown[..6].iter().all(|(_, connections, work)| (*connections, *work) == (64, 0)));
    }

    #[test]
    fn older_pilots_are_of_greetings() {
        let old = r#"{"base":"async/axum","cpu_s":2e-5,"capacity_per_sec":5e4,"reason":null}"#;
        let old: Pilot = serde_json::from_str(old).unwrap();
        assert!(
            old.is_of("async/axum", &pilot_setting(64, Duration::ZERO))
                && !old.is_of("async/axum", &pilot_setting(256, Duration::ZERO))
        );
    }
}
