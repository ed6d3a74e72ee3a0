//! What a watched run shows: the rate of the moment, latencies and errors so far, and the rate's recent course.

use std::collections::VecDeque;
use std::fmt::Write;
use std::time::Duration;

use indicatif::HumanCount;

/// How many redraws the course of the rate shows: ten seconds.
const COURSE: usize = 40;
/// Over how many redraws the rate of the moment is taken: one second.
const MOMENT: usize = 4;
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The counts of a run at one time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// When they were taken, from the start of the window.
    pub(crate) elapsed: Duration,
    /// Valid answers.
    pub(crate) ok: u64,
    pub(crate) failed: u64,
    pub(crate) p50: Option<Duration>,
    pub(crate) p99: Option<Duration>,
}

/// What was shown before, of which the next line is made too.
#[derive(Debug, Default)]
pub(crate) struct Live {
    /// The latest first.
    seen: VecDeque<(Duration, u64)>,
}

impl Live {
    /// The line for these counts.
    pub(crate) fn line(&mut self, counts: &Counts) -> String {
        let latest = (counts.elapsed, counts.ok);
        // Counts are told at ticks: the same ones again are no news.
        if counts.elapsed > self.seen.front().copied().unwrap_or_default().0 {
            self.seen.push_front(latest);
            self.seen.truncate(COURSE + 1);
        }
        let latency = |latency: Option<Duration>| latency.map_or_else(|| "n/a".to_owned(), roughly);
        let mut line = format!("{:>9}/s", self.rate().map_or_else(|| "n/a".to_owned(), rounded));
        let (p50, p99) = (latency(counts.p50), latency(counts.p99));
        write!(line, "  p50 {p50:>7}  p99 {p99:>7}  {} failed  {}", HumanCount(counts.failed), self.course())
            .expect("a String takes every byte");
        line
    }

    /// Valid answers a second over the last second.
    fn rate(&self) -> Option<f64> {
        let latest = *self.seen.front()?;
        let before = self.seen.get(MOMENT).copied().unwrap_or_default();
        between(before, latest)
    }

    /// The rate between one redraw and the next, the latest last, each as a share of the highest.
    fn course(&self) -> String {
        let before = self.seen.iter().skip(1).copied().chain([(Duration::ZERO, 0)]);
        let rates: Vec<_> = self.seen.iter().zip(before).take(COURSE).collect();
        let rates: Vec<_> =
            rates.into_iter().filter_map(|(after, before)| between(before, *after)).rev().collect();
        let highest = rates.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        rates.iter().map(|rate| level(rate / highest)).collect()
    }
}

/// The rate from one count to a later one.
fn between((from, before): (Duration, u64), (to, after): (Duration, u64)) -> Option<f64> {
    let elapsed = to.checked_sub(from).filter(|elapsed| !elapsed.is_zero())?;
    Some(after.checked_sub(before)? as f64 / elapsed.as_secs_f64())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share times eight")]
fn level(share: f64) -> char {
    let highest = LEVELS.len() - 1;
    LEVELS[((share * LEVELS.len() as f64) as usize).min(highest)]
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate that was counted")]
fn rounded(rate: f64) -> String {
    HumanCount(rate.round() as u64).to_string()
}

/// Two digits: more are not known.
fn roughly(latency: Duration) -> String {
    let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")];
    let nanoseconds = latency.as_nanos() as f64;
    let (unit, name) = units.into_iter().find(|(unit, _)| nanoseconds >= *unit).unwrap_or((1.0, "ns"));
    match nanoseconds / unit {
        value @ ..9.95 => format!("{value:.1} {name}"),
        value @ ..99.5 => format!("{value:.0} {name}"),
        value => format!("{:.0} {name}", (value / 10.0).round() * 10.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(elapsed_ms: u64, ok: u64) -> Counts {
        Counts { elapsed: Duration::from_millis(elapsed_ms), ok, ..Counts::default() }
    }

    #[test]
    fn a_run_that_has_not_begun_shows_nothing_it_does_not_know() {
        let line = Live::default().line(&Counts::default());
        assert_eq!(line, "      n/a/s  p50     n/a  p99     n/a  0 failed  ");
    }

    #[test]
    fn the_rate_is_that_of_the_last_second_and_its_course_is_to_the_highest() {
        let mut live = Live::default();
        // Half a second at 1,000/s, one without an answer, one at 8,000/s.
        let mut ok = 0;
        for quarter in 1..=10 {
            ok += match quarter {
                1..=2 => 250,
                3..=6 => 0,
                _ => 2_000,
            };
            live.line(&counts(quarter * 250, ok));
        }
        let known = Counts {
            failed: 1_234,
            p50: Some(Duration::from_nanos(372_700)),
            p99: Some(Duration::from_micros(12_300)),
            ..counts(2_500, ok)
        };
        // The same time again adds nothing.
        assert_eq!(live.line(&known), "    8,000/s  p50  370 µs  p99   12 ms  1,234 failed  ▂▂▁▁▁▁████");
    }

    #[test]
    fn the_course_does_not_grow_without_end() {
        let mut live = Live::default();
        for quarter in 1..500 {
            live.line(&counts(quarter * 250, quarter * 10));
        }
        assert_eq!(live.course().chars().count(), COURSE);
        assert_eq!(live.seen.len(), COURSE + 1);
    }
}
