//! What a comparison leaves behind: one record of the run, and one of each trial. Rendering comes later, from these.
//!
//! A field that is not known is null, and a `…_missing` or `reason` beside it says why. Fields are added, never renamed.

mod session;

use std::collections::BTreeMap;
use std::time::Duration;

use loadgen::{RunRecord, Warning};
use serde::{Deserialize, Serialize};

use crate::binaries::Binary;
use crate::code::Code;
use crate::contender::Contender;
use crate::gates::Checked;
use crate::matrix::setting::seconds;
use crate::matrix::{Cell, Load, Profile};
use crate::order::TrialSpec;
use crate::placement::Placement;
use crate::prediction::{Pilot, Prediction};
use crate::provenance::{Known, Provenance};
use crate::surroundings::Surroundings;
use crate::usage::Usage;

pub use session::Session;

/// The version of both schemas in this module.
pub const SCHEMA_VERSION: u32 = 2;

/// What a comparison was asked to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// The size of the comparison.
    pub profile: Profile,
    /// The flags that ask for the same again, the seed apart.
    pub flags: Vec<String>,
    /// Length of the measured window of a trial, in seconds.
    #[serde(with = "seconds")]
    pub window: Duration,
    /// Load before the window, which is not counted, in seconds.
    #[serde(with = "seconds")]
    pub warmup: Duration,
    /// Decides the order of trials, and the arrivals of open loops.
    pub seed: u64,
    /// Who takes part.
    pub contenders: Vec<Contender>,
    /// Contenders that were asked for and cannot take part, and why.
    pub absent: BTreeMap<String, String>,
    /// Versions of contenders from manifests, by the name of the manifest, in records from before there was `guests`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub guest_versions: BTreeMap<String, String>,
    /// What identifies contenders from manifests, by the name of the manifest.
    #[serde(default)]
    pub guests: BTreeMap<String, GuestFacts>,
}

/// What identifies a contender from a manifest, and what a reader of its figures should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestFacts {
    /// The version that it tells of itself.
    pub version: Known,
    /// The language it is written in; null where its manifest does not say.
    #[serde(default)]
    pub language: Option<String>,
    /// What its manifest notes.
    #[serde(default)]
    pub notes: Vec<String>,
    /// SHA-256, in hexadecimal, of its manifest and of the program, scripts and templates that the manifest names, by file.
    #[serde(default)]
    pub sha256: BTreeMap<String, String>,
}

/// A cell, how often it is measured, and what is expected of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// Who is measured in which setting.
    #[serde(flatten)]
    pub cell: Cell,
    /// Its trials, one a block.
    pub blocks: usize,
    /// How many of the run's windows each of them lasts.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub windows: u32,
    /// The rate of an open loop, in requests per second; null in a closed one, or where the pilot failed.
    pub offered_per_sec: Option<f64>,
    /// What theory says, written down before the first trial.
    pub prediction: Prediction,
}

const fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference to the field")]
const fn is_one(windows: &u32) -> bool {
    *windows == 1
}

/// `run.json`: everything that holds for the whole comparison, written before its first trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonRecord {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The folder's name: when it began, UTC.
    pub id: String,
    /// What was asked.
    pub config: Config,
    /// What the pilots showed.
    pub pilots: Vec<Pilot>,
    /// What is to be measured.
    pub planned: Vec<Planned>,
    /// Who ran where.
    pub placement: Placement,
    /// The binaries that were measured, by package.
    pub binaries: BTreeMap<String, Binary>,
    /// Machine, source and versions.
    pub provenance: Provenance,
    /// What the servers are made of; null if it was not asked for or cannot be found out.
    #[serde(default)]
    pub code: Option<Code>,
    /// Why that is not there.
    #[serde(default)]
    pub code_missing: Option<String>,
    /// When it was gone on with after a stop, and how things stood then. Kept in a file of its own, `sessions.jsonl`: what was written
    /// before the first trial stays as it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<Session>,
}

/// How often a closed loop's round of requests must fit into the warm-up, and into the window.
const ROUNDS: f64 = 2.0;

/// No warm-up and no window is stretched beyond this.
const LONGEST: Duration = Duration::from_secs(5);

impl Planned {
    /// The window of a trial as configured.
    #[must_use]
    pub fn window(&self, usual: Duration) -> Duration {
        usual * self.windows
    }

    /// Warm-up and window of a trial: as configured, but at least two rounds each of a closed loop that is predicted to take long
    /// for a round, because all connections begin at once and a queue takes a round to settle.
    #[must_use]
    pub fn lengths(&self, config: &Config) -> (Duration, Duration) {
        self.stretched(config.warmup, config.window)
    }

    /// The same of a warm-up and a window that no run has yet.
    #[must_use]
    pub fn stretched(&self, warmup: Duration, window: Duration) -> (Duration, Duration) {
        let rate = self.prediction.at_most_per_sec.filter(|rate| *rate > 0.0);
        let rounds = match (self.cell.setting.load, rate) {
            (Load::Closed { connections }, Some(rate)) => ROUNDS * connections as f64 / rate,
            _ => 0.0,
        };
        let rounds = Duration::from_secs_f64(rounds).min(LONGEST);
        // Without a warm-up none is wanted.
        let warmup = if warmup.is_zero() { warmup } else { warmup.max(rounds) };
        (warmup, self.window(window).max(rounds))
    }
}

impl ComparisonRecord {
    /// The contender with this label.
    ///
    /// # Panics
    ///
    /// When the record's cells name one that it does not have; `store` refuses to read such a record.
    #[must_use]
    pub fn contender(&self, label: &str) -> &Contender {
        let found = self.config.contenders.iter().find(|one| one.label == label);
        found.expect("a record that was read names its contenders")
    }

    /// All trials that are to be made.
    #[must_use]
    pub fn trials_planned(&self) -> usize {
        self.planned.iter().map(|one| one.blocks).sum()
    }
}

/// One line of `trials.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialRecord {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Which trial it was.
    #[serde(flatten)]
    pub spec: TrialSpec,
    /// When it began, in seconds after the run's start, on a monotonic clock; goes on after a resumed run's last trial.
    pub started_s: f64,
    /// When it ended, on the same clock; null in records of before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_s: Option<f64>,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What came of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It was measured; whether it may be believed is in its gates.
    Measured(Box<Measurement>),
    /// It could not be measured, or not to the end.
    Failed {
        /// Why, in one sentence.
        reason: String,
    },
}

/// What a trial measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The generator's own record.
    pub load: RunRecord,
    /// The record of the slow requests beside, where there were such.
    pub beside: Option<Box<RunRecord>>,
    /// What the server used in the same window.
    pub server: Usage,
    /// What was started for a contender from a manifest: variables added to its environment as `NAME=value`, program, arguments; empty for
    /// a server of this workspace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// CPUs the kernel really allowed the server.
    pub server_cpus: Vec<usize>,
    /// The most requests the server said to be at work at the same time; null where it was not asked.
    pub peak_in_flight: Option<usize>,
    /// Cases of the contract that the process had passed before it was loaded; null for a server that does not promise it.
    pub contract_cases: Option<usize>,
    /// What the rest of the machine did in the window.
    pub surroundings: Surroundings,
    /// Whether the figures may be believed, gate by gate.
    pub gates: Vec<Checked>,
}

impl Measurement {
    /// The server's CPU time for each valid answer, in microseconds; `None` if there was none.
    #[must_use]
    pub fn server_cpu_us_per_request(&self) -> Option<f64> {
        let requests = self.load.requests.ok;
        (requests > 0).then(|| self.server.cpu_s * 1e6 / requests as f64)
    }

    /// Whether the generator was nearly out of CPU, so that the server may be faster than it seems.
    #[must_use]
    pub fn is_client_bound(&self) -> bool {
        self.load.warnings.iter().any(|warning| matches!(warning, Warning::ClientBound { .. }))
    }

    /// The gates that it failed.
    pub fn failed_gates(&self) -> impl Iterator<Item = &Checked> {
        self.gates.iter().filter(|checked| checked.failed())
    }

    /// Whether every gate that applies was passed.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.failed_gates().next().is_none()
    }
}
