//! Whether at most 1 % of the requests took longer than a bound, or failed.
//!
//! It is decided by counting them, because the 99th percentile itself needs 10,000 requests to be told: the interval of the share
//! that was too slow lies wholly below 1 %, wholly above it, or it cannot be told.
//!
//! The unit is a fresh process, not a request: requests of one process are fast or slow together. So the interval is Clopper and Pearson's for as many
//! requests as would vary as much if each were on its own, as E. L. Korn and B. I. Graubard give it for small shares in few clusters ("Confidence Intervals for
//! Proportions with Small Expected Number of Positive Counts Estimated from Survey Data", Survey Methodology 24 (1998), 193–201): n* is
//! p (1 − p) over the variance of p between blocks, the variance of a ratio of sums (W. G. Cochran, "Sampling Techniques", 3rd edition, Wiley 1977, section 6.3), no more than
//! were counted, times the square of the quantiles' ratio z / t with a degree of freedom less than there are blocks.
//! Where no request was slow in any block no variance is seen, and only the factor of few blocks is left.
//!
//! What it cannot see: trouble that strikes one process in five is in none of five blocks in a third of all runs.

use std::time::Duration;

use loadgen::Samples;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use super::users::Rung;
use super::words;
use crate::format::grouped;
use crate::record::{Outcome, TrialRecord};
use crate::stats::{self, Interval, StatsError, proportion};
use crate::summary::Row;

/// The share of requests that may be too slow.
const TOO_SLOW: f64 = 0.01;

/// How many requests of a block took longer than a bound, to the precision of their histogram.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Counted {
    /// They were answered later, failed, or were still waiting after that time.
    surely: u64,
    /// With those that were unfinished before it, when nobody looked any longer.
    perhaps: u64,
    of: u64,
}

/// How many requests took longer than a bound, block by block.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slow {
    bound: Duration,
    blocks: Vec<Counted>,
}

impl Counted {
    fn among(latencies: &Samples, failed: u64, bound: Duration) -> Self {
        let ns = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
        let (answered, unfinished) = (latencies.answered(), latencies.censored());
        let late = answered.len() - answered.count_between(0, ns) + failed;
        Counted {
            surely: late + unfinished.len() - unfinished.count_between(0, ns),
            perhaps: late + unfinished.len(),
            of: answered.len() + unfinished.len() + failed,
        }
    }
}

impl Slow {
    /// Of the valid trials of a row; a request that failed was not answered in time either.
    ///
    /// # Errors
    ///
    /// A sentence that says which histogram cannot be read.
    pub(super) fn of(row: &Row, trials: &[TrialRecord], bound: Duration) -> Result<Self, String> {
        let mut blocks = Vec::new();
        for trial in trials.iter().filter(|trial| trial.spec.cell == row.cell) {
            let Outcome::Measured(it) = &trial.outcome else { continue };
            if it.is_valid() {
                let latencies = row.latencies(std::slice::from_ref(trial))?;
                blocks.push(Counted::among(&latencies, it.load.requests.failed(), bound));
            }
        }
        Ok(Slow { bound, blocks })
    }

    /// Unfinished requests count against whichever is to be shown.
    pub(super) fn rung(&self) -> Rung {
        let share = |late: fn(&Counted) -> u64| {
            let blocks: Vec<(u64, u64)> = self.blocks.iter().map(|block| (late(block), block.of)).collect();
            over_blocks(&blocks, stats::LEVEL)
        };
        match (share(|block| block.surely), share(|block| block.perhaps)) {
            (_, Ok(perhaps)) if perhaps.high < TOO_SLOW => Rung::Held(self.told()),
            (Ok(surely), _) if surely.low > TOO_SLOW => Rung::Broke(self.told()),
            (Ok(_), Ok(_)) => {
                Rung::Unknown(format!("{}: too few to tell whether more than 1 % are", self.told()))
            }
            (Err(why), _) | (_, Err(why)) => Rung::Unknown(why.to_string()),
        }
    }

    fn told(&self) -> String {
        let sum = |count: fn(&Counted) -> u64| self.blocks.iter().map(count).sum::<u64>();
        let (late, young) = (sum(|one| one.surely), sum(|one| one.perhaps - one.surely));
        let [late, young, of] = [late, young, sum(|one| one.of)].map(|one| grouped(one as f64));
        let unfinished = if young == "0" { String::new() } else { format!(", {young} unfinished") };
        format!("{late} of {of} requests beyond {}{unfinished}", words::span(self.bound))
    }
}

/// The interval of the share that hits have of all, each block a pair of hits and all; see the top of this file.
///
/// # Errors
///
/// [`StatsError::TooFew`] with fewer than two blocks that have any.
fn over_blocks(blocks: &[(u64, u64)], level: f64) -> Result<Interval, StatsError> {
    let blocks: Vec<(f64, f64)> =
        blocks.iter().filter(|(_, of)| *of > 0).map(|&(hits, of)| (hits as f64, of as f64)).collect();
    let count = blocks.len();
    if count < 2 {
        return Err(StatsError::TooFew { got: count, need: 2 });
    }
    let (hits, of) = blocks.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let (p, freedom) = (hits / of, (count - 1) as f64);
    let squares: f64 = blocks.iter().map(|(hits, of)| (hits - p * of).powi(2)).sum();
    let variance = squares * count as f64 / freedom / of.powi(2);
    let alone = if variance > 0.0 { (p * (1.0 - p) / variance).min(of) } else { of };
    let upper = 1.0 - (1.0 - level) / 2.0;
    let normal = Normal::standard().inverse_cdf(upper);
    let student = StudentsT::new(0.0, 1.0, freedom).expect("a degree of freedom or more").inverse_cdf(upper);
    let effective = alone * (normal / student).powi(2);
    // Whole numbers, each rounded so that the interval is no narrower.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts, and not above those counted"
    )]
    let whole = |value: f64| value as u64;
    let n = whole(effective.floor()).max(1);
    let exact = |hits: f64| proportion::clopper_pearson(whole(hits).min(n), n, level);
    let (low, high) = (exact((p * effective).floor())?.low, exact((p * effective).ceil())?.high);
    Ok(Interval { low, estimate: p, high, level })
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    const MS: u64 = 1_000_000;

    fn judged(blocks: &[[u64; 4]]) -> (&'static str, String) {
        let counted = |[quick, slow, young, old]: &[u64; 4]| {
            let mut all = Samples::new();
            (0..*quick).for_each(|_| all.record_answered(99 * MS));
            (0..*slow).for_each(|_| all.record_answered(101 * MS));
            (0..*young).for_each(|_| all.record_censored(MS));
            (0..*old).for_each(|_| all.record_censored(200 * MS));
            Counted::among(&all, 0, Duration::from_millis(100))
        };
        let slow = Slow { bound: Duration::from_millis(100), blocks: blocks.iter().map(counted).collect() };
        match slow.rung() {
            Rung::Held(words) => ("held", words),
            Rung::Broke(words) => ("broke", words),
            Rung::Unknown(words) => ("unknown", words),
        }
    }

    #[test]
    fn one_in_a_hundred_may_be_slow_and_the_unfinished_count_against_what_is_to_be_shown() {
        for (blocks, rung, words) in [
            ([[2_000, 0, 0, 0]; 5], "held", "0 of 10,000 requests beyond 100 ms"),
            ([[1_994, 6, 0, 0]; 5], "held", "30 of 10,000 requests beyond 100 ms"),
            ([[1_994, 3, 3, 0]; 5], "held", "15 of 10,000 requests beyond 100 ms, 15 unfinished"),
            ([[1_980, 20, 0, 0]; 5], "unknown", "100 of 10,000 requests beyond 100 ms"),
            ([[1_985, 5, 10, 0]; 5], "unknown", "25 of 10,000 requests beyond 100 ms, 50 unfinished"),
            ([[1_960, 40, 0, 0]; 5], "broke", "200 of 10,000 requests beyond 100 ms"),
            ([[1_960, 0, 0, 40]; 5], "broke", "200 of 10,000 requests beyond 100 ms"),
            ([[60, 0, 0, 0]; 5], "unknown", "0 of 300 requests beyond 100 ms"),
        ] {
            let (got, told) = judged(&blocks);
            assert_eq!((got, told.split(": ").next().unwrap()), (rung, words), "{blocks:?}");
        }
        assert_eq!(judged(&[]).0, "unknown");
        assert_eq!(judged(&[[100_000, 0, 0, 0]]).0, "unknown", "one process shows nothing of others");
    }

    /// 40 of 10,000 as requests on their own, 8 a block or all in one: the same sum, and not the same knowledge.
    #[test]
    fn slow_requests_in_one_process_tell_less_than_as_many_in_all() {
        assert_eq!(judged(&[[1_992, 8, 0, 0]; 5]).0, "held");
        let mut one = [[2_000, 0, 0, 0]; 5];
        one[0] = [1_960, 40, 0, 0];
        assert_eq!(judged(&one).0, "unknown");
    }

    #[test]
    fn a_failed_request_is_a_late_one() {
        let mut all = Samples::new();
        all.record_answered(MS);
        assert_eq!(
            Counted::among(&all, 2, Duration::from_millis(100)),
            Counted { surely: 2, perhaps: 2, of: 3 }
        );
    }

    /// A server at the very bound, whose processes differ as much as they can around it evenly, from 0 to 2 %: it is called good, or bad, as seldom as
    /// 95 % promise. As if each request were on its own it would be called good in one run of five.
    #[test]
    fn processes_that_differ_are_not_taken_for_requests_that_do() {
        const RUNS: u32 = 2_000;
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let (mut good, mut bad, mut pooled_good) = (0, 0, 0);
        for _ in 0..RUNS {
            let blocks: Vec<(u64, u64)> = (0..5)
                .map(|_| {
                    // Poisson, of which the mean is the block's own share of 2,000: exponential steps until they are beyond it.
                    let (mean, mut sum, mut hits) = (40.0 * rng.random::<f64>(), 0.0, 0);
                    loop {
                        sum -= (1.0 - rng.random::<f64>()).ln();
                        if sum > mean {
                            break (hits, 2_000);
                        }
                        hits += 1;
                    }
                })
                .collect();
            let interval = over_blocks(&blocks, stats::LEVEL).unwrap();
            good += u32::from(interval.high < TOO_SLOW);
            bad += u32::from(interval.low > TOO_SLOW);
            let hits = blocks.iter().map(|block| block.0).sum();
            let pooled = proportion::clopper_pearson(hits, 10_000, stats::LEVEL).unwrap();
            pooled_good += u32::from(pooled.high < TOO_SLOW);
        }
        assert!(good * 20 < RUNS && bad * 20 < RUNS, "{good} good, {bad} bad of {RUNS}");
        assert!(pooled_good * 6 > RUNS, "{pooled_good}");
    }
}
