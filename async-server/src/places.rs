//! How many connections may be open, over all runtimes of the process together.

use std::num::NonZeroUsize;
use std::sync::Arc;

use contract::LimitFlags;
use tokio::sync::Semaphore;

/// Places for connections; clones share them. Without a cap there is always one.
#[derive(Debug, Clone, Default)]
pub struct Places(pub(crate) Option<(NonZeroUsize, Arc<Semaphore>)>);

impl Places {
    /// As many as `--max-connections` says, if it was given.
    #[must_use]
    pub fn of(limits: &LimitFlags) -> Self {
        Places(limits.max_connections.map(|most| (most, Arc::new(Semaphore::new(most.get())))))
    }
}
