//! The live view on standard error, if that is a terminal: a bar, and a line of [`Live`] figures below it.
//!
//! Drawn by a thread of its own from counts that the event loops tell whether anybody reads them or not.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use loadgen::{Progress, Stop};

use super::live::{Counts, Live};

/// Redraws a second at most.
const REDRAWS: u8 = 4;
/// How often it is drawn.
const REFRESH: Duration = Duration::from_millis(1_000 / REDRAWS as u64);
const STYLE: &str = "{bar:40} {percent:>3} %  {prefix}\n{wide_msg}";

/// A bar that is drawn by its own thread until it is dropped.
#[derive(Debug)]
pub(crate) struct Bar {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Shows the bar; `None` where nobody would see it.
pub(crate) fn show(stop: Stop, progress: Progress) -> Option<Bar> {
    io::stderr().is_terminal().then(|| {
        let (sender, stopped) = mpsc::channel();
        let thread = thread::spawn(move || {
            let target = ProgressDrawTarget::stderr_with_hz(REDRAWS);
            let style = ProgressStyle::with_template(STYLE).expect("the template is a constant");
            let mut bar = ProgressBar::with_draw_target(Some(100), target).with_style(style);
            let mut live = Live::default();
            let started = Instant::now();
            while stopped.recv_timeout(REFRESH) == Err(RecvTimeoutError::Timeout) {
                let (counts, elapsed) = (counts(&progress), started.elapsed());
                // `set_message` would draw, and so would `set_prefix`: three redraws for one.
                bar = bar.with_message(live.line(&counts)).with_prefix(left(stop, elapsed));
                bar.set_position(percent(stop, elapsed, counts.ok + counts.failed));
            }
            bar.finish_and_clear();
        });
        Bar { stop: Some(sender), thread: Some(thread) }
    })
}

impl Drop for Bar {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the display is nothing that the report should suffer from.
            let _ = thread.join();
        }
    }
}

fn counts(progress: &Progress) -> Counts {
    Counts {
        elapsed: progress.elapsed(),
        ok: progress.ok(),
        failed: progress.failed(),
        p50: progress.percentile(0.5),
        p99: progress.percentile(0.99),
    }
}

/// What there is still to wait for, if that is known.
fn left(stop: Stop, elapsed: Duration) -> String {
    match stop {
        Stop::After(window) => format!("{:.0} s left", window.saturating_sub(elapsed).as_secs_f64().ceil()),
        Stop::Requests(_) => String::new(),
    }
}

fn percent(stop: Stop, elapsed: Duration, done: u64) -> u64 {
    match stop {
        Stop::After(window) => {
            u64::try_from(elapsed.as_millis() * 100 / window.as_millis().max(1)).unwrap_or(100)
        }
        Stop::Requests(requests) => done.saturating_mul(100) / requests.max(1),
    }
}
