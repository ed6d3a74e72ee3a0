//! Accepting connections and ending them: what `axum::serve` does, with a timer and a deadline.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;

use crate::{Http, Options, app};

/// How long answers in flight may take to finish after the stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// How long accepting rests after the kernel refused a connection, most often for want of file descriptors:
/// trying again at once would spin until one is closed.
const ACCEPT_BACK_OFF: Duration = Duration::from_millis(50);

/// Serves `listener` on the current tokio runtime until `shutdown` completes, then lets answers in flight finish,
/// for at most five seconds.
///
/// # Errors
///
/// When the listener cannot be handed to the runtime.
pub async fn serve(
    listener: TcpListener,
    options: &Options,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let Http::Axum = options.http;
    let service = TowerToHyperService::new(app::router(options.io_wait));
    let mut http = http1::Builder::new();
    // Title case makes the answers the same, byte for byte, as `tiny_http`'s; half_close lets a client that has
    // said all it wanted still read its answer.
    http.timer(TokioTimer::new()).title_case_headers(true).half_close(true);
    let connections = GracefulShutdown::new();
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = http.serve_connection(TokioIo::new(stream), service.clone());
                let connection = connections.watch(connection);
                tokio::spawn(async move {
                    // What a client does to its own connection concerns nobody else.
                    let _ = connection.await;
                });
            }
            Err(error) => {
                eprintln!("warning: cannot accept a connection: {error}");
                tokio::time::sleep(ACCEPT_BACK_OFF).await;
            }
        }
    }
    drop(listener);
    // Whoever has not finished by then is cut off when the runtime ends.
    let _ = tokio::time::timeout(DRAIN_TIMEOUT, connections.shutdown()).await;
    Ok(())
}
