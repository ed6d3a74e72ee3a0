//! A known gap of an HTTP library is looked at again: one that is closed must leave the table.

use std::time::Duration;

use super::Server;
use crate::client::PATIENCE;
use crate::conformance::{Failure, Options, known_gaps, run_with};

/// How long a case may take here; some end by waiting for what never comes. On a busy machine a case that passes by now
/// could take longer, and be noticed the next time only.
const TIMEOUT: Duration = Duration::from_millis(500);

/// Asserts that a server on `http` fails each known gap of that stack, in a process of its own that obeys its stop.
///
/// # Panics
///
/// When it passes one, or does not survive it.
pub fn assert_gaps(server: &Server<'_>, http: &str) {
    for gap in known_gaps(http) {
        let program = server.start(&["--drain-timeout", "1s"]);
        assert_eq!(program.ready().http, http);
        let only = &[gap.case];
        let options = Options { timeout: TIMEOUT, only, ..Options::default() };
        let report = run_with(program.ready().addr, &options);
        assert_eq!(report.outcomes.len(), 1, "{}: {report}", gap.case);
        for outcome in &report.outcomes {
            match &outcome.result {
                Ok(()) => panic!("{http} passes {} by now: take it out of the table", gap.case),
                Err(Failure::Connect { .. }) => panic!("{report}"),
                Err(_) => {}
            }
        }
        let ended = program.stop(PATIENCE).unwrap_or_else(|error| panic!("after {}: {error}", gap.case));
        assert!(ended.success(), "after {}: {ended}", gap.case);
    }
}
