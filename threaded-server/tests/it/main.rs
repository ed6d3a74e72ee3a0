//! The integration tests of `threaded-server`, one binary.

mod command_line;
mod contract_kept;
