//! Requests that are unusual to the eye and right to the letter, and some that are neither.

use super::case::Case;
use super::expect;
use super::failure::Failure;
use super::probe::Probe;
use super::request::{HOST, Request};

pub(super) const CASES: &[Case] = &[
    Case::script("framing.byte-by-byte", "a request may arrive in pieces of any size", |probe| {
        let mut connection = probe.connect()?;
        connection.send_byte_by_byte(&Request::get("/bob").to_bytes())?;
        expect::greeting(&connection.receive()?, "bob")
    }),
    Case::script("framing.cut-anywhere", "a request may arrive in two pieces, cut at any byte", |probe| {
        greets_wherever_cut(probe, &Request::get("/bob"))
    }),
    Case::script("framing.field-names-in-any-case", "field names are not case-sensitive", |probe| {
        let request = Request::get("/bob").with_only(&["hOsT: conformance.test", "CONNECTION: close"]);
        greets_and_closes(probe, &request)
    }),
    Case::script(
        "framing.whitespace-around-values",
        "whitespace around a value is not part of it",
        |probe| {
            let request =
                Request::get("/bob").with_only(&["Host: \t conformance.test \t", "Connection:  close "]);
            greets_and_closes(probe, &request)
        },
    ),
    Case::script(
        "framing.no-whitespace-before-values",
        "whitespace before a value may be left out",
        |probe| {
            greets_and_closes(
                probe,
                &Request::get("/bob").with_only(&["Host:conformance.test", "Connection:close"]),
            )
        },
    ),
    Case::script(
        "framing.empty-line-before-a-request",
        "an empty line before a request line is passed over (RFC 9112, 2.2)",
        |probe| {
            let mut connection = probe.connect()?;
            for name in ["bob", "alice"] {
                let request = Request::get(&format!("/{name}")).to_bytes();
                connection.send(&[b"\r\n", &request[..]].concat())?;
                expect::greeting(&connection.receive()?, name)?;
            }
            Ok(())
        },
    ),
    Case::script(
        "framing.bare-line-feed-is-read-or-refused",
        "a line that ends without its carriage return is a line, or 400 and the end",
        |probe| {
            let head = b"GET /bob HTTP/1.1\nHost: conformance.test\r\n\r\n";
            let (mut connection, response) = probe.send(head)?;
            if response.status == 400 {
                return connection.expect_closed();
            }
            expect::greeting(&response, "bob")?;
            connection.expect_usable()
        },
    ),
    Case::script(
        "framing.target-not-ascii-is-400",
        "a target is ASCII: the rest is percent-encoded",
        |probe| {
            for name in [&b"b\xE9b\xE9"[..], "bébé".as_bytes()] {
                let request = [b"GET /", name, b" HTTP/1.1\r\nHost: conformance.test\r\n\r\n"].concat();
                let (_, response) = probe.send(&request)?;
                expect::status(&response, 400)?;
            }
            Ok(())
        },
    ),
    Case::script("framing.garbage-is-400", "a line that is no request line is refused", |probe| {
        refuses(probe, "GARBAGE")
    }),
    Case::script("framing.missing-version-is-400", "a request line has a version", |probe| {
        refuses(probe, "GET /bob")
    }),
];

/// Greets `/bob` however the request is cut in two. The first piece comes in one segment with a whole request before it: the answer to
/// that shows that the piece has been received, so the other cannot be joined to it.
pub(super) fn greets_wherever_cut(probe: &Probe, request: &Request) -> Result<(), Failure> {
    let (before, bytes) = (Request::get("/alice").to_bytes(), request.to_bytes());
    let mut connection = probe.connect()?;
    for cut in 1..bytes.len() {
        let (first, second) = bytes.split_at(cut);
        connection.send(&[&before[..], first].concat())?;
        expect::greeting(&connection.receive()?, "alice")?;
        connection.send(second)?;
        expect::greeting(&connection.receive()?, "bob")?;
    }
    Ok(())
}

/// Both fields have to be understood: one to be answered, the other to be closed.
fn greets_and_closes(probe: &Probe, request: &Request) -> Result<(), Failure> {
    let mut connection = probe.connect()?;
    expect::greeting(&connection.ask(request)?, "bob")?;
    connection.expect_closed()
}

/// Everything but the request line is right, so that nothing else can be what is refused.
fn refuses(probe: &Probe, request_line: &str) -> Result<(), Failure> {
    let mut connection = probe.connect()?;
    connection.send(format!("{request_line}\r\n{}\r\n\r\n", HOST[0]).as_bytes())?;
    expect::status(&connection.receive()?, 400)
}
