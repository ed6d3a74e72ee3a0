//! What of a request's body is still on the wire, and so what answering or dropping the request would do.
//!
//! `tiny_http` reads a body of up to 1,024 bytes before it queues the request. Any other it leaves on the wire,
//! and reads the rest of it when the request is *dropped*: on the dropping thread, without a deadline, into a
//! buffer of the announced length. So what a request announces decides which thread may drop it, if any.

use std::io::{self, Read};

use contract::{AnnouncedBody, Reply, limits};
use tiny_http::Request;

/// Longest body that may be left to the library, in bytes: it allocates the whole length to drain it.
///
/// Only what really arrives is touched, so this much for each janitor is address space rather than memory.
/// Beyond it a length that no machine has aborts the process, and where that begins depends on the machine.
const DROPPABLE_BYTES: usize = 16 * 1_024 * 1_024;

/// Bodies up to this length are read before the request is queued, in bytes (`new_request` in the library).
const READ_AHEAD_BYTES: usize = 1_024;

/// What answering a request, and with it dropping it, would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing: no body, or it has been read, or nobody will read it.
    Nothing,
    /// The body decides the answer, or the client waits for `100 Continue`: read it before answering.
    Unread,
    /// Its end is known and near: answer first, the drop drains it.
    Draining,
    /// Dropping the request allocates what was announced: it must never be dropped.
    Undroppable,
}

impl Rest {
    /// Looks at a request that has just come from the library; `announced` is what the contract made of its
    /// fields.
    ///
    /// The library's own view of the length decides, because it is the library that drains: of two lengths it
    /// takes the first, and a length next to `Transfer-Encoding` it ignores.
    pub(super) fn of(request: &Request, announced: AnnouncedBody) -> Self {
        let length = request.body_length().unwrap_or(0);
        if length == 0 && announced != AnnouncedBody::Chunked {
            return Rest::Nothing;
        }
        // The library hands out the bare connection then, and closes it with the request.
        if has_field(request, "Connection", |value| value.contains("upgrade")) {
            return Rest::Nothing;
        }
        if announced == AnnouncedBody::Chunked {
            return Rest::Unread;
        }
        let expects = has_field(request, "Expect", |_| true);
        if length <= READ_AHEAD_BYTES && !expects {
            Rest::Nothing
        } else if length > DROPPABLE_BYTES {
            Rest::Undroppable
        } else if expects && length as u64 <= limits::BODY_BYTES {
            Rest::Unread
        } else {
            Rest::Draining
        }
    }
}

fn has_field(request: &Request, name: &'static str, accept: impl Fn(&str) -> bool) -> bool {
    let mut fields = request.headers().iter();
    fields.any(|header| header.field.equiv(name) && accept(&header.value.as_str().to_ascii_lowercase()))
}

/// Reads a body and forgets it; the error is what a body gets that passes the limit or does not come to its end.
///
/// Blocks until the body ends, the limit is passed or the client has been silent for the idle time.
pub(super) fn read_and_forget(request: &mut Request) -> Result<(), Reply> {
    let mut limited = request.as_reader().take(limits::BODY_BYTES + 1);
    match io::copy(&mut limited, &mut io::sink()) {
        Ok(bytes) if bytes <= limits::BODY_BYTES => Ok(()),
        Ok(_) => Err(Reply::CONTENT_TOO_LARGE),
        Err(_) => Err(Reply::BROKEN_BODY),
    }
}

#[cfg(test)]
mod tests {
    use tiny_http::{Header, TestRequest};

    use super::*;

    fn rest_of(fields: &[(&str, &str)], announced: AnnouncedBody) -> Rest {
        let request = fields.iter().fold(TestRequest::new(), |request, (name, value)| {
            request.with_header(Header::from_bytes(*name, *value).unwrap())
        });
        let request: Request = request.into();
        let rest = Rest::of(&request, announced);
        // Some of these announce more than there is memory: dropping them is what must not be done.
        std::mem::forget(request);
        rest
    }

    #[test]
    fn the_fields_decide_who_may_drop_a_request() {
        use AnnouncedBody::{Bytes, Chunked, Conflicting, None};
        for (fields, announced, expected) in [
            (&[][..], None, Rest::Nothing),
            (&[("Content-Length", "0")], None, Rest::Nothing),
            (&[("Content-Length", "1025")], Bytes(1_025), Rest::Draining),
            (&[("Content-Length", "16777216")], Bytes(1 << 24), Rest::Draining),
            (&[("Content-Length", "16777217")], Bytes((1 << 24) + 1), Rest::Undroppable),
            (&[("Content-Length", "9223372036854775807")], Bytes(i64::MAX as u64), Rest::Undroppable),
            (&[("Content-Length", "1000000000000"), ("Content-Length", "5")], Conflicting, Rest::Undroppable),
            (&[("Content-Length", "5"), ("Expect", "100-continue")], Bytes(5), Rest::Unread),
            (&[("Content-Length", "65537"), ("Expect", "100-continue")], Bytes(65_537), Rest::Draining),
            (&[("Transfer-Encoding", "chunked")], Chunked, Rest::Unread),
            (&[("Transfer-Encoding", "chunked"), ("Content-Length", "1000000000000")], Chunked, Rest::Unread),
            (&[("Content-Length", "2000"), ("Connection", "Upgrade")], Bytes(2_000), Rest::Nothing),
        ] {
            assert_eq!(rest_of(fields, announced), expected, "{fields:?}");
        }
    }
}
