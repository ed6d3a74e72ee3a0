//! Requests and responses in the types of the `http` crate: the contract for every stack that is built on hyper.
//!
//! One place, so that the same library under three models differs in the model only. The async functions wait for
//! nothing but the request's body.

use std::borrow::Cow;

use bytes::{Buf, Bytes};
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, SERVER};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, Version};
use http_body::Body;
use http_body_util::{BodyExt, Full};

use crate::{AnnouncedBody, Reply, Status, limits};

/// A request whose head has been read, with the contract's reply to it.
#[derive(Debug)]
pub struct Taken {
    /// What it asked for.
    pub uri: Uri,
    /// The reply, unless work makes another of it.
    pub reply: Reply,
    /// Whether the connection ends after the reply.
    pub closes: bool,
    announced: AnnouncedBody,
    /// Empty: the memory that the request's fields were in, for those of the answer.
    fields: HeaderMap,
}

/// Fields that hyper has room for in a map that it makes; one that has grown for more is not kept with its connection.
const USUAL_FIELDS: usize = 32;

/// Decides the reply to `request`. Gives its body back where there is one to be read before the answer, for
/// [`Taken::read_out`].
pub fn take<B>(request: Request<B>) -> (Taken, Option<B>) {
    let (reply, announced) = decide(&request);
    let closes = reply.closes(announced);
    let (parts, body) = request.into_parts();
    let mut fields = parts.headers;
    if fields.capacity() > USUAL_FIELDS {
        fields = HeaderMap::new();
    }
    fields.clear();
    let is_read = announced != AnnouncedBody::None && !closes;
    (Taken { uri: parts.uri, reply, closes, announced, fields }, is_read.then_some(body))
}

impl Taken {
    /// Reads the request's body to its end and forgets it. One that passes the limit, or does not come to its end, gets another
    /// reply and ends the connection, as what follows on it is not known to be a request.
    pub async fn read_out<B: Body + Unpin>(&mut self, body: B) {
        if let Err(refusal) = drop_body(body).await {
            self.reply = refusal;
            self.closes = true;
        }
    }

    /// Whether the request is to be greeted, after its work.
    #[must_use]
    pub fn is_greeted(&self) -> bool {
        self.reply.status == Status::Ok
    }

    /// Whether a body was announced, even if it is not read.
    #[must_use]
    pub fn has_body(&self) -> bool {
        self.announced != AnnouncedBody::None
    }

    /// Puts the reply into the form that hyper writes.
    ///
    /// # Panics
    ///
    /// Never: every status of the contract has three digits.
    #[must_use]
    pub fn render(self) -> Response<Full<Bytes>> {
        const NAME: HeaderValue = HeaderValue::from_static(crate::SERVER);
        const TEXT: HeaderValue = HeaderValue::from_static(crate::CONTENT_TYPE);
        const CLOSE: HeaderValue = HeaderValue::from_static("close");
        let allow = self.reply.allow();
        let mut response = Response::new(Full::new(match self.reply.body {
            Cow::Borrowed(sentence) => Bytes::from_static(sentence.as_bytes()),
            Cow::Owned(greeting) => Bytes::from(greeting),
        }));
        *response.status_mut() = StatusCode::from_u16(self.reply.status.code())
            .expect("every status of the contract has three digits");
        let mut fields = self.fields;
        fields.insert(SERVER, NAME);
        fields.insert(CONTENT_TYPE, TEXT);
        if let Some(methods) = allow {
            fields.insert(ALLOW, HeaderValue::from_static(methods));
        }
        if self.closes {
            fields.insert(CONNECTION, CLOSE);
        }
        *response.headers_mut() = fields;
        response
    }
}

fn decide<B>(request: &Request<B>) -> (Reply, AnnouncedBody) {
    let version = match request.version() {
        Version::HTTP_10 => crate::Version::Http10,
        _ => crate::Version::Http11,
    };
    let uri = request.uri();
    let path = Some(uri.path());
    let mut facts = crate::Request::new(request.method().as_str(), path, target_bytes(uri), version);
    for (name, value) in request.headers() {
        facts.add_field(name.as_str(), value.as_bytes());
    }
    (crate::answer(&facts), facts.announced_body())
}

/// Length of the target as it was sent, without putting its parts together again.
fn target_bytes(uri: &Uri) -> usize {
    let scheme = uri.scheme_str().map_or(0, |scheme| scheme.len() + "://".len());
    let authority = uri.authority().map_or(0, |authority| authority.as_str().len());
    scheme + authority + uri.path_and_query().map_or(0, |rest| rest.as_str().len())
}

/// Reads a body and forgets it; the error is what a body gets that passes the limit or does not come to its end.
async fn drop_body<B: Body + Unpin>(mut body: B) -> Result<(), Reply> {
    let mut left = limits::BODY_BYTES;
    loop {
        match body.frame().await {
            None => return Ok(()),
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, Buf::remaining) as u64;
                let Some(rest) = left.checked_sub(bytes) else {
                    return Err(Reply::CONTENT_TOO_LARGE);
                };
                left = rest;
            }
            Some(Err(_)) => return Err(Reply::BROKEN_BODY),
        }
    }
}
