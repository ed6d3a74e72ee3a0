//! The two engines behind one face: what a session opens, runs, and asks for its counts.

use std::sync::Arc;
use std::time::Instant;

use crate::cancel::Cancel;
use crate::crew::Crew;
use crate::error::LoadError;
use crate::exchange::Exchange;
use crate::intervals::Interval;
use crate::plan::{Plan, Stop};
use crate::progress::Progress;
use crate::queue::Queue;
use crate::reqwest_transport::Callers;
use crate::samples::Samples;
use crate::server_process::StartingClock;
use crate::tally::Tally;
use crate::transport::Transport;

/// What does the work, with its connections.
#[derive(Debug)]
pub(crate) enum Engine {
    Raw(Crew),
    Reqwest(Box<Callers>),
}

/// An engine whose connections have been opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) engine: Engine,
    pub(crate) exchange: Arc<Exchange>,
    /// How long connecting took.
    pub(crate) connects: Samples,
}

/// One window, to be measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) stop: Stop,
    /// Started by the engine when everything is ready.
    pub(crate) clock: &'a StartingClock,
    /// Open loop: what is due.
    pub(crate) queue: Option<&'a Arc<Queue>>,
    pub(crate) exchange: &'a Arc<Exchange>,
    pub(crate) progress: &'a Progress,
    pub(crate) cancel: &'a Cancel,
}

/// A window that is over.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) started: Instant,
    pub(crate) tallies: Vec<Tally>,
}

/// Who is told each second as soon as it is past.
pub(crate) type Listener<'a> = Option<&'a mut dyn FnMut(&Interval)>;

impl Engine {
    /// Asks once, settles what a valid answer is, and opens the other connections.
    pub(crate) fn open(plan: &Plan, cancel: &Cancel) -> Result<Opened, LoadError> {
        match plan.transport {
            Transport::Raw => {
                let (crew, exchange, connects) = Crew::open(plan, cancel)?;
                Ok(Opened { engine: Self::Raw(crew), exchange: Arc::new(exchange), connects })
            }
            Transport::Reqwest => {
                let (callers, exchange, connects) = Callers::open(plan, cancel)?;
                Ok(Opened { engine: Self::Reqwest(Box::new(callers)), exchange, connects })
            }
        }
    }

    /// How many connections have ever got a valid answer.
    pub(crate) fn held(&self) -> usize {
        match self {
            Self::Raw(crew) => crew.held(),
            Self::Reqwest(callers) => callers.held(),
        }
    }

    /// Measures one window.
    pub(crate) fn run(&mut self, run: &Run<'_>, tell: Listener<'_>) -> Result<Counted, LoadError> {
        match self {
            Self::Raw(crew) => crew.run(run, tell),
            Self::Reqwest(callers) => callers.run(run, tell),
        }
    }
}
