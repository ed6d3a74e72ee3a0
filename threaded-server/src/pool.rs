//! The hyper stack: a worker a connection, for as long as nobody waits for a worker.

use std::cell::Cell;
use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
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
    let accepted = accept(&mut door, &handover, &limits);
    handover.close();
    // From here on a client that connects is refused, not kept waiting. Not before: whoever sees that the stop has come may count on
    // the answer that it waits for being its connection's last, and on being told so.
    drop(door);
    let end = Instant::now() + limits.drain_timeout();
    let mut watch = Watch::new(&limits);
    let mut left = limits.drain_timeout();
    // Ends with `Disconnected` once the last worker is done and the sender goes with it; a worker that is stuck in a
    // request when the time is over goes down with the process.
    while !left.is_zero()
        && all_done.recv_timeout(left.min(watch.look(&handover))) == Err(RecvTimeoutError::Timeout)
    {
        left = end.saturating_duration_since(Instant::now());
    }
    accepted.map_err(ServeError::Wait)
}

/// Looks after the deadlines of waiting workers, for them: a socket with a timeout has the kernel set a timer for each receive, which is
/// a twenty-fifth of what a request costs.
struct Watch {
    /// The shortest time that a wait can have: none that begins from now on is over before.
    shortest: Duration,
    next: Instant,
}

impl Watch {
    fn new(limits: &LimitFlags) -> Self {
        let shortest = limits.header_timeout().min(limits.idle_timeout());
        Watch { shortest, next: Instant::now() + shortest }
    }

    /// Ends what is overdue, if anything can be; says in how long to look again.
    fn look(&mut self, handover: &Handover) -> Duration {
        let now = Instant::now();
        if now >= self.next {
            self.next = now + handover.end_overdue(now).unwrap_or(self.shortest).min(self.shortest);
        }
        self.next.saturating_duration_since(now)
    }
}

fn accept(door: &mut Door, handover: &Handover, limits: &LimitFlags) -> io::Result<()> {
    let most = limits.max_connections_blocking().get();
    let mut full = Trouble::default();
    let mut watch = Watch::new(limits);
    let mut is_in_need = false;
    loop {
        let patience = watch.look(handover);
        let seen = door.wait(None, Some(if is_in_need { patience.min(TICK) } else { patience }))?;
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
        is_in_need = handover.make_room(Instant::now());
    }
}

fn serve_connections(handover: &Handover, worker: usize, work: &Work, limits: LimitFlags) {
    let driver = Driver::new(work, limits);
    while let Some(stream) = handover.pop() {
        handover.seat(worker, stream, |stream, seat| {
            driver.serve(stream, &Seated { handover, seat, has_sent: Cell::new(false) });
        });
    }
}

/// A connection in its seat.
struct Seated<'a> {
    handover: &'a Handover,
    seat: &'a Seat,
    has_sent: Cell<bool>,
}

impl Keeper for Seated<'_> {
    fn receive(&self, mut stream: &TcpStream, buffer: &mut [u8], until: Until) -> io::Result<usize> {
        let awaited = match until.phase {
            Phase::Head | Phase::Body => Awaited::Rest,
            Phase::Idle if self.has_sent.get() => Awaited::Next,
            Phase::Idle => Awaited::First,
        };
        loop {
            // A client that drips has its bytes read, again and again, until its time is over.
            if until.deadline <= until.now {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let waiting = self.seat.begin_wait(until.now, until.deadline, awaited);
            if awaited != Awaited::Rest && self.seat.is_ending() && !has_arrived(stream)? {
                return Ok(0);
            }
            let received = stream.read(buffer);
            drop(waiting);
            match received {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Not the client's end: the connection closes, and nobody says that the body was wrong.
                Ok(0) if self.seat.is_cut() => return Err(io::ErrorKind::TimedOut.into()),
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
