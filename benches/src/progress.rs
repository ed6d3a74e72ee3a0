//! What a person sees while trials run: a bar on a terminal, a line a trial elsewhere.

use indicatif::{ProgressBar, ProgressStyle};

use crate::format::{figures, grouped};
use crate::prediction::Pilot;
use crate::record::{Outcome, TrialRecord};

/// Progress over a known number of trials, on stderr.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(crate) fn over(trials: usize) -> Self {
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} trials, {eta} left  {msg}");
        let bar = ProgressBar::new(trials as u64).with_style(style.expect("the template is a constant"));
        Progress { bar }
    }

    pub(crate) fn finished(&self, trial: &TrialRecord) {
        let result = match &trial.outcome {
            Outcome::Measured(one) => {
                let failed = one.failed_gates().next();
                let doubt = failed.map(|gate| format!(", not valid: {}", gate.reason)).unwrap_or_default();
                format!("{} requests/s{doubt}", grouped(one.load.rate.achieved_per_sec))
            }
            Outcome::Failed { reason } => format!("failed: {reason}"),
        };
        self.bar.inc(1);
        self.say(format!("block {} {}: {result}", trial.spec.block + 1, trial.spec.cell.label()));
    }

    pub(crate) fn flown(&self, pilot: &Pilot) {
        self.say(match (pilot.cpu_s, pilot.capacity_per_sec, &pilot.reason) {
            (Some(cpu_s), Some(rate), _) => format!(
                "pilot {}{}: {}{} requests/s, {} µs of CPU each",
                pilot.base,
                if pilot.cpu_work.is_zero() {
                    String::new()
                } else {
                    format!(" with {} µs of work", figures(pilot.cpu_work.as_secs_f64() * 1e6))
                },
                if pilot.at_least { "at least " } else { "" },
                grouped(rate),
                figures(cpu_s * 1e6)
            ),
            (_, _, reason) => {
                format!(
                    "pilot {}: failed: {}",
                    pilot.base,
                    reason.as_deref().unwrap_or("for no known reason")
                )
            }
        });
    }

    fn say(&self, line: String) {
        if self.bar.is_hidden() {
            eprintln!("{line}");
        } else {
            self.bar.set_message(line);
        }
    }

    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
