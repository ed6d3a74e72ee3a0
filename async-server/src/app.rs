//! The two stacks: an axum application, and the same handler behind hyper alone.

use std::convert::Infallible;

use axum::Router;
use axum::extract::{Request, State};
use axum::routing::any;
use bytes::Bytes;
use contract::message::{render, take};
use http_body_util::Full;
use hyper::Response;
use hyper::body::Body;

use crate::work::Work;

/// The routes an axum user would write for `GET /<name>`, and the same handler for everything else, because the
/// contract decides.
pub(crate) fn router(work: Work) -> Router {
    Router::new().route("/", any(handle)).route("/{name}", any(handle)).fallback(handle).with_state(work)
}

async fn handle(State(work): State<Work>, request: Request) -> Response<Full<Bytes>> {
    answer(request, &work).await
}

/// What hyper calls without axum in between.
pub(crate) async fn answer_hyper<B: Body + Unpin>(
    request: hyper::Request<B>,
    work: Work,
) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(answer(request, &work).await)
}

async fn answer<B: Body + Unpin>(request: hyper::Request<B>, work: &Work) -> Response<Full<Bytes>> {
    let mut taken = take(request).await;
    if taken.is_greeted() {
        taken.reply = work.perform(taken.uri.path(), taken.reply).await;
    }
    render(taken.reply, taken.closes)
}
