//! The integration tests of `sync-server`, one binary.

mod command_line;
mod contract_kept;
