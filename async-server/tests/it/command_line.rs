//! The binary keeps the promises of every server's command line.

use std::path::Path;

use contract::{Model, command_line};

const BINARY: &str = env!("CARGO_BIN_EXE_async-server");

#[test]
fn the_promises_of_every_server() {
    for (http, is_default) in [("axum", true), ("hyper", false)] {
        command_line::assert_promises(Path::new(BINARY), Model::Async, http, is_default);
    }
}

#[test]
fn help_shows_flags_and_an_example() {
    let output = std::process::Command::new(BINARY).arg("--help").output().unwrap();
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout));
}
