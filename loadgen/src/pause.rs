//! The pause after a failed connect: a dead server is not a busy loop.

use std::time::Duration;

const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_millis(100);

/// How long the next pause is, doubled with each failure in a row.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pause(Duration);

impl Pause {
    /// Another connect has failed: what to wait before the next one.
    pub(crate) fn after_failure(&mut self) -> Duration {
        self.0 = (self.0 * 2).clamp(SHORTEST, LONGEST);
        self.0
    }

    /// A connection was made.
    pub(crate) fn reset(&mut self) {
        self.0 = Duration::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_until_a_connection_is_made() {
        let mut pause = Pause::default();
        let pauses: Vec<_> = (0..6).map(|_| pause.after_failure().as_millis()).collect();
        assert_eq!(pauses, [10, 20, 40, 80, 100, 100]);
        pause.reset();
        assert_eq!(pause.after_failure(), SHORTEST);
    }
}
