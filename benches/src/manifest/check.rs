//! From what is written to what is meant: every rule of a manifest that its shape does not already keep.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use toml::Spanned;

use super::error::{ManifestError, Place, Problem, explained, nearest};
use super::file::{File, FileEntry, NeedsFile};
use super::placeholder::{Placeholder, Template, Unknown};
use super::{FileTemplate, HELLO, Manifest, Needs, WAITING};

/// Longest name that leaves a table readable.
const NAME_CHARS: usize = 40;

/// Reads the manifest `source`; errors call it `shown`.
pub(super) fn manifest(
    source: &str,
    shown: &Path,
    file: PathBuf,
    experiments: &[&str],
) -> Result<Manifest, ManifestError> {
    let text = Text { source, path: shown };
    let raw: File = toml::from_str(source)
        .map_err(|error| text.wrong(error.span().unwrap_or_default(), explained(error.message())))?;
    let folder = file.parent().unwrap_or(Path::new("/")).to_owned();
    let dir = folder.to_str().ok_or_else(|| text.wrong(0..0, Problem::FolderName))?.to_owned();
    let File { model, ready, expect_body, keeps_contract, needs, .. } = raw;
    let manifest = Manifest {
        name: text.name(raw.name)?,
        model: model.model(),
        readiness: ready,
        path: text.request_path(raw.path)?,
        expect_body: expect_body.unwrap_or_else(|| "Hello, World!".to_owned()),
        keeps_contract,
        experiments: Vec::new(),
        workers: Vec::new(),
        needs: needs.into(),
        language: raw.language.map(|language| text.language(language)).transpose()?,
        notes: text.notes(raw.notes)?,
        file,
        dir,
        command: text.command(&raw.command)?,
        env: raw
            .env
            .into_iter()
            .map(|(name, value)| Ok((name, text.template(&value)?)))
            .collect::<Result<_, _>>()?,
        version: raw.version.as_ref().map(|version| text.version(version)).transpose()?,
        files: raw.files.iter().map(|entry| text.file(entry, &folder)).collect::<Result<_, _>>()?,
    };
    if !manifest.uses(Placeholder::Addr) && !manifest.uses(Placeholder::Port) {
        return Err(text.wrong(raw.command.span(), Problem::NowhereToListen));
    }
    if raw.workers.is_none() && manifest.uses(Placeholder::Threads) {
        return Err(text.wrong(raw.command.span(), Problem::ThreadsUnsized));
    }
    Ok(Manifest {
        workers: raw.workers.map(|workers| text.workers(workers, &manifest)).transpose()?.unwrap_or_default(),
        experiments: text.experiments(raw.experiments, &manifest, experiments)?,
        ..manifest
    })
}

impl From<NeedsFile> for Needs {
    fn from(NeedsFile { programs, python, hint }: NeedsFile) -> Self {
        Needs { programs, python, hint }
    }
}

/// A file's text, to say where in it something is wrong.
struct Text<'a> {
    source: &'a str,
    path: &'a Path,
}

impl Text<'_> {
    fn wrong(&self, span: Range<usize>, problem: Problem) -> ManifestError {
        let place = Place::of(self.source, span.start);
        ManifestError::Wrong { path: self.path.to_owned(), place, problem }
    }

    fn name(&self, name: Spanned<String>) -> Result<String, ManifestError> {
        let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
        let text = name.get_ref();
        if text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.len() <= NAME_CHARS
            && text.bytes().all(good)
        {
            return Ok(name.into_inner());
        }
        Err(self.wrong(name.span(), Problem::Name(name.into_inner())))
    }

    fn request_path(&self, path: Option<Spanned<String>>) -> Result<String, ManifestError> {
        match path {
            None => Ok("/World".to_owned()),
            Some(path)
                if path.get_ref().starts_with('/')
                    && path.get_ref().bytes().all(|byte| byte.is_ascii_graphic()) =>
            {
                Ok(path.into_inner())
            }
            Some(path) => Err(self.wrong(path.span(), Problem::Path(path.into_inner()))),
        }
    }

    fn template(&self, text: &Spanned<String>) -> Result<Template, ManifestError> {
        Template::parse(text.get_ref()).map_err(|unknown| {
            let span = text.span();
            // Escapes make a string shorter than its source; the word itself needs none.
            let word = format!("{{{}}}", unknown.word);
            let start = self.source[span.clone()].find(&word).map_or(span.start, |at| span.start + at);
            self.wrong(start..span.end, unknown.into())
        })
    }

    fn command(&self, words: &Spanned<Vec<Spanned<String>>>) -> Result<Vec<Template>, ManifestError> {
        let program = words.get_ref().first().filter(|program| !program.get_ref().is_empty());
        let program = program.ok_or_else(|| self.wrong(words.span(), Problem::EmptyCommand))?;
        let text = program.get_ref();
        if text.contains('/') && !text.starts_with(['/', '{']) {
            return Err(self.wrong(program.span(), Problem::RelativeProgram(text.clone())));
        }
        self.before_the_trial(program)?;
        words.get_ref().iter().map(|word| self.template(word)).collect()
    }

    fn version(&self, words: &Spanned<Vec<Spanned<String>>>) -> Result<Vec<Template>, ManifestError> {
        words.get_ref().iter().try_for_each(|word| self.before_the_trial(word))?;
        self.command(words)
    }

    fn before_the_trial(&self, word: &Spanned<String>) -> Result<(), ManifestError> {
        let known = |one: &Placeholder| {
            matches!(one, Placeholder::ManifestDir | Placeholder::Venv | Placeholder::Compare)
        };
        match self.template(word)?.placeholders().find(|one| !known(one)) {
            Some(other) => Err(self.wrong(word.span(), Problem::OfTheTrial(other))),
            None => Ok(()),
        }
    }

    fn file(&self, entry: &FileEntry, folder: &Path) -> Result<FileTemplate, ManifestError> {
        let path = PathBuf::from(entry.path.get_ref());
        let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
        if !inside || path.as_os_str().is_empty() {
            return Err(self.wrong(entry.path.span(), Problem::FilePath(entry.path.get_ref().clone())));
        }
        let template_path = folder.join(entry.template.get_ref());
        let source = fs::read_to_string(&template_path).map_err(|error| {
            let problem = Problem::Template(entry.template.get_ref().clone(), error.to_string());
            self.wrong(entry.template.span(), problem)
        })?;
        let shown = self.path.with_file_name(entry.template.get_ref());
        let text = Template::parse(&source).map_err(|unknown| {
            let start = unknown.at;
            Text { source: &source, path: &shown }.wrong(start..start, unknown.into())
        })?;
        Ok(FileTemplate { path, template: template_path, text })
    }

    fn language(&self, language: Spanned<String>) -> Result<String, ManifestError> {
        match language.get_ref().trim() {
            "" => Err(self.wrong(language.span(), Problem::EmptyLanguage)),
            _ => Ok(language.into_inner()),
        }
    }

    fn notes(&self, notes: Vec<Spanned<String>>) -> Result<Vec<String>, ManifestError> {
        match notes.iter().find(|note| note.get_ref().trim().is_empty()) {
            Some(empty) => Err(self.wrong(empty.span(), Problem::EmptyNote)),
            None => Ok(notes.into_iter().map(Spanned::into_inner).collect()),
        }
    }

    fn workers<T: Ord>(
        &self,
        workers: Spanned<Vec<T>>,
        manifest: &Manifest,
    ) -> Result<Vec<T>, ManifestError> {
        let distinct: BTreeSet<&T> = workers.get_ref().iter().collect();
        if distinct.is_empty() || distinct.len() < workers.get_ref().len() {
            return Err(self.wrong(workers.span(), Problem::Workers));
        }
        if !manifest.uses(Placeholder::Threads) {
            return Err(self.wrong(workers.span(), Problem::WorkersUnused));
        }
        Ok(workers.into_inner())
    }

    fn experiments(
        &self,
        listed: Option<Vec<Spanned<String>>>,
        manifest: &Manifest,
        known: &[&str],
    ) -> Result<Vec<String>, ManifestError> {
        let waits = manifest.uses(Placeholder::IoWaitMs);
        let Some(listed) = listed else {
            let all = [Some(HELLO), waits.then_some(WAITING)];
            return Ok(all.into_iter().flatten().map(str::to_owned).collect());
        };
        let mut labels = Vec::new();
        for label in listed {
            let (span, label) = (label.span(), label.into_inner());
            if !known.contains(&label.as_str()) {
                let nearest = nearest(&label, known.iter().copied()).map(str::to_owned);
                let all = known.join(", ");
                return Err(self.wrong(span, Problem::UnknownExperiment { label, nearest, all }));
            }
            if label == WAITING && !waits {
                return Err(self.wrong(span, Problem::WaitUnused));
            }
            if labels.contains(&label) {
                return Err(self.wrong(span, Problem::ExperimentTwice(label)));
            }
            labels.push(label);
        }
        Ok(labels)
    }
}

impl From<Unknown> for Problem {
    fn from(Unknown { word, .. }: Unknown) -> Self {
        let nearest = nearest(&word, Placeholder::ALL.map(Placeholder::label));
        let nearest = nearest.map(|nearest| format!("{{{nearest}}}"));
        Problem::UnknownPlaceholder { word, nearest }
    }
}
