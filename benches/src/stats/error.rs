//! Why a statistic cannot be had.

/// Input from which nothing can be concluded, with what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum StatsError {
    /// Fewer values than the method needs.
    #[error("{got} blocks where at least {need} are needed: run more blocks")]
    TooFew {
        /// Values given.
        got: usize,
        /// Values needed.
        need: usize,
    },
    /// More values than the method can go through.
    #[error(
        "{got} blocks, of which this method takes at most {most}: use an interval from the t distribution"
    )]
    TooMany {
        /// Values given.
        got: usize,
        /// Values it takes.
        most: usize,
    },
    /// A value is infinite or not a number.
    #[error("value {index} is not a finite number: leave out the block and say so")]
    NotFinite {
        /// Its place in the input, from 0.
        index: usize,
    },
    /// A rate or cost of which a ratio is wanted is zero or negative.
    #[error(
        "pair {index} holds a value that is not positive, and so has no ratio: leave out the block and say so"
    )]
    NotPositive {
        /// Its place in the input, from 0.
        index: usize,
    },
    /// All values of a variable are the same, so nothing can vary with it.
    #[error("all values are the same: vary them, or report the value itself")]
    Constant,
    /// A confidence level or an error rate outside (0, 1), or no resamples.
    #[error("{0} is out of range: a level or a p-value lies between 0 and 1, a number of resamples above 0")]
    OutOfRange(f64),
}
