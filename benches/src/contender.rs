//! The servers that are compared, as values.

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
}

impl Contender {
    /// Every contender, in the order in which results show them.
    pub const ALL: [Contender; 3] =
        [Contender::SyncTinyHttp, Contender::ThreadedTinyHttp, Contender::AsyncAxum];

    /// The stable name in records, tables and on the command line: `model/http`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Contender::SyncTinyHttp => "sync/tiny-http",
            Contender::ThreadedTinyHttp => "threaded/tiny-http",
            Contender::AsyncAxum => "async/axum",
        }
    }

    /// Its concurrency model.
    #[must_use]
    pub const fn model(self) -> Model {
        match self {
            Contender::SyncTinyHttp => Model::Sync,
            Contender::ThreadedTinyHttp => Model::Threaded,
            Contender::AsyncAxum => Model::Async,
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
        match self {
            Contender::SyncTinyHttp => Some(1),
            Contender::ThreadedTinyHttp => Some(64),
            Contender::AsyncAxum => None,
        }
    }

    /// The flags that make the binary this contender.
    #[must_use]
    pub fn args(self) -> Vec<String> {
        let http = match self {
            Contender::SyncTinyHttp | Contender::ThreadedTinyHttp => "tiny-http",
            Contender::AsyncAxum => "axum",
        };
        let mut args = vec!["--http".to_owned(), http.to_owned()];
        if let (Model::Threaded, Some(workers)) = (self.model(), self.workers()) {
            args.extend(["--threads".to_owned(), workers.to_string()]);
        }
        args
    }
}
