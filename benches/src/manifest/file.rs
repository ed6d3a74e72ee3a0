//! A manifest as it is written: field names, shapes and defaults, nothing decided yet.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use contract::Model;
use serde::Deserialize;
use toml::Spanned;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) name: Spanned<String>,
    pub(super) model: ModelName,
    pub(super) command: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) env: BTreeMap<String, Spanned<String>>,
    pub(super) ready: Readiness,
    pub(super) version: Option<Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    pub(super) needs: NeedsFile,
    pub(super) path: Option<Spanned<String>>,
    pub(super) expect_body: Option<String>,
    #[serde(default)]
    pub(super) keeps_contract: bool,
    pub(super) experiments: Option<Vec<Spanned<String>>>,
    pub(super) workers: Option<Spanned<Vec<NonZeroUsize>>>,
    #[serde(default)]
    pub(super) files: Vec<FileEntry>,
    pub(super) language: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) notes: Vec<Spanned<String>>,
}

/// `[needs]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NeedsFile {
    #[serde(default)]
    pub(super) programs: Vec<String>,
    #[serde(default)]
    pub(super) python: Vec<String>,
    pub(super) hint: Option<String>,
}

/// One of `[[files]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileEntry {
    pub(super) template: Spanned<String>,
    pub(super) path: Spanned<String>,
}

/// `model = …`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ModelName {
    Sync,
    Threaded,
    Async,
    Other,
}

/// How one learns that a contender listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Readiness {
    /// Its first line on stdout is the contract's READY line.
    ReadyLine,
    /// A connection to its address is answered; see [`wait_until_answers`](super::wait_until_answers).
    Connect,
}

impl ModelName {
    /// `None` for `other`.
    pub(super) const fn model(self) -> Option<Model> {
        match self {
            ModelName::Sync => Some(Model::Sync),
            ModelName::Threaded => Some(Model::Threaded),
            ModelName::Async => Some(Model::Async),
            ModelName::Other => None,
        }
    }
}
