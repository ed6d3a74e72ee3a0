//! What a run is going to do: who takes part in which cells, what the pilots showed, what theory expects.

use crate::contender::Contender;
use crate::matrix::{Beside, Cell, Entry, Experiment, Load, Setting, Work};
use crate::order::TrialSpec;
use crate::prediction::{Pilot, Prediction, offered_per_sec, predict};
use crate::record::{Outcome, Planned};
use crate::trial::{Laboratory, TrialError};

/// Connections of a pilot: enough to keep a server's CPUs busy.
const PILOT_CONNECTIONS: usize = 64;

/// Turns entries into planned cells: how often each is measured, at which rate, and what is expected.
///
/// `cpus` are the server's.
#[must_use]
pub fn plan(entries: &[Entry], blocks: usize, pilots: &[Pilot], cpus: usize) -> Vec<Planned> {
    let mut planned = Vec::new();
    for entry in entries {
        let rivals: Vec<&Contender> = entry.contenders.iter().collect();
        for cell in entry.cells() {
            let contender = rivals.iter().find(|one| one.label == cell.contender);
            let contender = contender.expect("an entry's cells are of its contenders");
            let offered = offered_per_sec(&entry.setting, contender, &rivals, pilots);
            let prediction = predict(&entry.setting, contender, pilots, offered, cpus);
            planned.push(Planned {
                cell,
                blocks: entry.blocks.of(blocks),
                windows: entry.windows,
                offered_per_sec: offered,
                prediction,
            });
        }
    }
    planned
}

/// The setting of a pilot: nothing but greetings, as many as the server can give.
#[must_use]
pub fn pilot_setting() -> Setting {
    Setting {
        experiment: Experiment::Hello,
        work: Work::NOTHING,
        load: Load::Closed { connections: PILOT_CONNECTIONS },
        beside: Beside::Nothing,
    }
}

/// Measures each server once: CPU time of a greeting and capacity. Pools of several sizes are one server, and have one pilot, with
/// the first of them.
///
/// # Errors
///
/// [`TrialError::Interrupted`] when the user asks to stop; any other failure is in the pilot itself.
pub fn fly_pilots(
    laboratory: &mut impl Laboratory,
    contenders: &[Contender],
    mut told: impl FnMut(&Pilot),
) -> Result<Vec<Pilot>, TrialError> {
    let mut pilots: Vec<Pilot> = Vec::new();
    for contender in contenders {
        if pilots.iter().any(|pilot| pilot.base == contender.base) {
            continue;
        }
        let cell = Cell::of(pilot_setting(), contender);
        let prediction =
            Prediction { at_most_per_sec: None, bound: None, reason: Some("a pilot".to_owned()) };
        let planned =
            Planned { cell: cell.clone(), blocks: 1, windows: 1, offered_per_sec: None, prediction };
        let spec = TrialSpec { block: 0, position: 0, cell };
        let outcome = match laboratory.measure(&spec, &planned) {
            Ok(measurement) => Outcome::Measured(Box::new(measurement)),
            Err(TrialError::Interrupted) => return Err(TrialError::Interrupted),
            Err(error) => Outcome::Failed { reason: error.to_string() },
        };
        let pilot = Pilot::from_outcome(&contender.base, &outcome);
        told(&pilot);
        pilots.push(pilot);
    }
    Ok(pilots)
}

impl Pilot {
    fn from_outcome(base: &str, outcome: &Outcome) -> Self {
        let base = base.to_owned();
        match outcome {
            Outcome::Measured(it) if it.load.requests.ok > 0 => Pilot {
                base,
                cpu_s: it.server_cpu_us_per_request().map(|us| us / 1e6),
                capacity_per_sec: Some(it.load.rate.achieved_per_sec),
                reason: None,
            },
            Outcome::Measured(_) => Pilot {
                base,
                cpu_s: None,
                capacity_per_sec: None,
                reason: Some("it gave no valid answer".to_owned()),
            },
            Outcome::Failed { reason } => {
                Pilot { base, cpu_s: None, capacity_per_sec: None, reason: Some(reason.clone()) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contender::Model;
    use crate::matrix::Profile;
    use crate::record::Measurement;
    use crate::testing::measurement;

    struct OneFails;

    impl Laboratory for OneFails {
        fn measure(&mut self, spec: &TrialSpec, _: &Planned) -> Result<Measurement, TrialError> {
            match spec.cell.contender.as_str() {
                "sync/tiny-http" => Err(TrialError::Contract("greet.name".to_owned())),
                _ => Ok(measurement(10_000.0)),
            }
        }
    }

    #[test]
    fn each_server_has_one_pilot_and_a_failed_one_says_why() {
        let mut contenders = Contender::all_of_ours();
        contenders.push(Contender::ours(Model::Threaded, "hyper").with_workers(8));
        let pilots = fly_pilots(&mut OneFails, &contenders, |_| ()).unwrap();
        assert_eq!(pilots.len(), 6);
        for pilot in &pilots {
            assert_eq!(pilot.cpu_s.is_none(), pilot.base == "sync/tiny-http");
            assert_eq!(pilot.reason.is_some(), pilot.cpu_s.is_none(), "{pilot:?}");
        }
        // Half a second of CPU for 10,000 answers.
        assert!((pilots[1].cpu_s.unwrap() - 50e-6).abs() < 1e-12);

        let entries = Experiment::EqualRate.entries(Profile::Standard, &[]);
        let planned = plan(&entries, 5, &pilots, 1);
        assert!(planned.iter().all(|one| one.offered_per_sec.is_none()), "the slowest is not known");
    }

    #[test]
    fn a_setting_has_the_blocks_and_windows_that_it_needs() {
        for (experiment, asked, blocks, windows) in [
            (Experiment::Users, 10, 5, 4),
            (Experiment::Users, 2, 2, 4),
            (Experiment::Hello, 6, 16, 1),
            (Experiment::Hello, 20, 20, 1),
            (Experiment::Waiting, 6, 6, 1),
        ] {
            let entries = experiment.entries(Profile::Standard, &[]);
            let planned = plan(&entries, asked, &[], 1);
            assert!(
                planned.iter().all(|one| (one.blocks, one.windows) == (blocks, windows)),
                "{experiment:?}"
            );
        }
    }
}
