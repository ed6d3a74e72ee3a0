//! The `conformance` binary: arguments in, one line a case out.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::builder::PossibleValuesParser;

use super::gaps::STACKS;
use super::{Options, cases, known_gaps, run_watched};

/// Checks whether an HTTP server keeps the contract of this workspace's servers.
#[derive(Debug, Parser)]
#[command(
    name = "conformance",
    after_help = "Example:\n  cargo run -p contract --features conformance --bin conformance -- 127.0.0.1:8080\n\nExit codes: 0 all passed, 1 a case failed or nothing listens, 2 usage."
)]
pub struct Arguments {
    /// Where the server listens, such as 127.0.0.1:8080
    #[arg(required_unless_present = "list")]
    address: Option<SocketAddr>,
    /// Run this case only (repeatable)
    #[arg(long, value_name = "ID", value_parser = known_id)]
    case: Vec<&'static str>,
    /// Leave this case out (repeatable)
    #[arg(long, value_name = "ID", value_parser = known_id)]
    except: Vec<&'static str>,
    /// Leave out the known gaps of the server's HTTP stack, and print each with its reason
    #[arg(long, value_name = "STACK", value_parser = PossibleValuesParser::new(STACKS))]
    http: Option<String>,
    /// How long one case may take
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, default_value = "5s")]
    timeout: Duration,
    /// Print the ids of all cases with their rules, and run none
    #[arg(long)]
    list: bool,
}

fn known_id(text: &str) -> Result<&'static str, String> {
    let known = cases().iter().find(|case| case.id == text);
    known.map(|case| case.id).ok_or_else(|| "no case has this id; --list prints them".to_owned())
}

/// Does what the arguments ask for and writes it to `out`, each line as soon as it is known.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> io::Result<ExitCode> {
    let (false, Some(address)) = (arguments.list, arguments.address) else {
        for case in cases() {
            writeln!(out, "{:<46} {}", case.id, case.rule)?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    let gaps = arguments.http.as_deref().map_or(&[][..], known_gaps);
    let options =
        Options { timeout: arguments.timeout, only: &arguments.case, except: &arguments.except, gaps };
    let mut written = Ok(());
    let report = run_watched(address, &options, |outcome| {
        if written.is_ok() {
            written = writeln!(out, "{outcome}");
        }
    });
    written?;
    for gap in &report.excepted {
        writeln!(out, "{gap}")?;
    }
    writeln!(out, "{}", report.summary())?;
    Ok(if report.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
