//! The async server: a task a connection on a few threads of tokio.
//!
//! A task that waits gives its thread back, so the number of requests in flight is not bound to the number of
//! threads. With a wait of W seconds and c clients it serves about c/W requests a second, until the CPU is full.
//!
//! - [`serve`] accepts connections and drives each through hyper's HTTP/1 state machine, until told to stop.
//! - [`run`] is the process around it: one runtime whose threads share the tasks, or one a core.
//! - `app` is the axum router with its one handler, and that handler without axum.
//! - `paced` is the socket that ends when its client is too slow.
//! - `places` is the cap of connections that all runtimes share.
//! - `opening` is a connection until its first head is whole, before hyper has to do with it.
//! - `work` is what a request does, `wait` the precise wait in it.
//!
//! Costs to know before reading results: `axum::serve` is not used. It sets no timer, so its header timeout never
//! fires, it cannot be told how to write header names, and its graceful stop has no deadline; the accept loop here
//! does what it does, and these three things.

mod accept;
mod app;
mod flags;
mod opening;
mod paced;
mod places;
mod program;
mod wait;
mod work;

pub use accept::{ServeError, serve};
pub use flags::{Flags, Http, Options, Runtime};
pub use places::Places;
pub use program::run;
pub use work::WorkError;
