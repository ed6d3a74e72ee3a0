//! The servers that are compared, and which comparisons mean something, as values.

use contract::Model;
use serde::{Deserialize, Serialize};

/// A server with one of its HTTP stacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Contender {
    /// One request at a time, on `tiny_http`.
    #[serde(rename = "sync/tiny-http")]
    SyncTinyHttp,
    /// A pool of 64 workers, on `tiny_http`.
    #[serde(rename = "threaded/tiny-http")]
    ThreadedTinyHttp,
    /// Tasks on tokio, through axum.
    #[serde(rename = "async/axum")]
    AsyncAxum,
    /// One request at a time, on hyper over a blocking socket.
    #[serde(rename = "sync/hyper")]
    SyncHyper,
    /// A pool of 64 workers, on hyper over blocking sockets.
    #[serde(rename = "threaded/hyper")]
    ThreadedHyper,
    /// Tasks on tokio, on hyper alone.
    #[serde(rename = "async/hyper")]
    AsyncHyper,
}

/// What differs between the two sides of a comparison, and so what a ratio of them shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Model and library both: each server as people pick it.
    Whole,
    /// The concurrency model alone: the same HTTP library under each.
    Model,
    /// The HTTP library alone: the same model over each.
    Library,
}

/// Workers of the thread pools.
const WORKERS: usize = 64;

impl Contender {
    /// Every contender, in the order in which results show them: the usual stacks first.
    pub const ALL: [Contender; 6] = [
        Contender::SyncTinyHttp,
        Contender::ThreadedTinyHttp,
        Contender::AsyncAxum,
        Contender::SyncHyper,
        Contender::ThreadedHyper,
        Contender::AsyncHyper,
    ];

    /// Each server on the stack that people pick for its model.
    pub const USUAL: [Contender; 3] =
        [Contender::SyncTinyHttp, Contender::ThreadedTinyHttp, Contender::AsyncAxum];

    /// The stable name in records, tables and on the command line: `model/http`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Contender::SyncTinyHttp => "sync/tiny-http",
            Contender::ThreadedTinyHttp => "threaded/tiny-http",
            Contender::AsyncAxum => "async/axum",
            Contender::SyncHyper => "sync/hyper",
            Contender::ThreadedHyper => "threaded/hyper",
            Contender::AsyncHyper => "async/hyper",
        }
    }

    /// Its concurrency model.
    #[must_use]
    pub const fn model(self) -> Model {
        match self {
            Contender::SyncTinyHttp | Contender::SyncHyper => Model::Sync,
            Contender::ThreadedTinyHttp | Contender::ThreadedHyper => Model::Threaded,
            Contender::AsyncAxum | Contender::AsyncHyper => Model::Async,
        }
    }

    /// The HTTP library, as `--http` names it.
    #[must_use]
    pub const fn http(self) -> &'static str {
        match self {
            Contender::SyncTinyHttp | Contender::ThreadedTinyHttp => "tiny-http",
            Contender::AsyncAxum => "axum",
            Contender::SyncHyper | Contender::ThreadedHyper | Contender::AsyncHyper => "hyper",
        }
    }

    /// The package, and so the binary, that serves it.
    #[must_use]
    pub const fn package(self) -> &'static str {
        match self.model() {
            Model::Sync => "sync-server",
            Model::Threaded => "threaded-server",
            Model::Async => "async-server",
        }
    }

    /// How many requests it handles at a time at most; `None` when that is not bounded by threads.
    #[must_use]
    pub const fn workers(self) -> Option<usize> {
        match self.model() {
            Model::Sync => Some(1),
            Model::Threaded => Some(WORKERS),
            Model::Async => None,
        }
    }

    /// The flags that make the binary this contender.
    #[must_use]
    pub fn args(self) -> Vec<String> {
        let mut args = vec!["--http".to_owned(), self.http().to_owned()];
        if self.model() == Model::Threaded {
            args.extend(["--threads".to_owned(), WORKERS.to_string()]);
        }
        args
    }
}

impl Effect {
    /// Every effect, in the order in which results show them.
    pub const ALL: [Effect; 3] = [Effect::Whole, Effect::Model, Effect::Library];

    /// What a reader calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Effect::Whole => "Whole servers",
            Effect::Model => "The model alone, hyper under each",
            Effect::Library => "The library alone, the same model over each",
        }
    }

    /// The comparisons that show it: subject, and whom its rate is divided by.
    #[must_use]
    pub const fn comparisons(self) -> &'static [(Contender, Contender)] {
        match self {
            Effect::Whole => &[
                (Contender::AsyncAxum, Contender::SyncTinyHttp),
                (Contender::AsyncAxum, Contender::ThreadedTinyHttp),
            ],
            Effect::Model => &[
                (Contender::AsyncHyper, Contender::SyncHyper),
                (Contender::AsyncHyper, Contender::ThreadedHyper),
            ],
            Effect::Library => &[
                (Contender::SyncHyper, Contender::SyncTinyHttp),
                (Contender::ThreadedHyper, Contender::ThreadedTinyHttp),
                (Contender::AsyncHyper, Contender::AsyncAxum),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_the_names_in_records_and_say_model_and_library() {
        for contender in Contender::ALL {
            assert_eq!(serde_json::to_value(contender).unwrap(), contender.label());
            assert_eq!(contender.label(), format!("{}/{}", contender.model().label(), contender.http()));
        }
    }

    #[test]
    fn comparisons_differ_in_what_they_say() {
        for effect in Effect::ALL {
            for (subject, over) in effect.comparisons() {
                let (model, http) = (subject.model() != over.model(), subject.http() != over.http());
                match effect {
                    Effect::Whole => assert!(model && http),
                    Effect::Model => assert!(model && !http),
                    Effect::Library => assert!(!model && http),
                }
            }
        }
    }
}
