//! Where event loops wait for each other before a run, and do not wait for those that could not be started.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// So many are expected. Unlike a barrier it can be told that somebody will not come, and then nobody goes on.
#[derive(Debug)]
pub(crate) struct Muster {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    missing: usize,
    called_off: bool,
}

impl Muster {
    pub(crate) fn of(expected: usize) -> Self {
        Self { state: Mutex::new(State { missing: expected, called_off: false }), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until all are here; false if the run was called off.
    pub(crate) fn wait(&self) -> bool {
        let mut state = self.state();
        state.missing = state.missing.saturating_sub(1);
        self.changed.notify_all();
        let waiting = |state: &mut State| state.missing > 0 && !state.called_off;
        let state = self.changed.wait_while(state, waiting).unwrap_or_else(PoisonError::into_inner);
        !state.called_off
    }

    /// Somebody will not come: sends those who wait home.
    pub(crate) fn call_off(&self) {
        self.state().called_off = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_go_on_when_all_are_here() {
        let muster = Muster::of(3);
        std::thread::scope(|scope| {
            let waiting = [(); 2].map(|()| scope.spawn(|| muster.wait()));
            assert!(muster.wait());
            for one in waiting {
                assert!(one.join().expect("it waits and returns"));
            }
        });
    }

    #[test]
    fn nobody_waits_for_one_who_cannot_come() {
        let muster = Muster::of(3);
        std::thread::scope(|scope| {
            let waiting = [(); 2].map(|()| scope.spawn(|| muster.wait()));
            muster.call_off();
            for one in waiting {
                assert!(!one.join().expect("it waits and returns"));
            }
        });
    }
}
