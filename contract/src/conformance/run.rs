//! Puts the table of cases to a server, one after the other.

use std::net::SocketAddr;
use std::time::Duration;

use super::case::{Case, cases};
use super::failure::Failure;
use super::gaps::{Gap, known_gaps};
use super::probe::Probe;
use super::report::{Outcome, Report};

/// How long a case may take unless the caller says otherwise: far longer than three requests need.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// Which cases run, and how long each may take.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// The deadline of each case; a server that never answers costs it once a case.
    pub timeout: Duration,
    /// The ids of the only cases to run; empty means all.
    pub only: &'a [&'a str],
    /// The ids of cases to leave out.
    pub except: &'a [&'a str],
    /// Cases to leave out and to name in the report, with the reason why the server's HTTP library fails them.
    pub gaps: &'a [Gap],
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { timeout: DEFAULT_TIMEOUT, only: &[], except: &[], gaps: &[] }
    }
}

impl Options<'_> {
    fn choose(&self, id: &str) -> bool {
        (self.only.is_empty() || self.only.contains(&id)) && !self.except.contains(&id)
    }
}

/// Runs every case against the server at `address`.
#[must_use]
pub fn run_all(address: SocketAddr) -> Report {
    run_with(address, &Options::default())
}

/// Runs every case but the known gaps of an HTTP stack, which is named as in the server's READY line.
#[must_use]
pub fn run_for(address: SocketAddr, http: &str) -> Report {
    run_with(address, &Options { gaps: known_gaps(http), ..Options::default() })
}

/// Runs the cases that `options` choose.
#[must_use]
pub fn run_with(address: SocketAddr, options: &Options<'_>) -> Report {
    run_watched(address, options, |_| ())
}

/// Like [`run_with`], and shows `watch` each outcome as soon as it is known.
pub fn run_watched(address: SocketAddr, options: &Options<'_>, watch: impl FnMut(&Outcome)) -> Report {
    let is_gap = |case: &&Case| options.gaps.iter().any(|gap| gap.case == case.id);
    let chosen = cases().iter().filter(|case| options.choose(case.id) && !is_gap(case));
    let chosen: Vec<_> = chosen.collect();
    let run = |case: &&Case, probe: &Probe| (case.id, case.rule, case.run(probe));
    let report = run_table(address, options.timeout, &chosen, run, watch);
    let excepted = options.gaps.iter().filter(|gap| options.choose(gap.case)).copied().collect();
    Report { excepted, ..report }
}

/// Runs the rows of any table of checks; `run` says id, rule and result of a row.
pub(super) fn run_table<T>(
    address: SocketAddr,
    timeout: Duration,
    rows: &[T],
    run: impl Fn(&T, &Probe) -> (&'static str, &'static str, Result<(), Failure>),
    mut watch: impl FnMut(&Outcome),
) -> Report {
    let mut report = Report { address, outcomes: Vec::new(), not_run: rows.len(), excepted: Vec::new() };
    for row in rows {
        let (id, rule, result) = run(row, &Probe::new(address, timeout));
        let outcome = Outcome { id, rule, result };
        watch(&outcome);
        report.not_run -= 1;
        let gone = matches!(outcome.result, Err(Failure::Connect { .. }));
        report.outcomes.push(outcome);
        // Where nothing listens, every further case would say the same in other words.
        if gone {
            break;
        }
    }
    report
}
