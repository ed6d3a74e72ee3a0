//! The hyper stack: a worker a connection, for as long as nobody waits for a worker.

use std::cell::Cell;
use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use blocking::{Door, Driver, Keeper, Shutdown, Until, Work, has_arrived};
use contract::{LimitFlags, Phase, Trouble};
use rayon::ThreadPool;

use crate::handover::Handover;
use crate::seat::{Awaited, Seat};
use crate::{Options, ServeError};

/// How long the accepting thread rests before it looks again for a connection that gives way; it does so only while
/// one has to.
const TICK: Duration = Duration::from_millis(1);

/// Serves until the stop, and then for at most the drain timeout. The calling thread accepts.
pub(crate) fn serve(
    listener: TcpListener,
    options: &Options,
    pool: &ThreadPool,
    shutdown: &Shutdown,
) -> Result<(), ServeError> {
    let limits = options.limits;
    let work = Arc::new(Work::new(&options.work)?);
    let mut door = Door::open(listener, shutdown)?;
    let handover = Arc::new(Handover::new(pool.current_num_threads()));
    let (worker_done, all_done) = mpsc::channel::<()>();
    pool.spawn_broadcast({
        let handover = Arc::clone(&handover);
        move |worker| {
            let _until_done = &worker_done;
            serve_connections(&handover, worker.index(), &work, limits);
        }
    });
    let accepted = accept(&mut door, &handover, limits.max_connections_blocking().get());
    // From here on a client that connects is refused, not kept waiting.
    drop(door);
    handover.close();
    // Ends with `Disconnected` once the last worker is done and the sender goes with it; a worker that is stuck in a
    // request when the time is over goes down with the process.
    let _ = all_done.recv_timeout(limits.drain_timeout());
    accepted.map_err(ServeError::Wait)
}

fn accept(door: &mut Door, handover: &Handover, most: usize) -> io::Result<()> {
    let mut full = Trouble::default();
    let mut patience = None;
    loop {
        let seen = door.wait(None, patience)?;
        if seen.stop {
            return Ok(());
        }
        if seen.visitor && handover.open() >= most {
            full.warn(format_args!("--max-connections {most} are open; new ones wait"));
            handover.turn_away();
            handover.make_room(Instant::now());
            // The door is not watched for a moment: who stands there would be seen again at once.
            if door.rest(TICK)? {
                return Ok(());
            }
            continue;
        }
        if seen.visitor
            && let Some(stream) = door.accept()?
        {
            handover.push(stream);
        }
        patience = handover.make_room(Instant::now()).then_some(TICK);
    }
}

fn serve_connections(handover: &Handover, worker: usize, work: &Work, limits: LimitFlags) {
    let driver = Driver::new(work, limits);
    while let Some(stream) = handover.pop() {
        handover.seat(worker, stream, |stream, seat| {
            driver.serve(
                stream,
                &Seated { handover, seat, timeout: Cell::new(None), has_sent: Cell::new(false) },
            );
        });
    }
}

/// A connection in its seat.
struct Seated<'a> {
    handover: &'a Handover,
    seat: &'a Seat,
    /// What the socket's read timeout was last set to: a system call that the steady state does without.
    timeout: Cell<Option<Duration>>,
    has_sent: Cell<bool>,
}

impl Keeper for Seated<'_> {
    fn receive(&self, mut stream: &TcpStream, buffer: &mut [u8], until: Until) -> io::Result<usize> {
        let mut now = until.now;
        loop {
            let left = match until.deadline.saturating_duration_since(now) {
                Duration::ZERO => return Err(io::ErrorKind::TimedOut.into()),
                left => Some(left),
            };
            if self.timeout.replace(left) != left {
                stream.set_read_timeout(left)?;
            }
            let awaited = match until.phase {
                Phase::Head | Phase::Body => Awaited::Rest,
                Phase::Idle if self.has_sent.get() => Awaited::Next,
                Phase::Idle => Awaited::First,
            };
            let waiting = self.seat.begin_wait(until.now, awaited);
            if awaited != Awaited::Rest && self.seat.is_ending() && !has_arrived(stream)? {
                return Ok(0);
            }
            let received = stream.read(buffer);
            drop(waiting);
            if matches!(received, Ok(0)) && self.seat.is_cut() {
                // Not the client's end: as when its time is over, the connection closes, and nobody says that the body was wrong.
                return Err(io::ErrorKind::TimedOut.into());
            }
            match received {
                // A socket with a timeout is interrupted by signals, whatever their handlers ask for.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => now = Instant::now(),
                received => {
                    self.has_sent.set(true);
                    return received;
                }
            }
        }
    }

    fn gives_up(&self) -> bool {
        self.handover.gives_way(self.seat)
    }
}
