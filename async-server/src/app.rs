//! The two stacks: an axum application, and the same handler behind hyper alone.

use std::convert::Infallible;

use axum::Router;
use axum::extract::{Request, State};
use axum::routing::any;
use bytes::Bytes;
use contract::message::take;
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
pub(crate) fn answer_hyper<B: Body + Unpin>(
    request: hyper::Request<B>,
    work: &Work,
) -> impl Future<Output = Result<Response<Full<Bytes>>, Infallible>> + use<B> {
    let answer = answer(request, work);
    async move { Ok(answer.await) }
}

/// Decides at once, so that what has to be kept while the work is done is a decision and no request.
fn answer<B: Body + Unpin>(
    request: hyper::Request<B>,
    work: &Work,
) -> impl Future<Output = Response<Full<Bytes>>> + use<B> {
    let (mut taken, body) = take(request);
    let work = work.if_any().cloned();
    async move {
        if let Some(body) = body {
            taken.read_out(body).await;
        }
        if let Some(work) = work
            && taken.is_greeted()
        {
            taken.reply = work.perform(taken.uri.path(), taken.reply).await;
        }
        taken.render()
    }
}
