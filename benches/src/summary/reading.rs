//! What a comparison says, once what the load generator could not see is taken from it.
//!
//! A generator at its limit holds down whomever it asks. A ratio whose first side it held down is a lower bound and shows a lead of that side alone;
//! one whose second side it held down is an upper bound and shows that the first is behind; all else it leaves open. Claims, sentences,
//! pictures and tables read a comparison here.

use super::{Compared, Metric};
use crate::stats::Comparison;

/// Of which side of a ratio the load generator was the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Of neither.
    Neither,
    /// Of the first: the ratio is so much or more.
    First,
    /// Of the second: the ratio is so much or less.
    Second,
    /// Of both: the ratio says little.
    Both,
}

impl Limit {
    /// Of the first side, and of the second.
    #[must_use]
    pub const fn of(client_bound: (bool, bool)) -> Self {
        match client_bound {
            (false, false) => Limit::Neither,
            (true, false) => Limit::First,
            (false, true) => Limit::Second,
            (true, true) => Limit::Both,
        }
    }

    /// What a comparison still says: a lower bound above 1 stays above 1, an upper bound below 1 stays below.
    #[must_use]
    pub const fn leaves(self, comparison: Comparison) -> Comparison {
        match (self, comparison) {
            (Limit::Neither, any) => any,
            (Limit::First, Comparison::Faster) => Comparison::Faster,
            (Limit::Second, Comparison::Slower) => Comparison::Slower,
            _ => Comparison::Inconclusive,
        }
    }

    /// What stands behind a ratio of which this says `comparison`; empty where nothing limits it.
    #[must_use]
    pub const fn caveat(self, comparison: Comparison) -> &'static str {
        match (self, self.leaves(comparison)) {
            (Limit::Neither, _) => "",
            (Limit::First, Comparison::Faster) => {
                "or more: the load generator was at its limit with the first"
            }
            (Limit::Second, Comparison::Slower) => {
                "or less: the load generator was at its limit with the second"
            }
            (Limit::First, _) => {
                "or more, and so undecided: the load generator was at its limit with the first"
            }
            (Limit::Second, _) => {
                "or less, and so undecided: the load generator was at its limit with the second"
            }
            (Limit::Both, _) => "which says little: the load generator was at its limit with both",
        }
    }
}

impl Compared {
    /// What it says: the decision within its family, as far as the load generator could see it.
    #[must_use]
    pub const fn comparison(&self) -> Comparison {
        self.limit().leaves(self.decided.comparison)
    }

    /// What stands behind its ratio; empty where nothing limits it.
    #[must_use]
    pub const fn caveat(&self) -> &'static str {
        self.limit().caveat(self.decided.comparison)
    }

    /// A cost for each request is the same whatever more could have been asked for.
    const fn limit(&self) -> Limit {
        match self.metric {
            Metric::Rate => Limit::of(self.client_bound),
            Metric::RequestsPerCpu => Limit::Neither,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_shows_one_direction_only() {
        use Comparison::{Faster, Inconclusive, NoPracticalDifference, Slower};
        for (bound, comparison, left, caveat) in [
            ((false, false), Faster, Faster, ""),
            ((false, false), NoPracticalDifference, NoPracticalDifference, ""),
            ((true, false), Faster, Faster, "or more: "),
            ((true, false), Slower, Inconclusive, "or more, and so undecided: "),
            ((true, false), NoPracticalDifference, Inconclusive, "or more, and so undecided: "),
            ((true, false), Inconclusive, Inconclusive, "or more, and so undecided: "),
            ((false, true), Slower, Slower, "or less: "),
            ((false, true), Faster, Inconclusive, "or less, and so undecided: "),
            ((false, true), NoPracticalDifference, Inconclusive, "or less, and so undecided: "),
            ((true, true), Faster, Inconclusive, "which says little: "),
            ((true, true), Slower, Inconclusive, "which says little: "),
            ((true, true), NoPracticalDifference, Inconclusive, "which says little: "),
        ] {
            let limit = Limit::of(bound);
            assert_eq!(limit.leaves(comparison), left, "{bound:?} {comparison:?}");
            let said = limit.caveat(comparison);
            assert!(said.starts_with(caveat) && said.is_empty() == caveat.is_empty(), "{said}");
        }
    }
}
