//! The one server of every model: one request at a time, first come, first served.
//!
//! It knows no clock, only the times at which requests come. So it stands in simulations on a simulated clock, and the
//! tests from outside have the same one behind real sockets.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// How long it takes for a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Service {
    Constant,
    Exponential,
}

/// A server with its queue.
#[derive(Debug)]
pub(super) struct Station {
    random: ChaCha8Rng,
    service: Service,
    mean: Duration,
    /// When it will have served everybody who is there.
    free_at: Instant,
}

impl Station {
    pub(super) fn new(seed: u64, service: Service, mean: Duration, started: Instant) -> Self {
        // The schedule has streams of the same generator: another seed than its own.
        let random = ChaCha8Rng::seed_from_u64(seed ^ 0x5eed_0f5e_2c1c_e000);
        Self { random, service, mean, free_at: started }
    }

    pub(super) fn exponential(&mut self, mean: Duration) -> Duration {
        const STEPS: f64 = (1_u64 << 53) as f64;
        let uniform = ((self.random.next_u64() >> 11) as f64 + 0.5) / STEPS;
        mean.mul_f64(-uniform.ln())
    }

    /// When the answer is out to a request that comes `at` this time, not before any earlier one.
    pub(super) fn answers(&mut self, at: Instant) -> Instant {
        let time = match self.service {
            Service::Constant => self.mean,
            Service::Exponential => self.exponential(self.mean),
        };
        self.free_at = self.free_at.max(at) + time;
        self.free_at
    }

    /// So many requests of users who each ask again as soon as they are answered. Each request is delayed before it
    /// queues; of each is told when it was sent and when answered.
    pub(super) fn serve_users(
        &mut self,
        users: usize,
        requests: usize,
        mut delay: impl FnMut(&mut Self) -> Duration,
        mut told: impl FnMut(Instant, Instant),
    ) {
        /// What happens next to a user's request; of two at the same time the one that was sent first.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        struct Next {
            at: Instant,
            sent: Instant,
            served: bool,
        }
        let mut to_send = 0..requests;
        let mut ask = |station: &mut Self, sent| {
            to_send.next().map(|_| Reverse(Next { at: sent + delay(station), sent, served: false }))
        };
        let started = self.free_at;
        let mut next: BinaryHeap<_> = (0..users).filter_map(|_| ask(self, started)).collect();
        while let Some(Reverse(Next { at, sent, served })) = next.pop() {
            if served {
                told(sent, at);
                next.extend(ask(self, at));
            } else {
                next.push(Reverse(Next { at: self.answers(at), sent, served: true }));
            }
        }
    }
}
