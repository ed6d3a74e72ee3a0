//! Waiting for a time to the nanosecond scale inside a tokio runtime, whose own timer counts whole milliseconds and
//! rounds up: the kernel's timer, watched as a descriptor.

use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::time::Instant;

use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

#[derive(Debug)]
struct Descriptor(TimerFd);

impl AsRawFd for Descriptor {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

/// One timer, for one waiter at a time.
#[derive(Debug)]
pub(super) struct Clock(AsyncFd<Descriptor>);

impl Clock {
    /// Needs the context of a runtime.
    pub(super) fn new() -> io::Result<Self> {
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
        #[expect(
            deprecated,
            reason = "unsound only for types that may change their descriptor; this one keeps its own"
        )]
        let watched = AsyncFd::with_interest(Descriptor(timer), Interest::READABLE)?;
        Ok(Self(watched))
    }

    /// Waits until this time.
    pub(super) async fn wait_until(&self, time: Instant) -> io::Result<()> {
        loop {
            let left = time.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            let expiration = Expiration::OneShot(TimeSpec::from_duration(left));
            self.0.get_ref().0.set(expiration, TimerSetTimeFlags::empty())?;
            // Never read: setting the timer again clears it. An old expiry only costs another turn.
            self.0.readable().await?.clear_ready();
        }
    }
}
