//! The integration tests of `sync-server`, one binary.

mod behaviour;
mod command_line;
mod contract_kept;
mod tiny_http;
