//! What goes on beside the measured load: slow clients, or requests for the slow route.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use contract::SLOW_PATH;
use loadgen::{Cancel, ExpectedBody, LoadError, Opening, Plan, RunRecord, Session, Stop, Target};

use crate::matrix::Beside;
use crate::trial::TrialError;

/// What a slow client sends at once: everything but the end.
const BEGUN: &[u8] = b"GET /World HTTP/1.1\r\nHost: slow\r\nX-Slow: ";

/// The pause between two bytes of a slow client.
const PAUSE: Duration = Duration::from_secs(1);

/// How long a slow client waits for its connection: a server that is held by the others lets it wait in the backlog.
const CONNECT: Duration = Duration::from_millis(200);

/// The longest that slow requests go on; the trial ends them long before.
const AT_MOST: Duration = Duration::from_mins(5);

/// What goes on; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Running(Kind);

#[derive(Debug)]
enum Kind {
    Nothing,
    Clients { stop: Option<Sender<()>>, thread: Option<JoinHandle<()>> },
    Requests { cancel: Cancel, thread: Option<JoinHandle<Result<RunRecord, LoadError>>> },
}

impl Running {
    /// Starts it against the server at `addr`, and returns when it is fully there.
    ///
    /// # Errors
    ///
    /// [`TrialError`] when the connections cannot be opened.
    pub(crate) fn start(what: Beside, addr: SocketAddr) -> Result<Self, TrialError> {
        Ok(Running(match what {
            Beside::Nothing => Kind::Nothing,
            Beside::SlowClients(count) => slow_clients(count, addr)?,
            Beside::SlowRequests(count) => slow_requests(count, addr)?,
        }))
    }

    /// Ends it; the record of the slow requests, if it was these.
    ///
    /// # Errors
    ///
    /// [`TrialError::Load`] when the slow requests' generator failed.
    pub(crate) fn finish(mut self) -> Result<Option<RunRecord>, TrialError> {
        Ok(self.end().transpose()?)
    }

    fn end(&mut self) -> Option<Result<RunRecord, LoadError>> {
        match &mut self.0 {
            Kind::Nothing => None,
            Kind::Clients { stop, thread } => {
                drop(stop.take());
                thread.take().map(join).and(None)
            }
            Kind::Requests { cancel, thread } => {
                cancel.cancel();
                thread.take().map(join)
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

fn join<T>(thread: JoinHandle<T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn slow_clients(count: usize, addr: SocketAddr) -> Result<Kind, TrialError> {
    let begin = move || {
        let mut stream = TcpStream::connect_timeout(&addr, CONNECT).ok()?;
        stream.set_nonblocking(true).ok()?;
        stream.write_all(BEGUN).ok()?;
        Some(stream)
    };
    let mut clients: Vec<Option<TcpStream>> = (0..count).map(|_| begin()).collect();
    let (stop, stopped) = mpsc::channel::<()>();
    let drip = move || {
        while stopped.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
            for client in &mut clients {
                let open = client.as_mut().is_some_and(|stream| stream.write_all(b"x").is_ok());
                // One that the server has ended comes again, as an attacker's would.
                if !open {
                    *client = begin();
                }
            }
        }
    };
    let thread = thread::Builder::new().name("slow-clients".to_owned()).spawn(drip)?;
    Ok(Kind::Clients { stop: Some(stop), thread: Some(thread) })
}

fn slow_requests(count: usize, addr: SocketAddr) -> Result<Kind, TrialError> {
    let mut plan = Plan::new(Target::parse(&format!("http://{addr}{SLOW_PATH}"))?);
    plan.connections = count;
    plan.opening = Opening::Burst;
    plan.expect.body = ExpectedBody::Exact("Hello, slow!".to_owned());
    let cancel = Cancel::new();
    let mut session = Session::open_unless(&plan, &cancel)?;
    let ask = {
        let cancel = cancel.clone();
        move || session.run(&Stop::After(AT_MOST), &cancel)
    };
    let thread = thread::Builder::new().name("slow-requests".to_owned()).spawn(ask)?;
    Ok(Kind::Requests { cancel, thread: Some(thread) })
}
