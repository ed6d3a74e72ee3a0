//! GET, HEAD, and the refusal of everything else.

use super::case::Case;
use super::expect;
use super::failure::{Failure, quote};
use super::probe::Probe;
use super::request::Request;

pub(super) const CASES: &[Case] = &[
    Case::answers("head.is-200", "`HEAD /<name>` is answered like GET", ("HEAD", "/World"), 200),
    Case::script("head.has-no-body", "nothing follows the head of an answer to HEAD", |probe| {
        let mut connection = probe.connect()?;
        let response = connection.ask(&Request::new("HEAD", "/World").with("Connection: close"))?;
        expect::status(&response, 200)?;
        connection.expect_closed()
    }),
    Case::script("head.describes-the-body-of-get", "HEAD announces GET's type and length", |probe| {
        for target in ["/World", "/", "/%C3%A9"] {
            head_agrees_with_get(probe, target)?;
        }
        Ok(())
    }),
    Case::script(
        "head.describes-the-sentence-of-an-error",
        "HEAD announces the type and length of an error's sentence",
        |probe| {
            for target in ["/a/b", "/%FF", &format!("/{}", "n".repeat(1_025))] {
                head_agrees_with_get(probe, target)?;
            }
            Ok(())
        },
    ),
    Case::script("head.keeps-the-connection-framed", "a GET after HEAD gets its own answer", |probe| {
        after_head(probe, "/World", 200)
    }),
    Case::script("head.of-an-error-has-no-body", "an error answers HEAD without its sentence", |probe| {
        after_head(probe, "/a/b", 404)
    }),
    Case::script(
        "head.that-cannot-be-read-has-no-body",
        "HEAD has no body even if the rest of it cannot be read",
        |probe| {
            let mut connection = probe.connect()?;
            let request = Request::new("HEAD", "/bob").with("X Fill: f");
            expect::status(&connection.ask(&request)?, 400)?;
            connection.expect_closed()
        },
    ),
    Case::refuses(
        "method.post-is-405-with-allow",
        "POST is refused, and told what is allowed",
        ("POST", "/bob"),
    ),
    Case::refuses(
        "method.put-is-405-with-allow",
        "PUT is refused, and told what is allowed",
        ("PUT", "/bob"),
    ),
    Case::refuses(
        "method.delete-is-405-with-allow",
        "DELETE is refused, and told what is allowed",
        ("DELETE", "/bob"),
    ),
    Case::refuses(
        "method.patch-is-405-with-allow",
        "PATCH is refused, and told what is allowed",
        ("PATCH", "/bob"),
    ),
    Case::refuses(
        "method.options-is-405-with-allow",
        "OPTIONS is refused, and told what is allowed",
        ("OPTIONS", "/bob"),
    ),
    Case::refuses(
        "method.trace-is-405-with-allow",
        "TRACE is refused, and told what is allowed",
        ("TRACE", "/bob"),
    ),
    Case::refuses(
        "method.connect-is-405-with-allow",
        "CONNECT is refused, and told what is allowed",
        ("CONNECT", "host:80"),
    ),
    Case::refuses(
        "method.unknown-is-405-with-allow",
        "a method nobody knows is refused, and told what is allowed",
        ("BREW", "/bob"),
    ),
    Case::refuses(
        "method.lower-case-is-405-with-allow",
        "methods are case-sensitive: `get` is not GET",
        ("get", "/bob"),
    ),
    Case::refuses(
        "method.options-asterisk-is-405-with-allow",
        "`OPTIONS *` is refused like any other",
        ("OPTIONS", "*"),
    ),
];

fn head_agrees_with_get(probe: &Probe, target: &str) -> Result<(), Failure> {
    let get = probe.ask(&Request::get(target))?;
    let head = probe.ask(&Request::new("HEAD", target))?;
    let described = ["content-type", "content-length"];
    let agree = described.iter().all(|name| get.field(name).is_some() && get.field(name) == head.field(name));
    expect::holds(agree, || format!("type and length of {}", quote(&get.head)), || quote(&head.head))
}

/// A body after the answer to HEAD would be read as the start of the next answer.
fn after_head(probe: &Probe, target: &str, status: u16) -> Result<(), Failure> {
    let mut connection = probe.connect()?;
    expect::status(&connection.ask(&Request::new("HEAD", target))?, status)?;
    connection.expect_usable()
}
