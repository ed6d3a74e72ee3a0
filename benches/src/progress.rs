//! What a person sees while trials run: a bar on a terminal, a line a trial elsewhere.

use indicatif::{ProgressBar, ProgressStyle};

use crate::format::grouped;
use crate::order::TrialSpec;
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
        let TrialSpec { block, workload, contender, .. } = trial.spec;
        let result = match &trial.outcome {
            Outcome::Measured(one) => format!("{} requests/s", grouped(one.load.rate.achieved_per_sec)),
            Outcome::Failed { reason } => format!("failed: {reason}"),
        };
        let line = format!("block {} {} {}: {result}", block + 1, workload.label(), contender.label());
        self.bar.inc(1);
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
