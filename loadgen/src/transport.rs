//! Through what the requests go: the event loop of this crate, or a client library as services use it.

use std::fmt::{self, Display, Formatter};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::LoadError;
use crate::opening::Opening;
use crate::plan::Plan;

/// What sends the requests and reads the answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// Non-blocking sockets and a parser of our own, an event loop a thread: as little as possible beside the server.
    #[default]
    Raw,
    /// One `reqwest::Client` on a tokio runtime, shared by as many callers as there are connections.
    Reqwest,
}

impl Transport {
    /// The name that flags, records and reports use.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Reqwest => "reqwest",
        }
    }

    /// How many tell of a run's progress: each event loop, or the callers together.
    pub(crate) const fn tellers(self, threads: usize) -> usize {
        match self {
            Self::Raw => threads,
            Self::Reqwest => 1,
        }
    }

    /// What does the work, as the record names it.
    pub(crate) const fn engine(self) -> &'static str {
        match self {
            Self::Raw => "mio-epoll",
            Self::Reqwest => "reqwest",
        }
    }

    /// Whether it can do what the plan demands. What would have no effect is refused, not ignored.
    pub(crate) fn check(self, plan: &Plan) -> Result<(), LoadError> {
        let secure = plan.target.is_secure();
        let refusals = [
            (
                self == Self::Raw && secure,
                "the raw transport speaks no TLS; pass --transport reqwest for an https:// URL",
            ),
            (
                secure && !cfg!(feature = "https"),
                "this loadgen was built without TLS; build it with --features https",
            ),
            (
                plan.insecure && !secure,
                "there is no certificate to accept without TLS; use an https:// URL, or leave --insecure away",
            ),
            (
                self == Self::Reqwest && plan.spin,
                "reqwest's callers sleep in a runtime and cannot spin; use --transport raw, or leave --spin away",
            ),
            (
                self == Self::Reqwest && (plan.connect_rate.is_some() || plan.opening != Opening::Burst),
                "reqwest opens connections when it needs them: in a burst, and at no rate of ours",
            ),
        ];
        let refused = refusals.into_iter().find(|(refused, _)| *refused);
        refused.map_or(Ok(()), |(_, reason)| Err(LoadError::BadPlan(reason)))
    }
}

impl Display for Transport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Target;

    #[test]
    fn what_would_have_no_effect_is_refused() {
        let plan = |scheme: &str| {
            let target = Target::parse(&format!("{scheme}://127.0.0.1:8080/")).expect("a good URL");
            Plan { opening: Opening::Burst, transport: Transport::Reqwest, ..Plan::new(target) }
        };
        let secure = [plan("https"), Plan { insecure: true, ..plan("https") }];
        let secure = secure.into_iter().filter(|_| cfg!(feature = "https"));
        for good in [plan("http")].into_iter().chain(secure) {
            good.check().expect("a plan that can be carried out");
        }
        let bad = [
            Plan { transport: Transport::Raw, ..plan("https") },
            Plan { insecure: true, ..plan("http") },
            Plan { opening: Opening::OneByOne, ..plan("http") },
            Plan { connect_rate: Some(5.0), ..plan("http") },
        ];
        for plan in bad {
            assert!(matches!(plan.check(), Err(LoadError::BadPlan(_))), "{plan:?}");
        }
    }
}
