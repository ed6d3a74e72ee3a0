//! A connection, and what the windows it lives through know of it.

use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::tally::Age;

/// How far a connection has been served in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Service {
    /// No request was outstanding on it in the window.
    Unasked,
    /// One was, begun in the window or before, and none was answered.
    Asked,
    /// None was answered, and one failed.
    Failed,
    /// One was answered, rightly or wrongly.
    Answered,
}

/// A connection and its request's place in the window.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) connection: Connection,
    /// Whether it has ever got a valid answer.
    pub(crate) held: bool,
    pub(super) service: Service,
    /// Complete answers of the window, right or wrong.
    pub(super) served: u64,
    /// Closed loop: how old the outstanding request was when the window opened, if it was there then.
    pub(super) entered: Option<Duration>,
    /// Open loop: the outstanding request belongs to an earlier window, and counts in that one only.
    pub(super) carried: bool,
    /// Open loop: since when it has been waiting for a request; `None` while it is not.
    pub(super) free_since: Option<Instant>,
    /// Open loop: when the latest request was due.
    pub(super) due: Option<Instant>,
}

impl Member {
    pub(crate) fn new(connection: Connection, held: bool) -> Self {
        Self {
            connection,
            held,
            service: Service::Unasked,
            served: 0,
            entered: None,
            carried: false,
            free_since: None,
            due: None,
        }
    }

    /// How old the latest request is at this time.
    pub(super) fn age(&self, at: Instant) -> Age {
        Age {
            since_sent: at.saturating_duration_since(self.connection.asked_at()),
            since_due: self.due.map(|due| at.saturating_duration_since(due)),
            entered: self.entered,
            first_byte: self.connection.sighting(at),
        }
    }
}
