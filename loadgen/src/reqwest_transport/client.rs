//! The client as a service would set it up, the requests made for it in advance, and one exchange.

use std::time::Duration;

use http::header::{CONNECTION, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Body, Client, ClientBuilder, Request, Url};

use super::classes::classify;
use super::meter::Meter;
use crate::error::{ErrorClass, LoadError};
use crate::exchange::Exchange;
use crate::plan::Plan;
use crate::reference::Comparison;
use crate::response::Answer;

/// What a whole answer may take longer than a connection: the connection's end is told first, by its own name.
const GRACE: Duration = Duration::from_millis(50);

#[cfg(not(feature = "https"))]
fn builder(_plan: &Plan) -> ClientBuilder {
    Client::builder()
}

#[cfg(feature = "https")]
fn builder(plan: &Plan) -> ClientBuilder {
    // Whichever provider is installed first stays; all of them speak TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Without TLS there is nothing to verify, and no certificates need to be found on the machine.
    Client::builder().tls_danger_accept_invalid_certs(plan.insecure || !plan.target.is_secure())
}

/// A client with a pool for as many connections as the plan has, which does nothing that was not asked for.
pub(super) fn build(plan: &Plan, meter: Meter) -> Result<Client, LoadError> {
    let target = &plan.target;
    let host = target.authority().rsplit_once(':').map_or(target.authority(), |(host, _)| host);
    let pooled = if plan.new_connections { 0 } else { plan.connections };
    builder(plan)
        .http1_only()
        .no_proxy()
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(pooled)
        .pool_idle_timeout(None)
        .connect_timeout(plan.timeout)
        .timeout(plan.timeout.saturating_add(GRACE))
        .resolve(host, target.addr())
        .connector_layer(meter)
        .build()
        .map_err(|error| LoadError::Client(super::classes::innermost(&error)))
}

/// One request for each path.
pub(super) fn requests(plan: &Plan) -> Result<Vec<Request>, LoadError> {
    (0..plan.target.variants()).map(|variant| request(plan, variant)).collect()
}

fn request(plan: &Plan, variant: u64) -> Result<Request, LoadError> {
    let written = plan.target.url(variant);
    let url = Url::parse(&written).map_err(|error| LoadError::Client(error.to_string()))?;
    let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
    if format!("{}{query}", url.path()) != plan.target.path(variant) {
        return Err(LoadError::Rewritten { url: written, sent: url.to_string() });
    }
    let (method, headers, body) = plan.request.parts();
    let mut request = Request::new(method.clone(), url);
    for (name, value) in headers {
        request.headers_mut().append(name, value.clone());
    }
    if plan.new_connections {
        request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if !body.is_empty() {
        *request.body_mut() = Some(Body::from(body.to_vec()));
    }
    Ok(request)
}

/// Why there was no valid answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) class: ErrorClass,
    /// Whether it was for want of a connection.
    pub(super) connecting: bool,
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self { class: classify(&error), connecting: error.is_connect() }
    }
}

/// Sends a request and reads its answer; the body goes to `body` as it streams.
pub(super) async fn ask(
    client: &Client,
    request: &Request,
    mut body: impl FnMut(&[u8]),
) -> Result<Answer, reqwest::Error> {
    let request = request.try_clone().expect("a body in memory can be sent again");
    let mut response = client.execute(request).await?;
    while let Some(part) = response.chunk().await? {
        body(&part);
    }
    Ok(Answer { status: response.status().as_u16(), reusable: true })
}

/// The same, held against what a valid answer is.
pub(super) async fn check(
    client: &Client,
    request: &Request,
    exchange: &Exchange,
    variant: usize,
) -> Result<(), Failure> {
    let mut comparison = Comparison::default();
    let reference = &exchange.variants[variant].reference;
    let answer = ask(client, request, |part| comparison.take(reference, part)).await?;
    exchange.judge(answer, &comparison, variant).map_err(|class| Failure { class, connecting: false })
}
