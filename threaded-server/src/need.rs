//! By how many workers the connections in the queue outnumber those that are free or about to be.

use std::sync::atomic::{AtomicIsize, Ordering};

/// Connections in the queue, less the workers that are free or whose connection has been told to end.
///
/// One number, because two cannot be changed together: a worker that took a connection would lower one before the other, and who
/// looks in between would see nobody in need. As one number it does not change at all then: a connection less in the queue, a
/// worker less that is free.
#[derive(Debug)]
pub(crate) struct Need(AtomicIsize);

impl Need {
    /// Of an empty queue and `workers` that are free.
    pub(crate) fn new(workers: usize) -> Self {
        Need(AtomicIsize::new(-isize::try_from(workers).expect("threads are fewer than addresses")))
    }

    /// A connection has come.
    pub(crate) fn one_more(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// A worker is free, or will be: say it once for each connection that it serves.
    pub(crate) fn one_less(&self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }

    /// Whether somebody has to give way.
    pub(crate) fn is_there(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }

    #[cfg(test)]
    pub(crate) fn count(&self) -> isize {
        self.0.load(Ordering::SeqCst)
    }
}
