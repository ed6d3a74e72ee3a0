//! What must hold for whatever bytes a server sends, as assertions that tests and the fuzz target share.

use super::{Answer, HEAD_LIMIT, ProtocolError, Response, Stage, chunked::LINE_LIMIT, recent};

/// What all the bytes, followed by the end of the connection, amount to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Answer(Answer),
    Error(ProtocolError),
    /// The connection ended before the answer did.
    CutOff,
}

/// Reads fragments and then the end of the connection. Gives what they amount to, and the body as it was handed on.
///
/// # Panics
///
/// If the reader keeps more than it may.
pub(crate) fn read<'a>(bodiless: bool, fragments: impl IntoIterator<Item = &'a [u8]>) -> (Outcome, Vec<u8>) {
    read_with(&mut Response::new(bodiless), fragments)
}

/// The same with a reader that may have read other answers.
pub(super) fn read_with<'a>(
    response: &mut Response,
    fragments: impl IntoIterator<Item = &'a [u8]>,
) -> (Outcome, Vec<u8>) {
    let mut body = Vec::new();
    let mut complete = None;
    for fragment in fragments {
        let fed = response.feed(fragment, |part| body.extend_from_slice(part));
        assert_bounded(response);
        match fed {
            Ok(answer) => complete = complete.or(answer),
            Err(error) => return (Outcome::Error(error), body),
        }
    }
    let outcome = match complete.map_or_else(|| response.end(), |answer| Ok(Some(answer))) {
        Ok(answer) => answer.map_or(Outcome::CutOff, Outcome::Answer),
        Err(error) => Outcome::Error(error),
    };
    (outcome, body)
}

/// Reads `bytes` in one piece, and cut at these places, which may be anywhere and in any order.
///
/// # Panics
///
/// If the two do not amount to the same, the reader keeps more than it may, or the body is not of the bytes.
pub(crate) fn assert_cuts_change_nothing(bodiless: bool, bytes: &[u8], cuts: &[usize]) {
    let whole = read(bodiless, [bytes]);
    let mut places: Vec<_> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).chain([0, bytes.len()]).collect();
    places.sort_unstable();
    let fragments = places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]);
    assert_eq!(read(bodiless, fragments), whole, "{bodiless}, cut at {places:?}: {:?}", bytes.escape_ascii());
    assert!(whole.1.len() <= bytes.len(), "a body longer than what was sent");
}

/// Reads `bytes` twice with one reader.
///
/// # Panics
///
/// If the second time amounts to something else than the first.
pub(super) fn assert_memory_changes_nothing(bodiless: bool, bytes: &[u8]) {
    let mut response = Response::new(bodiless);
    let first = read_with(&mut response, [bytes]);
    response.reset(bodiless);
    assert_eq!(read_with(&mut response, [bytes]), first, "{bodiless}: {:?}", bytes.escape_ascii());
}

fn assert_bounded(response: &Response) {
    // A growing vector doubles.
    assert!(response.stash.len() <= HEAD_LIMIT && response.stash.capacity() <= 2 * HEAD_LIMIT);
    assert!(response.recent.held() <= 2 * recent::LONGEST);
    if let Stage::Chunked(chunked) = &response.stage {
        assert!(chunked.held() <= LINE_LIMIT);
    }
}

/// One input of the fuzzer, which is taken apart into where to cut and what to read. See `loadgen/fuzz/README.md`.
///
/// The first byte says whether the request was HEAD, whether one byte is to be repeated, which gets a short input over
/// the limits of 64 KiB and 4 KiB, and how many cuts there are; their places follow, then the bytes of the answer.
#[cfg(feature = "fuzz")]
pub fn fuzz(input: &[u8]) {
    let Some((flags, rest)) = input.split_first() else { return };
    let (numbers, answer) = rest.split_at(rest.len().min(2 * usize::from(flags >> 4)));
    let mut numbers = numbers.chunks_exact(2).map(|pair| usize::from(u16::from_le_bytes([pair[0], pair[1]])));
    let mut bytes = answer.to_vec();
    if flags & 2 != 0
        && let Some(place) = numbers.next()
        && let Some(&byte) = answer.get(place % answer.len().max(1))
    {
        let count = numbers.next().unwrap_or_default() * 2;
        let place = place % answer.len();
        bytes.splice(place..place, std::iter::repeat_n(byte, count));
    }
    let cuts: Vec<_> = numbers.collect();
    let bodiless = flags & 1 != 0;
    assert_cuts_change_nothing(bodiless, &bytes, &cuts);
    assert_memory_changes_nothing(bodiless, &bytes);
    if flags & 4 != 0 && bytes.len() < 512 {
        assert_cuts_change_nothing(bodiless, &bytes, &(0..bytes.len()).collect::<Vec<_>>());
    }
}
