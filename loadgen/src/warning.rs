//! What a reader should know before believing a record. A warning is a value; its words are made when it is shown.

use std::fmt::{self, Display, Formatter};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A circumstance that limits what a record may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Warning {
    /// Fewer connections than wanted had got a valid answer when the clock started.
    FewerHeld {
        /// Connections with a valid answer.
        held: usize,
        /// Connections wanted.
        wanted: usize,
    },
    /// Some connections were asked on and never answered in the window.
    Starved {
        /// Such connections.
        starved: usize,
        /// Connections wanted.
        wanted: usize,
    },
    /// An event loop was nearly out of CPU: the server may be faster than the figures say.
    ClientBound {
        /// CPU seconds used for each second by the event loop that used most.
        cpu_share: f64,
    },
    /// Latencies above the histogram's top were recorded as the top.
    AboveRange {
        /// Such observations.
        observations: u64,
    },
    /// Requests that were outstanding when the window opened failed in it; they belong to what came before.
    CarriedFailed {
        /// Such requests.
        requests: u64,
    },
    /// Connections sent something although nothing was asked on them.
    Unsolicited {
        /// Times that it happened.
        connections: u64,
    },
    /// It is not recorded when the merged segments started; they are taken to have gone on at the same time.
    StartUnknown,
    /// Bodies differed from the first answer, which was no greeting: the resource may simply vary.
    VaryingBody {
        /// Answers with another body.
        answers: u64,
    },
}

impl Display for Warning {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewerHeld { held, wanted } => {
                write!(f, "only {held} of {wanted} connections had got a valid answer when the clock started")
            }
            Self::Starved { starved, wanted } => {
                write!(f, "{starved} of {wanted} connections got no answer in the whole window")
            }
            Self::ClientBound { cpu_share } => write!(
                f,
                "client-bound: the generator used {:.0} % of its CPU, so the server may be faster; use more threads",
                cpu_share * 100.0
            ),
            Self::AboveRange { observations } => {
                write!(f, "{observations} latencies above 60 s were recorded as 60 s")
            }
            Self::CarriedFailed { requests } => {
                write!(f, "{requests} requests of before the window failed in it; no other count has them")
            }
            Self::Unsolicited { connections } => write!(
                f,
                "{connections} times a connection sent something that nobody had asked for, and was closed"
            ),
            Self::StartUnknown => {
                write!(
                    f,
                    "not every record says when it started; the segments are taken to have gone on together"
                )
            }
            Self::VaryingBody { answers } => write!(
                f,
                "{answers} bodies differed from the first answer; if the resource varies, pass --no-validate"
            ),
        }
    }
}
