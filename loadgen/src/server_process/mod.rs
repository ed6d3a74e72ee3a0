//! A process that is watched while it is loaded, usually the server: CPU, memory, threads, context switches.
//!
//! A thread of its own does the reading, when the clock starts, when the window closes and, for a series, at most ten
//! times a second in between: the event loops never wait for it. It reads the one process it was given, not its
//! children. Reading costs the watched process next to nothing but for its proportional memory (PSS), for which the
//! kernel walks its page tables.

mod sample;
mod series;

use std::sync::OnceLock;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use procfs::process::Process;

use crate::error::LoadError;
use crate::plan::Watch;
use crate::server_usage::{ServerSample, ServerUsage, ServerUsed};
use sample::Sample;
use series::Series;

/// The shortest time between two samples of a series.
const PERIOD: Duration = Duration::from_millis(100);

/// A process to be watched.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    /// Keeps its `/proc` directory open, so that another process with the same number is not taken for it.
    process: Process,
    series: bool,
}

impl ServerProcess {
    /// Finds the process; an error if there is none, or nothing can be read of it.
    pub(crate) fn find(Watch { pid, series }: Watch) -> Result<Self, LoadError> {
        let find = || {
            let process = Process::new(i32::try_from(pid).unwrap_or(-1))?;
            Sample::of(&process)?;
            Ok(process)
        };
        find()
            .map(|process| Self { process, series })
            .map_err(|error: procfs::ProcError| LoadError::NoProcess { pid, cause: error.to_string() })
    }

    /// Watches from the time that `bell` rings with until the bell is gone; `None` if it never rings.
    pub(crate) fn watch(&self, bell: &Receiver<Instant>) -> Option<ServerUsage> {
        let started = bell.recv().ok()?;
        // The CPU time is read first; proportional memory may take long after that.
        let take = || {
            let at = Instant::now();
            Sample::of(&self.process).map(|sample| (at, sample))
        };
        let first = take();
        let mut series = Series::new(PERIOD);
        let mut next = started + PERIOD;
        let until_next = |next: Instant| {
            if self.series { next.saturating_duration_since(Instant::now()) } else { Duration::MAX }
        };
        while bell.recv_timeout(until_next(next)) != GONE {
            if let Ok((at, sample)) = take() {
                series.push(told(&sample, at - started));
            }
            next = (next + series.period()).max(Instant::now());
        }
        let last = take();
        Some(self.usage(started, first.ok().as_ref(), last.ok().as_ref(), series))
    }

    fn usage(
        &self,
        started: Instant,
        first: Option<&Moment>,
        last: Option<&Moment>,
        series: Series,
    ) -> ServerUsage {
        let told = |moment: &Moment| told(&moment.1, moment.0 - started);
        let pid = self.process.pid().unsigned_abs();
        let used = first.zip(last).map(|((_, first), (_, last))| used(first, last));
        let reason = used.is_none().then(|| format!("process {pid} ended before the window did"));
        let samples = self.series.then(|| series.into_samples());
        ServerUsage { pid, used, begin: first.map(told), end: last.map(told), reason, samples }
    }
}

const GONE: Result<Instant, RecvTimeoutError> = Err(RecvTimeoutError::Disconnected);

/// When something was read, and what.
type Moment = (Instant, Sample);

fn told(sample: &Sample, at: Duration) -> ServerSample {
    let switches = sample.all_switches();
    ServerSample {
        at_s: at.as_secs_f64(),
        cpu_s: sample.cpu.as_secs_f64(),
        cpu_user_s: sample.user.as_secs_f64(),
        cpu_system_s: sample.system.as_secs_f64(),
        rss_bytes: sample.rss_bytes,
        pss_bytes: sample.pss_bytes.clone().ok(),
        pss_reason: sample.pss_bytes.clone().err(),
        threads: sample.threads,
        voluntary_switches: switches.voluntary,
        involuntary_switches: switches.involuntary,
    }
}

fn used(first: &Sample, last: &Sample) -> ServerUsed {
    let (switches, threads_ended) = last.switches_since(first);
    ServerUsed {
        cpu_s: last.cpu.saturating_sub(first.cpu).as_secs_f64(),
        cpu_user_s: last.user.saturating_sub(first.user).as_secs_f64(),
        cpu_system_s: last.system.saturating_sub(first.system).as_secs_f64(),
        voluntary_switches: switches.voluntary,
        involuntary_switches: switches.involuntary,
        threads_ended,
    }
}

/// The clock of one window: started once, by whoever is first, and heard by the watcher if there is one.
#[derive(Debug)]
pub(crate) struct StartingClock {
    started: OnceLock<Instant>,
    bell: Option<Sender<Instant>>,
}

impl StartingClock {
    /// A clock and, for a watcher, its bell, which is gone when the clock is.
    pub(crate) fn new(watched: bool) -> (Self, Receiver<Instant>) {
        let (sender, bell) = mpsc::channel();
        (Self { started: OnceLock::new(), bell: watched.then_some(sender) }, bell)
    }

    /// Starts it, if it does not run yet, and says when it was started.
    pub(crate) fn start(&self) -> Instant {
        *self.started.get_or_init(|| {
            let now = Instant::now();
            if let Some(bell) = &self.bell {
                // Without a watcher nobody needs to hear it.
                let _ = bell.send(now);
            }
            now
        })
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_process_is_watched_from_the_bell_until_it_is_gone() {
        let process =
            ServerProcess::find(Watch { pid: std::process::id(), series: true }).expect("this process");
        let (clock, bell) = StartingClock::new(true);
        thread::scope(|scope| {
            let process = &process;
            let watching = scope.spawn(move || process.watch(&bell));
            let started = clock.start();
            assert_eq!(clock.start(), started);
            let mut sum = 0_u64;
            while started.elapsed() < Duration::from_millis(250) {
                sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(7));
            }
            drop(clock);
            let usage = watching.join().expect("no panic").expect("the bell has rung");
            let (used, end) = (usage.used.expect("it lives"), usage.end.expect("it lives"));
            assert!(used.cpu_s > 0.0 && end.at_s >= 0.25, "{used:?} {end:?}");
            assert!(usage.begin.expect("it lives").at_s < end.at_s);
            // Ten a second at most.
            assert!((1..=3).contains(&usage.samples.expect("as asked for").len()));
        });
    }

    #[test]
    fn a_bell_that_never_rings_has_nothing_to_tell() {
        let process =
            ServerProcess::find(Watch { pid: std::process::id(), series: false }).expect("this process");
        let (clock, bell) = StartingClock::new(true);
        drop(clock);
        assert!(process.watch(&bell).is_none());
    }

    #[test]
    fn a_process_that_is_not_there_is_refused() {
        for pid in [u32::MAX, u32::MAX >> 1] {
            assert!(matches!(
                ServerProcess::find(Watch { pid, series: false }),
                Err(LoadError::NoProcess { .. })
            ));
        }
    }
}
