//! How long a request may be, from both sides of each limit.

use super::case::Case;
use super::expect;
use super::failure::Failure;
use super::probe::Probe;
use super::request::{HOST, Request};

const KIB: usize = 1_024;

/// The most fields a request may have, Host included.
const MOST_FIELDS: usize = 100;

pub(super) const CASES: &[Case] = &[
    Case::script("limit.request-line-of-15-kib-is-200", "a request line may have 16 KiB", |probe| {
        answers(probe, &with_query(15 * KIB), 200)
    }),
    Case::script("limit.request-line-of-17-kib-is-414", "a longer request line is refused", |probe| {
        answers(probe, &with_query(17 * KIB), 414)
    }),
    Case::script("limit.request-line-of-16-kib-is-200", "16 KiB to the byte are not too many", |probe| {
        answers(probe, &with_line(16 * KIB), 200)
    }),
    Case::script("limit.request-line-over-16-kib-is-414", "one byte more is", |probe| {
        answers(probe, &with_line(16 * KIB + 1), 414)
    }),
    Case::script(
        "limit.request-line-of-120-kib-is-414",
        "a line that fills every buffer is a long line too, not too many fields",
        |probe| answers(probe, &with_line(120 * KIB), 414),
    ),
    Case::script("limit.fields-of-60-kib-is-200", "header fields may have 64 KiB together", |probe| {
        answers(probe, &with_fields(10, 6 * KIB), 200)
    }),
    Case::script("limit.fields-of-80-kib-is-431", "longer header fields are refused", |probe| {
        answers(probe, &with_fields(20, 4 * KIB), 431)
    }),
    Case::script("limit.fields-of-64-kib-is-200", "64 KiB to the byte are not too many", |probe| {
        answers(probe, &with_fields_of(64 * KIB), 200)
    }),
    Case::script("limit.fields-over-64-kib-is-431", "one byte more is", |probe| {
        answers(probe, &with_fields_of(64 * KIB + 1), 431)
    }),
    Case::script("limit.one-field-of-66-kib-is-431", "a single field that long is refused too", |probe| {
        answers(probe, &with_fields(1, 66 * KIB), 431)
    }),
    Case::script("limit.100-fields-is-200", "a request may have 100 header fields", |probe| {
        answers(probe, &with_fields(MOST_FIELDS - 1, 1), 200)
    }),
    Case::script("limit.101-fields-is-431", "more than 100 header fields are refused", |probe| {
        answers(probe, &with_fields(MOST_FIELDS, 1), 431)
    }),
    Case::script("limit.body-of-64-kib-is-200", "a body of 64 KiB is read and dropped", |probe| {
        let mut connection = probe.connect()?;
        let response = connection.ask(&Request::get("/bob").body(&vec![b'b'; 64 * KIB]))?;
        expect::greeting(&response, "bob")?;
        connection.expect_usable()
    }),
    Case::script("limit.body-over-64-kib-is-413", "a longer body is refused when it is announced", |probe| {
        let announced = Request::get("/bob").with(format!("Content-Length: {}", 64 * KIB + 1));
        answers(probe, &announced, 413)
    }),
    Case::script(
        "limit.body-over-64-kib-closes",
        "what follows a refused body need not be a request: the connection ends",
        |probe| {
            let announced = Request::get("/bob").with(format!("Content-Length: {}", 64 * KIB + 1));
            refuses_and_closes(probe, &announced)
        },
    ),
    Case::script("limit.chunked-body-of-64-kib-is-200", "a chunked body may have 64 KiB too", |probe| {
        let mut connection = probe.connect()?;
        expect::greeting(&connection.ask(&in_chunks(8))?, "bob")?;
        connection.expect_usable()
    }),
    Case::script(
        "limit.chunked-body-over-64-kib-is-413",
        "a chunked body is refused when it grows past that",
        |probe| answers(probe, &in_chunks(9), 413),
    ),
    Case::script(
        "limit.chunked-body-over-64-kib-closes",
        "what follows a refused chunked body need not be a request either",
        |probe| refuses_and_closes(probe, &in_chunks(9)),
    ),
];

fn refuses_and_closes(probe: &Probe, request: &Request) -> Result<(), Failure> {
    let mut connection = probe.connect()?;
    expect::status(&connection.ask(request)?, 413)?;
    connection.expect_closed()
}

fn in_chunks(count: usize) -> Request {
    Request::get("/bob").chunked(&vec![&[b'b'; 8 * KIB][..]; count])
}

fn answers(probe: &Probe, request: &Request, status: u16) -> Result<(), Failure> {
    expect::status(&probe.ask(request)?, status)
}

/// The name stays short: only the line is long.
fn with_query(length: usize) -> Request {
    Request::get(&format!("/bob?{}", "q".repeat(length)))
}

/// A request line of so many bytes, without its line end.
fn with_line(length: usize) -> Request {
    with_query(length - "GET /bob? HTTP/1.1".len())
}

/// Fields of so many bytes together, each with its line end.
fn with_fields_of(length: usize) -> Request {
    let others = HOST[0].len() + "\r\nX-Fill: \r\n".len();
    Request::get("/bob").with(format!("X-Fill: {}", "f".repeat(length - others)))
}

fn with_fields(count: usize, length: usize) -> Request {
    let fill = |request: Request, n| request.with(format!("X-Fill-{n}: {}", "f".repeat(length)));
    (0..count).fold(Request::get("/bob"), fill)
}
