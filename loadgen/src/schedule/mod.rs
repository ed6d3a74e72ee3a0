//! When each request of an open loop is due: fixed before the run, computed from the index alone.
//!
//! Arrivals are first laid out at rate 1: a Poisson process, or one every 1. Then time is stretched so that they come
//! at the rate that was asked for: the i-th is due when the integral of the rate has reached the i-th time at rate 1
//! (the time change that turns a Poisson process into one of varying rate; E. Çinlar, "Introduction to Stochastic
//! Processes" (1975), chapter 4). So a steady rate and a ramp, Poisson and constant are one formula.
//!
//! Nothing that happens in a run has any influence here. That is what "open loop" means.

mod poisson;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::LoadError;
use crate::plan::Stop;
use poisson::{BLOCK, LENGTH, Poisson};

/// The highest rate that can be asked for: one request each nanosecond.
const HIGHEST_RATE: f64 = 1e9;
/// The most requests of a schedule, well below what the arithmetic of arrivals can hold.
const MOST_REQUESTS: f64 = 1e14;
/// The most segments of one.
const MOST_SEGMENTS: u64 = 1_000_000;
/// The lowest one: one request a day.
const LOWEST_RATE: f64 = 1.0 / 86_400.0;

/// How requests arrive in an open loop.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Schedule {
    /// How many a second.
    pub rate: OfferedRate,
    /// How they are spread.
    pub arrivals: Arrivals,
    /// Which of all Poisson schedules it is; without influence on constant arrivals.
    pub seed: u64,
    /// Which of its requests are sent here.
    pub segment: Segment,
}

/// A share of a schedule: every `of`-th request, beginning with the one at `index`.
///
/// Several processes with a segment each send together exactly what one would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Segment {
    /// Which segment, counted from 0.
    pub index: u64,
    /// How many there are.
    pub of: u64,
}

impl Segment {
    /// All requests.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    /// The place in the whole schedule of the segment's request with this index.
    pub(crate) fn place(self, index: u64) -> u64 {
        index * self.of + self.index
    }

    /// How many of the first `total` requests are in the segment.
    pub(crate) fn share_of(self, total: u64) -> u64 {
        total.saturating_sub(self.index).div_ceil(self.of)
    }
}

impl Schedule {
    /// Poisson arrivals at a steady rate, in requests a second.
    #[must_use]
    pub fn steady(per_sec: f64) -> Self {
        Self {
            rate: OfferedRate::Steady(per_sec),
            arrivals: Arrivals::Poisson,
            seed: 0,
            segment: Segment::WHOLE,
        }
    }

    /// The schedule that this one may be a segment of.
    #[must_use]
    pub fn whole(&self) -> Self {
        Self { segment: Segment::WHOLE, ..*self }
    }

    /// Whether a schedule can hold what is due until then.
    pub(crate) fn check_length(&self, stop: Stop) -> Result<(), LoadError> {
        let requests = match stop {
            Stop::After(window) => self.rate.mean_over(window) * window.as_secs_f64(),
            Stop::Requests(requests) => requests as f64,
        };
        if requests > MOST_REQUESTS {
            return Err(LoadError::BadPlan(
                "a schedule holds 10^14 requests; use a lower rate, or a shorter run",
            ));
        }
        Ok(())
    }

    /// Whether such a rate can be offered at all; [`LoadError::BadPlan`] says why not.
    pub fn check(&self) -> Result<(), LoadError> {
        let sane = |rate| (LOWEST_RATE..=HIGHEST_RATE).contains(&rate);
        let (rates, over) = match self.rate {
            OfferedRate::Steady(rate) => ([rate, rate], None),
            OfferedRate::Ramp { from, to, over } => ([from, to], Some(over)),
        };
        if !rates.into_iter().all(sane) {
            return Err(LoadError::BadPlan("the rate must lie between one request a day and 10^9 a second"));
        }
        if self.segment.index >= self.segment.of {
            return Err(LoadError::BadPlan("a segment is one of as many as there are, as 1/3, 2/3 or 3/3"));
        }
        if self.segment.of > MOST_SEGMENTS {
            return Err(LoadError::BadPlan("a schedule has at most a million segments"));
        }
        if over.is_some_and(|over| over.is_zero()) {
            return Err(LoadError::BadPlan("a ramp must take longer than zero"));
        }
        Ok(())
    }
}

/// Requests offered a second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferedRate {
    /// The same all the time.
    Steady(f64),
    /// Rising or falling linearly, and steady after that.
    Ramp {
        /// The rate at the start.
        from: f64,
        /// The rate at the end.
        to: f64,
        /// How long it takes to get there.
        over: Duration,
    },
}

impl OfferedRate {
    /// The rate at the start and at the end, in requests a second.
    #[must_use]
    pub fn ends(&self) -> (f64, f64) {
        match *self {
            Self::Steady(rate) => (rate, rate),
            Self::Ramp { from, to, .. } => (from, to),
        }
    }

    /// The mean rate over the first `window`, in requests a second.
    #[must_use]
    pub fn mean_over(&self, window: Duration) -> f64 {
        match *self {
            Self::Steady(rate) => rate,
            Self::Ramp { from, to, over } => {
                let (window, over) = (window.as_secs_f64(), over.as_secs_f64());
                let risen = window.min(over);
                let at = from + (to - from) * risen / over;
                (f64::midpoint(from, at) * risen + to * (window - risen)) / window
            }
        }
    }

    /// The time in seconds at which so many requests have been offered.
    fn time_of(&self, offered: f64) -> f64 {
        match *self {
            Self::Steady(rate) => offered / rate,
            Self::Ramp { from, to, over } => {
                let over = over.as_secs_f64();
                let on_the_way = f64::midpoint(from, to) * over;
                if offered >= on_the_way {
                    return over + (offered - on_the_way) / to;
                }
                // The root of `from·t + slope·t²/2 = offered`, in the form that does not cancel.
                let slope = (to - from) / over;
                2.0 * offered / (from + (from * from + 2.0 * slope * offered).max(0.0).sqrt())
            }
        }
    }
}

/// How arrivals are spread over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Arrivals {
    /// Independent of each other, as those of many users are: exponential gaps.
    Poisson,
    /// At equal gaps, the first at once.
    Constant,
}

impl Arrivals {
    /// The name that records and reports use.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Poisson => "poisson",
            Self::Constant => "constant",
        }
    }
}

/// A schedule ready to be read. What it has been asked before has no influence on what it answers.
#[derive(Clone, Debug)]
pub struct Timetable {
    rate: OfferedRate,
    segment: Segment,
    poisson: Option<Poisson>,
    /// The block that was asked for last, since arrivals are asked for in order.
    cached: Option<(u64, [f64; LENGTH])>,
}

impl Timetable {
    /// Lays a schedule out.
    #[must_use]
    pub fn new(schedule: &Schedule) -> Self {
        let poisson = (schedule.arrivals == Arrivals::Poisson).then(|| Poisson::new(schedule.seed));
        Self { rate: schedule.rate, segment: schedule.segment, poisson, cached: None }
    }

    /// The place in the whole schedule of the request with this index.
    pub(crate) fn place(&self, index: u64) -> u64 {
        self.segment.place(index)
    }

    /// When the request with this index, counted from 0, is due after the start, to the nanosecond.
    pub fn due(&mut self, index: u64) -> Duration {
        let offered = self.at_rate_1(self.segment.place(index));
        let nanoseconds = (self.rate.time_of(offered) * 1e9).round();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates at 584 years")]
        Duration::from_nanos(nanoseconds as u64)
    }

    /// How many requests are due before this time.
    pub fn due_before(&mut self, time: Duration) -> u64 {
        let mut end = 1;
        while self.due(end - 1) < time {
            end *= 2;
        }
        // Indices below `start` are due before, those from `end - 1` on are not.
        let mut start = end / 2;
        let mut end = end - 1;
        while start < end {
            let middle = u64::midpoint(start, end);
            if self.due(middle) < time { start = middle + 1 } else { end = middle }
        }
        start
    }

    fn at_rate_1(&mut self, index: u64) -> f64 {
        let Some(poisson) = &self.poisson else { return index as f64 };
        let block = index / BLOCK;
        let times = match self.cached {
            Some((cached, times)) if cached == block => times,
            _ => self.cached.insert((block, poisson.block(block))).1,
        };
        times[(index % BLOCK) as usize]
    }
}

#[cfg(test)]
mod anderson_darling;
#[cfg(test)]
mod tests;
