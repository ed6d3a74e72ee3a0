//! The integration tests of `benches`, one binary.

mod advice;
mod command_line;
mod committed;
mod contenders;
mod coverage;
mod diff;
mod fake;
mod faulty;
mod floor;
mod full_disk;
mod golden;
mod guests;
mod harness;
mod instrument;
mod leftovers;
mod seen;
mod servers;
mod simulation;
mod started;
mod tidy;
mod whole_run;
