//! One request and the answer it should get: what all connections of a session share.

use std::net::SocketAddr;
use std::time::Duration;

use crate::error::ErrorClass;
use crate::reference::{Comparison, Reference};
use crate::response::Answer;

/// Serialised once, read by every event loop.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) addr: SocketAddr,
    pub(crate) request: Vec<u8>,
    pub(crate) status: u16,
    pub(crate) reference: Reference,
    pub(crate) timeout: Duration,
}

impl Exchange {
    /// Whether a complete answer is the expected one. A wrong status hides a wrong body.
    pub(crate) fn judge(&self, answer: Answer, comparison: &Comparison) -> Result<(), ErrorClass> {
        if answer.status != self.status {
            return Err(ErrorClass::BadStatus);
        }
        if comparison.holds(&self.reference) { Ok(()) } else { Err(ErrorClass::BadBody) }
    }
}
