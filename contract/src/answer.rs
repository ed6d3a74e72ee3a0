//! From the facts of a request to its reply: the rules of the contract, in the order they are checked.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::reply::{Reply, Status};
use crate::request::{AnnouncedBody, Request};
use crate::{limits, reply};

const BAD_HOST: Reply =
    Reply::error(Status::BadRequest, "HTTP/1.1 needs exactly one well-formed Host field.");
const BAD_LENGTH: Reply = Reply::error(Status::BadRequest, "The length of the body is not told in one way.");
const BAD_TARGET: Reply = Reply::error(Status::BadRequest, "The request target has no path.");
const BAD_NAME: Reply = Reply::error(
    Status::BadRequest,
    "The name is not percent-encoded UTF-8 text without control characters.",
);
pub(crate) const TOO_MANY_FIELDS: Reply =
    Reply::error(Status::FieldsTooLarge, "The header has more than 100 fields or 65536 bytes.");
pub(crate) const LINE_TOO_LONG: Reply =
    Reply::error(Status::UriTooLong, "The request line is longer than 16384 bytes.");
/// Of what no HTTP library takes for a request, so that [`answer`] is never asked about it.
#[cfg(feature = "http")]
pub(crate) const NOT_HTTP: Reply =
    Reply::error(Status::BadRequest, "The request is not well-formed HTTP/1.0 or HTTP/1.1.");
const NAME_TOO_LONG: Reply = Reply::error(Status::UriTooLong, "The name is longer than 1024 bytes.");
const ONLY_GET_AND_HEAD: Reply = Reply::error(Status::MethodNotAllowed, "Only GET and HEAD are answered.");
const ONE_SEGMENT: Reply = Reply::error(Status::NotFound, "The path has more than one segment.");

/// Decides the reply to a request.
///
/// Doubts about the message itself (host, lengths, sizes) come before doubts about what it asks for, so that
/// a malformed request is never half understood.
#[must_use]
pub fn answer(request: &Request<'_>) -> Reply {
    if !request.has_good_host() {
        return BAD_HOST;
    }
    if request.field_count > limits::FIELD_COUNT || request.field_bytes > limits::FIELD_BYTES {
        return TOO_MANY_FIELDS;
    }
    if request.line_bytes > limits::REQUEST_LINE_BYTES {
        return LINE_TOO_LONG;
    }
    match request.announced_body() {
        AnnouncedBody::Conflicting => return BAD_LENGTH,
        AnnouncedBody::Bytes(bytes) if bytes > limits::BODY_BYTES => return reply::Reply::CONTENT_TOO_LARGE,
        AnnouncedBody::None | AnnouncedBody::Bytes(_) | AnnouncedBody::Chunked => {}
    }
    if !matches!(request.method, "GET" | "HEAD") {
        return ONLY_GET_AND_HEAD;
    }
    match request.path.and_then(|path| path.strip_prefix('/')) {
        Some(segment) => greet(segment),
        None => BAD_TARGET,
    }
}

fn greet(segment: &str) -> Reply {
    if segment.is_empty() {
        return Reply { status: Status::Ok, body: Cow::Borrowed("Hello, Anonymous!") };
    }
    if segment.contains('/') {
        return ONE_SEGMENT;
    }
    if !segment.is_ascii() {
        return BAD_NAME;
    }
    match percent_decode_str(segment).decode_utf8() {
        Ok(name) if name.len() > limits::NAME_BYTES => NAME_TOO_LONG,
        Ok(name) if !name.chars().any(char::is_control) => {
            Reply { status: Status::Ok, body: Cow::Owned(["Hello, ", &name, "!"].concat()) }
        }
        _ => BAD_NAME,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Version, path_of};

    fn ask(method: &str, target: &str) -> (u16, String) {
        let mut request = Request::new(method, path_of(target), target.len(), Version::Http11);
        request.add_field("Host", b"localhost");
        let reply = answer(&request);
        (reply.status.code(), reply.body.into_owned())
    }

    #[test]
    fn greetings() {
        for (target, greeting) in [
            ("/World", "Hello, World!"),
            ("/", "Hello, Anonymous!"),
            ("/?x=1", "Hello, Anonymous!"),
            ("/%C3%A9%20x", "Hello, é x!"),
            ("/a%2Fb", "Hello, a/b!"),
            ("/a%2fb", "Hello, a/b!"),
            ("/a+b", "Hello, a+b!"),
            ("/bob?x=1", "Hello, bob!"),
            ("http://host/bob", "Hello, bob!"),
            ("http://host", "Hello, Anonymous!"),
        ] {
            assert_eq!(ask("GET", target), (200, greeting.to_owned()), "{target}");
            assert_eq!(ask("HEAD", target), (200, greeting.to_owned()), "{target}");
        }
    }

    #[test]
    fn refusals() {
        let long = format!("/{}", "a".repeat(1_025));
        let longest_line = format!("/bob?{}", "q".repeat(limits::REQUEST_LINE_BYTES));
        for (method, target, status) in [
            ("GET", "/a/b", 404),
            ("GET", "//", 404),
            ("GET", "/a/", 404),
            ("GET", "/%FF", 400),
            ("GET", "/%00", 400),
            ("GET", "/%C2%85", 400),
            ("GET", "*", 400),
            ("GET", "host:80", 400),
            ("GET", "/\u{e9}", 400),
            ("GET", &long, 414),
            ("GET", &longest_line, 414),
            ("POST", "/bob", 405),
            ("POST", "/a/b", 405),
            ("OPTIONS", "*", 405),
            ("get", "/bob", 405),
        ] {
            let (got, sentence) = ask(method, target);
            assert_eq!(got, status, "{method} {target}");
            assert!(sentence.ends_with('.') && !sentence.contains('\n'), "{sentence}");
        }
    }

    #[test]
    fn names_up_to_the_limit_are_greeted() {
        let encoded = format!("/{}", "%41".repeat(limits::NAME_BYTES));
        assert_eq!(ask("GET", &encoded), (200, format!("Hello, {}!", "A".repeat(limits::NAME_BYTES))));
    }

    #[test]
    fn fields_decide_before_method_and_path() {
        type Fields = Vec<(&'static str, String)>;
        let host = || ("Host", "h".to_owned());
        let table: Vec<(Version, Fields, u16)> = vec![
            (Version::Http11, vec![], 400),
            (Version::Http10, vec![], 200),
            (Version::Http11, vec![host(), host()], 400),
            (Version::Http11, vec![("Host", "a b".to_owned())], 400),
            (Version::Http11, vec![host(), ("X", "y".repeat(limits::FIELD_BYTES))], 431),
            (
                Version::Http11,
                std::iter::repeat_with(|| ("X", String::new())).take(99).chain([host()]).collect(),
                200,
            ),
            (
                Version::Http11,
                std::iter::repeat_with(|| ("X", String::new())).take(100).chain([host()]).collect(),
                431,
            ),
            (Version::Http11, vec![host(), ("Content-Length", "65536".to_owned())], 200),
            (Version::Http11, vec![host(), ("Content-Length", "65537".to_owned())], 413),
            (Version::Http11, vec![host(), ("Content-Length", "x".to_owned())], 400),
        ];
        for (version, fields, status) in table {
            let mut request = Request::new("GET", Some("/bob"), 4, version);
            for (name, value) in &fields {
                request.add_field(name, value.as_bytes());
            }
            assert_eq!(answer(&request).status.code(), status, "{version:?}, {} fields", fields.len());
        }
    }

    proptest! {
        #[test]
        fn any_printable_name_comes_back_as_it_was(name in "[^\\p{Cc}]{1,200}") {
            let encoded = percent_encoding::utf8_percent_encode(&name, percent_encoding::NON_ALPHANUMERIC);
            let (status, body) = ask("GET", &format!("/{encoded}"));
            prop_assert_eq!(status, 200);
            prop_assert_eq!(body, format!("Hello, {name}!"));
        }

        #[test]
        fn no_target_panics(target in "\\PC{0,64}") {
            let (status, _) = ask("GET", &target);
            prop_assert!([200, 400, 404].contains(&status));
        }
    }
}
