//! The open-files limit, raised as far as the connections need and the system allows.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::error::LoadError;

/// Descriptors for all that is not a connection: standard streams, event queues, what the process held before.
const SPARE: u64 = 64;
/// Descriptors of one event loop: its queue, twice, and its timer.
const A_THREAD: u64 = 3;

/// Raises this process's soft limit, never the hard one, so that so many connections fit.
pub(crate) fn allow(connections: usize, threads: usize) -> Result<(), LoadError> {
    let needed = (connections as u64).saturating_add(A_THREAD * threads as u64).saturating_add(SPARE);
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(std::io::Error::from)?;
    if needed <= soft {
        return Ok(());
    }
    if needed > hard {
        return Err(LoadError::OpenFiles { needed, hard });
    }
    // All of the hard limit, so that several sessions in one process fit too.
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).map_err(std::io::Error::from)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_even_the_hard_limit_cannot_hold_is_refused() {
        assert!(matches!(allow(usize::MAX, 1), Err(LoadError::OpenFiles { .. })));
    }
}
