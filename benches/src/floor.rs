//! The floor of the machine: what a request costs when nothing is done for it but system calls.
//!
//! One thread, one epoll queue, one answer that was put together before the first client came. A request is what ends
//! with an empty line; it is counted and not read. So whatever a real server takes beyond this is its library and its
//! concurrency model, and whatever a load generator cannot reach here is the generator's own limit.
//!
//! Costs and caveats: it is no web server. Of the contract it keeps `GET /World` and the READY line. Every request gets
//! that answer, whatever it asks for: a body is taken for the next request, `Connection: close` is not heeded, and no
//! timeout ends a silent client. The answer is that of the servers less the `Date`, which would have to be true. A
//! client that pipelines without a pause has the thread to itself. Use it on the loopback.

mod connection;

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use clap::Parser;
use contract::{CONTENT_TYPE, Model, Ready, SERVER, Trouble};
use mio::event::Event;
use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};
use signal_hook::consts::{SIGINT, SIGTERM};
use slab::Slab;

use connection::{Answers, Connection, State};

const LISTENER: Token = Token(usize::MAX);
const SIGNALS: Token = Token(usize::MAX - 1);

/// Events taken off the queue at once.
const EVENTS: usize = 1024;
/// The receive buffer, shared by all connections: small enough to stay in the second-level cache.
const BUFFER: usize = 64 * 1024;
/// How long answers under way may take to leave after the stop, as with the servers.
const DRAIN: Duration = Duration::from_secs(5);

/// The floor of the machine: answers every request with the same bytes, and reads none.
///
/// A yardstick for servers and load generators, not a web server: only `GET /World` is answered rightly.
#[derive(Debug, Clone, Parser)]
#[command(name = "floor", version)]
pub struct Flags {
    /// Address to listen on; port 0 lets the kernel choose, the first line on stdout says what it chose
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8080")]
    pub addr: SocketAddr,
}

/// Listens, announces itself and answers until SIGTERM or SIGINT; a second one ends the process at once.
///
/// # Errors
///
/// When the address cannot be listened on, or the kernel refuses signals or descriptors.
pub fn run(flags: &Flags) -> anyhow::Result<()> {
    let signals = first_signal()?;
    let listener = contract::listen(flags.addr)?;
    let addr = listener.local_addr()?;
    let mut floor = Floor::new(listener, signals)?;
    // Without a reader on stdout it still answers.
    let _ = Ready::here(addr, Model::Async, "floor", 1).announce();
    floor.run()?;
    Ok(())
}

/// A pipe that becomes readable with the first SIGTERM or SIGINT; the second has the signal's usual effect.
fn first_signal() -> io::Result<UnixStream> {
    let (reader, writer) = UnixStream::pair()?;
    reader.set_nonblocking(true)?;
    let asked_before = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        // In this order: the first signal finds the flag unset, and sets it.
        signal_hook::flag::register_conditional_default(signal, Arc::clone(&asked_before))?;
        signal_hook::flag::register(signal, Arc::clone(&asked_before))?;
        signal_hook::low_level::pipe::register(signal, writer.try_clone()?)?;
    }
    Ok(reader)
}

/// The bytes of every answer.
fn answer() -> String {
    const GREETING: &str = "Hello, World!";
    let length = GREETING.len();
    format!(
        "HTTP/1.1 200 OK\r\nServer: {SERVER}\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: {length}\r\n\r\n{GREETING}"
    )
}

#[derive(Debug)]
struct Floor {
    poll: Poll,
    /// `None` after the stop.
    listener: Option<TcpListener>,
    /// Held for the event queue to see.
    _signals: mio::net::UnixStream,
    connections: Slab<Connection>,
    answers: Answers,
    buffer: Vec<u8>,
    /// When to try again to accept, after the kernel refused.
    rests_until: Option<Instant>,
    trouble: Trouble,
}

impl Floor {
    fn new(listener: std::net::TcpListener, signals: UnixStream) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let mut listener = TcpListener::from_std(listener);
        let mut signals = mio::net::UnixStream::from_std(signals);
        let poll = Poll::new()?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        poll.registry().register(&mut signals, SIGNALS, Interest::READABLE)?;
        Ok(Self {
            poll,
            listener: Some(listener),
            _signals: signals,
            connections: Slab::new(),
            answers: Answers::new(answer().as_bytes()),
            buffer: vec![0; BUFFER],
            rests_until: None,
            trouble: Trouble::default(),
        })
    }

    fn run(&mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        let mut deadline = None;
        while deadline.is_none() || !self.connections.is_empty() {
            let until = deadline.or(self.rests_until);
            let patience = until.map(|until| until.saturating_duration_since(Instant::now()));
            match self.poll.poll(&mut events, patience) {
                // Not the loop below: events of the last time are still in there.
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                outcome => outcome?,
            }
            let mut accepts = self.rests_until.take_if(|until| *until <= Instant::now()).is_some();
            for event in &events {
                match event.token() {
                    LISTENER => accepts = true,
                    SIGNALS => deadline = Some(Instant::now() + DRAIN),
                    _ => self.advance(event),
                }
            }
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                break;
            }
            if deadline.is_some() {
                self.let_go();
            } else if accepts {
                self.accept();
            }
        }
        Ok(())
    }

    fn advance(&mut self, event: &Event) {
        let Token(key) = event.token();
        // An event of this batch may be that of a connection which has ended in it.
        let Some(connection) = self.connections.get_mut(key) else { return };
        let ended = event.is_read_closed();
        if connection.serve(&mut self.buffer, &self.answers, ended) == State::Over {
            self.connections.remove(key);
        }
    }

    fn accept(&mut self) {
        while let Some(listener) = &self.listener {
            let stream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => {
                    let rest = self.trouble.warn_of_accept(&error);
                    if rest.is_zero() {
                        continue;
                    }
                    // The connection still waits, and brings no new event.
                    self.rests_until = Some(Instant::now() + rest);
                    return;
                }
            };
            let entry = self.connections.vacant_entry();
            let token = Token(entry.key());
            let connection = entry.insert(Connection::new(stream));
            let interest = Interest::READABLE | Interest::WRITABLE;
            if let Err(error) = self.poll.registry().register(connection.stream(), token, interest) {
                self.trouble.warn(format_args!("cannot watch a connection: {error}"));
                self.connections.remove(token.0);
            }
        }
    }

    /// The stop: nobody new, what has come is answered, and who is owed nothing is let go.
    fn let_go(&mut self) {
        self.listener = None;
        let (buffer, answers) = (&mut self.buffer, &self.answers);
        self.connections.retain(|_, connection| {
            connection.serve(buffer, answers, false) == State::Open && connection.owes()
        });
    }
}
