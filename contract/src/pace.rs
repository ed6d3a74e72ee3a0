//! Which deadline a connection has while its server waits for bytes: pure bookkeeping, no socket, no clock of its own.
//!
//! HTTP libraries know where a message begins and ends, the code around the socket knows when bytes come; neither knows
//! both. [`Pace`] sits at the socket and is told what came, its [`Mark`] sits at the handler and is told when a request
//! begins and is answered. Together they tell an idle connection from one whose client is in the middle of a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use crate::LimitFlags;

/// What a connection is in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing of a request has arrived since the connection was opened or last answered.
    Idle,
    /// A head has begun.
    Head,
    /// A head is complete, its body is not, or the answer is being made.
    Body,
}

/// The deadlines of one connection, seen from its socket.
#[derive(Debug)]
pub struct Pace {
    idle_timeout: Duration,
    header_timeout: Duration,
    phase: Phase,
    /// When the phase was first waited in: the clock is read only when there is something to wait for.
    since: Option<Instant>,
    /// The last four bytes that came, which tell whether they ended with the end of a head.
    tail: u32,
    /// Whether the head that began last is known to ask for a head.
    head_asked_for: bool,
    /// Whether a line of the head that is being received has ended.
    line_ended: bool,
    mark: Mark,
}

const NOTHING: u8 = 0;
const BEGUN: u8 = 1;
const ANSWERED: u8 = 2;
const ANSWERED_WITH_BODY: u8 = 3;

/// The handler's end of a [`Pace`].
#[derive(Debug, Clone, Default)]
pub struct Mark(Arc<AtomicU8>);

impl Mark {
    /// A head has been read and is being handled.
    pub fn begun(&self) {
        self.0.store(BEGUN, Ordering::Relaxed);
    }

    /// The answer is ready; what arrives next belongs to the next request.
    pub fn answered(&self, had_body: bool) {
        let mark = if had_body { ANSWERED_WITH_BODY } else { ANSWERED };
        self.0.store(mark, Ordering::Relaxed);
    }
}

impl Pace {
    /// Of a connection that has just been opened.
    #[must_use]
    pub fn new(limits: &LimitFlags) -> Self {
        Pace {
            idle_timeout: limits.idle_timeout(),
            header_timeout: limits.header_timeout(),
            phase: Phase::Idle,
            since: None,
            tail: 0,
            head_asked_for: false,
            line_ended: false,
            mark: Mark::default(),
        }
    }

    /// What the handler of this connection's requests needs.
    #[must_use]
    pub fn mark(&self) -> Mark {
        self.mark.clone()
    }

    /// Takes note of bytes that have arrived.
    pub fn received(&mut self, bytes: &[u8]) {
        self.heed_mark();
        if self.phase == Phase::Idle {
            self.enter(Phase::Head);
            self.head_asked_for = bytes.starts_with(b"HEAD ");
        }
        for byte in &bytes[bytes.len().saturating_sub(4)..] {
            self.tail = self.tail << 8 | u32::from(*byte);
        }
        // A head that comes in one piece, as most do, is not looked through.
        if !self.line_ended {
            self.line_ended = self.ends_head() || bytes.contains(&b'\n');
        }
    }

    /// What the connection is in the middle of.
    pub fn phase(&mut self) -> Phase {
        self.heed_mark();
        self.phase
    }

    /// Whether the request that is being received is one for a head, whose answer has no body: true if its method came
    /// in one piece and right behind an answer, false if it is another or cannot be seen from here.
    pub fn is_head_asked_for(&mut self) -> bool {
        self.heed_mark();
        self.head_asked_for
    }

    /// Whether what has come of a head is less than its request line; false where that cannot be seen from here, as behind an
    /// answered request in the same packet.
    pub fn is_in_request_line(&mut self) -> bool {
        self.heed_mark();
        self.phase == Phase::Head && !self.line_ended
    }

    /// Until when to wait for the next byte; call it whenever there is nothing to read.
    ///
    /// The time of a head runs from the first call after its first byte, so that bytes that drip do not put it off.
    pub fn deadline(&mut self, now: Instant) -> Instant {
        let timeout = match self.phase() {
            Phase::Idle => self.idle_timeout,
            Phase::Head | Phase::Body => self.header_timeout,
        };
        *self.since.get_or_insert(now) + timeout
    }

    fn heed_mark(&mut self) {
        let mark = self.mark.0.load(Ordering::Relaxed);
        if mark == NOTHING {
            return;
        }
        self.mark.0.store(NOTHING, Ordering::Relaxed);
        match mark {
            BEGUN => self.enter(Phase::Body),
            // Bytes after the end of the answered request: the next one has begun, and so much of it may be there already. Behind
            // a body that cannot be seen from here, and its client gets the longer time of an idle connection.
            ANSWERED if !self.ends_head() => {
                self.enter(Phase::Head);
                self.line_ended = true;
            }
            _ => self.enter(Phase::Idle),
        }
    }

    fn ends_head(&self) -> bool {
        self.tail == u32::from_be_bytes(*b"\r\n\r\n") || self.tail & 0xFFFF == 0x0A0A
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = None;
        self.head_asked_for = false;
        self.line_ended = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_mins(1);
    const HEADER: Duration = Duration::from_secs(10);

    fn fresh() -> (Pace, Instant) {
        (Pace::new(&LimitFlags::default()), Instant::now())
    }

    #[test]
    fn a_fresh_connection_is_idle_and_its_first_byte_starts_the_head() {
        let (mut pace, start) = fresh();
        assert_eq!(pace.deadline(start), start + IDLE);
        let later = start + Duration::from_secs(30);
        assert_eq!(pace.deadline(later), start + IDLE, "waiting again is no new start");
        pace.received(b"G");
        assert_eq!(pace.deadline(later), later + HEADER);
        pace.received(b"E");
        let drip = later + Duration::from_secs(5);
        assert_eq!(pace.deadline(drip), later + HEADER, "a drip does not put it off");
    }

    #[test]
    fn an_answered_connection_is_idle_again() {
        let (mut pace, start) = fresh();
        pace.received(b"GET / HTTP/1.1\r\n");
        pace.received(b"\r\n");
        pace.mark().begun();
        pace.mark().answered(false);
        assert_eq!(pace.phase(), Phase::Idle);
        assert_eq!(pace.deadline(start), start + IDLE);
    }

    #[test]
    fn a_body_has_its_own_time() {
        let (mut pace, start) = fresh();
        pace.received(b"POST / HTTP/1.1\r\n\r\n12");
        assert_eq!(pace.deadline(start), start + HEADER);
        pace.mark().begun();
        let later = start + Duration::from_secs(3);
        assert_eq!(pace.deadline(later), later + HEADER);
        pace.received(b"345");
        pace.mark().answered(true);
        assert_eq!(pace.phase(), Phase::Idle);
    }

    #[test]
    fn a_request_for_a_head_is_known_until_it_is_handled() {
        let (mut pace, _) = fresh();
        for (head, asks) in [(&b"HEAD / HTTP/1.1\r\n\r\n"[..], true), (b"GET / HTTP/1.1\r\n\r\n", false)] {
            pace.received(head);
            assert_eq!(pace.is_head_asked_for(), asks);
            pace.mark().begun();
            assert!(!pace.is_head_asked_for(), "what is refused now is another");
            pace.mark().answered(false);
        }
        pace.received(b"HEAD / HTT");
        pace.received(b"P/3\r\n\r\n");
        assert!(pace.is_head_asked_for(), "the rest of a head is no other head");
    }

    #[test]
    fn a_request_line_is_known_until_it_ends() {
        let (mut pace, _) = fresh();
        assert!(!pace.is_in_request_line(), "nothing has come");
        for part in [&b"GET /"[..], b"bob?", b"q"] {
            pace.received(part);
            assert!(pace.is_in_request_line(), "{}", part.escape_ascii());
        }
        pace.received(b" HTTP/1.1\r");
        assert!(pace.is_in_request_line());
        pace.received(b"\nX-Long: ");
        assert!(!pace.is_in_request_line());
        pace.received(b"xxxx\r\n\r\n");
        assert!(!pace.is_in_request_line(), "it has come to its end");
        pace.mark().begun();
        pace.mark().answered(false);
        pace.received(b"GET /next");
        assert!(pace.is_in_request_line(), "the next has begun");
        let (mut pace, _) = fresh();
        pace.received(b"GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nX: ");
        pace.mark().begun();
        pace.mark().answered(false);
        assert!(!pace.is_in_request_line(), "it cannot be seen");
    }

    #[test]
    fn a_head_that_follows_in_the_same_packet_has_begun() {
        let (mut pace, start) = fresh();
        pace.received(b"GET / HTTP/1.1\r\n\r\nGET /");
        pace.mark().begun();
        pace.mark().answered(false);
        assert_eq!(pace.phase(), Phase::Head);
        assert_eq!(pace.deadline(start), start + HEADER);
    }
}
