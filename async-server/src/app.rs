//! The axum application: a router whose every route ends in one handler, because the contract decides.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONNECTION, CONTENT_TYPE, SERVER};
use axum::http::{HeaderValue, Response, StatusCode, Uri, Version};
use axum::routing::any;
use contract::{AnnouncedBody, Reply, Status, answer, limits};
use http_body_util::{BodyExt, Limited};

use crate::wait::wait;

/// The routes an axum user would write for `GET /<name>`, and the same handler for everything else.
pub(crate) fn router(io_wait: Duration) -> Router {
    Router::new().route("/", any(handle)).route("/{name}", any(handle)).fallback(handle).with_state(io_wait)
}

async fn handle(State(io_wait): State<Duration>, request: Request) -> Response<Body> {
    let (mut reply, body) = decide(&request);
    let mut closes = reply.closes(body);
    if !closes && !drop_body(request.into_body(), body).await {
        reply = Reply::CONTENT_TOO_LARGE;
        closes = true;
    }
    if reply.status == Status::Ok {
        wait(io_wait).await;
    }
    render(reply, closes)
}

fn decide(request: &Request) -> (Reply, AnnouncedBody) {
    let version = match request.version() {
        Version::HTTP_10 => contract::Version::Http10,
        _ => contract::Version::Http11,
    };
    let uri = request.uri();
    let path = Some(uri.path());
    let mut facts = contract::Request::new(request.method().as_str(), path, target_bytes(uri), version);
    for (name, value) in request.headers() {
        facts.add_field(name.as_str(), value.as_bytes());
    }
    (answer(&facts), facts.announced_body())
}

/// Length of the target as it was sent, without putting its parts together again.
fn target_bytes(uri: &Uri) -> usize {
    let scheme = uri.scheme_str().map_or(0, |scheme| scheme.len() + "://".len());
    let authority = uri.authority().map_or(0, |authority| authority.as_str().len());
    scheme + authority + uri.path_and_query().map_or(0, |rest| rest.as_str().len())
}

/// Reads a body and forgets it; says whether it stayed within the limit.
async fn drop_body(body: Body, announced: AnnouncedBody) -> bool {
    if announced == AnnouncedBody::None {
        return true;
    }
    let limit = usize::try_from(limits::BODY_BYTES).unwrap_or(usize::MAX);
    let mut body = Limited::new(body, limit);
    loop {
        match body.frame().await {
            None => return true,
            Some(Ok(_)) => {}
            // Over the limit, or a body that broke off: what follows on this connection is no request.
            Some(Err(_)) => return false,
        }
    }
}

fn render(reply: Reply, closes: bool) -> Response<Body> {
    let allow = reply.allow();
    let mut response = Response::new(match reply.body {
        std::borrow::Cow::Borrowed(sentence) => Body::from(sentence),
        std::borrow::Cow::Owned(greeting) => Body::from(greeting),
    });
    *response.status_mut() =
        StatusCode::from_u16(reply.status.code()).expect("every status of the contract has three digits");
    let headers = response.headers_mut();
    headers.insert(SERVER, HeaderValue::from_static(contract::SERVER));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(contract::CONTENT_TYPE));
    if let Some(methods) = allow {
        headers.insert(ALLOW, HeaderValue::from_static(methods));
    }
    if closes {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
