//! Answers at the limits and one beyond.

use super::{HEAD_LIMIT, Outcome, ProtocolError as E, answer, error, malformed};

/// Too long for constants.
pub(super) fn rows() -> Vec<(String, Outcome)> {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let none = "HTTP/1.1 204 No Content\r\n";
    let long = "x".repeat(HEAD_LIMIT);
    // The status line, the field's name, and the two line ends.
    let fits = "x".repeat(HEAD_LIMIT - none.len() - "long: \r\n\r\n".len());
    let interim = "HTTP/1.1 100 Continue\r\n\r\n";
    vec![
        (format!("{none}{}\r\n", "a: b\r\n".repeat(100)), answer(204, true, "")),
        (format!("{none}{}\r\n", "a: b\r\n".repeat(101)), malformed(httparse::Error::TooManyHeaders)),
        (format!("{none}long: {fits}\r\n\r\n"), answer(204, true, "")),
        (format!("{none}long: {fits}x\r\n\r\n"), error(E::LongHead)),
        (format!("{none}long: {long}\r\n\r\n"), error(E::LongHead)),
        // Each head has the whole length to itself.
        (format!("{interim}{none}long: {fits}\r\n\r\n"), answer(204, true, "")),
        (format!("{}{none}\r\n", interim.repeat(16)), answer(204, true, "")),
        (interim.repeat(17), error(E::Interim)),
        (format!("{chunked}2;{}\r\nok\r\n0\r\n\r\n", "x".repeat(4092)), answer(200, true, "ok")),
        (format!("{chunked}2;{}\r\nok\r\n0\r\n\r\n", "x".repeat(4093)), error(E::Chunk)),
        (format!("{chunked}2;{long}\r\nok\r\n0\r\n\r\n"), error(E::Chunk)),
        (format!("{chunked}0\r\nlong: {long}\r\n\r\n"), error(E::LongTrailers)),
        (format!("{chunked}10000\r\n{long}\r\n0\r\n\r\n"), answer(200, true, &long)),
        (format!("HTTP/1.1 200 OK\r\n\r\n{long}"), answer(200, false, &long)),
    ]
}
