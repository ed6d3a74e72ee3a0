//! An answer into bytes: framing out.

use super::decision::Answer;
use super::fault::Fault;

pub(super) fn to_bytes(answer: &Answer, method: &str, fault: Option<Fault>) -> Vec<u8> {
    let is = |wanted| fault == Some(wanted);
    let (head, error) = (method == "HEAD", answer.status >= 400);
    let silent = match fault {
        Some(Fault::ErrorsHaveNoBody) => error,
        Some(Fault::TooMuchHasNoBody) => matches!(answer.status, 413 | 431),
        _ => false,
    };
    let body = if silent { "" } else { &answer.body };
    let date = match fault {
        Some(Fault::NoDate) => "",
        Some(Fault::DateInAsctime) => "date: Sun Nov  6 08:49:37 1994\r\n",
        _ => "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
    };
    let media_type = match fault {
        Some(Fault::NoCharset) => "text/plain",
        Some(Fault::ErrorsAreHtml) if error => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };
    let allow = if answer.status == 405 && !is(Fault::NoAllow) { "Allow: GET, HEAD\r\n" } else { "" };
    let framing = match fault {
        Some(Fault::Chunked) => "Transfer-Encoding: chunked".to_owned(),
        Some(Fault::LengthInCharacters) => format!("Content-Length: {}", body.chars().count()),
        Some(Fault::HeadHasNoLength) if head => "Content-Length: 0".to_owned(),
        Some(Fault::HeadErrorHasNoLength) if head && error => "Content-Length: 0".to_owned(),
        _ => format!("Content-Length: {}", body.len()),
    };
    let status = match answer.status {
        200 => "200 OK",
        400 => "400 Bad Request",
        404 => "404 Not Found",
        405 => "405 Method Not Allowed",
        413 => "413 Content Too Large",
        414 => "414 URI Too Long",
        431 => "431 Request Header Fields Too Large",
        _ => "501 Not Implemented",
    };
    let with_body = !head || is(Fault::HeadHasBody) || (is(Fault::HeadErrorHasBody) && error);
    let body = match fault {
        _ if !with_body => String::new(),
        Some(Fault::Chunked) => format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()),
        _ => body.to_owned(),
    };
    let head =
        format!("HTTP/1.1 {status}\r\nServer: hello\r\nContent-Type: {media_type}\r\n{allow}{date}{framing}");
    format!("{head}\r\n\r\n{body}").into_bytes()
}
