//! Bodies nobody asked for: read and dropped, so that the next request is the next request.
//!
//! Each body holds a request: a server that leaves it unread answers it, and its next answer is the wrong one.

use super::case::Case;
use super::expect;
use super::failure::Failure;
use super::framing::greets_wherever_cut;
use super::probe::Probe;
use super::request::Request;

/// Two chunks or one body: neither may ever be answered.
const HIDDEN: [&[u8]; 2] = [b"GET /hidden HTTP/1.1\r\n", b"Host: conformance.test\r\n\r\n"];

pub(super) const CASES: &[Case] = &[
    Case::script("body.get-with-a-body-is-200", "a GET may have a body", |probe| {
        expect::greeting(&probe.ask(&Request::get("/bob").body(b"12345"))?, "bob")
    }),
    Case::script("body.of-get-is-dropped", "the request after a GET with a body is the next one", |probe| {
        greets_and_stays(probe, &Request::get("/bob").body(&HIDDEN.concat()))
    }),
    Case::script("body.of-post-is-dropped", "the request after a refused POST is the next one", |probe| {
        refuses_and_stays(probe, &Request::new("POST", "/bob").body(&HIDDEN.concat()))
    }),
    Case::script(
        "body.chunked-of-get-is-dropped",
        "the request after a GET with a chunked body is the next one",
        |probe| greets_and_stays(probe, &Request::get("/bob").chunked(&HIDDEN)),
    ),
    Case::script(
        "body.chunked-of-post-is-dropped",
        "the request after a refused chunked POST is the next one",
        |probe| refuses_and_stays(probe, &Request::new("POST", "/bob").chunked(&HIDDEN)),
    ),
    Case::script(
        "body.pipelined-request-follows",
        "a request right behind a body is the next one",
        |probe| {
            let (first, second) = (Request::get("/bob").body(&HIDDEN.concat()), Request::get("/alice"));
            let mut connection = probe.connect()?;
            connection.send(&[first.to_bytes(), second.to_bytes()].concat())?;
            expect::greeting(&connection.receive()?, "bob")?;
            expect::greeting(&connection.receive()?, "alice")
        },
    ),
    Case::script(
        "body.expected-is-continued",
        "a client that waits for `100 Continue` gets it, and its answer after the body",
        |probe| {
            let mut connection = probe.connect()?;
            let head = Request::get("/bob").with("Expect: 100-continue").with("Content-Length: 5");
            connection.send(&head.to_bytes())?;
            expect::status(&connection.receive_any()?, 100)?;
            connection.send(b"12345")?;
            expect::greeting(&connection.receive_any()?, "bob")?;
            connection.expect_usable()
        },
    ),
    Case::script(
        "body.expected-over-64-kib-is-413",
        "a client that waits for `100 Continue` is not asked for a body that will be refused",
        |probe| {
            let mut connection = probe.connect()?;
            let head = Request::get("/bob").with("Expect: 100-continue").with("Content-Length: 65537");
            connection.send(&head.to_bytes())?;
            expect::status(&connection.receive_any()?, 413)
        },
    ),
    Case::script("body.cut-anywhere", "so may a request with a body, cut in its head or in that", |probe| {
        greets_wherever_cut(probe, &Request::get("/bob").chunked(&[b"12345"]))
    }),
    Case::script("body.byte-by-byte", "a body may arrive in pieces of any size", |probe| {
        let mut connection = probe.connect()?;
        connection.send_byte_by_byte(&Request::get("/bob").chunked(&HIDDEN).to_bytes())?;
        expect::greeting(&connection.receive()?, "bob")?;
        connection.expect_usable()
    }),
];

/// `GET /bob` with a body is answered, and what comes next is the next request.
pub(super) fn greets_and_stays(probe: &Probe, request: &Request) -> Result<(), Failure> {
    let mut connection = probe.connect()?;
    expect::greeting(&connection.ask(request)?, "bob")?;
    connection.expect_usable()
}

fn refuses_and_stays(probe: &Probe, request: &Request) -> Result<(), Failure> {
    let mut connection = probe.connect()?;
    expect::status(&connection.ask(request)?, 405)?;
    connection.expect_usable()
}
