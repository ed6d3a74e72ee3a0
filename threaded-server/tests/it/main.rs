//! The integration tests of `threaded-server`, one binary.

mod behaviour;
mod command_line;
mod contract_kept;
mod fairness;
mod tiny_http;
