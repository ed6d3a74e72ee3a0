//! Giving way, the queue's end, and the need in every order of steps.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};

use super::*;

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

#[test]
fn a_busy_worker_gives_way_only_while_somebody_waits_for_it() {
    let handover = Handover::new(1);
    let ((_a, first), (_b, second)) = (pair(), pair());
    handover.push(first);
    let first = handover.pop().unwrap();
    handover.seat(0, first, |_, seat| {
        assert!(!handover.gives_way(seat));
        handover.push(second);
        assert!(handover.gives_way(seat));
        assert!(handover.gives_way(seat), "it stays given up");
    });
    assert_eq!(handover.open(), 1);
    handover.pop().unwrap();
    assert_eq!(handover.need.count(), 0, "the one worker is busy again");
}

#[test]
fn an_idle_connection_is_ended_after_its_grace_and_reads_what_had_arrived() {
    let handover = Handover::new(1);
    let ((mut client, first), (_b, second)) = (pair(), pair());
    handover.push(first);
    let first = handover.pop().unwrap();
    handover.seat(0, first, |mut stream, seat| {
        let start = Instant::now();
        let wait = seat.begin_wait(start, start + Duration::from_mins(1), Awaited::Next);
        assert!(!handover.make_room(start + GRACE), "nobody waits, nobody is ended");
        handover.push(second);
        assert!(handover.make_room(start), "not before its grace is over");
        std::io::Write::write_all(&mut client, b"late").unwrap();
        assert_eq!(stream.peek(&mut [0; 4]).unwrap(), 4, "it has arrived");
        assert!(!handover.make_room(start + GRACE));
        drop(wait);
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        assert_eq!(all, b"late");
    });
}

#[test]
fn a_long_queue_shortens_the_wait_for_a_rest_and_no_other() {
    let (_client, stream) = pair();
    // Three connections wait for the one worker.
    for (awaited, ends_at_a_quarter) in
        [(Awaited::First, false), (Awaited::Next, false), (Awaited::Rest, true)]
    {
        let handover = Handover::new(1);
        handover.push(stream.try_clone().unwrap());
        let newcomer = handover.pop().unwrap();
        let start = newcomer.accepted;
        handover.seat(0, newcomer, |_, seat| {
            let _wait = seat.begin_wait(start, start + Duration::from_mins(1), awaited);
            for _ in 0..3 {
                handover.push(stream.try_clone().unwrap());
            }
            assert_eq!(handover.end_longest_wait(start + GRACE / 4), ends_at_a_quarter, "{awaited:?}");
            assert_eq!(handover.end_longest_wait(start + GRACE), !ends_at_a_quarter, "{awaited:?}");
        });
    }
}

#[test]
fn the_time_in_the_queue_counts_as_waiting_for_the_first_request_and_no_other() {
    let (_client, stream) = pair();
    for (awaited, ends) in [(Awaited::First, true), (Awaited::Next, false), (Awaited::Rest, false)] {
        let handover = Handover::new(1);
        handover.push(stream.try_clone().unwrap());
        let newcomer = handover.pop().unwrap();
        let seated_at = newcomer.accepted + GRACE;
        handover.seat(0, newcomer, |_, seat| {
            let _wait = seat.begin_wait(seated_at, seated_at + Duration::from_mins(1), awaited);
            handover.push(stream.try_clone().unwrap());
            assert_eq!(!handover.make_room(seated_at), ends, "{awaited:?}");
        });
    }
}

/// What two workers and the accepting thread can do next to each other, one step at a time.
#[derive(Debug, Clone, Copy)]
enum Step {
    Push,
    Pop(usize),
    GiveWay(usize),
    StandUp(usize),
}

const STEPS: [Step; 7] = [
    Step::Push,
    Step::Pop(0),
    Step::Pop(1),
    Step::GiveWay(0),
    Step::GiveWay(1),
    Step::StandUp(0),
    Step::StandUp(1),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Worker {
    Free,
    Busy,
    Ending,
}

/// In all orders of up to six steps the need is what counting gives. A worker that takes a connection does not change it, at no
/// point: so the accepting thread, which looks right after its push, cannot miss that its connection has no worker.
#[test]
fn the_need_is_counted_right_in_every_order() {
    let (_client, stream) = pair();
    let length = 6;
    for order in 0..STEPS.len().pow(length) {
        let handover = Handover::new(2);
        let (mut queued, mut workers) = (0, [Worker::Free; 2]);
        for at in 0..length {
            let step = STEPS[order / STEPS.len().pow(at) % STEPS.len()];
            let before = handover.need.count();
            match step {
                Step::Push if queued < 3 => {
                    handover.push(stream.try_clone().unwrap());
                    queued += 1;
                }
                Step::Pop(worker) if queued > 0 && workers[worker] == Worker::Free => {
                    let newcomer = handover.pop().unwrap();
                    assert_eq!(handover.need.count(), before);
                    handover.sit_down(&handover.seats[worker], newcomer);
                    (queued, workers[worker]) = (queued - 1, Worker::Busy);
                }
                Step::GiveWay(worker) if workers[worker] == Worker::Busy => {
                    if handover.gives_way(&handover.seats[worker]) {
                        workers[worker] = Worker::Ending;
                    }
                    assert_eq!(workers[worker] == Worker::Ending, before > 0, "{before}");
                }
                Step::StandUp(worker) if workers[worker] != Worker::Free => {
                    handover.stand_up(&handover.seats[worker]);
                    workers[worker] = Worker::Free;
                }
                // Not possible here, and a shorter order has been tried.
                _ => break,
            }
            let available = workers.iter().filter(|worker| **worker != Worker::Busy).count();
            assert_eq!(handover.need.count(), queued - isize::try_from(available).unwrap(), "{step:?}");
        }
    }
}

#[test]
fn nobody_leaves_for_a_visitor_who_has_come_in_by_another_way() {
    let handover = Handover::new(2);
    let ((_a, first), (_b, second)) = (pair(), pair());
    handover.push(first);
    let first = handover.pop().unwrap();
    handover.seat(0, first, |_, seat| {
        handover.turn_away();
        // Another connection has ended meanwhile, and there was room.
        handover.push(second);
        assert!(!handover.gives_way(seat));
    });
}

#[test]
fn a_closed_queue_is_emptied_first() {
    let handover = Handover::new(1);
    let (_client, stream) = pair();
    handover.push(stream);
    handover.close();
    assert!(handover.pop().is_some());
    assert!(handover.pop().is_none());
}
