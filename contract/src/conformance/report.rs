//! What came of a run: recorded first, put into words by `Display`.

use std::fmt;
use std::net::SocketAddr;

use super::failure::Failure;
use super::gaps::Gap;

/// What came of one case.
#[derive(Debug)]
pub struct Outcome {
    /// The case's id.
    pub id: &'static str,
    /// The case's rule.
    pub rule: &'static str,
    /// Nothing, or why the server does not keep the rule.
    pub result: Result<(), Failure>,
}

impl Outcome {
    /// Whether the server keeps the rule.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.result.is_ok()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.result {
            Ok(()) => write!(f, "ok      {}", self.id),
            Err(failure) => write!(f, "FAILED  {} ({}): {failure}", self.id, self.rule),
        }
    }
}

/// What came of a run against one server.
#[derive(Debug)]
pub struct Report {
    /// The server.
    pub address: SocketAddr,
    /// The cases that ran, in the order of the table.
    pub outcomes: Vec<Outcome>,
    /// How many cases were chosen and did not run, because nothing accepted connections any more.
    pub not_run: usize,
    /// The cases that were chosen and left out as known gaps of the server's HTTP library.
    pub excepted: Vec<Gap>,
}

impl Report {
    /// Whether at least one case ran and all that were chosen passed, known gaps apart.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.not_run == 0 && !self.outcomes.is_empty() && self.outcomes.iter().all(Outcome::passed)
    }

    /// The cases that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|outcome| !outcome.passed())
    }

    /// How many of how many passed, in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let failed = self.failures().count();
        let (ran, address) = (self.outcomes.len(), self.address);
        let (passed, all) = (ran - failed, ran + self.not_run);
        let not_run = if self.not_run > 0 { format!(", {} not run", self.not_run) } else { String::new() };
        let excepted = match self.excepted.len() {
            0 => String::new(),
            count => format!(", {count} excepted"),
        };
        format!("{address}: {passed} of {all} passed, {failed} failed{not_run}{excepted}")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for outcome in &self.outcomes {
            writeln!(f, "{outcome}")?;
        }
        for gap in &self.excepted {
            writeln!(f, "{gap}")?;
        }
        f.write_str(&self.summary())
    }
}
