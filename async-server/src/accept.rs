//! Accepting connections and ending them: what `axum::serve` does, with deadlines and limits.

use std::future::poll_fn;
use std::io;
use std::mem;
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use contract::{LimitFlags, Mark, Pace, Trouble, limits};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::app::{answer_hyper, router};
use crate::opening::Opening;
use crate::paced::PacedStream;
use crate::work::{Work, WorkError};
use crate::{Http, Options};

/// Why the server could not start.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The runtime would not take the listener.
    #[error("cannot watch the listener: {0}; raise `ulimit -n`")]
    Listener(#[from] io::Error),
    /// The upstream's client could not be made.
    #[error(transparent)]
    Work(#[from] WorkError),
}

/// Serves `listener` on the current tokio runtime until `shutdown` completes, then lets answers in flight finish,
/// for at most the drain timeout.
///
/// # Errors
///
/// [`ServeError`] when the listener cannot be handed to the runtime, or the work needs what the kernel refuses.
pub async fn serve(
    listener: TcpListener,
    options: &Options,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let work = Work::new(options)?;
    let connections = Connections::new(options);
    match options.http {
        Http::Axum => {
            let app = TowerToHyperService::new(router(work));
            let answer = move |request| hyper::service::Service::call(&app, request);
            accept(&listener, &connections, answer, shutdown).await;
        }
        Http::Hyper => {
            let answer = move |request| answer_hyper(request, &work);
            accept(&listener, &connections, answer, shutdown).await;
        }
    }
    drop(listener);
    connections.stop.send_replace(true);
    // Whoever has not finished by then is cut off when the runtime ends.
    let _ = tokio::time::timeout(options.limits.drain_timeout(), connections.stop.closed()).await;
    Ok(())
}

/// Accepts until `shutdown`; whatever the kernel refuses, it goes on.
async fn accept<A, F, B, E>(
    listener: &tokio::net::TcpListener,
    connections: &Connections,
    answer: A,
    shutdown: impl Future<Output = ()>,
) where
    A: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Response<B>, E>> + Send + 'static,
    B: hyper::body::Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
{
    let mut trouble = Trouble::default();
    let mut full = Trouble::default();
    tokio::pin!(shutdown);
    loop {
        let next = async {
            // Not held while nobody comes here: there may be other runtimes, where somebody does. So each may have one connection
            // that is accepted and not served yet.
            drop(connections.permit(&mut full).await);
            let (stream, _) = listener.accept().await?;
            Ok((stream, connections.permit(&mut full).await))
        };
        let accepted: io::Result<_> = tokio::select! {
            accepted = next => accepted,
            () = &mut shutdown => return,
        };
        match accepted {
            Ok((stream, permit)) => connections.spawn(stream, permit, answer.clone()),
            Err(error) => {
                let rest = trouble.warn_of_accept(&error);
                tokio::select! {
                    () = tokio::time::sleep(rest) => {}
                    () = &mut shutdown => return,
                }
            }
        }
    }
}

/// What all connections of a listener have in common.
struct Connections {
    http: Arc<http1::Builder>,
    limits: LimitFlags,
    places: Option<(NonZeroUsize, Arc<Semaphore>)>,
    /// True from the stop on. Each connection holds a receiver until its end, so that it is seen when there are none.
    stop: watch::Sender<bool>,
}

impl Connections {
    fn new(options: &Options) -> Self {
        let mut http = http1::Builder::new();
        // Title case makes the answers the same, byte for byte, as `tiny_http`'s; half_close lets a client that has
        // said all it wanted still read its answer. The deadlines are PacedStream's; the limit of 100
        // fields is hyper's own: setting another allocates in each request.
        http.title_case_headers(true)
            .half_close(true)
            .header_read_timeout(None)
            .max_buf_size(limits::HEAD_BUFFER_BYTES);
        Connections {
            http: Arc::new(http),
            limits: options.limits,
            places: options.places.0.clone(),
            stop: watch::Sender::new(false),
        }
    }

    /// Waits until there may be one connection more; without a cap there may always be.
    async fn permit(&self, full: &mut Trouble) -> Option<OwnedSemaphorePermit> {
        let (most, places) = self.places.as_ref()?;
        if places.available_permits() == 0 {
            full.warn(format_args!("--max-connections {most} are open; new ones wait"));
        }
        // It is never closed.
        Arc::clone(places).acquire_owned().await.ok()
    }

    fn spawn<A, F, B, E>(&self, stream: TcpStream, permit: Option<OwnedSemaphorePermit>, answer: A)
    where
        A: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
        F: Future<Output = Result<Response<B>, E>> + Send + 'static,
        B: hyper::body::Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
            + Send
            + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        let pace = Pace::new(&self.limits);
        let mark = pace.mark();
        let mut opening = Opening::new(PacedStream::new(stream, pace, &self.limits));
        let http = Arc::clone(&self.http);
        let mut stop = self.stop.subscribe();
        tokio::spawn(async move {
            if opening.is_served(&mut stop).await {
                let service = service_fn(move |request| marked(mark.clone(), &answer, request));
                // Boxed, because the task is as large as its largest state, and a connection that never opens is small.
                let connection =
                    Box::pin(http.serve_connection(TokioIo::new(opening.into_stream()), service));
                serve_until_stopped(connection, &mut stop).await;
            }
            drop(permit);
        });
    }
}

type Connection<S> = http1::Connection<TokioIo<PacedStream>, S>;

/// Serves what comes, and from the stop on what has come.
async fn serve_until_stopped<S, B>(mut connection: Pin<Box<Connection<S>>>, stop: &mut watch::Receiver<bool>)
where
    S: HttpService<Incoming, ResBody = B, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
    B: hyper::body::Body<Error: Into<Box<dyn std::error::Error + Send + Sync>>> + 'static,
{
    let news = stop.clone();
    let mut stop = pin!(stop.wait_for(|stopped| *stopped));
    let (mut is_watched, mut is_stopping) = (false, false);
    poll_fn(|cx| {
        // First, so that a request which had come before the stop is answered. What a client does to its own connection
        // concerns nobody else.
        if connection.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        // Asked once, it wakes this task. Asking takes a lock that all connections share, a look for news one load.
        let has_news = !mem::replace(&mut is_watched, true) || news.has_changed().unwrap_or(true);
        if is_stopping || !has_news || stop.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        is_stopping = true;
        connection.as_mut().graceful_shutdown();
        connection.as_mut().poll(cx).map(drop)
    })
    .await;
}

/// Tells the socket when a request begins and when it is answered.
fn marked<A, F>(
    mark: Mark,
    answer: &A,
    request: Request<Incoming>,
) -> impl Future<Output = F::Output> + use<A, F>
where
    A: Fn(Request<Incoming>) -> F,
    F: Future,
{
    let has_body = !hyper::body::Body::is_end_stream(request.body());
    mark.begun();
    let answer = answer(request);
    async move {
        let response = answer.await;
        mark.answered(has_body);
        response
    }
}
