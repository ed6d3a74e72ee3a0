//! How far a request has got: connected, first byte.
//!
//! Most requests go out on an open connection and are answered whole by one `recv`: their first byte came when the
//! answer did, and nothing is written down. Only where the two differ is there a milestone, so that knowing the time
//! to the first byte costs the others nothing but a comparison.

use std::time::{Duration, Instant};

/// The milestones of one request that differ from its beginning and its end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Milestones {
    /// When the connection for it was begun, if it needed one.
    connecting: Option<Instant>,
    connected: Option<Instant>,
    /// When the first part of an answer came that did not come whole.
    first_byte: Option<Instant>,
    /// Whether the connect has been counted.
    told: bool,
}

/// What is known of an answer's first byte at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FirstByte {
    /// Since the request was sent; zero while its connection is being made.
    pub(crate) since_sent: Duration,
    /// From then to the first byte, if that came before the rest.
    pub(crate) took: Option<Duration>,
}

impl Milestones {
    pub(super) fn connecting(&mut self, at: Instant) {
        self.connecting = Some(at);
    }

    pub(super) fn connected(&mut self, at: Instant) {
        self.connected = Some(at);
    }

    pub(super) fn first_byte(&mut self, at: Instant) {
        self.first_byte.get_or_insert(at);
    }

    /// When the connection was begun and when it was there, the first time this is asked after that.
    pub(crate) fn take_connect(&mut self) -> Option<(Instant, Instant)> {
        let both = self.connecting.zip(self.connected).filter(|_| !self.told)?;
        self.told = true;
        Some(both)
    }

    /// Since when the connection is being made; `None` if it is not.
    pub(crate) fn connecting_since(&self) -> Option<Instant> {
        self.connecting.filter(|_| self.connected.is_none())
    }

    /// What is known of the first byte at this time, of a request begun at `asked_at`. `None` if that is no other than
    /// what is known of the whole answer.
    pub(crate) fn sighting(&self, asked_at: Instant, at: Instant) -> Option<FirstByte> {
        if self.connecting.is_none() && self.first_byte.is_none() {
            return None;
        }
        // On a connection made for it the request goes out when that is there.
        let sent = if self.connecting.is_some() { self.connected.unwrap_or(at) } else { asked_at };
        let took = self.first_byte.filter(|first| *first <= at).map(|first| first - sent.min(first));
        Some(FirstByte { since_sent: at.saturating_duration_since(sent), took })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn an_answer_in_one_piece_on_an_open_connection_has_no_milestones() {
        let start = Instant::now();
        assert_eq!(Milestones::default().sighting(start, start + MS), None);
    }

    #[test]
    fn the_first_of_several_parts_counts() {
        let start = Instant::now();
        let mut milestones = Milestones::default();
        milestones.first_byte(start + 2 * MS);
        milestones.first_byte(start + 5 * MS);
        let sighting = |at| milestones.sighting(start, at);
        let late = FirstByte { since_sent: 7 * MS, took: Some(2 * MS) };
        assert_eq!(sighting(start + 7 * MS), Some(late));
        // Looked back at from a deadline that it missed, it has not come.
        assert_eq!(sighting(start + MS), Some(FirstByte { since_sent: MS, took: None }));
    }

    #[test]
    fn connecting_is_no_part_of_the_wait_for_the_first_byte() {
        let start = Instant::now();
        let mut milestones = Milestones::default();
        milestones.connecting(start + MS);
        assert_eq!(milestones.connecting_since(), Some(start + MS));
        assert_eq!(milestones.take_connect(), None);
        let unsent = FirstByte { since_sent: Duration::ZERO, took: None };
        assert_eq!(milestones.sighting(start, start + 3 * MS), Some(unsent));
        milestones.connected(start + 4 * MS);
        assert_eq!(milestones.connecting_since(), None);
        assert_eq!(milestones.take_connect(), Some((start + MS, start + 4 * MS)));
        assert_eq!(milestones.take_connect(), None);
        let sent = FirstByte { since_sent: 6 * MS, took: None };
        assert_eq!(milestones.sighting(start, start + 10 * MS), Some(sent));
    }
}
