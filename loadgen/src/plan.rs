//! What is to be done: target, connections, threads, when to stop, what to expect.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::LoadError;
use crate::form::RequestForm;
use crate::opening::Opening;
use crate::schedule::Schedule;
use crate::target::Target;
use crate::transport::Transport;

/// The longest window and timeout that a plan may have: one year.
const LONGEST: Duration = Duration::from_hours(365 * 24);

/// All that a run depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What is asked for.
    pub target: Target,
    /// Through what it is asked.
    pub transport: Transport,
    /// Whether any certificate is accepted from an https server.
    pub insecure: bool,
    /// What a request looks like besides its path.
    pub request: RequestForm,
    /// Whether each request gets a connection of its own, the time to connect included in its latency.
    pub new_connections: bool,
    /// Connections that ask, each one request at a time.
    pub connections: usize,
    /// Event loops, each a thread; the connections are split evenly among them.
    pub threads: usize,
    /// CPUs to pin the event loops to, in turn; empty lets them run anywhere.
    pub cpus: Vec<usize>,
    /// The order in which connections are opened.
    pub opening: Opening,
    /// Connections opened a second at most, while a session is opened.
    pub connect_rate: Option<f64>,
    /// What makes the next request due.
    pub pacing: Pacing,
    /// Open loop: whether an event loop spins through the last 200 µs before a request is due, instead of sleeping.
    pub spin: bool,
    /// When the run ends.
    pub stop: Stop,
    /// How long an answer, or a connection, may take.
    pub timeout: Duration,
    /// What a valid answer is.
    pub expect: Expectation,
    /// The process whose use of the machine is told too.
    pub watch: Option<Watch>,
}

/// A process that is watched while requests are sent, usually the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Its number.
    pub pid: u32,
    /// Whether to take samples within the window too, ten a second at most.
    pub series: bool,
}

impl Plan {
    /// 64 connections in a closed loop on one thread for ten seconds, answers within ten seconds, the default expectation.
    #[must_use]
    pub fn new(target: Target) -> Self {
        Self {
            target,
            transport: Transport::Raw,
            insecure: false,
            request: RequestForm::default(),
            new_connections: false,
            connections: 64,
            threads: 1,
            cpus: Vec::new(),
            opening: Opening::OneByOne,
            connect_rate: None,
            pacing: Pacing::Closed,
            spin: false,
            stop: Stop::After(Duration::from_secs(10)),
            timeout: Duration::from_secs(10),
            expect: Expectation::default(),
            watch: None,
        }
    }

    /// Whether the plan can be carried out at all; [`LoadError::BadPlan`] says why not.
    pub fn check(&self) -> Result<(), LoadError> {
        self.stop.check()?;
        self.transport.check(self)?;
        match &self.pacing {
            Pacing::Open(schedule) => {
                schedule.check()?;
                schedule.check_length(self.stop)?;
            }
            Pacing::Closed if self.spin => {
                return Err(LoadError::BadPlan(
                    "a closed loop waits for answers, not for the clock: nothing to spin for",
                ));
            }
            Pacing::Closed => {}
        }
        if self.request.is_head() && matches!(self.expect.body, ExpectedBody::Exact(_)) {
            return Err(LoadError::BadPlan(
                "an answer to HEAD has no body to expect; leave --expect-body away",
            ));
        }
        if self.connections == 0 {
            return Err(LoadError::BadPlan("there must be at least one connection"));
        }
        if self.threads == 0 {
            return Err(LoadError::BadPlan("there must be at least one thread"));
        }
        if self.threads > self.connections {
            return Err(LoadError::BadPlan(
                "more threads than connections; use at most one for each connection",
            ));
        }
        if self.connect_rate.is_some_and(|rate| !(rate > 0.0 && rate.is_finite())) {
            return Err(LoadError::BadPlan("the rate of connecting must be above zero"));
        }
        if self.timeout.is_zero() || self.timeout > LONGEST {
            return Err(LoadError::BadPlan("the timeout must be longer than zero and at most a year"));
        }
        Ok(())
    }
}

/// What makes the next request due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pacing {
    /// The answer to the one before, on each connection.
    Closed,
    /// A schedule that nothing in the run can change; whichever connection has been free for longest sends.
    Open(Schedule),
}

/// When a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// After this time; requests still unanswered are not waited for.
    After(Duration),
    /// When so many requests have been sent and each has ended, in an answer or in an error.
    Requests(u64),
}

impl Stop {
    pub(crate) fn check(&self) -> Result<(), LoadError> {
        match self {
            Self::After(window) if window.is_zero() || *window > LONGEST => {
                Err(LoadError::BadPlan("the duration must be longer than zero and at most a year"))
            }
            Self::Requests(0) => Err(LoadError::BadPlan("there must be at least one request")),
            Self::After(_) | Self::Requests(_) => Ok(()),
        }
    }
}

/// What a valid answer is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Expectation {
    /// The one status that is valid.
    pub status: u16,
    /// The one body that is valid.
    pub body: ExpectedBody,
}

impl Default for Expectation {
    fn default() -> Self {
        Self { status: 200, body: ExpectedBody::Auto }
    }
}

/// Which body is valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExpectedBody {
    /// The body of the very first answer; the record says whether that was the greeting of the name asked for.
    Auto,
    /// This text, in which `{name}` stands for the last path segment, percent-decoded.
    Exact(String),
    /// Any body: only status and framing are checked.
    Off,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_cannot_be_run_says_why() {
        let plan = || Plan::new(Target::parse("http://127.0.0.1:8080/").expect("a good URL"));
        plan().check().expect("the default plan");
        let bad = [
            Plan { connections: 0, ..plan() },
            Plan { threads: 0, ..plan() },
            Plan { threads: 65, ..plan() },
            Plan { spin: true, ..plan() },
            Plan { pacing: Pacing::Open(Schedule::steady(0.0)), ..plan() },
            Plan { pacing: Pacing::Open(Schedule::steady(1e9)), stop: Stop::After(LONGEST), ..plan() },
            Plan {
                pacing: Pacing::Open(Schedule {
                    segment: crate::schedule::Segment { index: 0, of: u64::MAX },
                    ..Schedule::steady(1.0)
                }),
                ..plan()
            },
            Plan { timeout: Duration::ZERO, ..plan() },
            Plan { stop: Stop::After(Duration::ZERO), ..plan() },
            Plan { stop: Stop::After(Duration::MAX), ..plan() },
            Plan { stop: Stop::Requests(0), ..plan() },
        ];
        for plan in bad {
            assert!(matches!(plan.check(), Err(LoadError::BadPlan(_))), "{plan:?}");
        }
    }
}
