//! The values of flags, from the words that people write.

use std::time::{Duration, SystemTime};

use loadgen::Segment;

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
    let one = |text: &str| per_second(text).map_err(|reason| format!("{reason}, or two of them as FROM:TO"));
    match text.split_once(':') {
        None => one(text).map(RateFlag::Steady),
        Some((from, to)) => Ok(RateFlag::Ramp { from: one(from)?, to: one(to)? }),
    }
}

/// A rate that does not change.
pub(crate) fn per_second(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if rate > 0.0 && f64::is_finite(rate) => Ok(rate),
        _ => Err("must be a number above zero, each second".to_owned()),
    }
}

/// CPUs as they are written: `2,3` or `4-7`.
pub(crate) fn cpus(text: &str) -> Result<Vec<usize>, String> {
    let bad = || "write it like 2,3 or 4-7".to_owned();
    let number = |text: &str| text.parse::<usize>().ok().filter(|cpu| *cpu < 1_024).ok_or_else(bad);
    let mut cpus = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        cpus.extend(number(first)?..=number(last)?);
    }
    if cpus.is_empty() { Err(bad()) } else { Ok(cpus) }
}

/// A segment as it is written: `2/3`.
pub(crate) fn segment(text: &str) -> Result<Segment, String> {
    let parts = text.split_once('/').and_then(|(one, of)| Some((one.parse::<u64>().ok()?, of.parse().ok()?)));
    match parts {
        Some((one, of)) if (1..=of).contains(&one) => Ok(Segment { index: one - 1, of }),
        _ => Err("write it like 2/3".to_owned()),
    }
}

/// A time of day.
pub(crate) fn wall_clock(text: &str) -> Result<SystemTime, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let since_1970 = seconds.and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(seconds));
    since_1970
        .or_else(|| humantime::parse_rfc3339_weak(text).ok())
        .ok_or_else(|| "write it like 2026-01-02T03:04:05Z, or in seconds since 1970".to_owned())
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
