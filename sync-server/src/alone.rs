//! The hyper stack: one connection after the other, each for as long as nobody else waits.
//!
//! Waiting for a connection's next request is waiting for the door as well, one `poll` for both: three system calls a
//! request where a thread that owns its connection needs two. An idle connection gives way, after a short grace, to whoever
//! stands at the door, and an answer that was made while somebody stood there is the last on its connection.

use std::cell::Cell;
use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use blocking::{Door, Driver, Keeper, Shutdown, Until, Work};
use contract::{LimitFlags, Phase};

use crate::beside::serve_beside;
use crate::{Options, ServeError};

/// How long an idle connection may still bring its next request when somebody has come to the door. A client that asks
/// again at once would otherwise send into a connection that is being closed, and lose its request.
const IDLE_GRACE: Duration = Duration::from_millis(2);

/// Serves until the stop, and then for at most the drain timeout.
pub(crate) fn serve(listener: TcpListener, options: &Options, shutdown: &Shutdown) -> Result<(), ServeError> {
    let limits = options.limits;
    let work = Work::new(&options.work)?;
    let mut door = Door::open(listener, shutdown)?;
    let latch = door.latch();
    let handle = move || serve_in_turn(&mut door, &work, limits);
    serve_beside(shutdown, limits.drain_timeout(), handle, || {
        shutdown.wait();
        latch.close();
    })
}

fn serve_in_turn(door: &mut Door, work: &Work, limits: LimitFlags) -> io::Result<()> {
    let driver = Driver::new(work, limits);
    loop {
        let seen = door.wait(None, None)?;
        if seen.stop {
            return Ok(());
        }
        if let Some(stream) = door.accept()? {
            driver.serve(&stream, &Turn::begin(door, &limits));
        }
    }
}

/// One connection's turn at the only thread.
struct Turn<'a> {
    door: &'a Door,
    /// When a connection that has sent nothing must give way: it may have been opened long before it was accepted, so
    /// it is not hurried more than a client that sends.
    give_way_at: Instant,
    has_sent: Cell<bool>,
    is_last: Cell<bool>,
}

impl<'a> Turn<'a> {
    fn begin(door: &'a Door, limits: &LimitFlags) -> Self {
        Turn {
            door,
            give_way_at: Instant::now() + limits.header_timeout(),
            has_sent: Cell::new(false),
            is_last: Cell::new(false),
        }
    }

    fn patience(until: Instant) -> io::Result<Duration> {
        match until.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
            left => Ok(left),
        }
    }
}

impl Keeper for Turn<'_> {
    fn receive(&self, mut stream: &TcpStream, buffer: &mut [u8], until: Until) -> io::Result<usize> {
        let mut deadline = until.deadline;
        let mut others = false;
        loop {
            let patience = Turn::patience(deadline)?;
            let seen = if others {
                self.door.wait_shut(stream, patience)?
            } else {
                self.door.wait(Some(stream), Some(patience))?
            };
            others |= seen.visitor;
            if seen.stream {
                self.has_sent.set(true);
                self.is_last.set(others || seen.stop);
                return stream.read(buffer);
            }
            if seen.stop && until.phase == Phase::Idle {
                return Ok(0);
            }
            if seen.stop {
                // A message that has begun may still come to its end; the thread that waits for this one bounds the time.
                self.is_last.set(true);
                return read_until(stream, buffer, deadline);
            }
            if others && until.phase == Phase::Idle {
                let give_way_at =
                    if self.has_sent.get() { Instant::now() + IDLE_GRACE } else { self.give_way_at };
                deadline = deadline.min(give_way_at);
            }
        }
    }

    fn gives_up(&self) -> bool {
        self.is_last.get()
    }
}

/// Reads what comes until `deadline`, without a look at anything else.
fn read_until(mut stream: &TcpStream, buffer: &mut [u8], deadline: Instant) -> io::Result<usize> {
    loop {
        stream.set_read_timeout(Some(Turn::patience(deadline)?))?;
        match stream.read(buffer) {
            // A socket with a timeout is interrupted by signals, whatever their handlers ask for.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}
