//! The parser against a table of answers, cut in every way.

mod table;

use proptest::prelude::*;

use super::*;
use table::{Outcome, table};

fn read<'a>(fragments: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    invariants::read(false, fragments).into()
}

#[test]
fn whole_answers_are_read_as_the_table_says() {
    let table = table();
    assert!(table.len() >= 150, "{}", table.len());
    for (bytes, expected) in table {
        assert_eq!(read([bytes.as_bytes()]), expected, "{bytes:.200}");
    }
}

#[test]
fn an_answer_to_head_ends_with_its_head() {
    for framing in ["content-length: 13\r\n", "transfer-encoding: chunked\r\n", ""] {
        let mut response = Response::new(true);
        let head = format!("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n{framing}\r\n");
        let answer = response.feed(head.as_bytes(), |_| panic!("no body")).expect("a good answer");
        assert_eq!(answer, Some(Answer { status: 200, reusable: true }), "{framing}");
        response.reset(true);
        let surplus = response.feed(format!("{head}Hello").as_bytes(), |_| {});
        assert_eq!(surplus, Err(ProtocolError::Surplus), "{framing}");
    }
}

#[test]
fn a_cut_anywhere_changes_nothing() {
    for (bytes, expected) in table() {
        // Every place in a short answer; in a long one those where something may begin or end.
        let places = (0..=bytes.len()).filter(|place| {
            let (near_start, near_end) = (*place < 300, bytes.len() - place < 300);
            near_start || near_end || place.abs_diff(HEAD_LIMIT) < 300
        });
        for place in places {
            let (first, second) = bytes.as_bytes().split_at(place);
            assert_eq!(read([first, second]), expected, "cut at {place}: {bytes:.200}");
        }
    }
}

#[test]
fn byte_by_byte_changes_nothing() {
    for (bytes, expected) in table().into_iter().filter(|(bytes, _)| bytes.len() < 2_000) {
        assert_eq!(read(bytes.as_bytes().chunks(1)), expected, "{bytes:.200}");
    }
}

#[test]
fn a_reset_reader_knows_nothing_of_the_answer_before() {
    let mut response = Response::new(false);
    let cut = response.feed(b"HTTP/1.1 200 OK\r\ncontent-le", |_| {});
    assert_eq!(cut, Ok(None));
    response.reset(false);
    let whole = response.feed(b"HTTP/1.1 204 No Content\r\n\r\n", |_| {});
    assert_eq!(whole, Ok(Some(Answer { status: 204, reusable: true })));
}

#[test]
fn the_same_head_again_is_not_read_again_and_another_one_is() {
    let mut response = Response::new(false);
    let mut ask = |bytes: &[u8]| {
        response.reset(false);
        response.feed(bytes, |_| {})
    };
    let ok = |reusable| Ok(Some(Answer { status: 200, reusable }));
    for _ in 0..3 {
        assert_eq!(ask(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na"), ok(true));
        assert_eq!(ask(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nb"), ok(true));
        assert_eq!(ask(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab"), ok(true));
        assert_eq!(ask(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\na"), ok(false));
        assert_eq!(ask(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n"), Ok(None));
    }
}

proptest! {
    /// One reader for many answers, as on a connection, against one for each.
    #[test]
    fn answers_before_change_nothing(
        pool in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        answers in prop::collection::vec((any::<prop::sample::Index>(), change(), any::<bool>()), 1..12),
        bodiless: bool,
    ) {
        let table = table();
        let mut response = Response::new(bodiless);
        for (row, change, changed) in answers {
            let mut bytes = table[row.get(&pool).index(table.len())].0.clone().into_bytes();
            if changed {
                change.apply(&mut bytes, &table);
            }
            invariants::assert_memory_changes_nothing(bodiless, &bytes);
            response.reset(bodiless);
            let seen = invariants::read_with(&mut response, [bytes.as_slice()]);
            prop_assert_eq!(seen, invariants::read(bodiless, [bytes.as_slice()]));
        }
    }

    #[test]
    fn any_fragmentation_gives_the_same_result(
        case in 0..table().len(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let (bytes, expected) = table().swap_remove(case);
        let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        let fragments = places.windows(2).map(|pair| &bytes.as_bytes()[pair[0]..pair[1]]);
        prop_assert_eq!(read(fragments), expected);
    }

    /// What lies near the table: rows with some bytes changed, left out, doubled, or taken from other rows.
    #[test]
    fn mutated_answers_are_the_same_however_they_are_cut(
        case in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 0..8),
        cuts in prop::collection::vec(any::<usize>(), 0..12),
        bodiless: bool,
    ) {
        let table = table();
        let mut bytes = table[case.index(table.len())].0.clone().into_bytes();
        for change in changes {
            change.apply(&mut bytes, &table);
        }
        invariants::assert_cuts_change_nothing(bodiless, &bytes, &cuts);
    }

    #[test]
    fn nothing_that_a_server_can_send_makes_it_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        chunked in any::<bool>(),
    ) {
        let head: &[u8] = if chunked { b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" } else { b"HTTP/1.1 2" };
        let mut response = Response::new(false);
        if response.feed(head, |_| {}).is_ok() {
            let _ = response.feed(&bytes, |_| {});
        }
        // Whether it was an answer is no matter here.
        let _ = response.end();
    }
}

/// One step away from a row of the table.
#[derive(Clone, Debug)]
enum Change {
    Replace(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Double(prop::sample::Index, prop::sample::Index),
    Splice(prop::sample::Index, prop::sample::Index, prop::sample::Index),
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<prop::sample::Index>;
    // Bytes that mean something are worth more than any.
    let byte = prop_oneof![any::<u8>(), prop::sample::select(b"\r\n :;,0159afF\t\0".as_slice())];
    prop_oneof![
        (place(), byte).prop_map(|(at, byte)| Change::Replace(at, byte)),
        place().prop_map(Change::Remove),
        (place(), place()).prop_map(|(from, to)| Change::Double(from, to)),
        (place(), place(), place()).prop_map(|(at, row, from)| Change::Splice(at, row, from)),
    ]
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>, table: &[(String, Outcome)]) {
        let length = bytes.len();
        match self {
            Self::Replace(at, byte) if length > 0 => bytes[at.index(length)] = *byte,
            Self::Remove(at) if length > 0 => drop(bytes.remove(at.index(length))),
            Self::Double(from, to) if length > 0 => {
                let (from, to) = (from.index(length), to.index(length));
                let part = bytes[from.min(to)..from.max(to)].to_vec();
                let at = from.max(to);
                bytes.splice(at..at, part);
            }
            Self::Splice(at, row, from) => {
                let other = table[row.index(table.len())].0.as_bytes();
                let part = &other[from.index(other.len() + 1)..];
                let at = at.index(length + 1);
                bytes.splice(at..at, part.iter().copied());
            }
            Self::Replace(..) | Self::Remove(_) | Self::Double(..) => {}
        }
    }
}
