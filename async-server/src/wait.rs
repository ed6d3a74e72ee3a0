//! A wait as precise as a blocking thread's.
//!
//! tokio's own timer counts in whole milliseconds and rounds up, so a sleep of 10 ms takes 11 to 12. A blocking
//! server sleeps 10.06 ms: at 64 connections the difference alone would cost the async server a tenth of its
//! throughput, and the table would blame the model. So the wait here is a kernel timer that becomes readable, which
//! is also what real I/O looks like to an event loop: one call to start it, one readiness event, one read.

use std::cell::RefCell;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::LazyLock;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::io::unix::AsyncFd;

/// Most timers that a thread keeps for later: an eighth of the files that the process may have open. Beyond that their descriptors, which
/// connections need too, are given back; far fewer would have each wait of a crowd make its own timer, for four system calls more.
static MOST_IDLE: LazyLock<usize> = LazyLock::new(|| {
    let open_files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(open_files / 8).unwrap_or(usize::MAX)
});

thread_local! {
    /// Timers that have rung and may be set again: a new one costs four system calls more. Kept a thread, so that
    /// no lock is shared between workers.
    static IDLE: RefCell<Vec<AsyncFd<OwnedFd>>> = const { RefCell::new(Vec::new()) };
}

/// Completes `duration` from now, or at once if it is zero.
///
/// Where the kernel has no timer to give, most often for want of file descriptors, tokio's timer waits instead: late
/// by up to two milliseconds, but the request is answered.
pub(crate) async fn wait(duration: Duration) {
    if duration.is_zero() {
        return;
    }
    let Some(timer) = take_timer() else {
        return tokio::time::sleep(duration).await;
    };
    if ring(&timer, duration).await.is_err() {
        return tokio::time::sleep(duration).await;
    }
    IDLE.with_borrow_mut(|idle| {
        if idle.len() < *MOST_IDLE {
            idle.push(timer);
        }
    });
}

fn take_timer() -> Option<AsyncFd<OwnedFd>> {
    IDLE.with_borrow_mut(Vec::pop).or_else(|| {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags).ok()?;
        #[expect(
            deprecated,
            reason = "unsound only for types that may change their descriptor; OwnedFd keeps its own"
        )]
        AsyncFd::new(timer).ok()
    })
}

async fn ring(timer: &AsyncFd<OwnedFd>, duration: Duration) -> io::Result<()> {
    let never_again = Timespec { tv_sec: 0, tv_nsec: 0 };
    let it_value = Timespec::try_from(duration).map_err(|_| Errno::INVAL)?;
    let once = Itimerspec { it_interval: never_again, it_value };
    timerfd_settime(timer, TimerfdTimerFlags::empty(), &once)?;
    loop {
        let mut ready = timer.readable().await?;
        let rung = rustix::io::read(timer, &mut [0; size_of::<u64>()]);
        // Cleared after a ring too, or the next wait would begin with a read that finds nothing.
        ready.clear_ready();
        match rung {
            Ok(_) => return Ok(()),
            Err(Errno::AGAIN) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn never_returns_early_and_reuses_its_timer() {
        let wanted = Duration::from_millis(5);
        for _ in 0..3 {
            let started = Instant::now();
            wait(wanted).await;
            assert!(started.elapsed() >= wanted);
        }
        IDLE.with_borrow(|idle| assert_eq!(idle.len(), 1, "one timer serves waits that do not overlap"));
    }

    #[tokio::test]
    async fn a_crowd_of_waits_leaves_no_more_timers_than_it_may() {
        const CROWD: usize = 200;
        let waits: Vec<_> = (0..CROWD).map(|_| tokio::spawn(wait(Duration::from_millis(50)))).collect();
        for one in waits {
            one.await.unwrap();
        }
        IDLE.with_borrow(|idle| {
            assert_eq!(idle.len(), CROWD.min(*MOST_IDLE));
            assert!(
                idle.len() * 8
                    <= usize::try_from(getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)).unwrap()
            );
        });
    }

    #[tokio::test]
    async fn waits_overlap() {
        let wanted = Duration::from_millis(50);
        let started = Instant::now();
        let waits: Vec<_> = (0..20).map(|_| tokio::spawn(wait(wanted))).collect();
        for one in waits {
            one.await.unwrap();
        }
        assert!(started.elapsed() < wanted * 20, "twenty waits took as long as one after another");
    }
}
