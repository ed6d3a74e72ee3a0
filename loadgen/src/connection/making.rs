//! How a connection comes to be: closed, open and idle, or with a request already outstanding.

use std::io;
use std::time::Instant;

use mio::net::TcpStream;
use mio::{Registry, Token};

use super::{Connection, Milestones, Phase};
use crate::error::ErrorClass;
use crate::exchange::Exchange;
use crate::pause::Pause;
use crate::reference::Comparison;
use crate::response::Response;
use crate::socket;

impl Connection {
    /// A connection that is opened when it is first asked on.
    pub(crate) fn closed(token: Token) -> Self {
        Self {
            index: token.0,
            number: 0,
            opened: 0,
            stream: None,
            phase: Phase::Closed,
            hung_up: false,
            variant: 0,
            written: 0,
            asked_at: Instant::now(),
            milestones: Milestones::default(),
            pause: Pause::default(),
            response: Response::new(false),
            comparison: Comparison::default(),
        }
    }

    /// The same with its place among all connections of the session.
    pub(crate) fn numbered(self, number: u64) -> Self {
        Self { number, ..self }
    }

    /// A connection that is open and idle.
    pub(crate) fn idle(token: Token, mut stream: TcpStream, registry: &Registry) -> io::Result<Self> {
        socket::register(&mut stream, token, registry)?;
        Ok(Self { stream: Some(stream), phase: Phase::Idle, ..Self::closed(token) })
    }

    /// A connection whose request, sent at `asked_at`, is still unanswered or answered in part.
    pub(crate) fn busy(
        token: Token,
        stream: TcpStream,
        registry: &Registry,
        asked_at: Instant,
        partial: (Response, Comparison),
    ) -> io::Result<Self> {
        let (response, comparison) = partial;
        let idle = Self::idle(token, stream, registry)?;
        // The whole request is out already: its length is all that `written` is compared with.
        Ok(Self { phase: Phase::Busy, written: usize::MAX, asked_at, response, comparison, ..idle })
    }

    /// Begins to open the socket for a request.
    pub(super) fn connect(&mut self, exchange: &Exchange, registry: &Registry) -> io::Result<()> {
        let source = exchange.sources.pick(self.number, self.opened);
        self.opened += 1;
        self.hung_up = false;
        self.milestones.connecting(Instant::now());
        self.stream = Some(socket::open(exchange.addr, source, self.token(), registry)?);
        Ok(())
    }

    /// Closes the connection after an error, and pauses it if it could not even be made.
    pub(super) fn fail(&mut self, error: &io::Error) -> ErrorClass {
        let connecting = self.phase == Phase::Connecting;
        self.close();
        if !connecting {
            return ErrorClass::Reset;
        }
        self.phase = Phase::Paused { until: Instant::now() + self.pause.after_failure() };
        ErrorClass::of_connect(error)
    }
}
