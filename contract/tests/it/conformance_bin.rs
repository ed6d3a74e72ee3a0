//! The binary `conformance`: its words and its exit codes.

use assert_cmd::Command;

use crate::wrong_server::{Fault, WrongServer};

fn conformance() -> Command {
    let mut command = assert_cmd::cargo::cargo_bin_cmd!("conformance");
    // The help wraps at the terminal's width, and a test has none.
    command.env("COLUMNS", "100");
    command
}

fn stdout(command: &mut Command, code: i32) -> String {
    let output = command.assert().code(code).get_output().stdout.clone();
    String::from_utf8(output).expect("the binary writes UTF-8")
}

#[test]
fn help_says_everything() {
    insta::assert_snapshot!(stdout(conformance().arg("--help"), 0));
}

#[test]
fn the_list_has_every_case_with_its_rule() {
    insta::assert_snapshot!(stdout(conformance().arg("--list"), 0));
}

#[test]
fn a_right_server_is_exit_code_0() {
    let server = WrongServer::start(None);
    let out = stdout(conformance().arg(server.address().to_string()), 0);
    assert!(out.lines().rev().skip(1).all(|line| line.starts_with("ok ")), "{out}");
}

#[test]
fn a_wrong_server_is_exit_code_1() {
    let server = WrongServer::start(Some(Fault::PlusIsSpace));
    let address = server.address().to_string();
    let out = stdout(conformance().args([&address, "--case", "greet.plus-is-a-plus"]), 1);
    insta::assert_snapshot!(out.replace(&address, "ADDRESS"));
}

#[test]
fn a_case_can_be_left_out() {
    let server = WrongServer::start(Some(Fault::PlusIsSpace));
    let out =
        stdout(conformance().args([&server.address().to_string(), "--except", "greet.plus-is-a-plus"]), 0);
    assert!(!out.contains("plus"), "{out}");
}

#[test]
fn the_known_gaps_of_a_stack_are_left_out_and_printed() {
    let server = WrongServer::start(Some(Fault::EmptyLineRefused));
    let address = server.address().to_string();
    let gap = "framing.empty-line-before-a-request";
    let chosen = [&address, "--case", gap, "--case", "greet.name"];
    stdout(conformance().args(chosen).args(["--http", "hyper"]), 1);
    let out = stdout(conformance().args(chosen).args(["--http", "tiny-http"]), 0);
    insta::assert_snapshot!(out.replace(&address, "ADDRESS"));
}

#[test]
fn a_deadline_is_a_duration_with_its_unit() {
    conformance().args(["127.0.0.1:1", "--timeout", "soon"]).assert().code(2);
}

#[test]
fn nothing_to_connect_to_is_exit_code_1() {
    let server = WrongServer::start(None);
    let address = server.address().to_string();
    drop(server);
    let out = stdout(conformance().arg(&address), 1);
    assert!(out.contains("cannot connect to"), "{out}");
    assert_eq!(out.lines().count(), 2, "{out}");
}

#[test]
fn bad_arguments_are_exit_code_2() {
    for arguments in [
        &["localhost"][..],
        &[],
        &["127.0.0.1:1", "--case", "no.such-case"],
        &["127.0.0.1:1", "--http", "apache"],
    ] {
        conformance().args(arguments).assert().code(2);
    }
}
