//! A server that does what its script says, one thread a connection.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use loadgen::{ErrorClass, Opening, Plan, RunRecord, Stop, Target, Transport};
use socket2::SockRef;

/// What the script decides by: the connection in the order of accepting, the request in the order on it, from 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) connection: usize,
    pub(crate) request: usize,
}

/// What happens after the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    Keep,
    Close,
    /// A reset instead of an orderly end.
    Reset,
    /// Keeps the connection and never answers on it again.
    Silence,
    /// Sends the bytes again and again.
    Repeat,
}

/// The answer to one request.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) bytes: Vec<u8>,
    /// Bytes for each write.
    pub(crate) fragment: usize,
    /// The wait before each write but the first.
    pub(crate) pause: Duration,
    pub(crate) then: Then,
}

impl Reply {
    /// These bytes in one write, and the connection kept.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), fragment: usize::MAX, pause: Duration::ZERO, then: Then::Keep }
    }

    /// 200 with this body.
    pub(crate) fn ok(body: &str) -> Self {
        Self::raw(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
    }

    /// The right answer to a request for `/World`.
    pub(crate) fn greeting() -> Self {
        Self::ok("Hello, World!")
    }

    /// No answer, now or later.
    pub(crate) fn silence() -> Self {
        Self::raw("").then(Then::Silence)
    }

    /// Only the first bytes of it.
    pub(crate) fn cut(mut self, length: usize) -> Self {
        self.bytes.truncate(length);
        self
    }

    pub(crate) fn then(self, then: Then) -> Self {
        Self { then, ..self }
    }
}

/// A running server; it stops accepting when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) addr: SocketAddr,
    stopped: Arc<AtomicBool>,
}

impl Server {
    /// A server for `GET /World` alone.
    pub(crate) fn start(script: impl Fn(Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::reading(move |seen, head| {
            assert!(head.starts_with("GET /World HTTP/1.1\r\n") && head.contains("\r\nhost: "), "{head}");
            script(seen)
        })
    }

    /// A server whose script sees the head of the request; it reads no body but five bytes that are announced.
    pub(crate) fn reading(script: impl Fn(Seen, &str) -> Reply + Send + Sync + 'static) -> Self {
        Self::at((Ipv4Addr::LOCALHOST, 0), script)
    }

    /// The same at another local address.
    pub(crate) fn at(
        addr: impl Into<SocketAddr>,
        script: impl Fn(Seen, &str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(addr.into()).expect("a free port");
        let addr = listener.local_addr().expect("a bound socket");
        let stopped = Arc::new(AtomicBool::new(false));
        let (script, stop) = (Arc::new(script), Arc::clone(&stopped));
        thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let (stream, script) = (stream.expect("accepting works"), Arc::clone(&script));
                // A client that goes away in the middle is none of the server's business.
                thread::spawn(move || drop(serve(stream, connection, &*script)));
            }
        });
        Self { addr, stopped }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/World", self.addr)
    }

    /// A plan for `/World` with this many connections and requests.
    pub(crate) fn plan(&self, connections: usize, requests: u64) -> Plan {
        let target = Target::parse(&self.url()).expect("a good URL");
        Plan { connections, stop: Stop::Requests(requests), ..Plan::new(target) }
    }
}

/// The same plan through reqwest.
pub(crate) fn through_reqwest(plan: Plan) -> Plan {
    Plan { transport: Transport::Reqwest, opening: Opening::Burst, ..plan }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the accepting thread; if that is gone already, so much the better.
        let _ = TcpStream::connect(self.addr);
    }
}

fn serve(mut stream: TcpStream, connection: usize, script: &dyn Fn(Seen, &str) -> Reply) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut request = 0;
    while let Some(head) = read_head(&mut stream)? {
        if head.contains("content-length: 5\r\n") {
            stream.read_exact(&mut [0; 5])?;
        }
        let reply = script(Seen { connection, request }, &head);
        for (index, fragment) in reply.bytes.chunks(reply.fragment).enumerate() {
            if index > 0 {
                wait_until(Instant::now() + reply.pause);
            }
            stream.write_all(fragment)?;
        }
        match reply.then {
            Then::Keep => {}
            Then::Close => return Ok(()),
            Then::Reset => return SockRef::from(&stream).set_linger(Some(Duration::ZERO)),
            Then::Silence => return io::copy(&mut stream, &mut io::sink()).map(drop),
            Then::Repeat => loop {
                stream.write_all(&reply.bytes)?;
            },
        }
        request += 1;
    }
    Ok(())
}

/// Reads one request without a body; false at the end of the connection.
pub(crate) fn read_request(stream: &mut TcpStream) -> io::Result<bool> {
    Ok(read_head(stream)?.is_some())
}

fn read_head(stream: &mut TcpStream) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(None);
        }
        head.extend_from_slice(&byte);
    }
    Ok(Some(String::from_utf8(head).expect("requests are text")))
}

/// Waits for a time to come: time is what these tests are about.
pub(crate) fn wait_until(time: Instant) {
    let (_never, nothing) = mpsc::channel::<()>();
    let left = time.saturating_duration_since(Instant::now());
    assert_eq!(nothing.recv_timeout(left), Err(RecvTimeoutError::Timeout));
}

/// Both identities, on the record as it is written.
pub(crate) fn assert_adds_up(record: &RunRecord) {
    let requests = &record.requests;
    assert_eq!(requests.scheduled, requests.sent + requests.shed + requests.unsent, "{requests:?}");
    assert_eq!(requests.sent, requests.ok + requests.failed() + requests.in_flight, "{requests:?}");
    assert_eq!(requests.errors.len(), ErrorClass::ALL.len(), "{requests:?}");
    assert_eq!(record.latency.uncorrected.answered, requests.ok);
}

/// The identities, this many valid answers, this many errors of this class and none of any other.
pub(crate) fn assert_counts(record: &RunRecord, ok: u64, class: ErrorClass, errors: u64) {
    assert_adds_up(record);
    assert_eq!(record.requests.ok, ok, "{:?}", record.requests);
    assert_eq!(record.requests.errors[&class], errors, "{:?}", record.requests);
    assert_eq!(record.requests.failed(), errors, "{:?}", record.requests);
}
