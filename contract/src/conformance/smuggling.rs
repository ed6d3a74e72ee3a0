//! Requests whose end, or whose fields, two readers could see in two places: refused, all of them.
//!
//! That is how a request is smuggled past whoever stands in front (RFC 9112, 11.2). Where a server may also read such a
//! request in one way and close after its answer, as with a length beside the chunked coding (6.3), that is as good.

use super::case::Case;
use super::expect;
use super::failure::Failure;
use super::probe::{Connection, Probe};
use super::request::Request;

/// A request that must never be answered.
const HIDDEN: &[u8] = b"GET /hidden HTTP/1.1\r\nHost: conformance.test\r\n\r\n";

pub(super) const CASES: &[Case] = &[
    Case::script("smuggling.two-lengths-is-400", "two lengths that disagree are none", |probe| {
        refuses(probe, &["Host: conformance.test", "Content-Length: 5", "Content-Length: 6"]).map(drop)
    }),
    Case::script(
        "smuggling.two-lengths-closes",
        "what follows two lengths need not be a request: the connection ends",
        |probe| {
            let fields = &["Host: conformance.test", "Content-Length: 5", "Content-Length: 6"];
            refuses(probe, fields)?.expect_closed()
        },
    ),
    Case::script(
        "smuggling.same-length-twice-is-one-or-400",
        "a length that is told twice is read once, or refused and the connection ends (RFC 9110, 8.6)",
        |probe| {
            reads_or_refuses(probe, &["Host: conformance.test", "Content-Length: 5", "Content-Length: 5"])
        },
    ),
    Case::script(
        "smuggling.same-length-in-a-list-is-one-or-400",
        "so is one that is told twice in one field",
        |probe| reads_or_refuses(probe, &["Host: conformance.test", "Content-Length: 5, 5"]),
    ),
    Case::script(
        "smuggling.zero-beside-a-length-is-400",
        "no body and a body are two lengths that disagree",
        |probe| {
            refuses(probe, &["Host: conformance.test", "Content-Length: 0", "Content-Length: 6"]).map(drop)
        },
    ),
    Case::script(
        "smuggling.length-beside-chunked-closes",
        "a length beside the chunked coding is refused, or passed over and closed behind (RFC 9112, 6.3)",
        |probe| {
            let chunks = Request::get("/bob").chunked(&[HIDDEN]);
            // Whoever believes the length finds the hidden request right behind the size of the chunk that holds it.
            let length = format!("{:x}\r\n", HIDDEN.len()).len();
            let (mut connection, response) =
                probe.send(&chunks.with(format!("Content-Length: {length}")).to_bytes())?;
            if response.status != 400 {
                expect::greeting(&response, "bob")?;
            }
            connection.expect_closed()
        },
    ),
    Case::script(
        "smuggling.chunked-in-http10-is-400",
        "HTTP/1.0 has no chunked coding, so the end of such a body is not known (RFC 9112, 6.1)",
        |probe| {
            let request = Request::get("/bob").http10().chunked(&[HIDDEN]);
            expect::status(&probe.ask(&request)?, 400)
        },
    ),
    Case::script(
        "smuggling.bare-line-feed-hides-no-length",
        "a length behind a bare line feed is a length, or the request is refused",
        |probe| {
            let length = format!("X-Fill: f\nContent-Length: {}", HIDDEN.len());
            let mut request = Request::get("/bob").with(length).to_bytes();
            request.extend(HIDDEN);
            let (mut connection, response) = probe.send(&request)?;
            if response.status == 400 {
                return connection.expect_closed();
            }
            expect::greeting(&response, "bob")?;
            connection.expect_usable()
        },
    ),
    Case::answers_fields(
        "smuggling.length-in-words-is-400",
        "a length is a number",
        &["Host: conformance.test", "Content-Length: five"],
        400,
    ),
    Case::script(
        "smuggling.length-with-a-sign-is-400",
        "a length is digits, and nothing but digits",
        |probe| refuses(probe, &["Host: conformance.test", "Content-Length: +5"]).map(drop),
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
        "smuggling.tab-before-the-colon-is-400",
        "a field name ends at the colon, not before it, whatever the space",
        &["Host: conformance.test", "X-Fill\t: f"],
        400,
    ),
    Case::answers_fields(
        "smuggling.folded-length-is-400",
        "a line that starts with a space is no field of its own",
        &["Host: conformance.test", "X-Fill: f", " Content-Length: 0"],
        400,
    ),
    Case::answers_fields(
        "smuggling.space-before-the-first-field-is-400",
        "a line that starts with a space is no field behind the request line either (RFC 9112, 2.2)",
        &[" Host: conformance.test"],
        400,
    ),
    Case::answers_fields(
        "smuggling.folded-field-is-400",
        "a field is one line: folding is obsolete",
        &["Host: conformance.test", "X-Folded: one", " two"],
        400,
    ),
];

/// With a body of five bytes.
fn reads_or_refuses(probe: &Probe, fields: &[&str]) -> Result<(), Failure> {
    let head = Request::get("/bob").with_only(fields).to_bytes();
    let (mut connection, response) = probe.send(&[&head[..], b"12345"].concat())?;
    if response.status == 400 {
        return connection.expect_closed();
    }
    expect::greeting(&response, "bob")?;
    connection.expect_usable()
}

/// With a body of the longest of the lengths: a server may read what it believes in before it refuses the rest.
fn refuses(probe: &Probe, fields: &[&str]) -> Result<Connection, Failure> {
    let head = Request::get("/bob").with_only(fields).to_bytes();
    let (connection, response) = probe.send(&[&head[..], b"123456"].concat())?;
    expect::status(&response, 400)?;
    Ok(connection)
}
