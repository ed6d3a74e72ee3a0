//! What a comparison leaves behind: one record of the run, and one of each trial. Rendering comes later, from these.
//!
//! A field that is not known is null, and a `…_missing` or `reason` beside it says why. Fields are added, never renamed.

use std::collections::BTreeMap;
use std::time::Duration;

use loadgen::RunRecord;
use serde::{Deserialize, Serialize};

use crate::binaries::Binary;
use crate::contender::Contender;
use crate::order::TrialSpec;
use crate::placement::Placement;
use crate::provenance::Provenance;
use crate::usage::Usage;
use crate::workload::Workload;

/// The version of both schemas in this module.
pub const SCHEMA_VERSION: u32 = 1;

/// What a comparison was asked to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Blocks: how often each contender meets each workload.
    pub blocks: usize,
    /// Length of the measured window of a trial.
    #[serde(with = "seconds")]
    pub duration: Duration,
    /// Load before the window, which is not counted.
    #[serde(with = "seconds")]
    pub warmup: Duration,
    /// Connections of the load generator, closed loop.
    pub connections: usize,
    /// Decides the order of trials.
    pub seed: u64,
    /// What is asked.
    pub workloads: Vec<Workload>,
    /// Who is asked.
    pub contenders: Vec<Contender>,
}

/// `run.json`: everything that holds for the whole comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonRecord {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The folder's name: when it began, UTC.
    pub id: String,
    /// What was asked.
    pub config: Config,
    /// Who ran where.
    pub placement: Placement,
    /// The binaries that were measured, by package.
    pub binaries: BTreeMap<String, Binary>,
    /// Machine, source and versions.
    pub provenance: Provenance,
}

/// One line of `trials.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrialRecord {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Which trial it was.
    #[serde(flatten)]
    pub spec: TrialSpec,
    /// When it began, in seconds after the run's start, on a monotonic clock.
    pub started_s: f64,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What came of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It was measured; whether errors occurred is in the load's record.
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
    /// What the server used in the same window.
    pub server: Usage,
    /// CPUs the kernel really allowed the server.
    pub server_cpus: Vec<usize>,
}

impl Measurement {
    /// The server's CPU time for each valid answer, in microseconds; `None` if there was none.
    #[must_use]
    pub fn server_cpu_us_per_request(&self) -> Option<f64> {
        let requests = self.load.requests.ok;
        (requests > 0).then(|| self.server.cpu_s * 1e6 / requests as f64)
    }
}

mod seconds {
    //! A `Duration` as a number of seconds, which other tools read more easily than serde's own form.

    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(duration.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
