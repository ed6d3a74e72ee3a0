//! A session: connections that are opened once and then measured over any number of runs.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::awake::Awake;
use crate::cancel::Cancel;
use crate::engine::{Counted, Engine, Listener, Opened, Run};
use crate::error::LoadError;
use crate::exchange::Exchange;
use crate::files;
use crate::intervals::Interval;
use crate::pinning;
use crate::plan::{Pacing, Plan, Stop};
use crate::progress::Progress;
use crate::queue::Queue;
use crate::record::RunRecord;
use crate::samples::Samples;
use crate::server_process::{ServerProcess, StartingClock};
use crate::server_usage::ServerUsage;
use crate::start::Start;
use crate::summary::Summary;

/// Opened and warmed-up connections, ready to be measured.
///
/// A request that one run leaves in flight is still outstanding when the next one starts. If its answer came in
/// between, it is dropped, since nobody saw when; otherwise the request is counted as sent in that run too, with its
/// true age. So each record is complete in itself, and a request may stand in two of them. In an open loop it is not:
/// it keeps its connection busy until its answer is in, and belongs to the schedule that it was due in. Through reqwest
/// a run begins when everything outstanding has ended, which takes one timeout at most.
#[derive(Debug)]
pub struct Session {
    plan: Plan,
    exchange: Arc<Exchange>,
    engine: Engine,
    /// How long connecting took before any clock started.
    opening: Samples,
    awake: Awake,
    /// The process that is watched in every run, if any.
    server: Option<ServerProcess>,
    progress: Progress,
    warmed_up: Duration,
}

impl Session {
    /// Opens the plan's connections, each with a validated first answer.
    ///
    /// Raises the process's soft limit of open files if the connections need it, and keeps the machine's CPUs out of
    /// deep sleep where it may, as long as the session lives. Blocks until every connection is
    /// answered or the patience for silent ones, one timeout in all, is used up.
    pub fn open(plan: &Plan) -> Result<Self, LoadError> {
        Self::open_unless(plan, &Cancel::new())
    }

    /// `open` that gives up with [`LoadError::Interrupted`] when it is cancelled.
    pub fn open_unless(plan: &Plan, cancel: &Cancel) -> Result<Self, LoadError> {
        plan.check()?;
        pinning::check(&plan.cpus)?;
        let server = plan.watch.map(ServerProcess::find).transpose()?;
        let awake = Awake::hold();
        files::allow(plan.connections, plan.threads)?;
        let Opened { engine, exchange, connects } = Engine::open(plan, cancel)?;
        Ok(Self {
            plan: plan.clone(),
            exchange,
            engine,
            opening: connects,
            awake,
            server,
            progress: Progress::new(plan.transport.tellers(plan.threads)),
            warmed_up: Duration::ZERO,
        })
    }

    /// A view of the counts of whatever run is going on, for a display thread.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Measures one window: until `stop`, or until `cancel` is pressed.
    ///
    /// # Panics
    ///
    /// If the counts do not add up: a record with a request unaccounted for would be a false one.
    pub fn run(&mut self, stop: &Stop, cancel: &Cancel) -> Result<RunRecord, LoadError> {
        self.run_telling(stop, cancel, None)
    }

    /// Loads the server for this long and discards what was measured; the records of later runs say so.
    ///
    /// No record is made of it, so that the server has hardly a pause before the run that follows.
    pub fn warm_up(&mut self, window: Duration, cancel: &Cancel) -> Result<(), LoadError> {
        self.load(Stop::After(window), cancel, None)?;
        self.warmed_up += window;
        Ok(())
    }

    /// Changes what makes requests due in the runs to come.
    pub fn pace(&mut self, pacing: Pacing) -> Result<(), LoadError> {
        let plan = Plan { pacing, ..self.plan.clone() };
        plan.check()?;
        self.plan = plan;
        Ok(())
    }

    /// `run` that tells each second as soon as it is past, on the calling thread.
    ///
    /// # Panics
    ///
    /// Like [`Session::run`].
    pub fn run_telling(
        &mut self,
        stop: &Stop,
        cancel: &Cancel,
        tell: Option<&mut dyn FnMut(&Interval)>,
    ) -> Result<RunRecord, LoadError> {
        let Load { held, start, queue, counted: Counted { started, tallies }, usage } =
            self.load(*stop, cancel, tell)?;
        let (plan, exchange, start, stop) = (&self.plan, &self.exchange, &start, *stop);
        let queue = queue.as_deref();
        let (sleep, opening, warmed_up) = (&self.awake.told, &self.opening, self.warmed_up);
        let summary =
            Summary { plan, stop, exchange, held, started, start, queue, sleep, opening, warmed_up };
        Ok(RunRecord { server: usage, ..summary.record(&tallies) })
    }

    fn load(&mut self, stop: Stop, cancel: &Cancel, tell: Listener<'_>) -> Result<Load, LoadError> {
        stop.check()?;
        let queue = match &self.plan.pacing {
            Pacing::Closed => None,
            Pacing::Open(schedule) => Some(Arc::new(Queue::new(schedule, stop))),
        };
        let held = self.engine.held();
        let start = Start::now();
        let (plan, exchange, progress) = (&self.plan, &self.exchange, &self.progress);
        let (engine, server) = (&mut self.engine, self.server.as_ref());
        let (clock, bell) = StartingClock::new(server.is_some());
        let (counted, usage) = thread::scope(|scope| {
            let watching = server.map(|server| scope.spawn(move || server.watch(&bell)));
            let run = Run { plan, stop, clock: &clock, queue: queue.as_ref(), exchange, progress, cancel };
            let counted = engine.run(&run, tell);
            // The watcher's bell is gone: it takes its last sample.
            drop(clock);
            let join = |watching: thread::ScopedJoinHandle<'_, _>| {
                watching.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            (counted, watching.and_then(join))
        });
        Ok(Load { held, start, queue, counted: counted?, usage })
    }
}

/// A window that is over, of which no record was made yet.
struct Load {
    /// Connections that had got a valid answer when the clock started.
    held: usize,
    start: Start,
    queue: Option<Arc<Queue>>,
    counted: Counted,
    usage: Option<ServerUsage>,
}

/// Opens a session, measures one window and closes everything.
pub fn measure(plan: &Plan) -> Result<RunRecord, LoadError> {
    Session::open(plan)?.run(&plan.stop, &Cancel::new())
}

/// [`measure`] in a closed loop, whatever the plan's pacing.
pub fn closed_loop(plan: &Plan) -> Result<RunRecord, LoadError> {
    measure(&Plan { pacing: Pacing::Closed, spin: false, ..plan.clone() })
}
