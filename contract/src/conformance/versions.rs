//! Versions of HTTP that are neither 1.0 nor 1.1: refused with an answer, and the connection ends.
//!
//! RFC 9110 (2.5) would let a server read an unknown HTTP/1.x as the highest it knows. The contract does not: nobody sends
//! such a thing in earnest, and the HTTP libraries agree.

use super::case::Case;
use super::expect;
use super::failure::Failure;
use super::probe::Probe;
use super::request::HOST;

pub(super) const CASES: &[Case] = &[
    Case::script("version.http09-is-refused", "HTTP/0.9 has no version to write", |probe| {
        refuses(probe, "HTTP/0.9")
    }),
    Case::script("version.unknown-minor-is-refused", "there is no HTTP/1.2", |probe| {
        refuses(probe, "HTTP/1.2")
    }),
    Case::script("version.http2-is-refused", "HTTP/2 does not start with a request line", |probe| {
        refuses(probe, "HTTP/2.0")
    }),
    Case::script("version.http3-is-refused", "HTTP/3 does not start with one either", |probe| {
        refuses(probe, "HTTP/3.0")
    }),
    Case::script("version.two-digits-is-refused", "a minor version is one digit", |probe| {
        refuses(probe, "HTTP/1.10")
    }),
    Case::script("version.lower-case-is-refused", "the name of a version is case-sensitive", |probe| {
        refuses(probe, "http/1.1")
    }),
    Case::script("version.other-protocol-is-refused", "only HTTP is spoken here", |probe| {
        refuses(probe, "ICY/1.1")
    }),
];

/// A client error, or 505, and the end: what follows is in a protocol that nobody here speaks.
fn refuses(probe: &Probe, version: &str) -> Result<(), Failure> {
    let request = format!("GET /bob {version}\r\n{}\r\n\r\n", HOST[0]);
    let (mut connection, response) = probe.send(request.as_bytes())?;
    let refused = matches!(response.status, 400..=499 | 505);
    let came = || format!("status {}", response.status);
    expect::holds(refused, || "a status of 400 to 499, or 505".to_owned(), came)?;
    connection.expect_closed()
}
