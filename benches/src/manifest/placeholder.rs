//! The words in braces that a manifest may use, and texts that hold them.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

/// What only the moment of the start can tell, or this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placeholder {
    /// Where to listen, as `127.0.0.1:8080`.
    Addr,
    /// The port of [`Placeholder::Addr`] alone.
    Port,
    /// How many workers to have.
    Threads,
    /// How long each request waits, in milliseconds: `10`, or `0.5`.
    IoWaitMs,
    /// How long each request computes, in microseconds: `200`, or `0.5`.
    CpuWorkUs,
    /// The folder in which the manifest lies.
    ManifestDir,
    /// A Python virtual environment.
    Venv,
    /// A folder of the trial's own, gone afterwards.
    WorkDir,
    /// The program that runs the comparison, which is a server too: `compare floor`.
    Compare,
}

impl Placeholder {
    /// Every placeholder, in the order in which messages list them.
    pub const ALL: [Placeholder; 9] = [
        Placeholder::Addr,
        Placeholder::Port,
        Placeholder::Threads,
        Placeholder::IoWaitMs,
        Placeholder::CpuWorkUs,
        Placeholder::ManifestDir,
        Placeholder::Venv,
        Placeholder::WorkDir,
        Placeholder::Compare,
    ];

    /// The word between the braces.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Placeholder::Addr => "addr",
            Placeholder::Port => "port",
            Placeholder::Threads => "threads",
            Placeholder::IoWaitMs => "io_wait_ms",
            Placeholder::CpuWorkUs => "cpu_work_us",
            Placeholder::ManifestDir => "manifest_dir",
            Placeholder::Venv => "venv",
            Placeholder::WorkDir => "work_dir",
            Placeholder::Compare => "compare",
        }
    }
}

impl Display for Placeholder {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.label())
    }
}

/// A piece of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Hole(Placeholder),
}

/// A text with placeholders.
///
/// A placeholder is a word of small letters and underscores in braces, like `{addr}`. To have such a word in the text,
/// double its braces: `{{addr}}`. Every other brace stands for itself, so that configuration files need no escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

/// A word in braces that is no placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unknown {
    /// The word.
    pub(super) word: String,
    /// Where its brace opens, in bytes from the start of the text.
    pub(super) at: usize,
}

impl Template {
    /// Finds the placeholders of a text.
    pub(super) fn parse(text: &str) -> Result<Self, Unknown> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, word, after)) = next_word(rest) {
            let at = text.len() - rest.len() + before.len();
            // Doubled on both sides, it is text: `{{word}}`.
            if let (Some(before), Some(after)) = (before.strip_suffix('{'), after.strip_prefix('}')) {
                pieces.push(Piece::Text(format!("{before}{{{word}}}")));
                rest = after;
                continue;
            }
            let known = Placeholder::ALL.into_iter().find(|one| one.label() == word);
            let hole = known.ok_or_else(|| Unknown { word: word.to_owned(), at })?;
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Hole(hole));
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Template(pieces))
    }

    /// The placeholders it holds, in their order.
    pub(super) fn placeholders(&self) -> impl Iterator<Item = Placeholder> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Hole(placeholder) => Some(*placeholder),
            Piece::Text(_) => None,
        })
    }

    /// The text with `values` filled in; the first placeholder without a value is the error.
    pub(super) fn fill(&self, values: &BTreeMap<Placeholder, String>) -> Result<String, Placeholder> {
        self.0.iter().try_fold(String::new(), |text, piece| match piece {
            Piece::Text(more) => Ok(text + more),
            Piece::Hole(placeholder) => Ok(text + values.get(placeholder).ok_or(*placeholder)?),
        })
    }
}

/// The first word in braces: what is before it, the word, what is after it.
fn next_word(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices('{').find_map(|(at, _)| {
        let (word, after) = text[at + 1..].split_once('}')?;
        let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        is_word.then_some((&text[..at], word, after))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values() -> BTreeMap<Placeholder, String> {
        BTreeMap::from([
            (Placeholder::Addr, "127.0.0.1:80".to_owned()),
            (Placeholder::WorkDir, "/w/{port}".to_owned()),
        ])
    }

    #[test]
    fn words_are_filled_in_and_other_braces_are_left_alone() {
        for (text, filled) in [
            ("", ""),
            ("--addr={addr}", "--addr=127.0.0.1:80"),
            ("{addr}{addr}", "127.0.0.1:80127.0.0.1:80"),
            ("a value is not looked into: {work_dir}", "a value is not looked into: /w/{port}"),
            ("{{addr}}", "{addr}"),
            ("{{nobody}} {{addr}} {addr}", "{nobody} {addr} 127.0.0.1:80"),
            ("{{{addr}}}", "{{addr}}"),
            ("http {\n  listen {addr};\n}", "http {\n  listen 127.0.0.1:80;\n}"),
            ("{} { addr } {Addr} {a1} {", "{} { addr } {Addr} {a1} {"),
            ("{{addr}", "{127.0.0.1:80"),
            ("{\"a\":{addr}}", "{\"a\":127.0.0.1:80}"),
        ] {
            assert_eq!(Template::parse(text).unwrap().fill(&values()).unwrap(), filled, "{text}");
        }
    }

    #[test]
    fn an_unknown_word_is_found_where_it_is() {
        let unknown = Template::parse("é {addr} {adr}").unwrap_err();
        assert_eq!(unknown, Unknown { word: "adr".to_owned(), at: 10 });
    }

    #[test]
    fn a_placeholder_without_a_value_is_named() {
        assert_eq!(Template::parse("{addr} {venv}").unwrap().fill(&values()), Err(Placeholder::Venv));
    }

    proptest! {
        #[test]
        fn doubled_words_are_text(parts in proptest::collection::vec(("[^{}]{0,5}", "[a-z_]{1,8}"), 0..6)) {
            let braced = |open: &str, close: &str| {
                let parts = parts.iter().map(|(text, word)| [text.as_str(), open, word, close].concat());
                parts.collect::<Vec<_>>().concat()
            };
            let (source, expected) = (braced("{{", "}}"), braced("{", "}"));
            prop_assert_eq!(Template::parse(&source).unwrap().fill(&BTreeMap::new()), Ok(expected));
        }

        #[test]
        fn no_text_panics_and_an_unknown_word_stands_where_it_is_said_to(text in "([{}a-d_é]|[{]addr[}]){0,30}") {
            if let Err(unknown) = Template::parse(&text) {
                let word = format!("{{{}}}", unknown.word);
                prop_assert!(text[unknown.at..].starts_with(&word));
            }
        }

        #[test]
        fn any_value_goes_into_its_hole(before in "[^{}]{0,9}", value in "\\PC{0,20}", after in "[^{}]{0,9}") {
            let template = Template::parse(&format!("{before}{{addr}}{after}")).unwrap();
            prop_assert_eq!(template.placeholders().collect::<Vec<_>>(), [Placeholder::Addr]);
            let values = BTreeMap::from([(Placeholder::Addr, value.clone())]);
            prop_assert_eq!(template.fill(&values), Ok(format!("{before}{value}{after}")));
        }
    }
}
