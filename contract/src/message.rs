//! Requests and responses in the types of the `http` crate: the contract for every stack that is built on hyper.
//!
//! One place, so that the same library under three models differs in the model only. The async functions wait for
//! nothing but the request's body.

use std::borrow::Cow;

use bytes::{Buf, Bytes};
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, SERVER};
use http::{HeaderValue, Request, Response, StatusCode, Uri, Version};
use http_body::Body;
use http_body_util::{BodyExt, Full};

use crate::{AnnouncedBody, Reply, Status, limits};

/// A request that has been read to its end, with the contract's reply to it.
#[derive(Debug)]
pub struct Taken {
    /// What it asked for.
    pub uri: Uri,
    /// The reply, unless work makes another of it.
    pub reply: Reply,
    /// Whether the connection ends after the reply.
    pub closes: bool,
}

/// Decides the reply to `request` and reads its body to the end, dropping it.
pub async fn take<B: Body + Unpin>(request: Request<B>) -> Taken {
    let (reply, announced) = decide(&request);
    let closes = reply.closes(announced);
    let (parts, body) = request.into_parts();
    if closes {
        return Taken { uri: parts.uri, reply, closes };
    }
    match drop_body(body, announced).await {
        Ok(()) => Taken { uri: parts.uri, reply, closes },
        // What follows on this connection is not known to be a request.
        Err(refusal) => Taken { uri: parts.uri, reply: refusal, closes: true },
    }
}

impl Taken {
    /// Whether the request is to be greeted, after its work.
    #[must_use]
    pub fn is_greeted(&self) -> bool {
        self.reply.status == Status::Ok
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
async fn drop_body<B: Body + Unpin>(mut body: B, announced: AnnouncedBody) -> Result<(), Reply> {
    if announced == AnnouncedBody::None {
        return Ok(());
    }
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

/// Puts a reply into the form that hyper writes; `closes` adds `connection: close`.
///
/// # Panics
///
/// Never: every status of the contract has three digits.
#[must_use]
pub fn render(reply: Reply, closes: bool) -> Response<Full<Bytes>> {
    let allow = reply.allow();
    let mut response = Response::new(Full::new(match reply.body {
        Cow::Borrowed(sentence) => Bytes::from_static(sentence.as_bytes()),
        Cow::Owned(greeting) => Bytes::from(greeting),
    }));
    *response.status_mut() =
        StatusCode::from_u16(reply.status.code()).expect("every status of the contract has three digits");
    let headers = response.headers_mut();
    headers.insert(SERVER, HeaderValue::from_static(crate::SERVER));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(crate::CONTENT_TYPE));
    if let Some(methods) = allow {
        headers.insert(ALLOW, HeaderValue::from_static(methods));
    }
    if closes {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
