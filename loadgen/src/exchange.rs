//! The requests and the answers they should get: what all connections of a session share.

use std::net::SocketAddr;
use std::time::Duration;

use crate::error::ErrorClass;
use crate::reference::{BodyCheck, Comparison, Reference};
use crate::response::Answer;
use crate::sources::Sources;

/// Serialised once, read by every event loop.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) addr: SocketAddr,
    /// The requests, which are sent one after another and again from the first.
    pub(crate) variants: Vec<Variant>,
    pub(crate) status: u16,
    /// What the references are.
    pub(crate) check: BodyCheck,
    /// Whether answers end with their head.
    pub(crate) bodiless: bool,
    /// Whether each request gets a connection of its own.
    pub(crate) new_connections: bool,
    pub(crate) sources: Sources,
    pub(crate) timeout: Duration,
}

/// One request and the body it should be answered with.
#[derive(Debug)]
pub(crate) struct Variant {
    pub(crate) request: Vec<u8>,
    pub(crate) reference: Reference,
}

impl Exchange {
    /// The place in the list of the request with this index.
    pub(crate) fn variant_of(&self, index: u64) -> usize {
        match self.variants.len() {
            1 => 0,
            variants => usize::try_from(index % variants as u64).unwrap_or_default(),
        }
    }

    /// Whether a complete answer is the expected one. A wrong status hides a wrong body.
    pub(crate) fn judge(
        &self,
        answer: Answer,
        comparison: &Comparison,
        variant: usize,
    ) -> Result<(), ErrorClass> {
        if answer.status != self.status {
            return Err(ErrorClass::BadStatus);
        }
        if comparison.holds(&self.variants[variant].reference) { Ok(()) } else { Err(ErrorClass::BadBody) }
    }
}
