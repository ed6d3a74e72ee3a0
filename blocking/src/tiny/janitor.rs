//! Threads for what a client may hold up: reading, answering and dropping requests whose body is still on its way.
//!
//! A handler gives such a request away and goes on. Only as many janitors run as are held up at the moment, none
//! when no client sends such requests, and never more than [`MOST_JANITORS`]: beyond that requests wait in a
//! queue, and what is late are such requests only. The connection's read timeout frees a janitor whose client
//! says nothing more.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Most threads at a time. Each is held by a connection, which costs `tiny_http` a thread and two descriptors
/// anyway.
pub(super) const MOST_JANITORS: usize = 256;

/// How long a janitor without work stays, in case more of it comes.
const IDLE: Duration = Duration::from_secs(5);

type Job = Box<dyn FnOnce() + Send>;

/// The janitors and their queue.
#[derive(Default)]
pub(super) struct Janitors {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    threads: usize,
    idle: usize,
}

impl Janitors {
    /// Queues a job; it runs at once unless all janitors are held up or the kernel has no thread left.
    pub(super) fn hand_over(self: &Arc<Self>, job: impl FnOnce() + Send + 'static) {
        self.state().queue.push_back(Box::new(job));
        self.changed.notify_all();
        self.staff();
    }

    /// Starts a janitor if a job has none; to be called now and then, because the last start may have failed.
    pub(super) fn staff(self: &Arc<Self>) {
        let mut state = self.state();
        if state.queue.len() <= state.idle || state.threads == MOST_JANITORS {
            return;
        }
        let janitor = thread::Builder::new().name("janitor".to_owned());
        let this = Arc::clone(self);
        // A failed start leaves the job in the queue: a janitor that comes free takes it, or the next call does.
        if janitor.spawn(move || this.work()).is_ok() {
            state.threads += 1;
        }
    }

    /// Waits until every job is done, until `deadline` at the latest.
    pub(super) fn wait_until_idle(&self, deadline: Instant) {
        let mut state = self.state();
        while !state.queue.is_empty() || state.idle < state.threads {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn work(&self) {
        let mut state = self.state();
        loop {
            if let Some(job) = state.queue.pop_front() {
                drop(state);
                if catch_unwind(AssertUnwindSafe(job)).is_err() {
                    eprintln!("warning: survived a panic in a request with a body");
                }
                state = self.state();
                continue;
            }
            state.idle += 1;
            self.changed.notify_all();
            let waited = self.changed.wait_timeout_while(state, IDLE, |state| state.queue.is_empty());
            let (after, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = after;
            state.idle -= 1;
            if timeout.timed_out() {
                state.threads -= 1;
                return;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn soon() -> Instant {
        Instant::now() + PATIENCE
    }

    #[test]
    fn a_job_that_is_held_up_holds_up_no_other() {
        let janitors = Arc::new(Janitors::default());
        let (release, held) = channel::<()>();
        janitors.hand_over(move || held.recv().unwrap_or_default());
        let (done, all_done) = channel();
        for _ in 0..3 {
            let done = done.clone();
            janitors.hand_over(move || done.send(()).unwrap());
        }
        for _ in 0..3 {
            all_done.recv_timeout(PATIENCE).unwrap();
        }
        drop(release);
        janitors.wait_until_idle(soon());
        let state = janitors.state();
        assert_eq!((state.queue.len(), state.idle), (0, state.threads));
    }

    #[test]
    fn more_jobs_than_janitors_wait_for_one() {
        let janitors = Arc::new(Janitors::default());
        let (releases, held): (Vec<_>, Vec<_>) = (0..MOST_JANITORS).map(|_| channel::<()>()).unzip();
        for held in held {
            janitors.hand_over(move || held.recv().unwrap_or_default());
        }
        let (done, last) = channel();
        janitors.hand_over(move || done.send(()).unwrap());
        assert_eq!(janitors.state().threads, MOST_JANITORS);
        drop(releases);
        last.recv_timeout(PATIENCE).unwrap();
        janitors.wait_until_idle(soon());
    }

    #[test]
    fn a_panic_ends_its_job_only() {
        let janitors = Arc::new(Janitors::default());
        janitors.hand_over(|| panic!("as a test"));
        let (done, next) = channel();
        janitors.hand_over(move || done.send(()).unwrap());
        next.recv_timeout(PATIENCE).unwrap();
    }
}
