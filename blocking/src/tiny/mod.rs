//! The `tiny_http` stack, held together from outside as well as it can be.
//!
//! `tiny_http` parses each connection on a thread of its own and queues whole requests. As published it has
//! several ways to die or to go deaf. What can be done about them without changing the library is done here:
//!
//! 1. [`Inbox`] is its queue with an end. It survives accept errors and panics of the accept thread: the
//!    `supervisor` notices them (`generation` says how) and starts another server of the library on the same
//!    listener.
//! 2. [`Incoming`] answers a request. Whatever a client can hold up, by announcing a `body` and not sending it, is
//!    done by a `janitor` and not by a handler, whose number is the concurrency model that is measured.
//! 3. The kernel keeps two deadlines that the library lacks, by options that accepted sockets inherit from the
//!    listener: `--idle-timeout` for silence, and `--write-timeout` for a client that does not read.
//! 4. It listens on the loopback only ([`NotLoopback`]), and [`TINY_HTTP_HAZARDS`] says what is left.
//!
//! Costs in the steady state: nothing on the way of a request but one shared lock and a timer in the kernel; ten
//! system calls a second; one connection in twenty seconds. No additional thread.

mod address;
mod body;
mod generation;
mod hazards;
mod inbox;
mod incoming;
mod janitor;
#[cfg(feature = "robustness")]
pub mod robustness;
mod shared;
mod supervisor;
#[cfg(test)]
mod tests;

use contract::LimitFlags;

pub use address::NotLoopback;
pub(crate) use address::require_loopback;
pub use hazards::{TINY_HTTP_HAZARDS, with_hazards};
pub use inbox::{Inbox, InboxError};
pub use incoming::Incoming;

/// The limits that were given and that this stack cannot keep.
pub(crate) fn without_effect(limits: &LimitFlags) -> Vec<&'static str> {
    const KEPT_HERE: [&str; 3] = ["--idle-timeout", "--write-timeout", "--drain-timeout"];
    limits.given().into_iter().filter(|flag| !KEPT_HERE.contains(flag)).collect()
}
