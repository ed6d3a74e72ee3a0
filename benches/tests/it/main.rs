//! The integration tests of `benches`, one binary.

mod command_line;
mod coverage;
mod golden;
mod instrument;
mod leftovers;
mod servers;
mod simulation;
mod contenders;
mod faulty;
mod started;
mod tidy;
mod whole_run;
