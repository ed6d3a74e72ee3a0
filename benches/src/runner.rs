//! Making all trials of a comparison: in order, each kept as soon as it is finished, a failed one beside the others.

use std::collections::HashMap;
use std::time::Duration;

use crate::order::TrialSpec;
use crate::record::{Outcome, Planned, SCHEMA_VERSION, TrialRecord};
use crate::store::StoreError;
use crate::trial::{Laboratory, TrialError};

/// How a run of trials ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Every trial was made, though some may have failed.
    Complete,
    /// The user stopped it; what was finished before is kept.
    Interrupted,
}

/// Makes `specs` in order. `now` tells the time since the run's start; `keep` takes each finished trial before the
/// next begins.
///
/// A trial that fails is recorded as failed, with its reason, and is not made again: a second try would hide how often
/// it happens.
///
/// # Errors
///
/// [`StoreError`] when a finished trial cannot be kept: going on would measure for nothing.
///
/// # Panics
///
/// When a trial's cell is not planned.
pub fn run_trials(
    laboratory: &mut impl Laboratory,
    planned: &[Planned],
    specs: &[TrialSpec],
    now: impl Fn() -> Duration,
    mut keep: impl FnMut(&TrialRecord) -> Result<(), StoreError>,
) -> Result<Ending, StoreError> {
    let by_label: HashMap<String, &Planned> = planned.iter().map(|one| (one.cell.label(), one)).collect();
    for spec in specs {
        let started_s = now().as_secs_f64();
        let outcome = match laboratory.measure(spec, by_label[&spec.cell.label()]) {
            Ok(measurement) => Outcome::Measured(Box::new(measurement)),
            Err(TrialError::Interrupted) => return Ok(Ending::Interrupted),
            Err(error) => Outcome::Failed { reason: error.to_string() },
        };
        let ended_s = Some(now().as_secs_f64());
        keep(&TrialRecord {
            schema_version: SCHEMA_VERSION,
            spec: spec.clone(),
            started_s,
            ended_s,
            outcome,
        })?;
    }
    Ok(Ending::Complete)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::order::randomised_blocks;
    use crate::record::Measurement;
    use crate::testing::{measurement, planned};

    struct Scripted(fn(&TrialSpec) -> Result<Measurement, TrialError>);

    impl Laboratory for Scripted {
        fn measure(&mut self, spec: &TrialSpec, planned: &Planned) -> Result<Measurement, TrialError> {
            assert_eq!(spec.cell, planned.cell);
            (self.0)(spec)
        }
    }

    fn run(script: fn(&TrialSpec) -> Result<Measurement, TrialError>) -> (Ending, Vec<TrialRecord>) {
        let planned = planned(2);
        let mut kept = Vec::new();
        let ending = run_trials(
            &mut Scripted(script),
            &planned,
            &randomised_blocks(&planned, 1),
            || Duration::ZERO,
            |trial| {
                kept.push(trial.clone());
                Ok(())
            },
        );
        (ending.unwrap(), kept)
    }

    #[test]
    fn a_failed_trial_is_kept_with_its_reason_and_the_others_go_on() {
        let (ending, kept) = run(|spec| match spec.cell.contender.as_str() {
            "sync/tiny-http" => Err(TrialError::Contract("greet.name".to_owned())),
            _ => Ok(measurement(1_000.0)),
        });
        assert_eq!(ending, Ending::Complete);
        assert_eq!(kept.len(), 2 * planned(2).len());
        for trial in kept {
            match trial.outcome {
                Outcome::Failed { reason } => {
                    assert_eq!(trial.spec.cell.contender, "sync/tiny-http");
                    assert!(reason.contains("greet.name"), "{reason}");
                }
                Outcome::Measured(_) => assert_ne!(trial.spec.cell.contender, "sync/tiny-http"),
            }
        }
    }

    #[test]
    fn an_interrupted_trial_is_not_kept_and_ends_the_run() {
        let (ending, kept) = run(|spec| match spec.position {
            0..3 => Ok(measurement(1_000.0)),
            _ => Err(TrialError::Interrupted),
        });
        assert_eq!((ending, kept.len()), (Ending::Interrupted, 3));
    }

    #[test]
    fn a_trial_that_cannot_be_kept_ends_the_run() {
        let planned = planned(1);
        let mut asked = 0;
        let ended = run_trials(
            &mut Scripted(|_| Ok(measurement(1.0))),
            &planned,
            &randomised_blocks(&planned, 1),
            || Duration::ZERO,
            |_| {
                asked += 1;
                Err(StoreError::Write { path: "full".into(), source: io::ErrorKind::StorageFull.into() })
            },
        );
        assert!(ended.is_err());
        assert_eq!(asked, 1);
    }
}
