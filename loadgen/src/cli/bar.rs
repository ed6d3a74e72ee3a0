//! The progress bar on standard error, if that is a terminal.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use loadgen::{Progress, Stop};

/// How often the bar is drawn.
const REFRESH: Duration = Duration::from_millis(200);
const STYLE: &str = "{bar:40} {percent:>3} %  {msg}";

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
            let bar = ProgressBar::new(100);
            bar.set_style(ProgressStyle::with_template(STYLE).expect("the template is a constant"));
            let started = Instant::now();
            while stopped.recv_timeout(REFRESH) == Err(RecvTimeoutError::Timeout) {
                let (ok, failed) = (progress.ok(), progress.failed());
                bar.set_position(percent(stop, started.elapsed(), ok + failed));
                bar.set_message(format!("{ok} ok, {failed} failed"));
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

fn percent(stop: Stop, elapsed: Duration, done: u64) -> u64 {
    match stop {
        Stop::After(window) => {
            u64::try_from(elapsed.as_millis() * 100 / window.as_millis().max(1)).unwrap_or(100)
        }
        Stop::Requests(requests) => done.saturating_mul(100) / requests.max(1),
    }
}
