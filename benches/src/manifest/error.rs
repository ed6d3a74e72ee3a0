//! What can be wrong with a manifest, each with its place and with what to write instead.

use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::placeholder::Placeholder;

/// Why there is no manifest.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// The file or folder cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file says something that cannot be.
    #[error("{}:{place}: {problem}", path.display())]
    Wrong {
        /// Which file: the manifest, or a template that it names.
        path: PathBuf,
        /// Where in it.
        place: Place,
        /// What is wrong.
        problem: Problem,
    },
    /// Records and tables know a contender by its name alone.
    #[error("two manifests say name = \"{name}\": {} and {}; rename one", first.display(), second.display())]
    SameName {
        /// The name.
        name: String,
        /// One of the files.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

impl Place {
    /// The place of the byte `at` of `text`.
    pub(super) fn of(text: &str, at: usize) -> Self {
        let before = &text[..text.floor_char_boundary(at)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

/// What is wrong at a place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// Not TOML, or not a manifest's fields and shapes.
    #[error("{0}")]
    Shape(String),
    /// The name cannot stand in a table, a file name and on a command line.
    #[error("name = {0:?}: use small letters, digits, '-', '_' and '.', beginning with a letter, at most 40")]
    Name(String),
    /// There is no program to start.
    #[error("an empty command: begin with the program, like [\"python3\", \"{{manifest_dir}}/server.py\"]")]
    EmptyCommand,
    /// A program path that would depend on where the runner was started.
    #[error("the program {0:?} is a path that depends on where it is started from: write {instead:?}", instead = format!("{{manifest_dir}}/{}", .0.trim_start_matches("./")))]
    RelativeProgram(String),
    /// A word in braces that means nothing.
    #[error("{{{word}}} is no placeholder{}; there are {all}, and {{{{{word}}}}} is the text {{{word}}}", did_you_mean(nearest.as_deref()), all = all_placeholders())]
    UnknownPlaceholder {
        /// The word between the braces.
        word: String,
        /// The one that was probably meant, with its braces.
        nearest: Option<String>,
    },
    /// The program would not know where to listen.
    #[error(
        "nothing tells the program where to listen: put {{addr}} or {{port}} into command, env or a template"
    )]
    NowhereToListen,
    /// Programs are looked for, and versions asked, before there is a trial.
    #[error(
        "{0} is known only when the server starts; a program and a version command may have {{manifest_dir}}, {{venv}} and {{compare}}"
    )]
    OfTheTrial(Placeholder),
    /// The path is not what a request line can hold.
    #[error("path = {0:?}: write it percent-encoded and beginning with a slash, like \"/World\"")]
    Path(String),
    /// Nothing would differ between the members of the sweep.
    #[error("workers without {{threads}} in command, env or a template: the program would never know")]
    WorkersUnused,
    /// How many workers it would have nobody has said.
    #[error(
        "{{threads}} without workers: say which sizes to try, like workers = [1, 8, 64], or workers = [8] for one"
    )]
    ThreadsUnsized,
    /// A language without a name.
    #[error("an empty language: write its name, like \"Python\", or leave it out")]
    EmptyLanguage,
    /// A note without a word.
    #[error("an empty note: write a sentence for those who read its figures, or leave it out")]
    EmptyNote,
    /// A sweep over nothing, or over the same twice.
    #[error("workers must be at least one number, each once, like [1, 8, 64]")]
    Workers,
    /// An experiment that is not known.
    #[error("there is no experiment {label:?}{}; there are {all}", did_you_mean(nearest.as_deref()))]
    UnknownExperiment {
        /// What was written.
        label: String,
        /// The one that was probably meant.
        nearest: Option<String>,
        /// All of them, as one text.
        all: String,
    },
    /// The same experiment is listed again.
    #[error("the experiment {0:?} is listed twice; remove one")]
    ExperimentTwice(String),
    /// It would measure something else under that name.
    #[error(
        "the experiment \"waiting\" needs {{io_wait_ms}} in command, env or a template: the program would not wait"
    )]
    WaitUnused,
    /// A rendered file must stay in the trial's folder.
    #[error("{0:?} is no place below the trial's folder: write a relative path without \"..\"")]
    FilePath(String),
    /// The template of a file cannot be read.
    #[error("cannot read the template {0:?} ({1}); the path is relative to the manifest")]
    Template(String, String),
    /// The folder of the manifest cannot be given to a program as text.
    #[error("the manifest lies in a folder whose name is no UTF-8 text; move it")]
    FolderName,
}

/// The word of `known` that `word` was probably meant to be.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Beyond a third of its letters, a word is another word and no misspelling.
    let farthest = (word.chars().count() / 3).max(1);
    let distance = |one: &&str| strsim::damerau_levenshtein(one, word);
    known.into_iter().min_by_key(distance).filter(|one| distance(one) <= farthest)
}

/// Puts what was probably meant behind serde's sentence, and what a shape or a missing field looks like.
pub(super) fn explained(message: &str) -> Problem {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let advice = if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let word = quoted.next().unwrap_or_default();
        did_you_mean(nearest(word, quoted))
    } else if message.starts_with("missing field") {
        let example = quoted.next().and_then(example);
        example.map(|example| format!("; write it like {example}")).unwrap_or_default()
    } else if message.contains("expected a sequence") {
        ": write a list of words, like [\"python3\", \"server.py\"]; no shell takes them apart".to_owned()
    } else {
        String::new()
    };
    Problem::Shape(format!("{message}{advice}"))
}

/// A field without a default, as it might be written.
fn example(field: &str) -> Option<&'static str> {
    Some(match field {
        "name" => "name = \"my-server\"",
        "model" => "model = \"async\" (or \"sync\", \"threaded\", \"other\")",
        "command" => "command = [\"{manifest_dir}/my-server\", \"--addr\", \"{addr}\"]",
        "ready" => "ready = \"connect\" (or \"ready-line\")",
        "template" => "template = \"my-server.conf.template\"",
        "path" => "path = \"my-server.conf\"",
        _ => return None,
    })
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!(" (did you mean {nearest}?)")).unwrap_or_default()
}

fn all_placeholders() -> String {
    Placeholder::ALL.map(|one| one.to_string()).join(" ")
}

/// Reads a file, or says which it was.
pub(super) fn read(path: &Path) -> Result<String, ManifestError> {
    std::fs::read_to_string(path)
        .map_err(|source| ManifestError::Unreadable { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters() {
        let text = "ab\né= 1\n";
        for (at, line, column) in [(0, 1, 1), (1, 1, 2), (3, 2, 1), (5, 2, 2), (9, 3, 1), (99, 3, 1)] {
            assert_eq!(Place::of(text, at), Place { line, column }, "{at}");
        }
    }

    #[test]
    fn only_what_is_near_is_suggested() {
        let known = ["command", "name", "env"];
        for (word, suggested) in [
            ("comand", Some("command")),
            ("nmae", Some("name")),
            ("colour", None),
            ("", None),
            ("en", Some("env")),
        ] {
            assert_eq!(nearest(word, known), suggested, "{word}");
        }
    }
}
