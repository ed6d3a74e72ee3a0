//! All event loops of the raw engine: opened one by one, run side by side.

use std::io;
use std::sync::mpsc;
use std::thread;

use crate::cancel::Cancel;
use crate::engine::{Counted, Listener, Run};
use crate::error::LoadError;
use crate::exchange::Exchange;
use crate::intervals;
use crate::muster::Muster;
use crate::plan::Plan;
use crate::ramp;
use crate::samples::Samples;
use crate::tally::Tally;
use crate::worker::{Lineup, Worker};

/// The event loops of a session.
#[derive(Debug)]
pub(crate) struct Crew(Vec<Worker>);

impl Crew {
    /// Opens the plan's connections. What comes back last is how long connecting took.
    pub(crate) fn open(plan: &Plan, cancel: &Cancel) -> Result<(Self, Exchange, Samples), LoadError> {
        let mut workers = (0..plan.threads).map(|_| Worker::new()).collect::<Result<Vec<_>, _>>()?;
        let (first, exchange) = ramp::preflight(plan, cancel)?;
        let connects = ramp::populate(&mut workers, plan, first, &exchange, cancel)?;
        Ok((Self(workers), exchange, connects))
    }

    /// How many connections have ever got a valid answer.
    pub(crate) fn held(&self) -> usize {
        self.0.iter().map(Worker::held).sum()
    }

    /// Runs every event loop on a thread of its own until the window is over.
    pub(crate) fn run(&mut self, run: &Run<'_>, tell: Listener<'_>) -> Result<Counted, LoadError> {
        let threads = self.0.len();
        let Run { exchange, progress, .. } = *run;
        let lineup = Lineup {
            muster: Muster::of(threads),
            clock: run.clock,
            stop: run.stop,
            queue: run.queue.map(AsRef::as_ref),
            spin: run.plan.spin,
            cpus: &run.plan.cpus,
            threads,
            cancel: run.cancel,
        };
        let (listener, parts) = mpsc::channel();
        let listener = tell.is_some().then_some(listener);
        let tallies = thread::scope(|scope| {
            let loops: Vec<_> = self
                .0
                .iter_mut()
                .enumerate()
                .map(|(index, worker)| {
                    let (lineup, counters) = (&lineup, progress.counters(index));
                    let listener = listener.clone();
                    let work = move || worker.run(index, lineup, exchange, counters, listener);
                    let started = thread::Builder::new().spawn_scoped(scope, work);
                    started.inspect_err(|_| lineup.muster.call_off())
                })
                .collect();
            // The event loops have the only senders left: the parts end with the last of them.
            drop(listener);
            if let Some(tell) = tell {
                intervals::collect(parts, threads, tell);
            }
            // Why a thread could not be started comes before what the others say, who were sent home for it.
            let started = loops.into_iter().collect::<io::Result<Vec<_>>>()?;
            let join = |handle: thread::ScopedJoinHandle<'_, _>| {
                handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            started.into_iter().map(join).collect::<Result<Vec<Tally>, _>>()
        })?;
        // Every event loop has passed the start.
        Ok(Counted { started: run.clock.start(), tallies })
    }
}
