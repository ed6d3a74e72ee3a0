//! The facts of a request that decide its answer, collected in the same way from every HTTP library.

use crate::host;

/// The two versions of HTTP/1, which differ in their rules for `Host` and keep-alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0: no `Host` needed, closes unless asked.
    Http10,
    /// HTTP/1.1: exactly one `Host`, keeps alive unless asked.
    Http11,
}

/// What a request says of its own body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnnouncedBody {
    /// Neither `Content-Length` nor `Transfer-Encoding`, or a length of zero.
    None,
    /// `Content-Length`: this many bytes follow.
    Bytes(u64),
    /// `Transfer-Encoding: chunked`: known only once it has been read.
    Chunked,
    /// A length that is no number, two lengths that disagree, a length beside a transfer coding, a coding other than
    /// chunked, or one in HTTP/1.0: where the body ends depends on who reads it, which is how requests are smuggled
    /// (RFC 9112 sections 6.1, 6.3 and 11.2).
    Conflicting,
}

/// What [`crate::answer`] needs to know of a request; built from the request line, then field by field.
///
/// ```
/// use contract::{Request, Version, answer};
/// let mut request = Request::new("GET", Some("/bob"), "/bob".len(), Version::Http11);
/// request.add_field("Host", b"localhost");
/// assert_eq!(answer(&request).body, "Hello, bob!");
/// ```
#[derive(Debug, Clone)]
pub struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: Option<&'a str>,
    pub(crate) line_bytes: usize,
    version: Version,
    hosts: usize,
    malformed_host: bool,
    pub(crate) field_count: usize,
    pub(crate) field_bytes: usize,
    body: AnnouncedBody,
}

impl<'a> Request<'a> {
    /// Starts from the request line: `path` as [`crate::path_of`] gives it (`None` if the target has none),
    /// `target_bytes` the length of the target as it was sent.
    #[must_use]
    pub fn new(method: &'a str, path: Option<&'a str>, target_bytes: usize, version: Version) -> Self {
        const SPACES_AND_VERSION: usize = "  HTTP/1.1".len();
        Request {
            method,
            path,
            line_bytes: method.len() + target_bytes + SPACES_AND_VERSION,
            version,
            hosts: 0,
            malformed_host: false,
            field_count: 0,
            field_bytes: 0,
            body: AnnouncedBody::None,
        }
    }

    /// Takes one header field into account; call it once a field line, in order.
    pub fn add_field(&mut self, name: &str, value: &[u8]) {
        const COLON_SPACE_CRLF: usize = ": \r\n".len();
        self.field_count += 1;
        self.field_bytes += name.len() + value.len() + COLON_SPACE_CRLF;
        if name.eq_ignore_ascii_case("host") {
            self.hosts += 1;
            self.malformed_host |= !host::is_well_formed(value);
        } else if name.eq_ignore_ascii_case("content-length") {
            self.body = self.body.with_length(value);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            self.body = self.body.with_coding(value, self.version);
        }
    }

    /// What the request says of its body, after all fields were added.
    #[must_use]
    pub fn announced_body(&self) -> AnnouncedBody {
        match self.body {
            AnnouncedBody::Bytes(0) => AnnouncedBody::None,
            body => body,
        }
    }

    /// Whether the `Host` rules of this request's version are kept.
    pub(crate) fn has_good_host(&self) -> bool {
        self.version == Version::Http10 || (self.hosts == 1 && !self.malformed_host)
    }
}

impl AnnouncedBody {
    fn with_length(self, value: &[u8]) -> Self {
        let length = std::str::from_utf8(value.trim_ascii())
            .ok()
            .filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        match (self, length.and_then(|text| text.parse().ok())) {
            (AnnouncedBody::None, Some(bytes)) => AnnouncedBody::Bytes(bytes),
            (AnnouncedBody::Bytes(known), Some(bytes)) if known == bytes => self,
            _ => AnnouncedBody::Conflicting,
        }
    }

    fn with_coding(self, value: &[u8], version: Version) -> Self {
        let is_chunked = value.trim_ascii().eq_ignore_ascii_case(b"chunked");
        match (self, version) {
            (AnnouncedBody::None, Version::Http11) if is_chunked => AnnouncedBody::Chunked,
            _ => AnnouncedBody::Conflicting,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_fields(fields: &[(&str, &str)]) -> Request<'static> {
        let mut request = Request::new("GET", Some("/bob"), 4, Version::Http11);
        for (name, value) in fields {
            request.add_field(name, value.as_bytes());
        }
        request
    }

    #[test]
    fn bodies_as_announced() {
        for (fields, expected) in [
            (&[][..], AnnouncedBody::None),
            (&[("content-length", "0")], AnnouncedBody::None),
            (&[("Content-Length", "5")], AnnouncedBody::Bytes(5)),
            (&[("content-length", "5"), ("content-length", "5")], AnnouncedBody::Bytes(5)),
            (&[("content-length", "5"), ("content-length", "6")], AnnouncedBody::Conflicting),
            (&[("content-length", "0"), ("content-length", "5")], AnnouncedBody::Conflicting),
            (&[("content-length", "0"), ("content-length", "0")], AnnouncedBody::None),
            (&[("content-length", "0"), ("transfer-encoding", "chunked")], AnnouncedBody::Conflicting),
            (&[("content-length", "5, 5")], AnnouncedBody::Conflicting),
            (&[("content-length", "+5")], AnnouncedBody::Conflicting),
            (&[("content-length", "five")], AnnouncedBody::Conflicting),
            (&[("content-length", "99999999999999999999999")], AnnouncedBody::Conflicting),
            (&[("Transfer-Encoding", "chunked")], AnnouncedBody::Chunked),
            (&[("content-length", "5"), ("transfer-encoding", "chunked")], AnnouncedBody::Conflicting),
            (&[("transfer-encoding", "chunked"), ("content-length", "5")], AnnouncedBody::Conflicting),
            (
                &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
                AnnouncedBody::Conflicting,
            ),
            (&[("transfer-encoding", "gzip, chunked")], AnnouncedBody::Conflicting),
            (&[("transfer-encoding", "identity")], AnnouncedBody::Conflicting),
        ] {
            assert_eq!(with_fields(fields).announced_body(), expected, "{fields:?}");
        }
    }

    #[test]
    fn a_transfer_coding_is_unknown_to_http_1_0() {
        let mut request = Request::new("GET", Some("/bob"), 4, Version::Http10);
        request.add_field("transfer-encoding", b"chunked");
        assert_eq!(request.announced_body(), AnnouncedBody::Conflicting);
    }

    #[test]
    fn fields_are_counted_as_they_stand_on_the_wire() {
        let request = with_fields(&[("Host", "h"), ("A", "bc")]);
        assert_eq!(request.field_count, 2);
        assert_eq!(request.field_bytes, "Host: h\r\nA: bc\r\n".len());
        assert_eq!(request.line_bytes, "GET /bob HTTP/1.1".len());
    }
}
