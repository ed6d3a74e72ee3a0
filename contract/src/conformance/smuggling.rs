//! Requests whose end, or whose fields, two readers could see in two places: refused, all of them.
//!
//! That is how a request is smuggled past whoever stands in front (RFC 9112, 11.2). Not here: a length beside the chunked
//! coding. A server may refuse it or believe the coding and close after its answer (6.3), and a kit cannot tell which of
//! the two it was from one answer.

use super::case::Case;
use super::expect;
use super::failure::Failure;
use super::probe::Probe;
use super::request::Request;

pub(super) const CASES: &[Case] = &[
    Case::script("smuggling.two-lengths-is-400", "two lengths that disagree are none", |probe| {
        refuses(probe, &["Host: conformance.test", "Content-Length: 5", "Content-Length: 6"])
    }),
    Case::answers_fields(
        "smuggling.length-in-words-is-400",
        "a length is a number",
        &["Host: conformance.test", "Content-Length: five"],
        400,
    ),
    Case::script(
        "smuggling.length-with-a-sign-is-400",
        "a length is digits, and nothing but digits",
        |probe| refuses(probe, &["Host: conformance.test", "Content-Length: +5"]),
    ),
    Case::answers_fields(
        "smuggling.unknown-coding-is-400",
        "a body in an unknown coding has no end that is known",
        &["Host: conformance.test", "Transfer-Encoding: gzip"],
        400,
    ),
    Case::answers_fields(
        "smuggling.chunked-not-last-is-400",
        "a body ends where chunked says so only if chunked comes last",
        &["Host: conformance.test", "Transfer-Encoding: chunked, gzip"],
        400,
    ),
    Case::answers_fields(
        "smuggling.space-before-the-colon-is-400",
        "a field name ends at the colon, not before it",
        &["Host: conformance.test", "Content-Length : 5"],
        400,
    ),
    Case::answers_fields(
        "smuggling.folded-field-is-400",
        "a field is one line: folding is obsolete",
        &["Host: conformance.test", "X-Folded: one", " two"],
        400,
    ),
];

/// With a body of the longest of the lengths: a server may read what it believes in before it refuses the rest.
fn refuses(probe: &Probe, fields: &[&str]) -> Result<(), Failure> {
    let mut connection = probe.connect()?;
    let head = Request::get("/bob").with_only(fields).to_bytes();
    connection.send(&[&head[..], b"123456"].concat())?;
    expect::status(&connection.receive()?, 400)
}
