//! The servers that are compared, as values.

use serde::{Deserialize, Serialize};

/// How a server handles several requests at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// One request at a time.
    Sync,
    /// A pool of blocking workers.
    Threaded,
    /// Tasks on an event loop.
    Async,
    /// None of these, or unknown.
    Other,
}

impl Model {
    /// The stable name in records, tables and labels.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Model::Sync => "sync",
            Model::Threaded => "threaded",
            Model::Async => "async",
            Model::Other => "other",
        }
    }
}

/// How a server is started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Launch {
    /// A server of this workspace.
    Package {
        /// The package, and so the binary.
        package: String,
        /// The flags that make the binary this contender.
        args: Vec<String>,
    },
    /// A program that a manifest describes.
    Manifest {
        /// The manifest's file, from the workspace where it lies in it.
        file: String,
        /// Whether it can wait in each request.
        waits: bool,
    },
}

/// A server, its HTTP stack, and the size of its pool where it has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contender {
    /// The name in records and tables: `model/stack`, with `@workers` behind it where it has a pool.
    pub label: String,
    /// The label without the size of the pool.
    pub base: String,
    /// Its concurrency model.
    pub model: Model,
    /// The HTTP library, or whatever else answers.
    pub stack: String,
    /// How many requests it handles at a time at most; null when that is not bounded by threads.
    pub workers: Option<usize>,
    /// How it is started.
    pub launch: Launch,
}

/// The async server whose model is compared: on hyper, as the pool is.
pub const TASKS: &str = "async/hyper";

/// The pool on the same library, without its size.
pub const POOL: &str = "threaded/hyper";

/// Workers of a thread pool unless an experiment says otherwise.
pub const DEFAULT_WORKERS: usize = 64;

impl Contender {
    /// A server of this workspace on one of its stacks.
    #[must_use]
    pub fn ours(model: Model, stack: &str) -> Self {
        let package = match model {
            Model::Sync => "sync-server",
            Model::Threaded => "threaded-server",
            Model::Async | Model::Other => "async-server",
        };
        let base = format!("{}/{stack}", model.label());
        let plain = Contender {
            label: base.clone(),
            base,
            model,
            stack: stack.to_owned(),
            workers: (model == Model::Sync).then_some(1),
            launch: Launch::Package {
                package: package.to_owned(),
                args: vec!["--http".to_owned(), stack.to_owned()],
            },
        };
        if model == Model::Threaded { plain.with_workers(DEFAULT_WORKERS) } else { plain }
    }

    /// The same server with a pool of `workers`, for a server of this workspace that has one.
    #[must_use]
    pub fn with_workers(&self, workers: usize) -> Self {
        let mut launch = self.launch.clone();
        if let Launch::Package { args, .. } = &mut launch {
            args.truncate(2);
            args.extend(["--threads".to_owned(), workers.to_string()]);
        }
        let label = format!("{}@{workers}", self.base);
        Contender { label, workers: Some(workers), launch, ..self.clone() }
    }

    /// The package it is built from, if it is one of this workspace.
    #[must_use]
    pub fn package(&self) -> Option<&str> {
        match &self.launch {
            Launch::Package { package, .. } => Some(package),
            Launch::Manifest { .. } => None,
        }
    }

    /// Whether it can do the work of a setting: ours can do any, a program of a manifest waits at most.
    #[must_use]
    pub fn takes(&self, work: &crate::matrix::Work) -> bool {
        match self.launch {
            Launch::Package { .. } => true,
            Launch::Manifest { waits, .. } => {
                let waiting = crate::matrix::Work::waiting(work.io_wait);
                *work == waiting && (waits || work.io_wait.is_zero())
            }
        }
    }

    /// Whether its pool's size can be chosen.
    #[must_use]
    pub fn has_pool(&self) -> bool {
        self.model == Model::Threaded && self.package().is_some()
    }

    /// Whether `name` chooses it: its label, or its label without the size of the pool.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.label == name || self.base == name
    }

    /// The contender that `name` means: a server of this workspace, with any size of pool, or one of `guests`.
    #[must_use]
    pub fn called(name: &str, guests: &[Contender]) -> Option<Self> {
        let (base, workers) = match name.split_once('@') {
            Some((base, workers)) => {
                (base, Some(workers.parse().ok().filter(|&workers: &usize| workers > 0)?))
            }
            None => (name, None),
        };
        let all = Self::all_of_ours();
        match (all.iter().find(|one| one.base == base), workers) {
            (Some(ours), None) => Some(ours.clone()),
            (Some(ours), Some(workers)) => ours.has_pool().then(|| ours.with_workers(workers)),
            (None, _) => guests.iter().find(|one| one.label == name).cloned(),
        }
    }

    /// Every server of this workspace with its default pool, in the order in which results show them: the usual
    /// stacks first.
    #[must_use]
    pub fn all_of_ours() -> Vec<Self> {
        [
            (Model::Sync, "tiny-http"),
            (Model::Threaded, "tiny-http"),
            (Model::Async, "axum"),
            (Model::Sync, "hyper"),
            (Model::Threaded, "hyper"),
            (Model::Async, "hyper"),
        ]
        .into_iter()
        .map(|(model, stack)| Contender::ours(model, stack))
        .collect()
    }

    /// Each server on the stack that people pick for its model.
    #[must_use]
    pub fn usual() -> Vec<Self> {
        Self::all_of_ours().into_iter().take(3).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_say_model_stack_and_pool() {
        let labels: Vec<String> = Contender::all_of_ours().into_iter().map(|one| one.label).collect();
        assert_eq!(
            labels,
            [
                "sync/tiny-http",
                "threaded/tiny-http@64",
                "async/axum",
                "sync/hyper",
                "threaded/hyper@64",
                "async/hyper"
            ]
        );
    }

    #[test]
    fn names_of_any_pool_are_understood() {
        let called = |name| Contender::called(name, &[]).map(|one| one.label);
        assert_eq!(called("threaded/tiny-http@7").as_deref(), Some("threaded/tiny-http@7"));
        assert_eq!(called("threaded/hyper").as_deref(), Some("threaded/hyper@64"));
        assert_eq!(called("async/axum").as_deref(), Some("async/axum"));
        for name in ["async/axum@2", "threaded/hyper@0", "threaded/hyper@x", "threaded", ""] {
            assert_eq!(called(name), None, "{name}");
        }
    }

    #[test]
    fn a_pool_of_another_size_is_another_contender_of_the_same_base() {
        let pool = Contender::ours(Model::Threaded, "hyper");
        let larger = pool.with_workers(256);
        assert_eq!((larger.label.as_str(), larger.workers), ("threaded/hyper@256", Some(256)));
        assert_eq!(larger.base, pool.base);
        let Launch::Package { args, .. } = &larger.launch else { panic!("it is ours") };
        assert_eq!(args, &["--http", "hyper", "--threads", "256"]);
        assert!(larger.is_called("threaded/hyper") && larger.is_called("threaded/hyper@256"));
        assert!(!larger.is_called("threaded/hyper@64"));
    }
}
