//! How long each request waits: always the same time, or drawn from an exponential distribution.

use std::cell::Cell;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use thiserror::Error;

/// The value of `--io-wait`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IoWait {
    /// Every request waits this long.
    Fixed(Duration),
    /// Waits are independent and exponential with this mean, as of a service with random load.
    Exponential(Duration),
}

impl Default for IoWait {
    fn default() -> Self {
        IoWait::Fixed(Duration::ZERO)
    }
}

impl IoWait {
    /// The mean of the waits.
    #[must_use]
    pub const fn mean(self) -> Duration {
        let (IoWait::Fixed(mean) | IoWait::Exponential(mean)) = self;
        mean
    }

    /// The wait of one request.
    ///
    /// Exponential waits come from a generator of the calling thread, without a lock. The first thread that draws has
    /// seed 0, the next seed 1, and so on: the sequences are the same in every run, who draws from which is not.
    #[must_use]
    pub fn draw(self) -> Duration {
        match self {
            IoWait::Fixed(wait) => wait,
            IoWait::Exponential(mean) => mean.mul_f64(-(1.0 - next_uniform()).ln()),
        }
    }
}

/// An `--io-wait` that is neither a duration nor `exp:` and one.
#[derive(Debug, Error)]
#[error("{0}; write a duration such as `10ms`, or `exp:10ms` for exponential waits with that mean")]
pub struct IoWaitError(humantime::DurationError);

impl FromStr for IoWait {
    type Err = IoWaitError;

    fn from_str(text: &str) -> Result<Self, IoWaitError> {
        let parse = |text| humantime::parse_duration(text).map_err(IoWaitError);
        match text.strip_prefix("exp:") {
            Some(mean) => parse(mean).map(IoWait::Exponential),
            None => parse(text).map(IoWait::Fixed),
        }
    }
}

impl fmt::Display for IoWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IoWait::Fixed(wait) => humantime::format_duration(*wait).fmt(f),
            IoWait::Exponential(mean) => write!(f, "exp:{}", humantime::format_duration(*mean)),
        }
    }
}

static THREADS_SEEDED: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static STATE: Cell<u64> = Cell::new(split_mix(THREADS_SEEDED.fetch_add(1, Ordering::Relaxed)));
}

/// Uniform in [0, 1), with 53 random bits.
fn next_uniform() -> f64 {
    const ULP: f64 = 1.0 / (1_u64 << 53) as f64;
    STATE.with(|state| {
        state.set(state.get().wrapping_add(GOLDEN_GAMMA));
        (split_mix(state.get()) >> 11) as f64 * ULP
    })
}

const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// The output function of `SplitMix64` (Steele, Lea, Flood 2014): five instructions, passes `BigCrush`.
const fn split_mix(state: u64) -> u64 {
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_and_printed() {
        for (text, wait) in [
            ("10ms", IoWait::Fixed(Duration::from_millis(10))),
            ("exp:10ms", IoWait::Exponential(Duration::from_millis(10))),
            ("0s", IoWait::default()),
        ] {
            assert_eq!(text.parse::<IoWait>().unwrap(), wait);
            assert_eq!(wait.to_string(), text);
        }
        for text in ["soon", "exp:", "exp:soon", "uniform:1s", "10"] {
            let error = text.parse::<IoWait>().unwrap_err().to_string();
            assert!(error.contains("exp:10ms"), "{error}");
        }
    }

    #[test]
    fn exponential_waits_have_their_mean_and_their_spread() {
        let mean = Duration::from_millis(10);
        let draws: Vec<f64> = (0..100_000)
            .map(|_| IoWait::Exponential(mean).draw().as_secs_f64() / mean.as_secs_f64())
            .collect();
        let count = draws.len() as f64;
        let average = draws.iter().sum::<f64>() / count;
        let over_mean = draws.iter().filter(|&&draw| draw > 1.0).count() as f64 / count;
        assert!((average - 1.0).abs() < 0.02, "{average}");
        // The mark of the distribution: 1/e of the waits are longer than the mean.
        assert!((over_mean - (-1.0_f64).exp()).abs() < 0.01, "{over_mean}");
    }

    #[test]
    fn the_generator_is_the_published_one() {
        assert_eq!(split_mix(GOLDEN_GAMMA), 0xE220_A839_7B1D_CDAF);
        assert_eq!(split_mix(GOLDEN_GAMMA.wrapping_mul(2)), 0x6E78_9E6A_A1B9_65F4);
    }
}
