//! The integration tests of `async-server`, one binary.

mod behaviour;
mod command_line;
mod contract_kept;
