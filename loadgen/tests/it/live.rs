//! The live view: there on a terminal, and nowhere else.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::process::Stdio;

use assert_cmd::assert::OutputAssertExt;
use nix::pty::{Winsize, openpty};

use crate::program::loadgen;
use crate::server::{Reply, Server};

const ARGS: [&str; 4] = ["-c", "4", "-d", "1500ms"];

/// All that was written to the terminal on standard error.
fn shown(url: &str, columns: u16) -> String {
    let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(Some(&size), None).expect("a terminal");
    let mut command = loadgen(&[&[url], ARGS.as_slice()].concat());
    command.env("TERM", "xterm").stdout(Stdio::null()).stderr(Stdio::from(terminal.slave));
    let mut child = command.spawn().expect("the binary runs");
    // It holds the other end of the terminal, which would then never close.
    drop(command);
    let mut text = Vec::new();
    match File::from(terminal.master).read_to_end(&mut text) {
        // So a terminal ends whose other end is closed.
        Err(error) if error.raw_os_error() == Some(nix::errno::Errno::EIO as i32) => {}
        Err(error) if error.kind() != ErrorKind::Interrupted => panic!("{error}"),
        _ => {}
    }
    assert!(child.wait().expect("the child ends").success());
    String::from_utf8(text).expect("text")
}

#[test]
fn a_terminal_shows_rate_latencies_errors_and_course_at_most_four_times_a_second() {
    let server = Server::start(|_| Reply::greeting());
    let text = shown(&server.url(), 100);
    for part in ["/s  p50 ", "  p99 ", "0 failed  ", "s left", "█"] {
        assert!(text.contains(part), "no {part:?} in {text:?}");
    }
    // Six in a second and a half, fewer if the display got no CPU; two more for what a burst may do.
    let redraws = text.matches("s left").count();
    assert!((1..=8).contains(&redraws), "{redraws} in {text:?}");
}

#[test]
fn a_narrow_terminal_cuts_the_line() {
    let server = Server::start(|_| Reply::greeting());
    let text = shown(&server.url(), 30);
    assert!(text.contains("/s  p50 ") && !text.contains("failed"), "{text:?}");
}

#[test]
fn anything_else_stays_empty() {
    let server = Server::start(|_| Reply::greeting());
    loadgen(&[&[server.url().as_str()], ARGS.as_slice()].concat()).assert().success().stderr("");
}
