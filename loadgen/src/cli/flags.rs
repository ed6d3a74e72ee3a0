//! The command line: raw flags, and the plan they amount to.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Parser, ValueEnum};
use loadgen::{Expectation, ExpectedBody, Plan, Stop, Target};

use super::USAGE;

const EXAMPLES: &str = "\
Examples:
  loadgen http://127.0.0.1:8080/World
  loadgen http://127.0.0.1:8080/World -c 256 -t 2 -d 30s
  loadgen http://127.0.0.1:8080/World -n 100000 --output-format json
  loadgen http://127.0.0.1:8080/World --expect-body 'Hello, {name}!'

Exit codes: 0 every request answered as expected; 1 cannot start, or any request failed;
2 wrong usage; 130, 143 ended by SIGINT, SIGTERM, with the report of what was measured.";

/// A closed-loop HTTP/1.1 load generator: each connection sends, waits for the answer, sends.
#[derive(Debug, Parser)]
#[command(name = "loadgen", version, after_help = EXAMPLES, max_term_width = 100, allow_negative_numbers = true)]
pub(crate) struct Flags {
    /// What to ask for: an http:// URL
    url: String,
    /// Connections, each with one request at a time
    #[arg(short, long, default_value = "64", value_parser = at_least_one)]
    connections: u64,
    /// Measure for this long: 10s, 500ms, or a number of seconds [default: 10s]
    #[arg(short, long, short_alias = 'z', value_parser = duration, conflicts_with = "requests")]
    duration: Option<Duration>,
    /// Measure so many requests instead
    #[arg(short = 'n', long, value_parser = at_least_one)]
    requests: Option<u64>,
    /// Event loops, each on its own thread
    #[arg(short, long, default_value = "1", value_parser = at_least_one)]
    threads: u64,
    /// How long an answer, or a connection, may take
    #[arg(long, default_value = "10s", value_parser = duration)]
    timeout: Duration,
    /// The one status that is valid
    #[arg(long, default_value = "200", value_name = "STATUS", value_parser = clap::value_parser!(u16).range(200..=599))]
    expect_status: u16,
    /// The one body that is valid; {name} stands for the last path segment, decoded [default: that of
    /// the first answer]
    #[arg(long, value_name = "BODY")]
    expect_body: Option<String>,
    /// Check status and framing only, not the body
    #[arg(long, conflicts_with = "expect_body")]
    no_validate: bool,
    /// What to print on standard output
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) output_format: OutputFormat,
}

/// The form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// A summary to read.
    Text,
    /// The whole record.
    Json,
}

impl Flags {
    /// Reads the command line. What is not a run (help, version, a mistake) is printed here and is an exit code.
    pub(crate) fn read() -> Result<Self, ExitCode> {
        Self::try_parse().map_err(|error| {
            if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
                // A closed pipe, as behind `loadgen --help | head`, is no failure.
                let _ = error.print();
                return ExitCode::SUCCESS;
            }
            let _ = writeln!(io::stderr(), "loadgen: {}; see loadgen --help", one_line(&error));
            ExitCode::from(USAGE)
        })
    }

    /// The plan that the flags amount to; the host is resolved here.
    pub(crate) fn plan(&self) -> anyhow::Result<Plan> {
        let target = Target::parse(&self.url)?;
        let body = match &self.expect_body {
            _ if self.no_validate => ExpectedBody::Off,
            Some(template) => ExpectedBody::Exact(template.clone()),
            None => ExpectedBody::Auto,
        };
        let plan = Plan::new(target);
        let stop = match (self.requests, self.duration) {
            (Some(requests), _) => Stop::Requests(requests),
            (None, Some(window)) => Stop::After(window),
            (None, None) => plan.stop,
        };
        let plan = Plan {
            connections: usize::try_from(self.connections)?,
            threads: usize::try_from(self.threads)?,
            stop,
            timeout: self.timeout,
            expect: Expectation { status: self.expect_status, body },
            ..plan
        };
        plan.check()?;
        Ok(plan)
    }
}

/// The first paragraph of clap's message, without its prefix.
fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let paragraph: Vec<_> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    paragraph.join(" ").trim_start_matches("error: ").to_owned()
}

fn at_least_one(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".to_owned()),
        Ok(count) => Ok(count),
        Err(_) => Err("must be a whole number".to_owned()),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    match seconds.or_else(|| humantime::parse_duration(text).ok()) {
        None => Err("write it like 10s, 500ms or 2m".to_owned()),
        Some(Duration::ZERO) => Err("must be longer than zero".to_owned()),
        Some(duration) => Ok(duration),
    }
}
