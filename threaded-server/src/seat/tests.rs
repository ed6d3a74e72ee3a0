//! Waits that end, and waits that do not.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};

use super::*;

fn seated() -> (TcpStream, Arc<TcpStream>, Seat) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let seat = Seat::new(Instant::now());
    let stream = seat.take(listener.accept().unwrap().0, Instant::now());
    (client, stream, seat)
}

/// Whether the connection's reading has been ended; needs that nothing has come.
fn is_ended(stream: &TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    (&*stream).read(&mut [0]).is_ok()
}

#[test]
fn a_wait_is_told_apart_by_its_time_and_by_what_for() {
    for (micros, awaited) in [(0, Awaited::First), (7, Awaited::Next), (u64::MAX >> 2, Awaited::Rest)] {
        let stamp = Stamp::of(micros, awaited);
        assert_ne!(stamp, BUSY);
        assert_eq!(Stamp::read(stamp), Some((micros, awaited)));
    }
    assert_eq!(Stamp::read(BUSY), None);
}

#[test]
fn only_the_wait_that_was_looked_at_is_ended() {
    let need = Need::new(1);
    let (_client, stream, seat) = seated();
    let now = Instant::now();
    let later = now + Duration::from_mins(1);
    let first = seat.begin_wait(now, later, Awaited::Next);
    let seen = seat.wait(now).unwrap();
    drop(first);
    assert!(!seat.end_wait(&seen, &need), "the client has sent something meanwhile");
    let second = seat.begin_wait(now + Duration::from_millis(1), later, Awaited::Rest);
    assert!(!seat.end_wait(&seen, &need), "this is another wait");
    assert!(!is_ended(&stream) && !seat.is_ending());
    let seen = seat.wait(now).unwrap();
    assert!(seat.end_wait(&seen, &need));
    assert!(is_ended(&stream) && seat.is_cut());
    assert!(!seat.end_wait(&seen, &need), "it is no news the second time");
    drop(second);
    assert!(seat.leave() && !seat.is_cut());
    assert!(!seat.end_wait(&seen, &need), "nobody sits there");
}

#[test]
fn a_wait_is_ended_when_its_time_is_over_and_not_before() {
    let need = Need::new(1);
    let (_client, stream, seat) = seated();
    let now = Instant::now();
    let (soon, later) = (now + Duration::from_secs(1), now + Duration::from_secs(2));
    assert!(seat.end_overdue(later, &need) > Some(Duration::from_hours(1)), "nobody has waited here");
    drop(seat.begin_wait(now, soon, Awaited::Next));
    assert_eq!(seat.end_overdue(later, &need), None, "its client has sent something in time");
    let second = seat.begin_wait(soon, later, Awaited::Rest);
    assert_eq!(seat.end_overdue(soon, &need), Some(Duration::from_secs(1)));
    assert!(!is_ended(&stream) && !seat.is_ending());
    assert_eq!(seat.end_overdue(later, &need), None);
    assert!(is_ended(&stream) && seat.is_cut() && seat.is_ending());
    drop(second);
}

#[test]
fn a_stop_ends_who_is_idle_and_nobody_else() {
    for (awaited, ends) in [
        (Some(Awaited::First), true),
        (Some(Awaited::Next), true),
        (Some(Awaited::Rest), false),
        (None, false),
    ] {
        let (_client, stream, seat) = seated();
        let now = Instant::now();
        let waiting = awaited.map(|awaited| seat.begin_wait(now, now + Duration::from_mins(1), awaited));
        seat.stop(&Need::new(1));
        assert_eq!(is_ended(&stream), ends, "{awaited:?}");
        assert!(seat.is_ending() && !seat.is_cut(), "{awaited:?}");
        drop(waiting);
    }
}

#[test]
fn a_stop_does_not_cut_off_what_has_just_come() {
    let (mut client, stream, seat) = seated();
    let now = Instant::now();
    let _waiting = seat.begin_wait(now, now + Duration::from_mins(1), Awaited::Next);
    client.write_all(b"GET").unwrap();
    assert_eq!(stream.peek(&mut [0; 3]).unwrap(), 3, "it has arrived");
    seat.stop(&Need::new(1));
    client.write_all(b" /").unwrap();
    let mut all = [0; 5];
    (&*stream).read_exact(&mut all).unwrap();
    assert_eq!(&all, b"GET /");
}
