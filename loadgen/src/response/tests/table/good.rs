//! Answers that are to be accepted.

use super::{Row, answer};

/// A body of announced length.
pub(super) fn lengths() -> Vec<Row> {
    vec![
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", answer(200, true, "hello")),
        ("HTTP/1.1 200 OK\r\nCONTENT-LENGTH:5\r\n\r\nhello", answer(200, true, "hello")),
        ("HTTP/1.1 200 OK\r\ncontent-length:  5 \r\n\r\nhello", answer(200, true, "hello")),
        ("HTTP/1.1 200 OK\r\ncontent-length:\t5\t\r\n\r\nhello", answer(200, true, "hello")),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0005\r\n\r\nhello", answer(200, true, "hello")),
        ("HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok", answer(200, true, "ok")),
        ("HTTP/1.1 200 \r\ncontent-length: 2\r\n\r\nok", answer(200, true, "ok")),
        ("HTTP/1.1 299 Fine, \"more or less\"\r\ncontent-length: 2\r\n\r\nok", answer(299, true, "ok")),
        ("HTTP/1.1 200 OK\ncontent-length: 2\n\nok", answer(200, true, "ok")),
        ("\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", answer(200, true, "ok")),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", answer(404, true, "")),
        ("HTTP/1.1 599 No\r\ncontent-length: 0\r\n\r\n", answer(599, true, "")),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok", answer(200, true, "ok")),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\n\r\nok", answer(200, true, "ok")),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2,2\r\n\r\nok", answer(200, true, "ok")),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2, 02\r\n\r\nok", answer(200, true, "ok")),
        ("HTTP/1.1 200 OK\r\nempty:\r\ncontent-length: 2\r\n\r\nok", answer(200, true, "ok")),
        ("HTTP/1.1 200 OK\r\nx-content-length: 9\r\ncontent-length: 2\r\n\r\nok", answer(200, true, "ok")),
        ("HTTP/1.1 200 OK\r\ndate: a:b:c\r\ncontent-length: 2\r\n\r\nok", answer(200, true, "ok")),
        // A body is bytes, whatever they look like.
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 19\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            answer(200, true, "HTTP/1.1 200 OK\r\n\r\n"),
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\r\n\r\n", answer(200, true, "\r\n\r\n")),
    ]
}

/// No body by definition, whatever the head announces.
pub(super) fn bodiless() -> Vec<Row> {
    vec![
        ("HTTP/1.1 204 No Content\r\n\r\n", answer(204, true, "")),
        ("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n", answer(204, false, "")),
        ("HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n", answer(204, true, "")),
        ("HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n", answer(304, true, "")),
        ("HTTP/1.0 304 Not Modified\r\n\r\n", answer(304, false, "")),
    ]
}

/// Heads before the answer's own.
pub(super) fn interim() -> Vec<Row> {
    vec![
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
            answer(200, true, "ok"),
        ),
        (
            "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
            answer(204, true, ""),
        ),
        (
            "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 199 Odd\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
            answer(204, true, ""),
        ),
        // It has no body, and what it says of the connection is not the answer's word.
        (
            "HTTP/1.1 100 Continue\r\ncontent-length: 9\r\nconnection: close\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
            answer(204, true, ""),
        ),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nto the end", answer(200, false, "to the end")),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            answer(200, true, "ok"),
        ),
    ]
}

/// Bodies that the end of the connection ends, and whether it may be used again.
pub(super) fn persistence() -> Vec<Row> {
    vec![
        ("HTTP/1.1 200 OK\r\n\r\nuntil the end", answer(200, false, "until the end")),
        (
            "HTTP/1.1 200 OK\r\nconnection: keep-alive\r\n\r\nuntil the end",
            answer(200, false, "until the end"),
        ),
        ("HTTP/1.0 200 OK\r\n\r\n", answer(200, false, "")),
        ("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", answer(200, false, "ok")),
        ("HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 2\r\n\r\nok", answer(200, true, "ok")),
        ("HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\n\r\nend", answer(200, false, "end")),
        ("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok", answer(200, false, "ok")),
        ("HTTP/1.1 200 OK\r\nConnection:Close\r\ncontent-length: 2\r\n\r\nok", answer(200, false, "ok")),
        ("HTTP/1.1 200 OK\r\nconnection: x, CLOSE\r\ncontent-length: 2\r\n\r\nok", answer(200, false, "ok")),
        (
            "HTTP/1.1 200 OK\r\nconnection: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
            answer(200, false, "ok"),
        ),
        (
            "HTTP/1.1 200 OK\r\nconnection: keep-alive, close\r\ncontent-length: 2\r\n\r\nok",
            answer(200, false, "ok"),
        ),
        ("HTTP/1.1 200 OK\r\nconnection: closed\r\ncontent-length: 2\r\n\r\nok", answer(200, true, "ok")),
        ("HTTP/1.1 200 OK\r\nconnection:\r\ncontent-length: 2\r\n\r\nok", answer(200, true, "ok")),
        (
            "HTTP/1.1 200 OK\r\nproxy-connection: close\r\ncontent-length: 2\r\n\r\nok",
            answer(200, true, "ok"),
        ),
        ("HTTP/1.1 200 OK\r\nkeep-alive: timeout=0\r\ncontent-length: 2\r\n\r\nok", answer(200, true, "ok")),
    ]
}

/// The chunked transfer coding.
pub(super) fn chunked() -> Vec<Row> {
    vec![
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
            answer(200, true, "hello"),
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5;ext=\"a b\"\r\nhello\r\n0\r\n\r\n",
            answer(200, true, "hello"),
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;flag;x=y\r\nhello\r\n0;last\r\n\r\n",
            answer(200, true, "hello"),
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n00A\r\n0123456789\r\n000\r\n\r\n",
            answer(200, true, "0123456789"),
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n",
            answer(200, true, "0123456789"),
        ),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", answer(200, true, "")),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n00000000000000000000002\r\nok\r\n0\r\n\r\n",
            answer(200, true, "ok"),
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2 ;a=b\r\nok\r\n0\r\n\r\n",
            answer(200, true, "ok"),
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\na:\tb c\r\n\r\n",
            answer(200, true, "ok"),
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n",
            answer(200, true, "\r\n\r\n"),
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\na: b\r\nc: d\r\n\r\n",
            answer(200, true, "ok"),
        ),
        // Trailers are skipped, not read.
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nconnection: close\r\n\r\n",
            answer(200, true, "ok"),
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\na: b\n\n",
            answer(200, true, "ok"),
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            answer(200, false, "ok"),
        ),
    ]
}
