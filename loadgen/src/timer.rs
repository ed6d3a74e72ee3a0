//! A timer in the event queue that is true to the nanosecond scale.
//!
//! The event queue's own timeout is in whole milliseconds, rounded up, and the kernel may add 50 µs of slack to it. A
//! timerfd(2) has neither. It is watched edge-triggered and never read: setting it again is what clears it.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

/// The token of the timer, which no connection has.
pub(crate) const TIMER: Token = Token(usize::MAX);

/// The one timer of one event loop.
#[derive(Debug)]
pub(crate) struct Timer {
    descriptor: TimerFd,
    /// What it was set to last.
    at: Option<Instant>,
}

impl Timer {
    pub(crate) fn new(registry: &Registry) -> io::Result<Self> {
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        let descriptor = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
        registry.register(&mut SourceFd(&descriptor.as_fd().as_raw_fd()), TIMER, Interest::READABLE)?;
        Ok(Self { descriptor, at: None })
    }

    /// Makes the event queue wake up at this time, which is `left` from now and not zero.
    pub(crate) fn set(&mut self, at: Instant, left: Duration) -> io::Result<()> {
        if self.at == Some(at) {
            return Ok(());
        }
        self.descriptor
            .set(Expiration::OneShot(TimeSpec::from_duration(left)), TimerSetTimeFlags::empty())?;
        self.at = Some(at);
        Ok(())
    }
}
