//! The highest rate that keeps an objective: bracketed, halved, and confirmed.
//!
//! The search knows nothing of sockets and clocks: it is given a probe, which offers a rate and says whether the
//! objective was kept. Doubling finds a rate that misses it, halving the ratio narrows the gap to 5 %, and the rate
//! that is left must then be kept by [`CONFIRMATIONS`] more runs, each with a schedule of its own; if one misses, the
//! search goes one step down and confirms again. So a rate that was kept by luck is not the answer.

/// Runs that must keep the objective at the rate that is told.
pub const CONFIRMATIONS: usize = 3;
/// The ratio of missed to kept rate at which halving ends.
const PRECISION: f64 = 1.05;
/// The most runs a search may take.
const MOST_PROBES: usize = 60;

/// What became of one run at a rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// The rate that was offered, in requests a second.
    pub rate: f64,
    /// Why the objective was missed; `None` if it was kept.
    pub missed: Option<String>,
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The highest rate that was kept and confirmed, in requests a second; `None` if none was.
    pub kept: Option<f64>,
    /// The lowest rate above it that was missed; `None` if none was.
    pub missed: Option<f64>,
    /// Every run, in order.
    pub probes: Vec<Probe>,
}

/// Searches upwards from `first`, but not above `most`; downwards not below `least`.
///
/// `probe` gets the rate and the number of the run, and gives the reason for a miss.
///
/// # Errors
///
/// The probe's, which ends the search.
pub fn search<E>(
    first: f64,
    least: f64,
    most: f64,
    mut probe: impl FnMut(f64, usize) -> Result<Option<String>, E>,
) -> Result<Limit, E> {
    let mut limit = Limit { kept: None, missed: None, probes: Vec::new() };
    let mut rate = first.min(most);
    let mut confirmed = 0;
    while limit.probes.len() < MOST_PROBES {
        let missed = probe(rate, limit.probes.len())?;
        let kept = missed.is_none();
        limit.probes.push(Probe { rate, missed });
        // A confirmation is a run at a rate that was kept before.
        let again = limit.kept == Some(rate);
        match (kept, again) {
            (true, true) => confirmed += 1,
            (true, false) => (limit.kept, confirmed) = (Some(rate), 0),
            (false, _) => {
                limit.missed = Some(limit.missed.map_or(rate, |lowest| lowest.min(rate)));
                (limit.kept, confirmed) = (limit.highest_kept_below(rate), 0);
            }
        }
        let Some(next) = limit.next(first.min(most), least, most) else { return Ok(limit) };
        if limit.kept == Some(next) && confirmed >= CONFIRMATIONS {
            return Ok(limit);
        }
        rate = next;
    }
    // Never confirmed in so many runs: there is no such rate to be told.
    limit.kept = None;
    Ok(limit)
}

impl Limit {
    /// The highest rate below `rate` that no run has missed and one has kept.
    fn highest_kept_below(&self, rate: f64) -> Option<f64> {
        let missed = |rate| {
            self.probes.iter().any(|probe| probe.rate.total_cmp(&rate).is_eq() && probe.missed.is_some())
        };
        let kept = self.probes.iter().filter(|probe| probe.missed.is_none() && probe.rate < rate);
        kept.map(|probe| probe.rate).filter(|rate| !missed(*rate)).max_by(f64::total_cmp)
    }

    /// The rate to try next; that of `kept` if it is to be confirmed, `None` if there is nothing left to try.
    fn next(&self, first: f64, least: f64, most: f64) -> Option<f64> {
        match (self.kept, self.missed) {
            (Some(kept), None) if kept >= most => Some(kept),
            (Some(kept), None) => Some((kept * 2.0).min(most)),
            (Some(kept), Some(missed)) if missed / kept > PRECISION => Some((kept * missed).sqrt()),
            (Some(kept), Some(_)) => Some(kept),
            // Downwards from what was missed, to a thousandth of where the search began.
            (None, Some(missed)) if missed > (first / 1_000.0).max(least) => Some((missed / 2.0).max(least)),
            (None, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn found(first: f64, most: f64, mut keeps: impl FnMut(f64, usize) -> bool) -> Limit {
        let probe = |rate, run| Ok::<_, Infallible>((!keeps(rate, run)).then(|| "slow".to_owned()));
        search(first, 0.0, most, probe).expect("the probe has no error")
    }

    #[test]
    fn a_sharp_limit_is_found_to_five_percent_from_either_side() {
        for first in [10.0, 1_000.0, 100_000.0] {
            let limit = found(first, 1e9, |rate, _| rate <= 7_777.0);
            let (kept, missed) = (limit.kept.expect("kept"), limit.missed.expect("missed"));
            assert!(kept <= 7_777.0 && missed > 7_777.0 && missed / kept <= PRECISION, "{limit:?}");
            let confirmations =
                limit.probes.iter().filter(|probe| probe.rate.total_cmp(&kept).is_eq()).count();
            assert_eq!(confirmations, 1 + CONFIRMATIONS);
        }
    }

    #[test]
    fn a_rate_that_was_kept_by_luck_is_not_the_answer() {
        // Above 5,000 every second run is lucky.
        let limit = found(1_000.0, 1e9, |rate, run| rate <= 5_000.0 || (rate <= 10_000.0 && run % 2 == 0));
        let kept = limit.kept.expect("kept");
        assert!((4_000.0..=5_000.0).contains(&kept), "{limit:?}");
    }

    #[test]
    fn the_most_that_may_be_offered_can_be_the_answer() {
        let limit = found(1_000.0, 3_000.0, |_, _| true);
        assert_eq!((limit.kept, limit.missed), (Some(3_000.0), None));
    }

    #[test]
    fn where_nothing_is_kept_nothing_is_told() {
        let limit = found(1_000.0, 1e9, |_, _| false);
        assert_eq!(limit.kept, None);
        assert!(limit.probes.len() < 15);
    }

    #[test]
    fn nothing_is_tried_below_the_least() {
        let probe = |_, _| Ok::<_, Infallible>(Some("slow".to_owned()));
        let limit = search(1_000.0, 300.0, 1e9, probe).expect("the probe has no error");
        let rates: Vec<_> = limit.probes.iter().map(|probe| probe.rate.round()).collect();
        assert_eq!((limit.kept, rates), (None, vec![1_000.0, 500.0, 300.0]));
    }

    #[test]
    fn an_error_ends_the_search() {
        assert_eq!(search(1.0, 0.0, 2.0, |_, _| Err::<Option<String>, _>("gone")), Err("gone"));
    }
}
