//! The integration tests of `contract`, one binary.

mod conformance;
mod conformance_bin;
mod response_reader;
mod wrong_server;
