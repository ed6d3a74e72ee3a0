//! What the compiler sees of a crate: its modules followed from the root, tests and features that are off left out, counted by tokens.
//!
//! A line counts if a token of code is on it. Comments are no tokens; documentation is, as an attribute, and is left out. A
//! module counts if it is declared where no `cfg` that is false hides it; of the conditions only `test` and `feature` are judged,
//! all others are taken to hold.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, LexError, Span, TokenStream, TokenTree};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use self::conditions::holds;

mod conditions;

/// Names of what several threads or tasks share. Words that begin with `Atomic` are the others.
const SHARED: [&str; 5] = ["Arc", "Condvar", "Mutex", "OnceLock", "RwLock"];
/// Names of the interface between a future and what drives it.
const POLLING: [&str; 3] = ["Context", "Pin", "Poll"];

/// Why a crate cannot be counted.
#[derive(Debug, Error)]
pub enum SourceError {
    /// A file is missing or unreadable.
    #[error("cannot read the source {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the kernel said.
        source: std::io::Error,
    },
    /// A file is not Rust.
    #[error("cannot split {path} into tokens: {source}")]
    Tokens {
        /// The file.
        path: PathBuf,
        /// Where.
        source: LexError,
    },
    /// A module is declared and has no file.
    #[error("{path} declares a module {module} that has no file")]
    NoModule {
        /// The declaring file.
        path: PathBuf,
        /// The module.
        module: String,
    },
}

/// Counts over files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Source files.
    pub files: usize,
    /// Lines with code on them.
    pub lines: usize,
    /// The word `async`: functions, blocks and closures.
    pub asyncs: usize,
    /// Places where a task may be suspended: `.await`.
    pub awaits: usize,
    /// Uses of `Arc`, locks, condition variables and atomics, imports apart.
    pub shared: usize,
    /// Uses of `Pin`, `Poll` and `Context`, imports apart: futures driven by hand.
    pub polling: usize,
}

/// Counts the library and the binary of the crate in `folder`, as they are built with `features`.
///
/// # Errors
///
/// [`SourceError`] when a file is missing or is not Rust.
pub fn count_crate(folder: &Path, features: &[String]) -> Result<Counts, SourceError> {
    let source = folder.join("src");
    let mut counts = Counts::default();
    let roots = ["lib.rs", "main.rs"].map(|name| source.join(name));
    let mut files: Vec<PathBuf> = roots.into_iter().filter(|path| path.is_file()).collect();
    if files.is_empty() {
        files.push(source.join("lib.rs"));
    }
    let roots = files.len();
    let mut done = 0;
    while let Some(path) = files.get(done).cloned() {
        let modules = count_file(&path, features, &mut counts)?;
        let folder = children_folder(&path, done < roots);
        for module in modules {
            let found = [format!("{module}.rs"), format!("{module}/mod.rs")].map(|name| folder.join(name));
            match found.into_iter().find(|path| path.is_file()) {
                Some(file) => files.push(file),
                None => return Err(SourceError::NoModule { path, module }),
            }
        }
        done += 1;
    }
    Ok(counts)
}

/// Where the modules that a file declares have their files.
fn children_folder(path: &Path, is_root: bool) -> PathBuf {
    if is_root || path.ends_with("mod.rs") {
        path.parent().unwrap_or(Path::new("")).to_owned()
    } else {
        path.with_extension("")
    }
}

/// Adds the counts of one file and returns the modules that it declares, as paths from its folder of children.
fn count_file(path: &Path, features: &[String], counts: &mut Counts) -> Result<Vec<String>, SourceError> {
    let text =
        fs::read_to_string(path).map_err(|source| SourceError::Read { path: path.to_owned(), source })?;
    let tokens: TokenStream =
        text.parse().map_err(|source| SourceError::Tokens { path: path.to_owned(), source })?;
    let mut reader =
        Reader { features, lines: BTreeSet::new(), counts: Counts::default(), modules: Vec::new() };
    reader.read(tokens, "", true);
    let blank = |line: &usize| text.lines().nth(line - 1).is_none_or(|text| text.trim().is_empty());
    let lines = reader.lines.iter().filter(|line| !blank(line)).count();
    counts.files += usize::from(lines > 0);
    counts.lines += lines;
    counts.asyncs += reader.counts.asyncs;
    counts.awaits += reader.counts.awaits;
    counts.shared += reader.counts.shared;
    counts.polling += reader.counts.polling;
    Ok(reader.modules)
}

struct Reader<'a> {
    features: &'a [String],
    lines: BTreeSet<usize>,
    counts: Counts,
    modules: Vec<String>,
}

impl Reader<'_> {
    /// Reads the tokens of one level; `inside` is the path of inline modules around it, and `items` whether modules can be declared.
    fn read(&mut self, tokens: TokenStream, inside: &str, items: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut importing = false;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if let Some((length, inner, attribute)) = attribute(&tokens[at..]) {
                match holds(&attribute, self.features) {
                    // What an inner attribute hides is everything around it.
                    Some(false) if inner => return,
                    Some(false) => at = end_of_item(&tokens, at + length),
                    _ if first_word(&attribute) == "doc" => at += length,
                    _ => {
                        tokens[at..at + length].iter().for_each(|token| self.mark(token.span()));
                        at += length;
                    }
                }
                continue;
            }
            match token {
                TokenTree::Group(group) => {
                    self.mark(group.span_open());
                    self.mark(group.span_close());
                    let module = if items { declared(&tokens[..at]) } else { None };
                    match module {
                        Some(name) => self.read(group.stream(), &format!("{inside}{name}/"), true),
                        None if importing => self.mark(group.span()),
                        None => self.read(group.stream(), inside, false),
                    }
                }
                TokenTree::Ident(word) => {
                    self.mark(word.span());
                    let after_dot = at > 0 && is_punct(&tokens[at - 1], '.');
                    importing |= word == "use" && !tokens.get(at + 1).is_some_and(|next| is_punct(next, '<'));
                    if !importing {
                        self.count(&word.to_string(), after_dot);
                    }
                }
                TokenTree::Punct(punct) => {
                    self.mark(punct.span());
                    if punct.as_char() == ';' {
                        importing = false;
                        let module = if items { declared(&tokens[..at]) } else { None };
                        self.modules.extend(module.map(|name| format!("{inside}{name}")));
                    }
                }
                TokenTree::Literal(literal) => self.mark(literal.span()),
            }
            at += 1;
        }
    }

    fn count(&mut self, word: &str, after_dot: bool) {
        self.counts.asyncs += usize::from(word == "async");
        self.counts.awaits += usize::from(word == "await" && after_dot);
        self.counts.shared += usize::from(SHARED.contains(&word) || word.starts_with("Atomic"));
        self.counts.polling += usize::from(POLLING.contains(&word));
    }

    fn mark(&mut self, span: Span) {
        self.lines.extend(span.start().line..=span.end().line);
    }
}

fn is_punct(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn first_word(attribute: &TokenStream) -> String {
    attribute.clone().into_iter().next().map(|token| token.to_string()).unwrap_or_default()
}

/// The attribute at the beginning of `tokens`: how many tokens it has, whether it is an inner one, and what it says.
fn attribute(tokens: &[TokenTree]) -> Option<(usize, bool, TokenStream)> {
    let inner = is_punct(tokens.get(1)?, '!');
    let body = 1 + usize::from(inner);
    match tokens.get(body)? {
        TokenTree::Group(group) if is_punct(&tokens[0], '#') && group.delimiter() == Delimiter::Bracket => {
            Some((body + 1, inner, group.stream()))
        }
        _ => None,
    }
}

/// The name of the module whose declaration `tokens` end with.
fn declared(tokens: &[TokenTree]) -> Option<String> {
    match tokens {
        [.., TokenTree::Ident(keyword), TokenTree::Ident(name)] if keyword == "mod" => Some(name.to_string()),
        _ => None,
    }
}

/// The first token behind the item, field, variant or statement that begins at `at`, with further attributes before it.
fn end_of_item(tokens: &[TokenTree], mut at: usize) -> usize {
    while let Some((length, _, _)) = attribute(&tokens[at..]) {
        at += length;
    }
    while let Some(token) = tokens.get(at) {
        at += 1;
        let ends_after = |next: &TokenTree| is_punct(next, ';') || is_punct(next, ',');
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                return at + usize::from(tokens.get(at).is_some_and(ends_after));
            }
            token if ends_after(token) => return at,
            _ => {}
        }
    }
    at
}

#[cfg(test)]
mod tests;
