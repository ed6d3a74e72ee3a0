//! A connection, and what the windows it lives through know of it.

use std::time::Instant;

use crate::connection::Connection;
use crate::tally::Age;

/// How far a connection has been served in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Service {
    /// No request of the window was begun on it, and none was outstanding when the window opened.
    Unasked,
    /// One was, and none was answered.
    Asked,
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
    /// Open loop: the outstanding request belongs to an earlier window, and counts in that one only.
    pub(super) carried: bool,
    /// Open loop: since when it has been waiting for a request; `None` while it is not.
    pub(super) free_since: Option<Instant>,
    /// Open loop: when the latest request was due.
    pub(super) due: Option<Instant>,
}

impl Member {
    pub(crate) fn new(connection: Connection, held: bool) -> Self {
        Self { connection, held, service: Service::Unasked, carried: false, free_since: None, due: None }
    }

    /// How old the latest request is at this time.
    pub(super) fn age(&self, at: Instant) -> Age {
        Age {
            since_sent: at.saturating_duration_since(self.connection.asked_at()),
            since_due: self.due.map(|due| at.saturating_duration_since(due)),
            first_byte: self.connection.sighting(at),
        }
    }
}
