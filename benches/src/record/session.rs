//! That a run was gone on with, when, and what had changed by then.

use serde::{Deserialize, Serialize};

use crate::provenance::{Known, Provenance};

/// One line of `sessions.jsonl`: a run was gone on with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// When, UTC, RFC 3339.
    pub started_utc: String,
    /// Trials that were finished before.
    pub trials: usize,
    /// The commit the tree is at.
    pub commit: Known,
    /// Whether it differs from that commit; null where that is not known.
    pub dirty: Option<bool>,
    /// Load average over one, five and fifteen minutes.
    pub load_average: Known,
    /// What is not as it was when the run began, and was no reason to refuse.
    pub changed: Vec<String>,
}

impl Session {
    /// What a run needs to know of the circumstances under which it is gone on with.
    #[must_use]
    pub fn of(now: &Provenance, trials: usize, changed: Vec<String>) -> Self {
        Session {
            started_utc: now.started_utc.clone(),
            trials,
            commit: now.commit.clone(),
            dirty: now.dirty,
            load_average: now.load_average.clone(),
            changed,
        }
    }

    /// In a line, for a reader.
    #[must_use]
    pub fn text(&self) -> String {
        let (load, commit) = (self.load_average.text(), self.commit.text());
        let dirty = match self.dirty {
            Some(true) => ", with uncommitted changes",
            Some(false) => "",
            None => ", changes unknown",
        };
        let mut text = format!(
            "{}, after {} trials, at commit {commit}{dirty}, load average {load}",
            self.started_utc, self.trials
        );
        for one in &self.changed {
            text.push_str("; ");
            text.push_str(one);
        }
        text
    }
}
