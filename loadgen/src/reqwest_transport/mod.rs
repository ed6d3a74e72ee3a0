//! The client library as services use it: one `reqwest::Client` on a tokio runtime, shared by all callers.
//!
//! Plan, schedule, expectation, counts and verdict are those of the raw engine; only sending and reading are not. A
//! caller has one request at a time and takes whatever connection the pool gives it. The runtime is the one of the
//! current thread for one thread, and the multi-threaded one for more.

mod classes;
mod client;
mod clock;
mod ledger;
mod meter;
mod shift;
mod threads;

use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::{Client, Request};
use tokio::runtime::{self, Runtime};
use tokio::task::JoinSet;

use crate::books::Books;
use crate::cancel::Cancel;
use crate::cpu::CpuTime;
use crate::engine::{Counted, Listener, Run};
use crate::error::{ErrorClass, LoadError};
use crate::exchange::Exchange;
use crate::first_answer::FirstAnswer;
use crate::intervals::{self, Interval};
use crate::pinning;
use crate::plan::{Plan, Stop};
use crate::samples::Samples;
use ledger::Ledger;
use meter::Meter;
use shift::{Shift, watch, whole};
use threads::Threads;

/// The callers of a session, their client and its runtime.
#[derive(Debug)]
pub(crate) struct Callers {
    runtime: Runtime,
    threads: Threads,
    /// Whether the runtime has threads of its own, or borrows the one it is called from.
    own_threads: bool,
    client: Client,
    requests: Arc<Vec<Request>>,
    meter: Meter,
    /// Of each caller: whether it has ever got a valid answer.
    held: Vec<bool>,
    /// Callers that the last window left waiting.
    leftovers: JoinSet<()>,
}

impl Callers {
    /// Asks once, then with all callers at the same time, so that the pool is full. What comes back last is how long
    /// connecting took.
    pub(crate) fn open(plan: &Plan, cancel: &Cancel) -> Result<(Self, Arc<Exchange>, Samples), LoadError> {
        let threads = Threads::default();
        let runtime = start(plan, &threads)?;
        let meter = Meter::default();
        let client = client::build(plan, meter.clone())?;
        let requests = Arc::new(client::requests(plan)?);
        meter.open(None);
        let opening = async {
            let exchange = Arc::new(preflight(&client, &requests[0], plan).await?);
            let held = populate(&client, &requests, &exchange, plan.connections).await;
            Ok::<_, LoadError>((exchange, held))
        };
        let (exchange, held) = runtime.block_on(async {
            tokio::select! {
                opened = opening => opened,
                () = watch(cancel, || {}) => Err(LoadError::Interrupted),
            }
        })?;
        let connects = meter.close(Instant::now()).times;
        let own_threads = plan.threads > 1;
        let leftovers = JoinSet::new();
        let callers = Self { runtime, threads, own_threads, client, requests, meter, held, leftovers };
        Ok((callers, exchange, connects))
    }

    /// How many callers have ever got a valid answer.
    pub(crate) fn held(&self) -> usize {
        self.held.iter().filter(|held| **held).count()
    }

    /// Measures one window, after what the one before left outstanding has ended.
    pub(crate) fn run(&mut self, run: &Run<'_>, tell: Listener<'_>) -> Result<Counted, LoadError> {
        self.settle(run.cancel);
        let (listener, parts) = mpsc::channel();
        let listener = tell.is_some().then_some(listener);
        thread::scope(|scope| {
            // A thread of its own, as the raw engine's loops have, because this one listens.
            let window = scope.spawn(|| self.window(run, listener));
            if let Some(tell) = tell {
                intervals::collect(parts, 1, tell);
            }
            window.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    fn settle(&mut self, cancel: &Cancel) {
        let leftovers = &mut self.leftovers;
        self.runtime.block_on(async {
            let ending = async {
                while let Some(joined) = leftovers.join_next().await {
                    whole(joined);
                }
            };
            tokio::select! {
                () = ending => {}
                () = watch(cancel, || {}) => {}
            }
        });
    }

    fn window(
        &mut self,
        run: &Run<'_>,
        listener: Option<mpsc::Sender<Interval>>,
    ) -> Result<Counted, LoadError> {
        if !self.own_threads {
            self.threads.clear();
            self.threads.enter();
            pinning::pin(0, &run.plan.cpus)?;
        }
        let cpu = self.threads.cpu()?;
        let books = Books::new(listener);
        let started = run.clock.start();
        let (deadline, quota) = match run.stop {
            Stop::After(window) => (Some(started + window), u64::MAX),
            Stop::Requests(requests) => (None, requests),
        };
        self.meter.open(deadline);
        let shift = Arc::new(Shift {
            client: self.client.clone(),
            requests: Arc::clone(&self.requests),
            exchange: Arc::clone(run.exchange),
            ledger: Mutex::new(Ledger::new(&self.held, started, deadline, quota, books)),
            callers: self.held.len(),
            started,
            deadline,
        });
        let work = Arc::clone(&shift).work(run.queue.cloned(), run.cancel.clone(), run.progress.clone());
        // Spawned, so that it runs on the runtime's threads and not beside them.
        let worked = self.runtime.block_on(async { tokio::spawn(work).await });
        let ended = whole(worked).expect("nobody cancels the window's own task")?;
        self.leftovers = ended.tasks;
        let mut tally = shift.ledger().close(ended.at, ended.interrupted);
        self.held = shift.ledger().held();
        let connects = self.meter.close(ended.at);
        (tally.reconnects, tally.connect) = (connects.begun, connects.times);
        tally.held_back.extend(ended.held_back);
        for (now, before) in self.threads.cpu()?.into_iter().zip(cpu) {
            let used = now - before;
            tally.cpu += used;
            tally.busiest = tally.busiest.max(share(used, ended.at - started));
        }
        run.progress.counters(0).publish(ended.at - started, &tally);
        Ok(Counted { started, tallies: vec![tally] })
    }
}

/// CPU seconds for each second.
fn share(used: CpuTime, window: Duration) -> f64 {
    (used.user + used.system).as_secs_f64() / window.as_secs_f64()
}

fn start(plan: &Plan, threads: &Threads) -> Result<Runtime, LoadError> {
    let mut builder = match plan.threads {
        1 => runtime::Builder::new_current_thread(),
        _ => runtime::Builder::new_multi_thread(),
    };
    let (threads, cpus) = (threads.clone(), plan.cpus.clone());
    builder
        .worker_threads(plan.threads)
        .on_thread_start(move || {
            // The plan's CPUs have been checked; a thread that cannot be pinned shows in nothing worse than noise.
            let _ = pinning::pin(threads.enter(), &cpus);
        })
        .enable_all();
    Ok(builder.build()?)
}

/// Asks once and settles what a valid answer is.
async fn preflight(client: &Client, request: &Request, plan: &Plan) -> Result<Exchange, LoadError> {
    let addr = plan.target.addr();
    let mut first = FirstAnswer::default();
    let answer = client::ask(client, request, |part| first.take(part)).await.map_err(|error| {
        let cause = classes::innermost(&error);
        match classes::classify(&error) {
            _ if classes::is_tls(&error) => LoadError::Tls { addr, cause },
            ErrorClass::Timeout => LoadError::NoAnswer { addr, after: plan.timeout },
            _ if error.is_connect() => LoadError::Connect { addr, cause },
            _ => LoadError::Broken { addr, cause },
        }
    })?;
    first.settle(plan, answer).map(|(exchange, _)| exchange)
}

/// Has all callers ask at the same time: each needs a connection, and says whether it got a valid answer.
async fn populate(
    client: &Client,
    requests: &Arc<Vec<Request>>,
    exchange: &Arc<Exchange>,
    callers: usize,
) -> Vec<bool> {
    let mut tasks = JoinSet::new();
    for caller in 0..callers {
        let (client, requests, exchange) = (client.clone(), Arc::clone(requests), Arc::clone(exchange));
        tasks
            .spawn(async move { (caller, client::check(&client, &requests[0], &exchange, 0).await.is_ok()) });
    }
    let mut held = vec![false; callers];
    while let Some(joined) = tasks.join_next().await {
        if let Some((caller, valid)) = whole(joined) {
            held[caller] = valid;
        }
    }
    held
}
