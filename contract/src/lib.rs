//! What every server of this workspace promises, whatever its concurrency model and HTTP library.
//!
//! The servers may differ only in how they schedule work. Everything a client can observe is decided here,
//! once, so that a difference in a measurement cannot come from a difference in behaviour:
//!
//! 1. [`Request`] collects the facts of a request that matter, field by field, from any HTTP library.
//! 2. [`answer`] turns them into a [`Reply`]: a pure function, no clock, no socket.
//! 3. [`SharedFlags`] are the command-line flags that all servers understand in the same way.
//! 4. [`listen`] opens the listening socket, with the same backlog and options for all.
//! 5. [`Ready`] is the line a server prints once it listens; the runner parses it with the same module.
//! 6. [`WorkFlags`] is what a request does before it is answered, [`LimitFlags`] what bounds its client, [`Pace`] the
//!    deadline of a connection at each moment, [`Trouble`] a warning that is not repeated a thousand times a second.
//! 7. `message` (behind the feature `http`) is the contract in the types of the `http` crate, `refusal` the contract where
//!    hyper answers by itself.
//! 8. `conformance` (behind the feature of that name) is the black-box test kit: a table of cases, run over
//!    a raw socket against any address; `program` starts a server as a process and ends it, `command_line` is
//!    what a server promises there, `behaviour` what it does when clients, upstreams and the kernel are at their worst,
//!    `robustness` a table of attacks that it survives.
//!
//! Costs and limits: a name is at most [`limits::NAME_BYTES`] long; [`answer`] allocates once, for the body of
//! a greeting. Nothing here knows tokio, hyper or `tiny_http`.

mod answer;
#[cfg(feature = "conformance")]
pub mod behaviour;
#[cfg(feature = "conformance")]
pub mod client;
#[cfg(feature = "conformance")]
pub mod command_line;
#[cfg(feature = "conformance")]
pub mod conformance;
mod exit;
mod flags;
mod host;
mod limit_flags;
pub mod limits;
mod listener;
#[cfg(feature = "http")]
pub mod message;
mod pace;
#[cfg(feature = "conformance")]
mod proc;
#[cfg(feature = "conformance")]
pub mod program;
mod ready;
#[cfg(feature = "http")]
mod refusal;
mod reply;
mod request;
#[cfg(feature = "conformance")]
pub mod robustness;
mod target;
mod trouble;
mod work;

pub use answer::answer;
pub use exit::exit_code;
pub use flags::SharedFlags;
pub use limit_flags::{LimitFlags, TimeoutError, parse_timeout, warn_of_no_effect};
pub use listener::{ListenError, listen, listen_shared};
pub use pace::{Mark, Pace, Phase};
pub use ready::{Model, Ready, ReadyError};
#[cfg(feature = "http")]
pub use refusal::Refusals;
pub use reply::{CONTENT_TYPE, Reply, SERVER, Status};
pub use request::{AnnouncedBody, Request, Version};
pub use target::path_of;
pub use trouble::{ACCEPT_BACK_OFF, Trouble};
pub use work::{AtWork, InFlight, IoWait, IoWaitError, SLOW_PATH, Upstream, UpstreamError, WorkFlags, burn};
