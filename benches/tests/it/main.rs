//! The integration tests of `benches`, one binary.

mod command_line;
mod committed;
mod contenders;
mod coverage;
mod faulty;
mod golden;
mod instrument;
mod leftovers;
mod servers;
mod simulation;
mod started;
mod tidy;
mod whole_run;
