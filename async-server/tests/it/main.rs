//! The integration tests of `async-server`, one binary.

mod command_line;
mod contract_kept;
