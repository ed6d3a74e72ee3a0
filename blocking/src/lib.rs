//! What the two blocking servers share: the HTTP stacks, the blocking form of a request's work, the stop signal.
//!
//! `sync-server` and `threaded-server` differ in one thing only: how many threads handle requests, and so who has to wait
//! for whom. Everything else is here, written once:
//!
//! - [`Inbox`] is the `tiny_http` stack: whole requests, for as many threads as call [`Inbox::next`].
//! - [`Driver`] is the hyper stack: it serves one connection on the calling thread, and asks a [`Keeper`] how to wait.
//! - [`Door`] is the listening socket of that stack, [`Work`] what a request does, [`Shutdown`] how all of it ends.
//!
//! Costs to know before reading results: `tiny_http` runs an accept thread, and a reader thread for each live
//! connection, whatever the model. So the server that handles one request at a time is serial in handling only:
//! with 64 connections open it has about 70 threads. The tables show the count. On hyper there are only the threads
//! that the model has.

mod connection;
mod door;
mod http;
mod shutdown;
mod tiny;
mod wire;
mod work;

pub use connection::{Driver, Keeper, Until};
pub use door::{Door, DoorError, Latch, Seen, has_arrived};
pub use http::{AddressError, Http};
pub use shutdown::Shutdown;
#[cfg(feature = "robustness")]
pub use tiny::robustness;
pub use tiny::{Inbox, InboxError, Incoming, NotLoopback, TINY_HTTP_HAZARDS, with_hazards};
pub use work::{Work, WorkError};
