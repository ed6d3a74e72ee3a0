//! The chunked coding (RFC 9112, 7.1): what may stand in it, and what breaks it.

use super::bodies::greets_and_stays;
use super::case::Case;
use super::expect;
use super::failure::Failure;
use super::probe::Probe;
use super::request::Request;

/// Ways to break the coding: a size beyond any number, a size that is none, a chunk that is longer than its size.
const OVERFLOW: &[u8] = b"10000000000000000\r\nabc\r\n0\r\n\r\n";
const NO_NUMBER: &[u8] = b"xyz\r\nabc\r\n0\r\n\r\n";
const TOO_LONG: &[u8] = b"3\r\nabcdef\r\n0\r\n\r\n";

pub(super) const CASES: &[Case] = &[
    Case::script("chunk.coding-in-any-case", "`CHUNKED` is chunked", |probe| {
        let request = Request::get("/bob").body_in("CHUNKED", b"3\r\nabc\r\n0\r\n\r\n");
        greets_and_stays(probe, &request)
    }),
    Case::script("chunk.size-in-any-case", "the digits of a size may be capital", |probe| {
        greets_and_stays(probe, &Request::get("/bob").coded(b"A\r\n0123456789\r\n0\r\n\r\n"))
    }),
    Case::script("chunk.extensions-are-ignored", "what stands behind a size is ignored", |probe| {
        let body = b"3;name=value;other=\"quoted\"\r\nabc\r\n0;last\r\n\r\n";
        greets_and_stays(probe, &Request::get("/bob").coded(body))
    }),
    Case::script(
        "chunk.trailers-are-dropped",
        "fields behind the last chunk are part of the body",
        |probe| {
            let body = b"3\r\nabc\r\n0\r\nX-Checksum: 1\r\nX-Length: 3\r\n\r\n";
            greets_and_stays(probe, &Request::get("/bob").coded(body))
        },
    ),
    Case::script("chunk.size-overflow-is-400", "a size that no machine can count is refused", |probe| {
        refuses(probe, OVERFLOW)
    }),
    Case::script("chunk.size-in-words-is-400", "a size is a number", |probe| refuses(probe, NO_NUMBER)),
    Case::script("chunk.longer-than-its-size-is-400", "a chunk ends where its size says", |probe| {
        refuses(probe, TOO_LONG)
    }),
    Case::script(
        "chunk.broken-closes",
        "what follows a broken coding need not be a request: the connection ends",
        |probe| {
            for body in [OVERFLOW, NO_NUMBER, TOO_LONG] {
                let (mut connection, response) = probe.send(&Request::get("/bob").coded(body).to_bytes())?;
                expect::status(&response, 400)?;
                connection.expect_closed()?;
            }
            Ok(())
        },
    ),
];

fn refuses(probe: &Probe, body: &[u8]) -> Result<(), Failure> {
    expect::status(&probe.ask(&Request::get("/bob").coded(body))?, 400)
}
