//! `cargo compare add`: a manifest for a server of the user's own, from a few answers, tried before it is kept.

use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use clap::Args;
use contract::conformance;
use serde::Serialize;

use crate::binaries::Source;
use crate::guests;
use crate::manifest::{self, HELLO, WAITING};
use crate::matrix::Work;
use crate::placement::Placement;
use crate::server::ServerUnderTest;

/// Flags of `cargo compare add`; what is not given is asked for.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:
  cargo compare add --name my-server --model async -- ./my-server --listen {addr}")]
pub struct AddFlags {
    /// The name in tables and on the command line
    #[arg(long)]
    name: Option<String>,
    /// sync: one request at a time; threaded: a pool; async: an event loop; other
    #[arg(long)]
    model: Option<String>,
    /// connect: it is known by its answers; ready-line: it prints the READY line of this project's servers
    #[arg(long, default_value = "connect")]
    ready: String,
    /// What every request asks for
    #[arg(long, default_value = "/World")]
    path: String,
    /// What every answer must say
    #[arg(long, default_value = "Hello, World!")]
    expect_body: String,
    /// How to get it, for somebody who has it not
    #[arg(long)]
    hint: Option<String>,
    /// Folder for the manifest [default: contenders/ in the workspace]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Program and arguments, with {addr} or {port} where it is told to listen
    #[arg(last = true)]
    command: Vec<String>,
}

/// A manifest as it is written.
#[derive(Debug, Serialize)]
struct Written {
    name: String,
    model: String,
    command: Vec<String>,
    ready: String,
    path: String,
    expect_body: String,
    keeps_contract: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<Hint>,
}

#[derive(Debug, Serialize)]
struct Hint {
    hint: String,
}

/// Asks for what is missing, tries the server, and writes its manifest.
///
/// # Errors
///
/// When an answer is missing, the manifest would be wrong, or the server does not answer as it says. Nothing is kept then.
pub fn run(flags: &AddFlags) -> anyhow::Result<ExitCode> {
    let (mut input, mut output) = (io::stdin().lock(), io::stderr());
    let written = complete(flags, &mut input, &mut output)?;
    let folder = flags.dir.clone().unwrap_or_else(|| Source::workspace().join("contenders"));
    let path = folder.join(format!("{}.toml", written.name));
    ensure!(!path.exists(), "{} is there already; choose another --name, or edit it", path.display());
    let written = try_out(written, &folder)?;
    std::fs::write(&path, text_of(&written)?).with_context(|| format!("cannot write {}", path.display()))?;
    println!("wrote {}; measure it with: cargo compare --with {}", path.display(), path.display());
    Ok(ExitCode::SUCCESS)
}

fn complete(flags: &AddFlags, input: &mut impl BufRead, output: &mut impl Write) -> anyhow::Result<Written> {
    let mut ask = |given: Option<String>, question: &str, flag: &str| -> anyhow::Result<String> {
        if let Some(given) = given {
            return Ok(given);
        }
        write!(output, "{question}: ")?;
        output.flush()?;
        let mut answer = String::new();
        input.read_line(&mut answer)?;
        let answer = answer.trim().to_owned();
        ensure!(!answer.is_empty(), "no answer; give it with {flag}");
        Ok(answer)
    };
    let name = ask(flags.name.clone(), "Name", "--name")?;
    let model = ask(flags.model.clone(), "Model (sync, threaded, async, other)", "--model")?;
    let command = if flags.command.is_empty() {
        let line = ask(None, "Command, words apart by spaces, with {addr} or {port}", "a command behind --")?;
        line.split_whitespace().map(str::to_owned).collect()
    } else {
        flags.command.clone()
    };
    Ok(Written {
        name,
        model,
        command,
        ready: flags.ready.clone(),
        path: flags.path.clone(),
        expect_body: flags.expect_body.clone(),
        keeps_contract: false,
        needs: flags.hint.clone().map(|hint| Hint { hint }),
    })
}

fn text_of(written: &Written) -> anyhow::Result<String> {
    toml::to_string(written).context("cannot write the manifest as TOML")
}

/// Starts it as a comparison would, looks at its answer, and holds it to the contract, which decides `keeps_contract`.
fn try_out(written: Written, folder: &std::path::Path) -> anyhow::Result<Written> {
    // Beside where it will lie, so that paths from the manifest's folder mean the same.
    let trial = tempfile::Builder::new()
        .prefix(".trial-")
        .suffix(".toml")
        .tempfile_in(folder)
        .with_context(|| format!("cannot write to {}", folder.display()))?;
    std::fs::write(trial.path(), text_of(&written)?)?;
    let manifest = manifest::load(trial.path(), &[HELLO, WAITING])?;
    let machine = guests::this_machine();
    let cpus = Placement::of_this_machine()?.server_cpus;
    let server = ServerUnderTest::start_guest(&manifest, &machine, (&Work::NOTHING, None), &cpus)?;
    println!("{} answers GET {} as it should", written.name, written.path);
    let report = conformance::run_all(server.addr());
    let keeps_contract = report.passed();
    println!(
        "the contract of this project's servers: {}, so keeps_contract = {keeps_contract}",
        report.summary()
    );
    if let Err(error) = server.stop() {
        bail!("{error}; a contender must end on SIGTERM");
    }
    Ok(Written { keeps_contract, ..written })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags() -> AddFlags {
        AddFlags {
            name: None,
            model: None,
            ready: "connect".to_owned(),
            path: "/World".to_owned(),
            expect_body: "Hello, \"World\"!".to_owned(),
            hint: Some("build it".to_owned()),
            dir: None,
            command: Vec::new(),
        }
    }

    #[test]
    fn what_is_not_given_is_asked_for() {
        let mut asked = Vec::new();
        let mut answers = "mine\nasync\n./mine --listen {addr}\n".as_bytes();
        let written = complete(&flags(), &mut answers, &mut asked).unwrap();
        insta::assert_snapshot!(format!(
            "{}\n---\n{}",
            String::from_utf8(asked).unwrap(),
            text_of(&written).unwrap()
        ));
    }

    #[test]
    fn no_answer_names_the_flag() {
        let error = complete(&flags(), &mut "mine\n".as_bytes(), &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("--model"), "{error}");
    }
}
