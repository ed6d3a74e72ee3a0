//! What the two blocking servers share: the HTTP stack, the blocking form of a request's work, the stop signal.
//!
//! `sync-server` and `threaded-server` differ in one thing only: how many threads call [`Inbox::next`]. That is
//! the whole concurrency model; everything else is here, written once.
//!
//! Costs to know before reading results: `tiny_http` runs an accept thread, and a reader thread for each live
//! connection, whatever the model. So the server that handles one request at a time is serial in handling only:
//! with 64 connections open it has about 70 threads. The tables show the count.

mod http;
mod shutdown;
mod tiny;

use std::time::Duration;

use contract::SharedFlags;

pub use http::Http;
pub use shutdown::Shutdown;
pub use tiny::{Inbox, InboxError, Incoming};

/// The work a request does before it is answered.
#[derive(Debug, Clone, Copy, Default)]
pub struct Work {
    /// How long the handling thread waits, as if for a disk or another service.
    pub io_wait: Duration,
}

impl From<&SharedFlags> for Work {
    fn from(flags: &SharedFlags) -> Self {
        Work { io_wait: flags.io_wait }
    }
}

impl Work {
    /// Does the work, on the calling thread.
    pub fn perform(&self) {
        if !self.io_wait.is_zero() {
            #[expect(clippy::disallowed_methods, reason = "the wait is the work that is being measured")]
            std::thread::sleep(self.io_wait);
        }
    }
}
