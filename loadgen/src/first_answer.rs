//! The very first answer: it decides whether the plan makes sense, and what all others are held against.

use crate::error::LoadError;
use crate::exchange::{Exchange, Variant};
use crate::plan::{ExpectedBody, Pacing, Plan};
use crate::reference::{BodyCheck, Comparison, Reference};
use crate::response::Answer;
use crate::sources::Sources;

/// The largest body that can be the reference, in bytes.
const REFERENCE_LIMIT: usize = 1024 * 1024;

/// Its body, as it streams in: no more is kept than can be the reference.
#[derive(Debug, Default)]
pub(crate) struct FirstAnswer {
    body: Vec<u8>,
    length: usize,
}

impl FirstAnswer {
    /// Takes the next part of the body.
    pub(crate) fn take(&mut self, part: &[u8]) {
        self.length += part.len();
        self.body.extend_from_slice(&part[..part.len().min(REFERENCE_LIMIT - self.body.len())]);
    }

    /// What all connections share, and whether this answer is valid by it.
    pub(crate) fn settle(self, plan: &Plan, answer: Answer) -> Result<(Exchange, bool), LoadError> {
        let Plan { target, expect, .. } = plan;
        if answer.status != expect.status {
            let url = target.to_string();
            return Err(LoadError::WrongStatus { url, expected: expect.status, found: answer.status });
        }
        if self.length > REFERENCE_LIMIT && expect.body == ExpectedBody::Auto {
            return Err(LoadError::LargeReference { limit: REFERENCE_LIMIT });
        }
        let exchange = exchange(plan, &self.body)?;
        let mut comparison = Comparison::default();
        comparison.take(&exchange.variants[0].reference, &self.body);
        let valid = self.length <= REFERENCE_LIMIT && exchange.judge(answer, &comparison, 0).is_ok();
        Ok((exchange, valid))
    }
}

/// Serialises every request and its reference, given the body of the first answer.
pub(crate) fn exchange(plan: &Plan, first: &[u8]) -> Result<Exchange, LoadError> {
    let Plan { target, request, expect, new_connections, timeout, .. } = plan;
    let check = BodyCheck::settle(&expect.body, target, first);
    let bodiless = request.is_head();
    if check == BodyCheck::FirstAnswer && target.variants() > 1 && !bodiless {
        return Err(LoadError::VaryingBodies);
    }
    let segment = match &plan.pacing {
        Pacing::Open(schedule) => schedule.segment.index,
        Pacing::Closed => 0,
    };
    let variant = |index| Variant {
        request: request.serialise(target, index, *new_connections),
        reference: Reference::new(check, &expect.body, target, index, first),
    };
    Ok(Exchange {
        addr: target.addr(),
        variants: (0..target.variants()).map(variant).collect(),
        status: expect.status,
        check,
        bodiless,
        new_connections: *new_connections,
        sources: Sources::new(target.addr(), *new_connections, segment),
        timeout: *timeout,
    })
}
