//! What happens on a connection, in the words that a window counts by.

use std::time::Instant;

use crate::error::ErrorClass;

/// What the network's latest news about a connection amounts to.
#[derive(Debug)]
pub(crate) enum Step {
    /// Nothing that concerns anybody else.
    Waiting,
    /// There is more to read, but others should have their turn: call `resume`.
    More,
    /// Something came although nothing was asked; the connection has been closed.
    Unsolicited,
    /// The answer was complete when the `recv` returned at this time.
    Answered { at: Instant, verdict: Result<(), ErrorClass> },
    /// The request has failed.
    Failed(ErrorClass),
}
