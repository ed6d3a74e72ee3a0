//! One point of an experiment: what a request does, how the load comes, and what goes on beside it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Experiment;

/// How the waits of one setting differ from request to request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// Not at all. Clients of a closed loop may then fall into step with each other.
    #[default]
    Fixed,
    /// Exponentially, as if each were the service of a memoryless server.
    Exponential,
}

impl Spread {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference to the field")]
    fn is_fixed(&self) -> bool {
        *self == Spread::Fixed
    }

    /// What the servers' flag, an experiment's file and a label write before the mean.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Spread::Fixed => "",
            Spread::Exponential => "exp:",
        }
    }
}

/// What a request does at the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// A wait as if for a disk or another service, in seconds; the mean where waits vary.
    #[serde(default, with = "seconds", skip_serializing_if = "Duration::is_zero")]
    pub io_wait: Duration,
    /// How these waits vary.
    #[serde(default, skip_serializing_if = "Spread::is_fixed")]
    pub spread: Spread,
    /// CPU time burnt, in seconds.
    #[serde(default, with = "seconds", skip_serializing_if = "Duration::is_zero")]
    pub cpu_work: Duration,
    /// A call of another server that waits this long, in seconds; null without a call.
    #[serde(default, with = "maybe_seconds", skip_serializing_if = "Option::is_none")]
    pub upstream_wait: Option<Duration>,
    /// The wait of the one slow route, in seconds; null without one.
    #[serde(default, with = "maybe_seconds", skip_serializing_if = "Option::is_none")]
    pub slow_wait: Option<Duration>,
    /// Whether an async server does its wait as a blocking call: the classic mistake.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub block_the_loop: bool,
}

/// How requests come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "loop", rename_all = "kebab-case")]
pub enum Load {
    /// Each connection sends, waits for the answer, sends.
    Closed {
        /// Connections.
        connections: usize,
    },
    /// Requests are due by a Poisson schedule, whatever the server does.
    Open {
        /// Connections, from which a due request takes a free one.
        connections: usize,
        /// How many are due a second.
        offered: Offered,
    },
}

/// An offered rate, in requests per second or as a share of what a pilot showed a server to be capable of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Offered {
    /// Requests per second.
    PerSec(f64),
    /// A share of the contender's own capacity.
    OfOwn(f64),
    /// A share of the capacity of the slowest contender in the same setting: an equal rate for all.
    OfSlowest(f64),
}

/// What goes on beside the load that is measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Beside {
    /// Nothing.
    #[default]
    Nothing,
    /// Clients that each have begun a request and send a byte of it a second.
    SlowClients(usize),
    /// Connections that ask for the slow route, one request after the other.
    SlowRequests(usize),
}

/// One point of an experiment; contenders in the same setting are compared with each other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// The experiment it belongs to.
    pub experiment: Experiment,
    /// What a request does.
    pub work: Work,
    /// How requests come.
    pub load: Load,
    /// What else goes on.
    #[serde(default)]
    pub beside: Beside,
}

impl Work {
    /// The greeting and nothing else.
    pub const NOTHING: Work = Work {
        io_wait: Duration::ZERO,
        spread: Spread::Fixed,
        cpu_work: Duration::ZERO,
        upstream_wait: None,
        slow_wait: None,
        block_the_loop: false,
    };

    /// A wait in every request.
    #[must_use]
    pub const fn waiting(io_wait: Duration) -> Self {
        Work { io_wait, ..Work::NOTHING }
    }

    /// How long a request waits in all, at the server and at its upstream.
    #[must_use]
    pub fn wait(&self) -> Duration {
        self.io_wait + self.upstream_wait.unwrap_or_default()
    }

    /// The flags that make a server of this workspace do it; the upstream's URL is the runner's to add.
    #[must_use]
    pub fn server_args(&self) -> Vec<String> {
        let text = |duration: Duration| humantime::format_duration(duration).to_string();
        let mut args = Vec::new();
        if !self.io_wait.is_zero() {
            args.extend(["--io-wait".to_owned(), format!("{}{}", self.spread.prefix(), text(self.io_wait))]);
        }
        if !self.cpu_work.is_zero() {
            args.extend(["--cpu-work".to_owned(), text(self.cpu_work)]);
        }
        args.extend(self.slow_wait.into_iter().flat_map(|slow| ["--slow-wait".to_owned(), text(slow)]));
        args.extend(self.block_the_loop.then(|| "--block-the-loop".to_owned()));
        args.extend((!self.wait().is_zero()).then(|| "--tell-peak".to_owned()));
        args
    }

    fn words(&self) -> Vec<String> {
        let text =
            |what: &str, duration: Duration| format!("{what}={}", humantime::format_duration(duration));
        let mut words = Vec::new();
        let wait = format!("wait={}{}", self.spread.prefix(), humantime::format_duration(self.io_wait));
        words.extend((!self.io_wait.is_zero()).then_some(wait));
        words.extend((!self.cpu_work.is_zero()).then(|| text("cpu", self.cpu_work)));
        words.extend(self.upstream_wait.map(|wait| text("upstream", wait)));
        words.extend(self.slow_wait.map(|wait| text("slow", wait)));
        words.extend(self.block_the_loop.then(|| "blocked".to_owned()));
        words
    }
}

impl Load {
    /// Its connections.
    #[must_use]
    pub const fn connections(&self) -> usize {
        match self {
            Load::Closed { connections } | Load::Open { connections, .. } => *connections,
        }
    }

    /// The same with other connections.
    #[must_use]
    pub const fn with_connections(self, connections: usize) -> Self {
        match self {
            Load::Closed { .. } => Load::Closed { connections },
            Load::Open { offered, .. } => Load::Open { connections, offered },
        }
    }
}

/// Connections that servers take without being told.
const USUAL_CONNECTIONS: usize = 1_000;

impl Setting {
    /// The flags that make a server of this workspace ready for it; the upstream's URL is the runner's to add.
    #[must_use]
    pub fn server_args(&self) -> Vec<String> {
        let mut args = self.work.server_args();
        let connections = self.load.connections();
        if connections > USUAL_CONNECTIONS {
            // And some for the examination before.
            args.extend(["--max-connections".to_owned(), (connections + 100).to_string()]);
        }
        args
    }

    /// The stable name in records and on the command line: `waiting/wait=10ms/c=64`.
    #[must_use]
    pub fn label(&self) -> String {
        let mut words = vec![self.experiment.label().to_owned()];
        words.extend(self.work.words());
        words.push(format!("c={}", self.load.connections()));
        if let Load::Open { offered, .. } = self.load {
            words.push(match offered {
                Offered::PerSec(rate) => format!("rate={rate}"),
                Offered::OfOwn(share) => format!("load={share}"),
                Offered::OfSlowest(share) => format!("rate={share}-of-slowest"),
            });
        }
        match self.beside {
            Beside::Nothing => {}
            Beside::SlowClients(count) => words.push(format!("slow-clients={count}")),
            Beside::SlowRequests(count) => words.push(format!("slow-requests={count}")),
        }
        words.join("/")
    }
}

pub(crate) mod seconds {
    //! A `Duration` as a number of seconds, which other tools read more easily than serde's own form.

    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(duration.as_secs_f64())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

mod maybe_seconds {
    //! The same, where there may be none.

    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub(super) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        duration.map(|duration| duration.as_secs_f64()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let seconds = Option::<f64>::deserialize(deserializer)?;
        seconds.map(Duration::try_from_secs_f64).transpose().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_name_every_part_that_differs() {
        let work = Work { io_wait: Duration::from_millis(10), block_the_loop: true, ..Work::NOTHING };
        let setting = Setting {
            experiment: Experiment::BlockingCall,
            work,
            load: Load::Open { connections: 64, offered: Offered::OfOwn(0.5) },
            beside: Beside::SlowClients(3),
        };
        assert_eq!(setting.label(), "blocking-call/wait=10ms/blocked/c=64/load=0.5/slow-clients=3");
        assert_eq!(work.server_args(), ["--io-wait", "10ms", "--block-the-loop", "--tell-peak"]);
        let text = serde_json::to_string(&setting).unwrap();
        assert_eq!(serde_json::from_str::<Setting>(&text).unwrap(), setting, "{text}");
        let varying = Work { spread: Spread::Exponential, ..Work::waiting(Duration::from_millis(10)) };
        assert_eq!(varying.server_args(), ["--io-wait", "exp:10ms", "--tell-peak"]);
        assert_eq!(
            Setting { work: varying, ..setting }.label(),
            "blocking-call/wait=exp:10ms/c=64/load=0.5/slow-clients=3"
        );
        let text = serde_json::to_string(&varying).unwrap();
        assert_eq!(serde_json::from_str::<Work>(&text).unwrap(), varying, "{text}");
    }
}
