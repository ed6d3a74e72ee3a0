//! The answer as a value, before any HTTP library writes it.

use std::borrow::Cow;

/// Value of the `Server` field, which every server sends so that no library adds its own.
pub const SERVER: &str = "hello";

/// Value of the `Content-Type` field of every answer.
pub const CONTENT_TYPE: &str = "text/plain; charset=utf-8";

/// Every status a server of this contract answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Status {
    /// The name was greeted.
    Ok = 200,
    /// Host, lengths, target or name are not what HTTP or the contract allow.
    BadRequest = 400,
    /// The path has more than one segment.
    NotFound = 404,
    /// Neither GET nor HEAD.
    MethodNotAllowed = 405,
    /// The announced or sent body is over the limit.
    ContentTooLarge = 413,
    /// The request line or the name is over its limit.
    UriTooLong = 414,
    /// The header fields are over a limit.
    FieldsTooLarge = 431,
    /// The upstream is down, or what it answered is no greeting.
    BadGateway = 502,
    /// The upstream took too long.
    GatewayTimeout = 504,
}

impl Status {
    /// The three digits on the wire.
    #[must_use]
    pub const fn code(self) -> u16 {
        self as u16
    }
}

/// What a server sends back.
///
/// Every reply carries `Server`, `Content-Type` and `Content-Length`; those of status 405 also
/// `Allow: GET, HEAD`. For HEAD the HTTP library leaves the body out and keeps its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status line's code.
    pub status: Status,
    /// The greeting, or one sentence that says what was wrong with the request.
    pub body: Cow<'static, str>,
}

impl Reply {
    /// What a request with too large a body gets; public because only reading a chunked body shows its size.
    pub const CONTENT_TOO_LARGE: Reply =
        Reply::error(Status::ContentTooLarge, "The body is larger than 65536 bytes.");

    /// What a request gets whose body breaks off or breaks the rules of its coding; public as only reading it shows that.
    pub const BROKEN_BODY: Reply =
        Reply::error(Status::BadRequest, "The body does not come to the end that was announced.");

    pub(crate) const fn error(status: Status, sentence: &'static str) -> Self {
        Reply { status, body: Cow::Borrowed(sentence) }
    }

    /// The value of the `Allow` field, where this reply must have one.
    #[must_use]
    pub fn allow(&self) -> Option<&'static str> {
        (self.status == Status::MethodNotAllowed).then_some("GET, HEAD")
    }

    /// Whether the connection ends after this reply: what follows a refused body, or a length that cannot
    /// be believed, is not known to be a request.
    #[must_use]
    pub fn closes(&self, body: crate::AnnouncedBody) -> bool {
        self.status == Status::ContentTooLarge || body == crate::AnnouncedBody::Conflicting
    }
}
