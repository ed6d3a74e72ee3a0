//! Why a statistic is not told: a reason, never a number that stands for one.

/// Why a statistic is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// Nothing was observed.
    #[error("nothing was observed")]
    Nothing,
    /// Too few observations lie beyond the percentile.
    #[error("needs {needed} observations, has {observed}")]
    TooFew {
        /// Observations that the percentile needs.
        needed: u64,
        /// Observations there are, answered and censored.
        observed: u64,
    },
    /// Enough were observed, and too few of them so long: the others were unfinished at a lower age.
    #[error(
        "only {beyond} requests were watched for longer, of the 100 that it needs; the others were unfinished before"
    )]
    FewWatched {
        /// Requests that were watched beyond the percentile.
        beyond: u64,
    },
    /// Unfinished requests could have moved the value anywhere above.
    #[error("{censored} requests were unfinished and could lie beyond it")]
    Unfinished {
        /// Censored observations.
        censored: u64,
    },
    /// The value would be, or depend on, one that exceeded the histogram's top.
    #[error("{observations} observations exceeded the histogram's 60 s")]
    AboveRange {
        /// Such observations.
        observations: u64,
    },
}
