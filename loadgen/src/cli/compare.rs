//! `loadgen compare`: a second record held against a first.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use loadgen::Status;
use loadgen::compare::{Basis, Outcome, Row};

use super::output::{self, OutputFormat};
use super::{GATE_MISSED, INVALID, USAGE, complain};

/// Compares a second run with a first: better, worse, no practical difference (5 %), or inconclusive.
///
/// Refused are runs that did not do the same: other transport, engine, method, headers, body, connections, threads, loop, offered rate,
/// arrivals, segment, spinning, number of paths, expected status, validation of bodies (on or off), timeout, or a
/// connection for each request in one of them. Told on standard error, because it may be the reason for what is found: other
/// URL, length, warm-up, expected body, opening, certificates, version of loadgen, CPUs, deep sleep. Another seed is neither.
///
/// Exit codes: 0 nothing is worse; 3 something is; 4 one of the runs is INVALID; 2 wrong usage, or the runs did not do the
/// same; 1 a record cannot be read.
#[derive(Debug, Parser)]
#[command(name = "loadgen compare", version, max_term_width = 100)]
pub(crate) struct CompareFlags {
    /// The record of the first run, written with --output-format json (and --timeseries, for throughput)
    first: PathBuf,
    /// The record of the second run
    second: PathBuf,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The form of the report
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    output_format: OutputFormat,
}

/// Compares, and tells.
pub(crate) fn main(flags: &CompareFlags) -> anyhow::Result<ExitCode> {
    let (first, second) = (output::read(&flags.first)?, output::read(&flags.second)?);
    let comparison = match loadgen::compare::compare(&first, &second) {
        Ok(comparison) => comparison,
        Err(error) => return Ok(complain(&error.into(), USAGE)),
    };
    if let Some(remark) = comparison.remark() {
        complain(&anyhow::Error::msg(remark), 0);
    }
    let rows = comparison.rows;
    let invalid = [&first, &second].iter().any(|record| record.verdict.status == Status::Invalid);
    let report = match flags.output_format {
        OutputFormat::Text => text(&rows, invalid),
        OutputFormat::Json => format!("{}\n", serde_json::to_string_pretty(&rows)?),
        OutputFormat::Csv => csv(&rows),
    };
    output::bytes(report.as_bytes(), flags.output.as_deref())?;
    let worse = rows.iter().any(|row| row.outcome == Outcome::Worse);
    let code = if invalid {
        INVALID
    } else if worse {
        GATE_MISSED
    } else {
        0
    };
    Ok(ExitCode::from(code))
}

fn label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Better => "better",
        Outcome::Worse => "worse",
        Outcome::NoDifference => "no practical difference",
        Outcome::Inconclusive => "inconclusive",
    }
}

fn text(rows: &[Row], invalid: bool) -> String {
    let mut out = String::new();
    if invalid {
        out.push_str("One of the runs is INVALID: nothing follows from this.\n");
    }
    for Row { figure, ratio, shares, basis, reason, outcome } in rows {
        let share = |[low, high]: &[f64; 2]| format!("{:.3} to {:.3} %", low * 100.0, high * 100.0);
        let mut shown = match (ratio, shares) {
            (Some([low, high]), _) => format!("second / first {low:.3} to {high:.3}"),
            (None, Some([first, second])) => format!("first {}, second {}", share(first), share(second)),
            (None, None) => String::new(),
        };
        if *basis == Some(Basis::WithinRun) {
            shown.push_str(", within the run only: repeat with --timeseries, or in turns");
        }
        if let Some(reason) = reason {
            let comma = if shown.is_empty() { "" } else { "; " };
            shown = format!("{shown}{comma}{reason}");
        }
        writeln!(out, "{figure:<11} {:<24} {shown}", label(*outcome)).expect("a String takes every byte");
    }
    out
}

fn csv(rows: &[Row]) -> String {
    let mut out =
        "figure,outcome,ratio_low,ratio_high,first_low,first_high,second_low,second_high\n".to_owned();
    let ends =
        |ends: Option<[f64; 2]>| ends.map_or_else(|| ",".to_owned(), |[low, high]| format!("{low},{high}"));
    for Row { figure, ratio, shares, outcome, .. } in rows {
        let [first, second] = [0, 1].map(|run| ends(shares.map(|shares| shares[run])));
        writeln!(out, "{figure},{},{},{first},{second}", label(*outcome), ends(*ratio))
            .expect("a String takes every byte");
    }
    out
}
