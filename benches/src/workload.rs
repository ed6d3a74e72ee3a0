//! What the contenders are asked to do, as values.

use std::time::Duration;

use contract::Model;
use serde::{Deserialize, Serialize};

/// A kind of request, the same for every contender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Workload {
    /// The greeting and nothing else.
    #[serde(rename = "hello")]
    Hello,
    /// The greeting after a wait of 10 ms, as if for a disk or another service.
    #[serde(rename = "io_wait_10ms")]
    IoWait10ms,
}

impl Workload {
    /// Every workload, in the order in which results show them.
    pub const ALL: [Workload; 2] = [Workload::Hello, Workload::IoWait10ms];

    /// The stable name in records, tables, criterion groups and on the command line.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Workload::Hello => "hello",
            Workload::IoWait10ms => "io_wait_10ms",
        }
    }

    /// What a reader calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Workload::Hello => "Hello: no work but the greeting",
            Workload::IoWait10ms => "Waiting: 10 ms of I/O in every request",
        }
    }

    /// How long every request waits.
    #[must_use]
    pub const fn io_wait(self) -> Duration {
        match self {
            Workload::Hello => Duration::ZERO,
            Workload::IoWait10ms => Duration::from_millis(10),
        }
    }

    /// The flags that make a server do it.
    #[must_use]
    pub fn server_args(self) -> Vec<String> {
        vec!["--io-wait".to_owned(), humantime::format_duration(self.io_wait()).to_string()]
    }

    /// What the wait alone allows, in requests per second, whatever the CPU: one request at a time gives 1/W, and
    /// min(c, k) at a time min(c, k)/W for c clients and k workers (`None`: as many as there are clients).
    ///
    /// This is Little's law (Little 1961) with the wait as the whole residence time; `None` without a wait.
    #[must_use]
    pub fn wait_ceiling_per_sec(self, model: Model, clients: usize, workers: Option<usize>) -> Option<f64> {
        let wait_s = self.io_wait().as_secs_f64();
        let at_a_time = match model {
            Model::Sync => 1,
            Model::Threaded | Model::Async => clients.min(workers.unwrap_or(clients)),
        };
        (wait_s > 0.0).then(|| at_a_time as f64 / wait_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ceilings_follow_littles_law() {
        for (model, clients, workers, ceiling) in [
            (Model::Sync, 64, Some(1), 100.0),
            (Model::Threaded, 64, Some(64), 6_400.0),
            (Model::Threaded, 64, Some(8), 800.0),
            (Model::Threaded, 4, Some(64), 400.0),
            (Model::Async, 1_024, None, 102_400.0),
        ] {
            let got = Workload::IoWait10ms.wait_ceiling_per_sec(model, clients, workers).unwrap();
            assert!((got - ceiling).abs() < 1e-6, "{model:?}: {got}");
        }
        assert_eq!(Workload::Hello.wait_ceiling_per_sec(Model::Sync, 64, None), None);
    }
}
