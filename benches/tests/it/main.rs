//! The integration tests of `benches`, one binary.

mod command_line;
mod contenders;
mod faulty;
mod leftovers;
mod servers;
mod started;
mod tidy;
mod whole_run;
