//! Answers that are to be rejected, and those that are not all there.

use super::{Outcome, ProtocolError as E, Row, error, malformed};
use httparse::Error as Head;

/// Heads that are none.
pub(super) fn heads() -> Vec<Row> {
    vec![
        ("SSH-2.0-OpenSSH_9.6\r\n", malformed(Head::Version)),
        ("GET / HTTP/1.1\r\n\r\n", malformed(Head::Version)),
        ("http/1.1 200 OK\r\n\r\n", malformed(Head::Version)),
        (" HTTP/1.1 200 OK\r\n\r\n", malformed(Head::Version)),
        ("HTTP/2.0 200 OK\r\n\r\n", malformed(Head::Version)),
        ("HTTP/1.2 200 OK\r\n\r\n", malformed(Head::Version)),
        ("HTTP/1.1200 OK\r\n\r\n", malformed(Head::Version)),
        ("HTTP/1.1  200 OK\r\n\r\n", malformed(Head::Status)),
        ("HTTP/1.1\r\n\r\n", malformed(Head::Version)),
        ("HTTP/1.1 2x0 OK\r\n\r\n", malformed(Head::Status)),
        ("HTTP/1.1 20\r\n\r\n", malformed(Head::Status)),
        ("HTTP/1.1 2000 OK\r\n\r\n", malformed(Head::Status)),
        ("HTTP/1.1 -20 OK\r\n\r\n", malformed(Head::Status)),
        ("HTTP/1.1 200 O\0K\r\n\r\n", malformed(Head::Status)),
        ("HTTP/1.1 200 OK\rX", malformed(Head::Status)),
        ("HTTP/1.1 200 OK\r\nna me: x\r\n\r\n", malformed(Head::HeaderName)),
        ("HTTP/1.1 200 OK\r\nname : x\r\n\r\n", malformed(Head::HeaderName)),
        ("HTTP/1.1 200 OK\r\nname\r\n\r\n", malformed(Head::HeaderName)),
        ("HTTP/1.1 200 OK\r\n: x\r\n\r\n", malformed(Head::HeaderName)),
        ("HTTP/1.1 200 OK\r\nn\u{e4}me: x\r\n\r\n", malformed(Head::HeaderName)),
        ("HTTP/1.1 200 OK\r\nname: a\0b\r\n\r\n", malformed(Head::HeaderValue)),
        ("HTTP/1.1 200 OK\r\nname: a\rb\r\n\r\n", malformed(Head::HeaderValue)),
        // Obsolete line folding.
        ("HTTP/1.1 200 OK\r\nname: a\r\n b\r\n\r\n", malformed(Head::HeaderName)),
        ("HTTP/1.1 100 Continue\r\n\r\nnonsense\r\n\r\n", malformed(Head::Version)),
        ("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n", error(E::Upgrade)),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n\r\n", error(E::Upgrade)),
    ]
}

/// Lengths that are none, that contradict each other or the bytes.
pub(super) fn lengths() -> Vec<Row> {
    vec![
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok", error(E::Framing)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2, 3\r\n\r\nok", error(E::Framing)),
        ("HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nok", error(E::Length)),
        ("HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\nok", error(E::Length)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0x2\r\n\r\nok", error(E::Length)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2.0\r\n\r\nok", error(E::Length)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2 2\r\n\r\nok", error(E::Length)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2;\r\n\r\nok", error(E::Length)),
        ("HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\nok", error(E::Length)),
        ("HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\nok", error(E::Length)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2,\r\n\r\nok", error(E::Length)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551616\r\n\r\n", error(E::Length)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello!", error(E::Surplus)),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\nx", error(E::Surplus)),
        ("HTTP/1.1 204 No Content\r\n\r\nx", error(E::Surplus)),
        ("HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\nhello", error(E::Surplus)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok\r\n", error(E::Surplus)),
        ("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", error(E::Surplus)),
    ]
}

/// Transfer encodings that are not just chunked.
pub(super) fn encodings() -> Vec<Row> {
    vec![
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n", error(E::Framing)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n", error(E::Framing)),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n", error(E::Encoding)),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\n\r\n", error(E::Encoding)),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: xchunked\r\n\r\n", error(E::Encoding)),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked;q=1\r\n\r\n", error(E::Encoding)),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding:\r\n\r\n", error(E::Encoding)),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked,\r\n\r\n", error(E::Encoding)),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, chunked\r\n\r\n", error(E::Encoding)),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n",
            error(E::Encoding),
        ),
        ("HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", error(E::Encoding)),
        ("HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", error(E::Surplus)),
    ]
}

/// Chunks that are none.
pub(super) fn chunks() -> Vec<Row> {
    let rows = vec![
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nokay\r\n0\r\n\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok0\r\n\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\n0\r\n\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\r\n0\r\n\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\nok\r\n0\r\n\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0x2\r\nok\r\n0\r\n\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n 2\r\nok\r\n0\r\n\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2 2\r\nok\r\n0\r\n\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n+2\r\nok\r\n0\r\n\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\n\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n;x\r\n\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\nok\r\n0\r\n\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n11111111111111111\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2 \r\nok\r\n0\r\n\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\t\r\nok\r\n0\r\n\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;a\0\r\nok\r\n0\r\n\r\n", E::Chunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\r\n", E::Trailer),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\ngarbage\r\n\r\n", E::Trailer),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\na : b\r\n\r\n", E::Trailer),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n a: b\r\n\r\n", E::Trailer),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n: b\r\n\r\n", E::Trailer),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\na: b\0\r\n\r\n", E::Trailer),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\na: b\rc\r\n\r\n", E::Trailer),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nx", E::Surplus),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n0\r\n\r\n", E::Surplus),
    ];
    rows.into_iter().map(|(bytes, cause)| (bytes, error(cause))).collect()
}

/// Whatever is cut off is no answer, but for a body that ends with its connection.
pub(super) fn cut_off() -> Vec<Row> {
    let rows = vec![
        "",
        "\r\n",
        "H",
        "HTTP/1.1",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-len",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 204 No Content\r\n\r",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 2",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\nok",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\no",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\nok",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\na: b\r\n",
    ];
    rows.into_iter().map(|bytes| (bytes, Outcome::CutOff)).collect()
}
