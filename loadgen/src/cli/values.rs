//! The values of flags, from the words that people write.

use std::time::Duration;

/// A rate as it is written: `1000`, or `1000:20000` for a ramp.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum RateFlag {
    /// Requests a second.
    Steady(f64),
    /// Requests a second at the start and at the end.
    Ramp {
        /// At the start.
        from: f64,
        /// At the end.
        to: f64,
    },
}

pub(crate) fn rate(text: &str) -> Result<RateFlag, String> {
    let one = |text: &str| match text.parse() {
        Ok(rate) if rate > 0.0 && f64::is_finite(rate) => Ok(rate),
        _ => Err("must be a number of requests a second above zero, or two of them as FROM:TO".to_owned()),
    };
    match text.split_once(':') {
        None => one(text).map(RateFlag::Steady),
        Some((from, to)) => Ok(RateFlag::Ramp { from: one(from)?, to: one(to)? }),
    }
}

/// A share as it is written, `0.1%` or `0.001`.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    let (number, unit) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 100.0));
    match number.trim().parse::<f64>() {
        Ok(value) if (0.0..=unit).contains(&value) => Ok(value / unit),
        _ => Err("must be a share, as 0.1% or 0.001".to_owned()),
    }
}

pub(crate) fn at_least_one(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".to_owned()),
        Ok(count) => Ok(count),
        Err(_) => Err("must be a whole number".to_owned()),
    }
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    match seconds.or_else(|| humantime::parse_duration(text).ok()) {
        None => Err("write it like 10s, 500ms or 2m".to_owned()),
        Some(Duration::ZERO) => Err("must be longer than zero".to_owned()),
        Some(duration) => Ok(duration),
    }
}
