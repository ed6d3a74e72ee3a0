//! The integration tests of `benches`, one binary.

mod command_line;
mod floor;
mod leftovers;
mod servers;
mod tidy;
mod whole_run;
