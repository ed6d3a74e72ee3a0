//! Refusals alone and behind answers, into sockets that take little, and what is none.

use super::*;
use crate::LimitFlags;

const GREETING: &str = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nHello, bob!";
const DATE: &str = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";

fn refusal(status_line: &str) -> String {
    format!("{status_line}\r\nConnection: close\r\nContent-Length: 0\r\n{DATE}")
}

fn completed(status_line: &str, sentence: &str) -> String {
    format!(
        "{status_line}\r\nServer: hello\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\
         Content-Length: {}\r\n{DATE}{sentence}",
        sentence.len()
    )
}

fn pace(received: &[u8]) -> Pace {
    let mut pace = Pace::new(&LimitFlags::default());
    pace.received(received);
    pace
}

/// Writes all of `bytes` as hyper does, to a socket that takes at most `most` bytes of them at a time and is not ready every
/// other time; what it has taken in the end.
fn write_all(bytes: &str, pace: &mut Pace, most: usize) -> String {
    let mut refusals = Refusals::default();
    let (mut left, mut taken, mut is_ready) = (bytes.as_bytes(), Vec::new(), false);
    while !left.is_empty() {
        let written = refusals.poll_write(left, pace, |bytes| {
            is_ready = !is_ready;
            if !is_ready {
                return Poll::Pending;
            }
            let length = bytes.len().min(most);
            taken.extend_from_slice(&bytes[..length]);
            Poll::Ready(Ok(length))
        });
        if let Poll::Ready(written) = written {
            left = &left[written.unwrap()..];
        }
    }
    assert!(refusals.rest.is_empty());
    String::from_utf8(taken).unwrap()
}

#[test]
fn each_refusal_of_hyper_gets_its_sentence() {
    for (status_line, sentence) in [
        ("HTTP/1.1 400 Bad Request", "The request is not well-formed HTTP/1.0 or HTTP/1.1."),
        ("HTTP/1.0 400 Bad Request", "The request is not well-formed HTTP/1.0 or HTTP/1.1."),
        ("HTTP/1.1 414 URI Too Long", "The request line is longer than 16384 bytes."),
        (
            "HTTP/1.1 431 Request Header Fields Too Large",
            "The header has more than 100 fields or 65536 bytes.",
        ),
    ] {
        let wanted = completed(status_line, sentence);
        let hypers = refusal(status_line);
        assert_eq!(write_all(&hypers, &mut pace(b"GARBAGE\r\n\r\n"), usize::MAX), wanted);
        let without_close = hypers.replace("Connection: close\r\n", "");
        assert_eq!(write_all(&without_close, &mut pace(b"GARBAGE\r\n\r\n"), usize::MAX), wanted);
    }
}

#[test]
fn however_little_is_taken_at_a_time_all_of_it_comes_once() {
    let bytes = GREETING.repeat(2) + &refusal("HTTP/1.1 400 Bad Request");
    let wanted = GREETING.repeat(2)
        + &completed("HTTP/1.1 400 Bad Request", "The request is not well-formed HTTP/1.0 or HTTP/1.1.");
    for most in 1..wanted.len() {
        assert_eq!(write_all(&bytes, &mut pace(b"GET "), most), wanted, "{most}");
    }
}

#[test]
fn a_refused_head_has_the_length_and_no_body() {
    let hypers = refusal("HTTP/1.1 400 Bad Request");
    let whole = write_all(&hypers, &mut pace(b"GET /bob HTTP/3\r\n\r\n"), 64);
    let head = write_all(&hypers, &mut pace(b"HEAD /bob HTTP/3\r\n\r\n"), 64);
    assert!(head.contains("Content-Length: 52\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    assert!(whole.starts_with(&head) && whole.len() == head.len() + 52, "{whole}");
}

#[test]
fn what_fills_the_buffer_is_named_for_what_it_is() {
    let hypers = refusal("HTTP/1.1 431 Request Header Fields Too Large");
    let line = completed("HTTP/1.1 414 URI Too Long", "The request line is longer than 16384 bytes.");
    assert_eq!(write_all(&hypers, &mut pace(b"GET /bob?qqqqqqqq"), 64), line);
    let fields = completed(
        "HTTP/1.1 431 Request Header Fields Too Large",
        "The header has more than 100 fields or 65536 bytes.",
    );
    assert_eq!(write_all(&hypers, &mut pace(b"GET /bob HTTP/1.1\r\nX-Long: xxxx"), 64), fields);
}

#[test]
fn what_is_no_refusal_of_hyper_stays_as_it_is() {
    let head =
        |status: &str, length: &str| format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{DATE}");
    for bytes in [
        GREETING.to_owned(),
        head("200 OK", "17"),
        head("404 Not Found", "40"),
        head("400 Bad Request", "40"),
        head("400 Bad Request", "10"),
        head("200 OK", "0"),
        head("400 Other Words", "0"),
        head("400 Bad Request", "0").replace("HTTP/1.1", "HTTP/2.0"),
        "HTTP/1.1 100 Continue\r\n\r\n".to_owned(),
        format!("Content-Length: 0\r\n{DATE}"),
        "\r\n\r\n".to_owned(),
    ] {
        assert_eq!(write_all(&bytes, &mut pace(b"GET "), usize::MAX), bytes);
    }
}

#[test]
fn a_socket_that_takes_nothing_ends_it() {
    let bytes = refusal("HTTP/1.1 400 Bad Request");
    let written =
        Refusals::default().poll_write(bytes.as_bytes(), &mut pace(b"GET "), |_| Poll::Ready(Ok(0)));
    assert!(matches!(written, Poll::Ready(Ok(0))), "{written:?}");
}
