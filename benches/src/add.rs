//! `cargo compare add`: a manifest for a server of the user's own, from a few answers, tried before it is kept.

use std::env;
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use clap::Args;
use contract::conformance;
use serde::Serialize;

use crate::binaries::Source;
use crate::guests;
use crate::manifest::{self, Availability, HELLO, WAITING};
use crate::matrix::Work;
use crate::placement::Placement;
use crate::server::ServerUnderTest;

mod answers;

/// Flags of `cargo compare add`; what is not given is asked for.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Example, for a server that lies here:
  cargo compare add --name my-server --model async -- ./my-server --listen {addr}

A pool of threads, at three sizes, that can wait in each request:
  cargo compare add --name my-pool --model threaded --workers 1,8,64 \\
    --version-command './my-pool --version' -- ./my-pool {addr} --threads {threads} --wait {io_wait_ms}")]
pub struct AddFlags {
    /// The name in tables and on the command line
    #[arg(long)]
    name: Option<String>,
    /// sync: one request at a time; threaded: threads, a pool or one a connection; async: an event loop; other
    #[arg(long)]
    model: Option<String>,
    /// Sizes of the pool to try, where the command has {threads}
    #[arg(long, value_name = "N", value_delimiter = ',')]
    workers: Vec<NonZeroUsize>,
    /// connect: it is known by its answers; ready-line: it prints the READY line of this project's servers
    #[arg(long, default_value = "connect")]
    ready: String,
    /// What every request asks for
    #[arg(long, default_value = "/World")]
    path: String,
    /// What every answer must say
    #[arg(long, default_value = "Hello, World!")]
    expect_body: String,
    /// Command that prints its version, words apart by spaces
    #[arg(long, value_name = "COMMAND")]
    version_command: Option<String>,
    /// Another program that must be installed; can be given several times, or with commas
    #[arg(long, value_name = "PROGRAM", value_delimiter = ',')]
    needs: Vec<String>,
    /// How to get it, for somebody who has it not
    #[arg(long)]
    hint: Option<String>,
    /// Experiment that it takes part in; can be given several times, or with commas [default: hello, and waiting if it can wait]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    experiment: Vec<String>,
    /// The language it is written in
    #[arg(long)]
    language: Option<String>,
    /// Folder for the manifest [default: contenders/ in the workspace]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Program and arguments, with {addr} or {port} where it is told to listen; files that lie here are written with their whole path
    #[arg(last = true)]
    command: Vec<String>,
}

/// A manifest as it is written.
#[derive(Debug, Clone, Serialize)]
struct Written {
    name: String,
    model: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    command: Vec<String>,
    ready: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    version: Vec<String>,
    path: String,
    expect_body: String,
    keeps_contract: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    experiments: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    workers: Vec<NonZeroUsize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<Needs>,
}

#[derive(Debug, Clone, Serialize)]
struct Needs {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    programs: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// Asks for what is missing, tries the server, and writes its manifest.
///
/// # Errors
///
/// When an answer is missing, the manifest would be wrong, or the server does not answer as it says. Nothing is kept then.
pub fn run(flags: &AddFlags) -> anyhow::Result<ExitCode> {
    let here = env::current_dir().context("cannot tell which folder this is")?;
    let written = answers::complete(flags, &here, &mut io::stdin().lock(), &mut io::stderr())?;
    let folder = flags.dir.clone().unwrap_or_else(|| Source::workspace().join("contenders"));
    let path = folder.join(format!("{}.toml", written.name));
    ensure!(!path.exists(), "{} is there already; choose another --name, or edit it", path.display());
    let written = try_out(written, &path)?;
    fs::write(&path, text_of(&written)?).with_context(|| format!("cannot write {}", path.display()))?;
    println!("wrote {}; measure it with: cargo compare --with {}", path.display(), path.display());
    Ok(ExitCode::SUCCESS)
}

fn text_of(written: &Written) -> anyhow::Result<String> {
    toml::to_string(written).context("cannot write the manifest as TOML")
}

/// Starts it as a comparison would, looks at its answer, and holds it to the contract, which decides `keeps_contract`.
fn try_out(written: Written, path: &Path) -> anyhow::Result<Written> {
    // From the text and not from a file, so that nothing lies about if this ends here.
    let manifest = manifest::parse(&text_of(&written)?, path, &[HELLO, WAITING])?;
    let machine = guests::this_machine();
    if let Availability::Missing { what, hint } = manifest.availability(&machine) {
        bail!("{what} is missing: {hint}");
    }
    let version = guests::facts_of(&manifest, &machine).version.text();
    println!("version: {version}");
    let cpus = Placement::of_this_machine()?.server_cpus;
    let workers = manifest.workers.first().map(|workers| workers.get());
    let server = ServerUnderTest::start_guest(&manifest, &machine, (&Work::NOTHING, workers), &cpus)?;
    println!("{} answers GET {} as it should", written.name, written.path);
    let report = conformance::run_all(server.addr());
    let keeps_contract = report.passed();
    println!(
        "the contract of this project's servers: {}, so keeps_contract = {keeps_contract}",
        report.summary()
    );
    server.keeps_to(&cpus)?;
    if let Err(error) = server.stop() {
        bail!("{error}; a contender must end on SIGTERM");
    }
    Ok(Written { keeps_contract, ..written })
}
