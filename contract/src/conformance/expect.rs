//! What answers are held against; each function says what was wanted and what came.

use super::failure::{Failure, quote};
use super::response::Response;

/// The only media type the contract knows, for greetings and errors alike.
const MEDIA_TYPE: &str = "text/plain; charset=utf-8";

pub(super) fn status(response: &Response, wanted: u16) -> Result<(), Failure> {
    holds(response.status == wanted, || format!("status {wanted}"), || whole(response))
}

/// Status 200 and the greeting of `name`, to the byte.
pub(super) fn greeting(response: &Response, name: &str) -> Result<(), Failure> {
    status(response, 200)?;
    let wanted = format!("Hello, {name}!");
    holds(response.body == wanted.as_bytes(), || quote(wanted.as_bytes()), || quote(&response.body))
}

pub(super) fn field(response: &Response, name: &str, wanted: &str) -> Result<(), Failure> {
    holds(
        response.field(name) == Some(wanted),
        || format!("one field `{name}: {wanted}`"),
        || quote(&response.head),
    )
}

pub(super) fn media_type(response: &Response) -> Result<(), Failure> {
    field(response, "content-type", MEDIA_TYPE)
}

/// An error with `status` whose body is one sentence of text on one line.
pub(super) fn sentence(response: &Response, wanted: u16) -> Result<(), Failure> {
    status(response, wanted)?;
    let text = str::from_utf8(&response.body).unwrap_or_default();
    let one = text.len() > 1 && text.ends_with('.') && !text.contains(char::is_control);
    holds(one, || "one sentence on one line, with a full stop".to_owned(), || quote(&response.body))?;
    // Errors may leave the character set out: the contract asks for text/plain only.
    let plain = response.field("content-type").is_some_and(|value| value.starts_with("text/plain"));
    holds(plain, || "content-type: text/plain".to_owned(), || quote(&response.head))
}

pub(super) fn holds(
    holds: bool,
    wanted: impl FnOnce() -> String,
    came: impl FnOnce() -> String,
) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::Answer { wanted: wanted(), came: came() }) }
}

fn whole(response: &Response) -> String {
    format!("{} with the body {}", response.status, quote(&response.body))
}
