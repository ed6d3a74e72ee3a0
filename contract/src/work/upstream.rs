//! Asking another server for the greeting: which URL, and what becomes of what comes back.
//!
//! The body of the upstream's 200 is the greeting, byte for byte. So one of our servers in front of another gives the
//! same answers as one alone, and the upstream may be any HTTP server that answers a text.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use thiserror::Error;

use crate::limits;
use crate::reply::{Reply, Status};

/// The value of `--upstream`: an address over plain HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// Ends with a slash.
    base: String,
}

/// An `--upstream` that cannot be asked.
#[derive(Debug, Error)]
#[error("an upstream is a plain HTTP address without query, such as http://127.0.0.1:8081/")]
pub struct UpstreamError;

impl FromStr for Upstream {
    type Err = UpstreamError;

    fn from_str(text: &str) -> Result<Self, UpstreamError> {
        let after_scheme = text.strip_prefix("http://").ok_or(UpstreamError)?;
        let foreign = |c: char| c.is_whitespace() || c.is_control() || "?#\\".contains(c);
        if after_scheme.is_empty() || after_scheme.starts_with('/') || after_scheme.contains(foreign) {
            return Err(UpstreamError);
        }
        Ok(Upstream { base: format!("{}/", text.trim_end_matches('/')) })
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)
    }
}

impl Upstream {
    /// The upstream refused the connection, or broke it off.
    pub const DOWN: Reply = Reply::error(Status::BadGateway, "The upstream cannot be reached.");
    /// The upstream took longer than `--upstream-timeout`.
    pub const SLOW: Reply =
        Reply::error(Status::GatewayTimeout, "The upstream did not answer in the time it was given.");
    /// The upstream's answer is no greeting.
    pub const WRONG: Reply = Reply::error(
        Status::BadGateway,
        "The upstream answered something other than 200 and at most 65536 bytes of text.",
    );
    /// Names that no URL can carry.
    pub const UNASKABLE: Reply =
        Reply::error(Status::BadGateway, "The upstream cannot be asked for the names `.` and `..`.");

    /// Where to ask for the name in `path`, a path that [`crate::answer`] has greeted.
    ///
    /// The name is decoded and encoded again, so that an unusual spelling cannot change its meaning on the way.
    ///
    /// # Errors
    ///
    /// [`Upstream::UNASKABLE`] for `.` and `..`: URLs resolve them away, percent-encoded too.
    pub fn url_for(&self, path: &str) -> Result<String, Reply> {
        let segment = path.strip_prefix('/').unwrap_or(path);
        let name = percent_decode_str(segment).decode_utf8_lossy();
        match &*name {
            "." | ".." => Err(Upstream::UNASKABLE),
            name => Ok(format!("{}{}", self.base, utf8_percent_encode(name, NON_ALPHANUMERIC))),
        }
    }

    /// The reply made of what the upstream answered; read no more than [`limits::UPSTREAM_BYTES`] and one byte.
    #[must_use]
    pub fn reply(status: u16, body: Vec<u8>) -> Reply {
        if status != Status::Ok.code() || body.len() > limits::UPSTREAM_BYTES {
            return Upstream::WRONG;
        }
        String::from_utf8(body)
            .map_or(Upstream::WRONG, |greeting| Reply { status: Status::Ok, body: Cow::Owned(greeting) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_appended_as_one_segment() {
        let upstream: Upstream = "http://127.0.0.1:8081/hello".parse().unwrap();
        for (path, url) in [
            ("/", "http://127.0.0.1:8081/hello/"),
            ("/World", "http://127.0.0.1:8081/hello/World"),
            ("/a%2Fb", "http://127.0.0.1:8081/hello/a%2Fb"),
            ("/%C3%A9 x", "http://127.0.0.1:8081/hello/%C3%A9%20x"),
            ("/a\\b", "http://127.0.0.1:8081/hello/a%5Cb"),
        ] {
            assert_eq!(upstream.url_for(path).unwrap(), url);
        }
        for path in ["/.", "/..", "/%2e%2E"] {
            assert_eq!(upstream.url_for(path), Err(Upstream::UNASKABLE));
        }
    }

    #[test]
    fn only_plain_addresses_are_taken() {
        for wrong in ["", "127.0.0.1:1", "https://x/", "http://", "http:///x", "http://h/?q", "http://h/#f"] {
            assert!(wrong.parse::<Upstream>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_comes_back_is_the_greeting_or_a_502() {
        assert_eq!(Upstream::reply(200, b"Hello, bob!".to_vec()).body, "Hello, bob!");
        let longest = vec![b'x'; limits::UPSTREAM_BYTES];
        assert_eq!(Upstream::reply(200, longest).status, Status::Ok);
        for (status, body) in [
            (204, vec![]),
            (404, b"no".to_vec()),
            (200, vec![0xFF]),
            (200, vec![b'x'; limits::UPSTREAM_BYTES + 1]),
        ] {
            assert_eq!(Upstream::reply(status, body), Upstream::WRONG);
        }
    }
}
