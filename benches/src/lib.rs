//! The comparison: real server processes, real sockets, real load, and tables that say what they know.
//!
//! Costs before use: a comparison keeps two CPUs busy for minutes and believes that nobody else wants them. On a
//! machine that does other work trials fail their gates; each says so.
//!
//! From a run's beginning to its end:
//!
//! 1. [`matrix`] says what there is to measure, [`cli`] what of it is asked for; [`binaries`] has cargo build each server as a user would.
//! 2. [`pilot`] loads each server once, [`agenda`] writes down what is offered and what theory expects ([`prediction`]).
//! 3. [`order`] puts the cells into randomised blocks, from a seed; [`placement`] gives server and generator CPUs of their own.
//! 4. [`runner`] makes each [`trial`] in the [`laboratory`], which starts a [`server`] through [`launch`], holds it to the contract, loads it
//!    with `loadgen`, reads its [`usage`] and the machine's [`surroundings`], stops it; [`gates`] say whether it counts.
//! 5. [`store`] keeps each finished trial at once, as a [`record`], with the run's [`provenance`].
//! 6. [`summary`] turns records into rows and comparisons, by [`stats`]; [`report`] turns these into Markdown, [`rendering`] into files.
//!
//! [`guests`] are contenders from a [`manifest`], [`add`] makes one. [`plot`] turns plain numbers into pictures.
//!
//! [`comparison`] is that whole way, [`listing`] what it would do, [`diff`] two runs against each other; [`criterion_groups`] are the
//! benches that `cargo bench` runs before it. [`floor`] is a yardstick beside the servers: what the machine allows when a request is
//! not even read.

pub mod add;
pub mod advise;
pub mod agenda;
mod beside;
pub mod binaries;
pub mod claims;
pub mod cli;
pub mod code;
pub mod comparison;
pub mod contender;
pub mod criterion_groups;
pub mod diff;
pub mod floor;
pub mod format;
pub mod gates;
mod guest;
pub mod guests;
pub mod laboratory;
pub mod launch;
pub mod listing;
pub mod manifest;
pub mod matrix;
pub mod order;
pub mod pilot;
pub mod placement;
pub mod plot;
pub mod prediction;
mod progress;
pub mod provenance;
pub mod record;
pub mod rendering;
pub mod report;
pub mod runner;
pub mod server;
mod signals;
pub mod stats;
pub mod store;
pub mod summary;
pub mod surroundings;
#[cfg(test)]
mod synthetic;
#[cfg(test)]
mod testing;
pub mod trial;
pub mod usage;
