//! What has happened on a connection, counted; and what a tick ends and starts.

use std::time::Instant;

use super::member::Service;
use super::{SHORT_TICK, TICK, Window};
use crate::step::Step;
use crate::tally::nanoseconds;

impl Window<'_> {
    /// Counts what has happened on a connection and gives it its next request; true if there is more to read from it.
    pub(super) fn account(&mut self, index: usize, step: &Step) -> bool {
        match *step {
            Step::Waiting => return false,
            Step::More => return true,
            Step::Unsolicited => self.tally.unsolicited += 1,
            Step::Answered { at, verdict } => {
                self.now = at;
                if self.is_past(at) {
                    self.leave(index);
                    return false;
                }
                let member = &mut self.members[index];
                let age = member.age(at);
                member.service = Service::Answered;
                member.served += 1;
                if std::mem::take(&mut member.carried) {
                    member.held |= verdict.is_ok();
                    self.tally.carried.end(verdict);
                } else {
                    self.slice(at);
                    let member = &mut self.members[index];
                    match verdict {
                        Ok(()) => {
                            member.held = true;
                            self.tally.succeed(age);
                            if let Some(slicer) = &mut self.slicer {
                                slicer.record(age);
                            }
                        }
                        Err(class) => self.tally.fail(class),
                    }
                }
                self.release(index);
            }
            Step::Failed(class) => {
                self.now = Instant::now();
                if self.is_past(self.now) {
                    self.leave(index);
                    return false;
                }
                let member = &mut self.members[index];
                member.service = member.service.max(Service::Failed);
                if std::mem::take(&mut member.carried) {
                    self.tally.carried.end(Err(class));
                } else {
                    self.slice(self.now);
                    self.tally.fail(class);
                }
                self.release(index);
            }
        }
        false
    }

    /// A connection was made; one made after the deadline was still being made then.
    pub(super) fn connected(&mut self, index: usize, since: Instant, at: Instant) {
        if self.members[index].carried {
            return;
        }
        match self.bounds.deadline.filter(|deadline| at >= *deadline) {
            None => self.tally.connect.record_answered(nanoseconds(at - since)),
            Some(deadline) => self.tally.left_connecting(Some(since), deadline),
        }
    }

    /// Begins another second if it is time for one, before what happened `at` that time is counted.
    fn slice(&mut self, at: Instant) {
        if let Some(slicer) = &mut self.slicer {
            slicer.turn_to(at, &self.tally);
        }
    }

    /// What happened after the deadline has not happened: the request was in flight when the window closed.
    fn leave(&mut self, index: usize) {
        if std::mem::take(&mut self.members[index].carried) {
            self.tally.carried.in_flight += 1;
            return;
        }
        let deadline = self.bounds.deadline.unwrap_or(self.now);
        self.tally.leave(self.members[index].age(deadline));
    }

    /// Ends what has taken too long and starts what has paused long enough.
    pub(super) fn tick(&mut self) {
        self.slice(self.now);
        self.paused = false;
        for index in 0..self.members.len() {
            let member = &mut self.members[index];
            if let Some(asked_at) = member.connection.outstanding_since() {
                if self.now.saturating_duration_since(asked_at) < self.exchange.timeout {
                    continue;
                }
                let age = member.age(self.now);
                let connecting = member.connection.connecting_since();
                let class = member.connection.give_up();
                member.service = member.service.max(Service::Failed);
                if std::mem::take(&mut member.carried) {
                    self.tally.carried.end(Err(class));
                } else {
                    self.tally.time_out(class, age);
                    self.tally.left_connecting(connecting, self.now);
                }
            }
            self.revive(index);
        }
        self.next_tick = self.now + if self.paused { SHORT_TICK } else { TICK };
    }
}
