//! The connects that reqwest makes, seen from a layer around its connector: how many there were and how long they took.

use std::collections::BTreeMap;
use std::error::Error;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use tower_layer::Layer;
use tower_service::Service;

use super::classes::timed_out;
use crate::samples::Samples;
use crate::tally::nanoseconds;

/// Counts connects; all clones count together.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter(Arc<Mutex<Book>>);

/// The connects of one window.
#[derive(Debug, Default)]
pub(super) struct Connects {
    /// Connections that were begun.
    pub(super) begun: u64,
    /// How long those took that were made; at least how long those took that were given up or unfinished.
    pub(super) times: Samples,
}

#[derive(Debug, Default)]
struct Book {
    connects: Connects,
    /// When each of those began that go on.
    pending: BTreeMap<u64, Instant>,
    /// Ever begun, in this window or before.
    number: u64,
    deadline: Option<Instant>,
}

impl Meter {
    fn book(&self) -> MutexGuard<'_, Book> {
        // Counting cannot panic half-way, so a poisoned book is a whole one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a window. What goes on from before belongs to none.
    pub(super) fn open(&self, deadline: Option<Instant>) {
        let number = self.book().number;
        *self.book() = Book { number, deadline, ..Book::default() };
    }

    /// Ends the window.
    pub(super) fn close(&self, ended: Instant) -> Connects {
        let mut book = self.book();
        for since in std::mem::take(&mut book.pending).into_values() {
            book.connects.times.record_censored(nanoseconds(ended.saturating_duration_since(since)));
        }
        book.deadline = Some(ended);
        std::mem::take(&mut book.connects)
    }

    fn begin(&self, at: Instant) -> Attempt {
        let mut book = self.book();
        let number = book.number;
        book.number += 1;
        if book.deadline.is_none_or(|deadline| at < deadline) {
            book.connects.begun += 1;
            book.pending.insert(number, at);
        }
        Attempt { meter: self.clone(), number }
    }

    /// The connect is over at this time.
    fn end(&self, number: u64, at: Instant, outcome: Outcome) {
        let mut book = self.book();
        let Some(since) = book.pending.remove(&number) else { return };
        let deadline = book.deadline.filter(|deadline| at >= *deadline);
        let age = nanoseconds(deadline.unwrap_or(at).saturating_duration_since(since));
        match (outcome, deadline) {
            (Outcome::Made, None) => book.connects.times.record_answered(age),
            (Outcome::Refused, None) => {}
            (Outcome::GivenUp, _) | (_, Some(_)) => book.connects.times.record_censored(age),
        }
    }
}

/// How a connect ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Made,
    Refused,
    GivenUp,
}

/// One connect; dropped unfinished, it was given up.
#[derive(Debug)]
struct Attempt {
    meter: Meter,
    number: u64,
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // After an end there is nothing left to end.
        self.meter.end(self.number, Instant::now(), Outcome::GivenUp);
    }
}

impl<S> Layer<S> for Meter {
    type Service = Metered<S>;

    fn layer(&self, connector: S) -> Metered<S> {
        Metered { connector, meter: self.clone() }
    }
}

/// A connector whose connects are counted.
#[derive(Clone, Debug)]
pub(super) struct Metered<S> {
    connector: S,
    meter: Meter,
}

impl<S, R> Service<R> for Metered<S>
where
    S: Service<R>,
    S::Error: AsRef<dyn Error + Send + Sync>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, destination: R) -> Self::Future {
        let attempt = self.meter.begin(Instant::now());
        let connecting = self.connector.call(destination);
        Box::pin(async move {
            let outcome = connecting.await;
            let end = match &outcome {
                Ok(_) => Outcome::Made,
                Err(error) if timed_out(error.as_ref()) => Outcome::GivenUp,
                Err(_) => Outcome::Refused,
            };
            attempt.meter.end(attempt.number, Instant::now(), end);
            outcome
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn made_connects_are_answered_unfinished_ones_censored_and_refused_ones_neither() {
        let (meter, start) = (Meter::default(), Instant::now());
        meter.open(Some(start + 100 * MS));
        let [made, refused, late, never] = [0, 1, 2, 3].map(|after| meter.begin(start + after * MS));
        meter.end(made.number, start + 50 * MS, Outcome::Made);
        meter.end(refused.number, start + 50 * MS, Outcome::Refused);
        meter.end(late.number, start + 150 * MS, Outcome::Made);
        drop(meter.begin(start + 100 * MS));
        let Connects { begun, times } = meter.close(start + 100 * MS);
        assert_eq!((begun, times.answered().len(), times.censored().len()), (4, 1, 2));
        assert!(times.answered().equivalent(times.answered().max(), 50_000_000));
        assert!(times.censored().equivalent(times.censored().max(), 98_000_000));
        // Between windows nothing is counted, and what went on from before belongs to none.
        drop(meter.begin(start + 200 * MS));
        meter.open(None);
        meter.end(never.number, start + 300 * MS, Outcome::Made);
        assert_eq!(meter.close(start + 400 * MS).begun, 0);
    }
}
