//! Counts of a record that say more of a run than what became of its requests.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::ErrorClass;

/// What became of the requests of an earlier window. Counts; `total = ok + Σ errors + in_flight`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Carried {
    /// Requests that were outstanding when the window opened.
    pub total: u64,
    /// Valid answers that came in the window.
    pub ok: u64,
    /// Those that failed in the window, by class; classes without any are left out.
    #[schemars(schema_with = "crate::schema::counts_of_errors")]
    pub errors: BTreeMap<ErrorClass, u64>,
    /// Those still unanswered when it closed.
    pub in_flight: u64,
}

/// Complete answers in the window, right or wrong, of the connections of a run; with reqwest, callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Served {
    /// Of the connection that got fewest.
    pub min: u64,
    /// The median, of an even number of connections the lower one.
    pub median: u64,
    /// Of the connection that got most.
    pub max: u64,
}

impl Served {
    /// Of these counts, one a connection; `None` without any.
    pub(crate) fn of(mut counts: Vec<u64>) -> Option<Self> {
        counts.sort_unstable();
        let last = counts.len().checked_sub(1)?;
        Some(Self { min: counts[0], median: counts[last / 2], max: counts[last] })
    }
}

/// How much of its work an event loop does at once: what several answers share, a system call or a wake-up, costs each less.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Batching {
    /// Times that the event queues brought something.
    pub wakes: u64,
    /// Connections of which they brought news, in the mean of those times; null if there were none.
    pub events_per_wake: Option<f64>,
    /// Requests sent for each of those times; null if there were none.
    pub sent_per_wake: Option<f64>,
}

impl Batching {
    pub(crate) fn of(wakes: u64, events: u64, sent: u64) -> Self {
        let each = |count: u64| (wakes > 0).then(|| count as f64 / wakes as f64);
        Self { wakes, events_per_wake: each(events), sent_per_wake: each(sent) }
    }

    /// Both together; `sent` is of both.
    pub(crate) fn merged(self, other: Self, sent: u64) -> Self {
        let events = |one: Self| (one.events_per_wake.unwrap_or_default() * one.wakes as f64).round();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "two counts")]
        let events = (events(self) + events(other)) as u64;
        Self::of(self.wakes + other.wakes, events, sent)
    }
}
