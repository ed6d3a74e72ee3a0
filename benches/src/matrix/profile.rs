//! How much is measured, and how long: three sizes of one matrix.

use std::time::Duration;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A size of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Hello, and one wait: what `cargo bench` runs, in less than three minutes, after a minute of criterion benches
    Quick,
    /// Every experiment at its telling points, in about half an hour
    Standard,
    /// Every experiment, more points, more blocks, in a few hours
    Full,
}

impl Profile {
    /// The stable name in records and on the command line.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Profile::Quick => "quick",
            Profile::Standard => "standard",
            Profile::Full => "full",
        }
    }

    /// How often each contender meets each setting, as a fresh process; an [`Entry`](super::Entry) may ask for more or fewer.
    ///
    /// By simulation, a difference of 5 % is found four times in five with 5 blocks where ratios within a block spread by 2 %, with
    /// 6 at 3 %, with 8 at 4 %, with 15 at 6 % (`tests/it/instrument.rs`). How much they spread depends on the setting, and
    /// `cargo test -p benches --test it seen -- --nocapture` prints it for the newest committed run: hardly at all where 64 clients wait
    /// 10 ms and more, because the wait decides there; several times as much without a wait, so that hello has more blocks of its own in the larger
    /// profiles; and most with a thousand clients, wait or not, where the blocks at hand find large differences only.
    #[must_use]
    pub const fn blocks(self) -> usize {
        match self {
            Profile::Quick => 5,
            Profile::Standard => 6,
            Profile::Full => 12,
        }
    }

    /// The measured window of a trial.
    #[must_use]
    pub const fn window(self) -> Duration {
        match self {
            // The same, so that `cargo bench` ends in four minutes and its trials can be held against those of a standard run.
            Profile::Quick | Profile::Standard => Duration::from_secs(1),
            Profile::Full => Duration::from_secs(3),
        }
    }

    /// The load before the window, which is not counted.
    #[must_use]
    pub const fn warmup(self) -> Duration {
        match self {
            Profile::Quick | Profile::Standard => Duration::from_millis(250),
            Profile::Full => Duration::from_secs(1),
        }
    }
}
