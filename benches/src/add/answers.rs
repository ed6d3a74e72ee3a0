//! What a manifest is made of: flags, and answers to questions where a flag is not given.
//!
//! Without name, model or command it is a dialogue, in which what may be left out is asked for too; an empty answer leaves it out. The
//! sizes of a pool are asked for wherever the command has `{threads}`, because without them nothing could be measured.

use std::io::{BufRead, Write};
use std::path::Path;

use anyhow::{Context, ensure};

use super::{AddFlags, Needs, Written};

/// Asks on `output`, reads from `input`.
struct Dialogue<'a, I, O> {
    input: &'a mut I,
    output: &'a mut O,
}

impl<I: BufRead, O: Write> Dialogue<'_, I, O> {
    /// The answer, empty if there is none.
    fn ask(&mut self, question: &str) -> anyhow::Result<String> {
        write!(self.output, "{question}: ")?;
        self.output.flush()?;
        let mut answer = String::new();
        self.input.read_line(&mut answer)?;
        Ok(answer.trim().to_owned())
    }

    /// What was given, or the answer; there must be one.
    fn must(&mut self, given: Option<&String>, question: &str, flag: &str) -> anyhow::Result<String> {
        if let Some(given) = given {
            return Ok(given.clone());
        }
        let answer = self.ask(question)?;
        ensure!(!answer.is_empty(), "no answer; give it with {flag}");
        Ok(answer)
    }

    /// What was given, or the answer if it is asked for, or nothing.
    fn may(&mut self, given: Option<&String>, asks: bool, question: &str) -> anyhow::Result<Option<String>> {
        match given {
            Some(given) => Ok(Some(given.clone())),
            None if asks => Ok(Some(self.ask(question)?).filter(|answer| !answer.is_empty())),
            None => Ok(None),
        }
    }

    fn list(&mut self, given: &[String], asks: bool, question: &str) -> anyhow::Result<Vec<String>> {
        let answer = if given.is_empty() { self.may(None, asks, question)? } else { None };
        let answers =
            answer.iter().flat_map(|answer| answer.split([',', ' '])).filter(|word| !word.is_empty());
        Ok(given.iter().cloned().chain(answers.map(str::to_owned)).collect())
    }
}

/// The manifest that flags and answers make, for a server whose files lie in `here`.
pub(super) fn complete(
    flags: &AddFlags,
    here: &Path,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> anyhow::Result<Written> {
    let asks = flags.name.is_none() || flags.model.is_none() || flags.command.is_empty();
    let mut dialogue = Dialogue { input, output };
    let name = dialogue.must(flags.name.as_ref(), "Name", "--name")?;
    let model = dialogue.must(flags.model.as_ref(), "Model (sync, threaded, async, other)", "--model")?;
    let command = if flags.command.is_empty() {
        let question = "Command, words apart by spaces, with {addr} or {port}";
        words(&dialogue.must(None, question, "a command behind --")?)
    } else {
        flags.command.clone()
    };
    let workers = if flags.workers.is_empty() && command.iter().any(|word| word.contains("{threads}")) {
        let question = "Sizes of the pool to try for {threads}, as 1,8,64";
        let answer = dialogue.must(None, question, "--workers 1,8,64")?;
        let sizes = answer.split([',', ' ']).filter(|word| !word.is_empty()).map(str::parse);
        sizes
            .collect::<Result<_, _>>()
            .with_context(|| format!("{answer:?} is no list of numbers like 1,8,64"))?
    } else {
        flags.workers.clone()
    };
    let question = "Command that prints its version (empty: none)";
    let version = dialogue.may(flags.version_command.as_ref(), asks, question)?;
    let experiments = dialogue.list(
        &flags.experiment,
        asks,
        "Experiments, hello or waiting (empty: hello, and waiting with {io_wait_ms})",
    )?;
    let language =
        dialogue.may(flags.language.as_ref(), asks, "Language it is written in (empty: not told)")?;
    let programs = dialogue.list(&flags.needs, asks, "Other programs it needs (empty: none)")?;
    let hint =
        dialogue.may(flags.hint.as_ref(), asks, "How to get it, for who has it not (empty: not told)")?;
    if let Some(program) = command.first().filter(|one| one.contains('/') && !one.starts_with(['/', '{'])) {
        ensure!(here.join(program).is_file(), "there is no file {program} in {}", here.display());
    }
    Ok(Written {
        name,
        model,
        language,
        command: whole(&command, here),
        ready: flags.ready.clone(),
        version: version.map(|version| whole(&words(&version), here)).unwrap_or_default(),
        path: flags.path.clone(),
        expect_body: flags.expect_body.clone(),
        keeps_contract: false,
        experiments,
        workers,
        needs: (hint.is_some() || !programs.is_empty()).then_some(Needs { programs, hint }),
    })
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// A command with the whole path of each file that lies in `here`: a comparison may be started from anywhere. The program is such a file
/// only where it is written as a path; a bare name is looked for in `PATH`, as a shell does.
fn whole(command: &[String], here: &Path) -> Vec<String> {
    let one = |(index, word): (usize, &String)| {
        let path = here.join(word);
        let is_here = Path::new(word).is_relative() && path.is_file() && (index > 0 || word.contains('/'));
        let clean = || path.components().collect::<std::path::PathBuf>().display().to_string();
        if is_here { clean() } else { word.clone() }
    };
    command.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::add::text_of;

    fn flags() -> AddFlags {
        AddFlags {
            ready: "connect".to_owned(),
            path: "/World".to_owned(),
            expect_body: "Hello, \"World\"!".to_owned(),
            ..AddFlags::default()
        }
    }

    fn list(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    /// The manifest and the questions that were asked.
    fn answered(flags: &AddFlags, answers: &str) -> anyhow::Result<(String, String)> {
        let mut asked = Vec::new();
        let written = complete(flags, Path::new("/no/such"), &mut answers.as_bytes(), &mut asked)?;
        Ok((text_of(&written)?, String::from_utf8(asked)?))
    }

    #[test]
    fn what_is_not_given_is_asked_for() {
        let answers = "mine\nthreaded\n/opt/mine --listen {addr} {threads}\n1, 8\n/opt/mine -V\nhello\nGo\nperl awk\nbuild it\n";
        let (text, asked) = answered(&flags(), answers).unwrap();
        insta::assert_snapshot!(format!("{asked}\n---\n{text}"));
        let (text, _) = answered(&flags(), "mine\nasync\n/opt/mine {addr}\n").unwrap();
        insta::assert_snapshot!("only_what_must_be_answered", text);
    }

    #[test]
    fn whoever_gives_all_that_must_be_given_is_asked_nothing_but_the_sizes_of_a_pool() {
        let given = AddFlags {
            name: Some("mine".to_owned()),
            model: Some("threaded".to_owned()),
            command: list(&["mine", "{addr}", "-t{threads}"]),
            ..flags()
        };
        let (text, asked) = answered(&given, "4\n").unwrap();
        assert!(asked.starts_with("Sizes of the pool") && text.contains("workers = [4]"), "{asked}{text}");
        let sized = AddFlags { workers: vec![std::num::NonZeroUsize::MIN], ..given.clone() };
        assert_eq!(answered(&sized, "").unwrap().1, "");
        let gone = AddFlags { command: list(&["./gone", "{addr}"]), ..given.clone() };
        let error = answered(&gone, "").unwrap_err().to_string();
        assert!(error.contains("there is no file ./gone in /no/such"), "{error}");
        for (answer, named) in [("", "--workers"), ("many\n", "like 1,8,64")] {
            let error = answered(&given, answer).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn no_answer_names_the_flag() {
        let error = answered(&flags(), "mine\n").unwrap_err();
        assert!(error.to_string().contains("--model"), "{error}");
    }

    #[test]
    fn files_that_lie_here_are_told_by_their_whole_path() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        for name in ["run", "server.py", "perl"] {
            std::fs::write(here.join(name), "").unwrap();
        }
        let at = |name: &str| here.join(name).display().to_string();
        for (command, expected) in [
            (&["./run", "{addr}"][..], vec![at("run"), "{addr}".to_owned()]),
            (&["perl", "server.py"], vec!["perl".to_owned(), at("server.py")]),
            (&["./gone", "gone.py", "-v"], list(&["./gone", "gone.py", "-v"])),
            (&["/bin/sh", "{manifest_dir}/run"], list(&["/bin/sh", "{manifest_dir}/run"])),
        ] {
            assert_eq!(whole(&list(command), here), expected, "{command:?}");
        }
    }
}
