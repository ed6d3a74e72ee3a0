//! A black-box test kit: does whatever listens at an address keep the contract?
//!
//! It speaks raw TCP and knows nothing of the servers of this workspace, so a wrong answer is found before it
//! is timed, in ours and in anybody's. The parts, in reading order:
//!
//! - [`cases`] is the table: one [`Case`] for each rule, grouped by the prefix of its id;
//! - [`run_all`] and [`run_with`] put the table to an address and return a [`Report`];
//! - [`known_gaps`] is the table of what an HTTP library cannot keep; [`run_for`] leaves it out, by name;
//! - [`golden`] is a stricter, separate table for our own servers, whose answers agree byte for byte;
//! - [`response`] reads answers, by hand and strictly, so that no HTTP library's leniency hides a fault;
//! - [`cli`] is the `conformance` binary.
//!
//! Never here: two connections open at the same time, a sleep, a dependency on the code under test. The first
//! keeps a server that serves one connection after another testable, the second keeps the kit quick enough to
//! run before every timed trial, the third keeps a mistake in the contract's code from excusing itself.

mod answers;
mod bodies;
mod case;
mod chunks;
pub mod cli;
mod connections;
mod expect;
mod failure;
mod framing;
mod gaps;
pub mod golden;
mod greeting;
mod hosts;
mod limits;
mod methods;
mod names;
mod probe;
mod report;
mod request;
pub mod response;
mod run;
mod smuggling;
mod syntax;
mod versions;

pub use case::{Case, cases};
pub use failure::Failure;
pub use gaps::{Gap, known_gaps};
pub use golden::run_golden;
pub use report::{Outcome, Report};
pub use run::{DEFAULT_TIMEOUT, Options, run_all, run_for, run_watched, run_with};
