//! How the connections of a session are opened: in which order, and how fast.

use std::thread;
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cancel::Cancel;
use crate::error::LoadError;

/// How long the cancel switch may go unseen.
const SLICE: Duration = Duration::from_millis(50);

/// The order in which connections are opened and first asked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Opening {
    /// Each gets its first answer before the next is opened.
    OneByOne,
    /// All are opened, then all are asked on, then their answers are waited for: as after a server's restart.
    Burst,
}

/// A limit on connections opened a second.
#[derive(Debug)]
pub(crate) struct Pacer<'a> {
    per_sec: Option<f64>,
    started: Instant,
    opened: u32,
    cancel: &'a Cancel,
}

impl<'a> Pacer<'a> {
    pub(crate) fn new(per_sec: Option<f64>, cancel: &'a Cancel) -> Self {
        Self { per_sec, started: Instant::now(), opened: 0, cancel }
    }

    /// Waits until another connection may be opened.
    pub(crate) fn next(&mut self) -> Result<(), LoadError> {
        self.opened += 1;
        let due = self
            .per_sec
            .map_or(Duration::ZERO, |rate| Duration::from_secs_f64(f64::from(self.opened) / rate));
        loop {
            if self.cancel.is_cancelled() {
                return Err(LoadError::Interrupted);
            }
            let left = due.saturating_sub(self.started.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            // Time is what is waited for; nobody unparks this thread, and if somebody does the loop goes on.
            thread::park_timeout(left.min(SLICE));
        }
    }
}
