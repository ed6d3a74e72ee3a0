//! Experiments of a user's own, from a TOML file.
//!
//! ```toml
//! [[experiment]]
//! io_wait = "20ms"               # or "exp:20ms": exponential waits of that mean
//! connections = 200
//! contenders = ["threaded/hyper@200", "async/axum"]
//! ```

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;

use super::{Beside, Entry, Experiment, Load, Offered, Setting, Spread, Work};
use crate::contender::Contender;

/// Why a file of experiments cannot be used.
#[derive(Debug, Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("cannot read the experiments in {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the kernel said.
        source: std::io::Error,
    },
    /// It is not what it should be; the message shows line and column.
    #[error("{path}: {source}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: Box<toml::de::Error>,
    },
    /// An experiment names a contender that does not exist.
    #[error(
        "{path}, experiment {number}: there is no contender {name:?}; `cargo compare list` shows all, and a pool's size goes behind an @ as in threaded/hyper@200"
    )]
    Contender {
        /// The file.
        path: PathBuf,
        /// Which experiment, from 1.
        number: usize,
        /// What was written.
        name: String,
    },
    /// An experiment cannot be carried out.
    #[error("{path}, experiment {number}: {reason}")]
    Senseless {
        /// The file.
        path: PathBuf,
        /// Which experiment, from 1.
        number: usize,
        /// What is wrong, and what to write instead.
        reason: &'static str,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    experiment: Vec<Described>,
}

/// One experiment as a user writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Described {
    #[serde(default, deserialize_with = "wait")]
    io_wait: (Spread, Duration),
    #[serde(default, deserialize_with = "duration")]
    cpu_work: Duration,
    #[serde(default, deserialize_with = "maybe_duration")]
    upstream_wait: Option<Duration>,
    #[serde(default, deserialize_with = "maybe_duration")]
    slow_wait: Option<Duration>,
    #[serde(default)]
    block_the_loop: bool,
    connections: usize,
    rate_per_sec: Option<f64>,
    #[serde(default)]
    slow_clients: usize,
    #[serde(default)]
    slow_requests: usize,
    contenders: Vec<String>,
}

/// Reads the experiments of `path`, whose contenders are of this workspace, with any size of pool, or among `guests`.
///
/// # Errors
///
/// [`FileError`], which names file and place.
pub fn read(path: &Path, guests: &[Contender]) -> Result<Vec<Entry>, FileError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| FileError::Read { path: path.to_owned(), source })?;
    parse(&text, path, guests)
}

fn parse(text: &str, path: &Path, guests: &[Contender]) -> Result<Vec<Entry>, FileError> {
    let document: Document = toml::from_str(text)
        .map_err(|source| FileError::Parse { path: path.to_owned(), source: Box::new(source) })?;
    let mut entries: Vec<Entry> = Vec::new();
    for (described, number) in document.experiment.iter().zip(1..) {
        let entry = described.entry(path, number, guests)?;
        if entries.iter().any(|before| before.setting == entry.setting) {
            let reason = "is the same as one before; put the contenders of both into one";
            return Err(FileError::Senseless { path: path.to_owned(), number, reason });
        }
        entries.push(entry);
    }
    Ok(entries)
}

impl Described {
    fn entry(&self, path: &Path, number: usize, guests: &[Contender]) -> Result<Entry, FileError> {
        let senseless = |reason| FileError::Senseless { path: path.to_owned(), number, reason };
        if self.connections == 0 || self.contenders.is_empty() {
            return Err(senseless("needs at least one connection and one contender"));
        }
        if self.rate_per_sec.is_some_and(|rate| !(rate.is_finite() && rate > 0.0)) {
            return Err(senseless("rate_per_sec must be above zero; leave it out for a closed loop"));
        }
        let beside = match (self.slow_clients, self.slow_requests) {
            (0, 0) => Beside::Nothing,
            (clients, 0) => Beside::SlowClients(clients),
            (0, requests) if self.slow_wait.is_some() => Beside::SlowRequests(requests),
            (0, _) => return Err(senseless("slow_requests need a slow_wait, such as slow_wait = \"500ms\"")),
            _ => return Err(senseless("takes slow_clients or slow_requests, not both")),
        };
        let load = match self.rate_per_sec {
            None => Load::Closed { connections: self.connections },
            Some(rate) => Load::Open { connections: self.connections, offered: Offered::PerSec(rate) },
        };
        let work = Work {
            io_wait: self.io_wait.1,
            spread: self.io_wait.0,
            cpu_work: self.cpu_work,
            upstream_wait: self.upstream_wait,
            slow_wait: self.slow_wait,
            block_the_loop: self.block_the_loop,
        };
        let find = |name: &String| {
            Contender::called(name, guests).ok_or_else(|| FileError::Contender {
                path: path.to_owned(),
                number,
                name: name.clone(),
            })
        };
        let contenders = self.contenders.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let is_twice = |(place, one): (usize, &Contender)| {
            contenders[..place].iter().any(|before| before.label == one.label)
        };
        if contenders.iter().enumerate().any(is_twice) {
            return Err(senseless(
                "names a contender twice; threaded/hyper is threaded/hyper@64, and the noise of two equal servers is measured anyway",
            ));
        }
        if self.block_the_loop && contenders.iter().any(|one| one.package() != Some("async-server")) {
            return Err(senseless("block_the_loop is a mistake that only the async server can make"));
        }
        let setting = Setting { experiment: Experiment::Own, work, load, beside };
        Ok(Entry::new(setting, contenders))
    }
}

/// `"20ms"`, or `"exp:20ms"` for waits that vary.
fn wait<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<(Spread, Duration), D::Error> {
    let text = String::deserialize(deserializer)?;
    let mean = text.strip_prefix(Spread::Exponential.prefix());
    let spread = mean.map_or(Spread::Fixed, |_| Spread::Exponential);
    humantime::parse_duration(mean.unwrap_or(&text)).map(|mean| (spread, mean)).map_err(|error| {
        serde::de::Error::custom(format!("{error}; write a duration such as \"10ms\", or \"exp:10ms\""))
    })
}

fn duration<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    humantime::parse_duration(&text)
        .map_err(|error| serde::de::Error::custom(format!("{error}; write a duration such as \"10ms\"")))
}

fn maybe_duration<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    duration(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Vec<Entry>, String> {
        parse(text, Path::new("own.toml"), &[]).map_err(|error| error.to_string())
    }

    #[test]
    fn an_experiment_becomes_a_setting() {
        let entries = of(r#"
            [[experiment]]
            io_wait = "20ms"
            connections = 200
            rate_per_sec = 1500.0
            contenders = ["threaded/hyper@200", "async/axum"]
        "#)
        .unwrap();
        let cells: Vec<String> = entries[0].cells().iter().map(super::super::Cell::label).collect();
        let varying =
            of("[[experiment]]\nio_wait = \"exp:2ms\"\nconnections = 4\ncontenders = [\"async/axum\"]");
        assert_eq!(varying.unwrap()[0].setting.label(), "own/wait=exp:2ms/c=4");
        assert_eq!(
            cells,
            ["own/wait=20ms/c=200/rate=1500 threaded/hyper@200", "own/wait=20ms/c=200/rate=1500 async/axum"]
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let with = |line: &str| {
            of(&format!("[[experiment]]\nconnections = 4\ncontenders = [\"async/axum\"]\n{line}"))
                .unwrap_err()
        };
        for (error, words) in [
            (with("iowait = \"1ms\""), "line 4"),
            (with("iowait = \"1ms\""), "io_wait"),
            (with("io_wait = \"soon\""), "such as \"10ms\""),
            (with("io_wait = \"exp:soon\""), "or \"exp:10ms\""),
            (with("rate_per_sec = 0.0"), "above zero"),
            (
                of("[[experiment]]\nconnections = 4\ncontenders = [\"threaded/hyper\", \"threaded/hyper@64\"]")
                    .unwrap_err(),
                "experiment 1: names a contender twice",
            ),
            (
                of(&"[[experiment]]\nconnections = 4\ncontenders = [\"async/axum\"]\n".repeat(2)).unwrap_err(),
                "experiment 2: is the same as one before",
            ),
            (with("slow_requests = 2"), "slow_wait"),
            (
                of("[[experiment]]\nconnections = 4\ncontenders = [\"go\"]").unwrap_err(),
                "no contender \"go\"",
            ),
            (
                of("[[experiment]]\nconnections = 0\ncontenders = [\"async/axum\"]").unwrap_err(),
                "at least one",
            ),
            (
                of("[[experiment]]\nconnections = 1\nblock_the_loop = true\ncontenders = [\"sync/hyper\"]")
                    .unwrap_err(),
                "only the async server",
            ),
        ] {
            assert!(error.contains("own.toml") && error.contains(words), "{error}");
        }
    }
}
