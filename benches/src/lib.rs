//! The comparison: real server processes, real sockets, real load, and tables that say what they know.
//!
//! Costs before use: a comparison keeps two CPUs busy for minutes and believes that nobody else wants them. On a
//! machine that does other work the ranges in the tables grow; they are there to be looked at.
//!
//! From a run's beginning to its end:
//!
//! 1. [`binaries`] has cargo build each server as a user would.
//! 2. [`order`] puts [`workload`] × [`contender`] into randomised blocks, from a seed.
//! 3. [`placement`] gives the server and the generator CPUs of their own.
//! 4. [`runner`] makes the trials: [`trial`] starts a server through [`launch`], holds it to the contract, loads it
//!    with `loadgen`, reads its [`usage`], stops it.
//! 5. [`store`] keeps each finished trial at once, as a [`record`], with the run's [`provenance`].
//! 6. [`summary`] turns records into rows; [`report`] turns rows into Markdown.
//!
//! [`floor`] is a yardstick beside the servers: what the machine allows when a request is not even read.
//!
//! [`comparison`] is that whole way, [`cli`] its flags; [`criterion_groups`] are the benches that `cargo bench` runs before it.

pub mod binaries;
pub mod cli;
pub mod comparison;
pub mod contender;
pub mod criterion_groups;
pub mod floor;
pub mod format;
pub mod launch;
pub mod order;
pub mod placement;
mod progress;
pub mod provenance;
pub mod record;
pub mod report;
pub mod runner;
pub mod store;
pub mod summary;
#[cfg(test)]
mod testing;
pub mod trial;
pub mod usage;
pub mod workload;
