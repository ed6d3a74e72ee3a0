//! One window on the runtime: callers that send when their last answer is in, or when something is due.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::{Client, Request};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{self, MissedTickBehavior};

use super::client;
use super::clock::Clock;
use super::ledger::Ledger;
use crate::cancel::Cancel;
use crate::exchange::Exchange;
use crate::progress::Progress;
use crate::queue::{Queue, Tickets};

/// How often counts are published and the cancel switch is looked at.
const TICK: Duration = Duration::from_millis(50);

/// What all callers of a window share.
#[derive(Debug)]
pub(super) struct Shift {
    pub(super) client: Client,
    pub(super) requests: Arc<Vec<Request>>,
    pub(super) exchange: Arc<Exchange>,
    pub(super) ledger: Mutex<Ledger>,
    pub(super) callers: usize,
    pub(super) started: Instant,
    pub(super) deadline: Option<Instant>,
}

/// How a window ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) at: Instant,
    pub(super) interrupted: bool,
    /// The request that was taken off the queue and not sent.
    pub(super) held_back: Option<u64>,
    /// Callers that still wait.
    pub(super) tasks: JoinSet<()>,
}

impl Shift {
    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the requests sent until the window is over.
    pub(super) async fn work(
        self: Arc<Self>,
        queue: Option<Arc<Queue>>,
        cancel: Cancel,
        progress: Progress,
    ) -> io::Result<Ended> {
        let mut tasks = JoinSet::new();
        let mut tickets = queue.as_ref().map(|queue| queue.tickets(self.started));
        let sending = async {
            match &mut tickets {
                Some(tickets) => self.send_due(tickets, &mut tasks).await?,
                None => self.send_in_turn(&mut tasks),
            }
            if self.deadline.is_some() {
                // The window is as long as it was to be, whether or not anything is left to send.
                std::future::pending::<()>().await;
            }
            while let Some(joined) = tasks.join_next().await {
                whole(joined);
            }
            Ok::<_, io::Error>(())
        };
        let interrupted = tokio::select! {
            sent = sending => sent.map(|()| false),
            () = until(self.deadline) => Ok(false),
            () = watch(&cancel, || self.publish(&progress)) => Ok(true),
        }?;
        let now = Instant::now();
        let at = match self.deadline {
            Some(deadline) => deadline.min(now),
            None if interrupted => now,
            None => self.ledger().last(),
        };
        let held_back = tickets.and_then(|tickets| tickets.held()).map(|ticket| ticket.index);
        Ok(Ended { at, interrupted, held_back, tasks })
    }

    fn publish(&self, progress: &Progress) {
        self.ledger().publish(progress.counters(0), self.started.elapsed());
    }

    /// Closed loop: every caller sends again when its answer is in.
    fn send_in_turn(self: &Arc<Self>, tasks: &mut JoinSet<()>) {
        for caller in 0..self.callers {
            let shift = Arc::clone(self);
            tasks.spawn(async move {
                while let Some(number) = shift.begin(caller, Instant::now(), None) {
                    rest(shift.call(caller, number).await).await;
                }
            });
        }
    }

    /// Open loop: every due request goes to the caller that has been free for longest.
    async fn send_due(
        self: &Arc<Self>,
        tickets: &mut Tickets<'_>,
        tasks: &mut JoinSet<()>,
    ) -> io::Result<()> {
        let clock = Clock::new()?;
        let (release, mut free) = mpsc::unbounded_channel();
        (0..self.callers).for_each(|caller| release.send(caller).expect("the receiver is here"));
        while let Some(caller) = free.recv().await {
            let Some(ticket) = tickets.hold() else { break };
            clock.wait_until(ticket.due).await?;
            if self.begin(caller, Instant::now(), Some(ticket.due)).is_none() {
                break;
            }
            tickets.spend();
            let (shift, release) = (Arc::clone(self), release.clone());
            tasks.spawn(async move {
                rest(shift.call(caller, ticket.place).await).await;
                // After the window nobody asks who is free.
                let _ = release.send(caller);
            });
            while let Some(joined) = tasks.try_join_next() {
                whole(joined);
            }
        }
        Ok(())
    }

    fn begin(&self, caller: usize, now: Instant, due: Option<Instant>) -> Option<u64> {
        self.ledger().begin(caller, now, due)
    }

    /// One request and its answer; says how long the caller is to pause after it.
    async fn call(&self, caller: usize, number: u64) -> Duration {
        let variant = self.exchange.variant_of(number);
        let outcome = client::check(&self.client, &self.requests[variant], &self.exchange, variant).await;
        self.ledger().finish(caller, Instant::now(), outcome)
    }
}

/// Pauses. No pause is none: the runtime's shortest sleep is up to a millisecond.
async fn rest(pause: Duration) {
    if !pause.is_zero() {
        time::sleep(pause).await;
    }
}

/// Waits for the deadline, if there is one.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

/// Returns when the run is cancelled, and does something every tick until then.
pub(super) async fn watch(cancel: &Cancel, mut tick: impl FnMut()) {
    let mut ticks = time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !cancel.is_cancelled() {
        ticks.tick().await;
        tick();
    }
}

/// A panic of a caller is one of the run.
pub(super) fn whole<T>(joined: Result<T, JoinError>) -> Option<T> {
    match joined {
        Ok(result) => Some(result),
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // Cancelled on purpose.
        Err(_) => None,
    }
}
