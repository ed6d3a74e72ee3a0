//! Answers, good and malformed, and what the reader has to make of each.

use super::super::HEAD_LIMIT;
use super::super::ProtocolError as E;

/// What all the bytes, followed by the end of the connection, amount to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// Status, whether the connection can be used again, body.
    Answer(u16, bool, String),
    Error(E),
    /// The connection ended before the answer did.
    CutOff,
}

fn answer(status: u16, reusable: bool, body: &str) -> Outcome {
    Outcome::Answer(status, reusable, body.to_owned())
}

fn malformed(cause: httparse::Error) -> Outcome {
    Outcome::Error(E::Head(cause))
}

/// The table: what the server sends, what the reader makes of it.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn table() -> Vec<(String, Outcome)> {
    let cases: Vec<(&str, Outcome)> = vec![
        // Content-length.
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", answer(200, true, "hello")),
        ("HTTP/1.1 200 OK\r\nCONTENT-LENGTH:5\r\n\r\nhello", answer(200, true, "hello")),
        ("HTTP/1.1 200 OK\r\ncontent-length:  5 \r\n\r\nhello", answer(200, true, "hello")),
        ("HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok", answer(200, true, "ok")),
        ("HTTP/1.1 200 OK\ncontent-length: 2\n\nok", answer(200, true, "ok")),
        ("\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", answer(200, true, "ok")),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", answer(404, true, "")),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok", answer(200, true, "ok")),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\n\r\nok", answer(200, true, "ok")),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok", Outcome::Error(E::Framing)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2, 3\r\n\r\nok", Outcome::Error(E::Framing)),
        ("HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nok", Outcome::Error(E::Length)),
        ("HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\nok", Outcome::Error(E::Length)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0x2\r\n\r\nok", Outcome::Error(E::Length)),
        ("HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\nok", Outcome::Error(E::Length)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2,\r\n\r\nok", Outcome::Error(E::Length)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551616\r\n\r\n", Outcome::Error(E::Length)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\nok", Outcome::CutOff),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell", Outcome::CutOff),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello!", Outcome::Error(E::Surplus)),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\nx", Outcome::Error(E::Surplus)),
        // No body by definition.
        ("HTTP/1.1 204 No Content\r\n\r\n", answer(204, true, "")),
        ("HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n", answer(304, true, "")),
        ("HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\nhello", Outcome::Error(E::Surplus)),
        // Interim answers.
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
            answer(200, true, "ok"),
        ),
        (
            "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
            answer(204, true, ""),
        ),
        ("HTTP/1.1 100 Continue\r\n\r\n", Outcome::CutOff),
        ("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n", Outcome::Error(E::Upgrade)),
        // Close-delimited, and persistence.
        ("HTTP/1.1 200 OK\r\n\r\nuntil the end", answer(200, false, "until the end")),
        ("HTTP/1.0 200 OK\r\n\r\n", answer(200, false, "")),
        ("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", answer(200, false, "ok")),
        ("HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 2\r\n\r\nok", answer(200, true, "ok")),
        ("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok", answer(200, false, "ok")),
        ("HTTP/1.1 200 OK\r\nconnection: x, CLOSE\r\ncontent-length: 2\r\n\r\nok", answer(200, false, "ok")),
        (
            "HTTP/1.1 200 OK\r\nconnection: keep-alive, close\r\ncontent-length: 2\r\n\r\nok",
            answer(200, false, "ok"),
        ),
        ("HTTP/1.1 200 OK\r\nconnection: closed\r\ncontent-length: 2\r\n\r\nok", answer(200, true, "ok")),
        // Chunked.
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
            answer(200, true, "hello"),
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5;ext=\"a b\"\r\nhello\r\n0\r\n\r\n",
            answer(200, true, "hello"),
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n00A\r\n0123456789\r\n000\r\n\r\n",
            answer(200, true, "0123456789"),
        ),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", answer(200, true, "")),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\na: b\r\nc: d\r\n\r\n",
            answer(200, true, "ok"),
        ),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n", Outcome::CutOff),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n", Outcome::CutOff),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nokay\r\n0\r\n\r\n",
            Outcome::Error(E::Chunk),
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\nok\r\n0\r\n\r\n",
            Outcome::Error(E::Chunk),
        ),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\n\r\n", Outcome::Error(E::Chunk)),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n\r\n", Outcome::Error(E::Chunk)),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n11111111111111111\r\n",
            Outcome::Error(E::Chunk),
        ),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nx", Outcome::Error(E::Surplus)),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n",
            Outcome::Error(E::Framing),
        ),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n", Outcome::Error(E::Encoding)),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, chunked\r\n\r\n", Outcome::Error(E::Encoding)),
        ("HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", Outcome::Error(E::Encoding)),
        // Heads that are none.
        ("", Outcome::CutOff),
        ("HTTP/1.1 200 OK\r\ncontent-len", Outcome::CutOff),
        ("SSH-2.0-OpenSSH_9.6\r\n", malformed(httparse::Error::Version)),
        ("HTTP/2.0 200 OK\r\n\r\n", malformed(httparse::Error::Version)),
        ("HTTP/1.1 2x0 OK\r\n\r\n", malformed(httparse::Error::Status)),
        ("HTTP/1.1 200 OK\r\nna me: x\r\n\r\n", malformed(httparse::Error::HeaderName)),
        ("HTTP/1.1 200 OK\r\nname: a\0b\r\n\r\n", malformed(httparse::Error::HeaderValue)),
    ];
    let text = |(bytes, outcome): (&str, Outcome)| (bytes.to_owned(), outcome);
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let long = "x".repeat(HEAD_LIMIT);
    let generated = [
        (format!("HTTP/1.1 204 No Content\r\n{}\r\n", "a: b\r\n".repeat(100)), answer(204, true, "")),
        (
            format!("HTTP/1.1 204 No Content\r\n{}\r\n", "a: b\r\n".repeat(101)),
            malformed(httparse::Error::TooManyHeaders),
        ),
        (format!("HTTP/1.1 204 No Content\r\nlong: {long}\r\n\r\n"), Outcome::Error(E::LongHead)),
        (format!("{chunked}2;{long}\r\nok\r\n0\r\n\r\n"), Outcome::Error(E::Chunk)),
        (format!("{chunked}0\r\nlong: {long}\r\n\r\n"), Outcome::Error(E::LongTrailers)),
        (
            format!("{}HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n".repeat(16)),
            answer(204, true, ""),
        ),
        ("HTTP/1.1 100 Continue\r\n\r\n".repeat(17), Outcome::Error(E::Interim)),
    ];
    cases.into_iter().map(text).chain(generated).collect()
}
