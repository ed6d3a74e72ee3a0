//! The kit's reader of responses: strict, and indifferent to how the bytes arrive.

use std::collections::VecDeque;
use std::io::{self, Read};

use contract::conformance::response::{Expecting, ReadError, Response, ResponseReader};
use proptest::prelude::*;

/// Gives out bytes in pieces of the given sizes, over and over.
struct Pieces {
    bytes: VecDeque<u8>,
    sizes: Vec<usize>,
    turn: usize,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.turn % self.sizes.len()].min(buffer.len());
        self.turn += 1;
        self.bytes.read(&mut buffer[..size])
    }
}

/// The rule that was broken; what is quoted may differ with what had arrived.
fn kind(error: ReadError) -> String {
    match error {
        ReadError::Framing { what, .. } => what.to_owned(),
        ReadError::Ended { .. } => "ended".to_owned(),
        ReadError::Io { source, .. } => source.to_string(),
    }
}

fn read_all(source: impl Read, expecting: Expecting) -> (Vec<Response>, String) {
    let mut reader = ResponseReader::new(source);
    let mut responses = Vec::new();
    loop {
        match reader.read_response(expecting) {
            Ok(response) => responses.push(response),
            Err(error) => return (responses, kind(error)),
        }
    }
}

fn read_one(bytes: &[u8]) -> Result<Response, String> {
    ResponseReader::new(bytes).read_response(Expecting::Body).map_err(kind)
}

fn response() -> impl Strategy<Value = Vec<u8>> {
    let body = prop::collection::vec(any::<u8>(), 0..40);
    (100u16..600, body, 0..4).prop_map(|(status, body, framing)| {
        let framing_field = match framing {
            0 => format!("Content-Length: {}", body.len()),
            1 => "Transfer-Encoding: chunked".to_owned(),
            2 => "Connection: close".to_owned(),
            _ => format!("content-length:{}\r\nX-Other: ü", body.len() + 1),
        };
        let mut bytes = format!("HTTP/1.1 {status} \r\n{framing_field}\r\n\r\n").into_bytes();
        if framing == 1 {
            for chunk in body.chunks(7) {
                bytes.extend(format!("{:X};x=y\r\n", chunk.len()).as_bytes());
                bytes.extend(chunk);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\n\r\n");
        } else {
            bytes.extend(body);
        }
        bytes
    })
}

proptest! {
    #[test]
    fn fragmentation_changes_nothing(
        stream in prop::collection::vec(response(), 1..4).prop_map(|responses| responses.concat()),
        sizes in prop::collection::vec(1usize..30, 1..8),
        head_only in any::<bool>(),
    ) {
        let expecting = if head_only { Expecting::HeadOnly } else { Expecting::Body };
        let whole = read_all(stream.as_slice(), expecting);
        let pieces = Pieces { bytes: stream.into(), sizes, turn: 0 };
        prop_assert_eq!(read_all(pieces, expecting), whole);
    }

    #[test]
    fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".as_slice();
        read_all([head, &bytes].concat().as_slice(), Expecting::Body);
        read_all(bytes.as_slice(), Expecting::Body);
    }
}

#[test]
fn bodies_end_where_their_framing_says() {
    for (bytes, body) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc", "ab"),
        ("HTTP/1.0 200 OK\r\ncontent-length:\t2 \r\n\r\nab", "ab"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\nrest", "abc"),
        ("HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"),
        ("HTTP/1.1 204 \r\nContent-Length: 2\r\n\r\n", ""),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", "a"),
    ] {
        let response = read_one(bytes.as_bytes()).expect(bytes);
        assert_eq!(response.body, body.as_bytes(), "{bytes}");
    }
}

#[test]
fn bad_framing_is_named() {
    for (bytes, what) in [
        ("", "ended"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", "ended"),
        ("HTTP/2 200\r\n\r\n", "not a status line of HTTP/1"),
        ("HTTP/1.1 200\r\n\r\n", "not a status line of HTTP/1"),
        ("HTTP/1.1 +20 OK\r\n\r\n", "not a status line of HTTP/1"),
        ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "not a header field"),
        ("HTTP/1.1 200 OK\r\nspace : x\r\n\r\n", "not a header field"),
        ("HTTP/1.1 200 OK\r\n folded: x\r\n\r\n", "not a header field"),
        ("HTTP/1.1 200 OK\r\nlone: a\nb\r\n\r\n", "not a header field"),
        ("HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nab", "content-length is not one number"),
        ("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nab", "content-length is not one number"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
            "content-length is not one number",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
            "both transfer-encoding and content-length",
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "a transfer-encoding other than chunked"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "a chunk without a size"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
            "a chunk is longer than its size",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nrest",
            "the last chunk is not followed by an empty line",
        ),
    ] {
        assert_eq!(read_one(bytes.as_bytes()), Err(what.to_owned()), "{bytes}");
    }
}

#[test]
fn an_endless_answer_ends() {
    let (responses, error) = read_all(io::repeat(b'a'), Expecting::Body);
    assert_eq!((responses.len(), error.as_str()), (0, "an answer longer than any the contract knows"));
}
