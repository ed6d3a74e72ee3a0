//! What a few noisy blocks say, and how sure that is. Pure functions: no clock, no files, randomness from a seed.
//!
//! The unit is the block: one value of it for each contender, or one ratio. There are few, three to thirty, and methods are
//! chosen for that:
//!
//! | question | here |
//! |---|---|
//! | how much faster, between what and what | [`ratio_interval`]; beside it [`hodges_lehmann`] and [`bootstrap`] |
//! | faster, slower, no practical difference, or not known | [`Comparison`] |
//! | the same of several planned comparisons at once | [`planned`], by [`holm`] |
//! | is there any difference at all | [`Interval::differs_from_one`], [`ratio::p_no_difference`], [`signed_rank`] |
//! | did the machine drift | [`spearman`] |
//! | what does one more connection cost | [`slope`] |
//! | how large a share of requests may be too slow | [`proportion`] |
//!
//! How many blocks it takes: for a true difference of 5 % to be found in 80 % of runs, 5 blocks where log ratios of two contenders
//! spread by 2 % within a block, 6 at 3 %, 8 at 4 %, 15 at 6 %, and between 20 and 30 at 8 %.
//!
//! Results are compared with SciPy's in `tests/it/golden.rs`; as an instrument, on simulated runs whose truth is known, they are tried
//! in `tests/it/instrument.rs` and `coverage.rs`, whose snapshots have the whole tables.

pub mod bootstrap;
pub mod equivalence;
mod error;
pub mod hodges_lehmann;
pub mod holm;
mod interval;
pub mod planned;
pub mod proportion;
pub mod ratio;
mod sample;
pub mod signed_rank;
pub mod slope;
pub mod spearman;
mod student;

pub use bootstrap::Bootstrap;
pub use equivalence::Comparison;
pub use error::StatsError;
pub use interval::{Band, Interval};
pub use planned::Planned;
pub use ratio::{log_ratios, ratio_interval};

/// The project's confidence level.
pub const LEVEL: f64 = 0.95;

/// Middle value, or the mean of the two middle ones; of no values there is none.
#[must_use]
pub fn median(values: Vec<f64>) -> Option<f64> {
    let sorted = sample::sorted(values);
    (!sorted.is_empty()).then(|| sample::median_of_sorted(&sorted))
}
