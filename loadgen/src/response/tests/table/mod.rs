//! Answers, good and malformed, and what the reader has to make of each.

mod good;
mod limits;
mod malformed;

use super::super::invariants::Outcome as Read;
use super::super::{Answer, HEAD_LIMIT, ProtocolError};

/// What all the bytes, followed by the end of the connection, amount to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// Status, whether the connection can be used again, body.
    Answer(u16, bool, String),
    Error(ProtocolError),
    /// The connection ended before the answer did.
    CutOff,
}

impl From<(Read, Vec<u8>)> for Outcome {
    fn from((read, body): (Read, Vec<u8>)) -> Self {
        match read {
            Read::Answer(Answer { status, reusable }) => {
                Self::Answer(status, reusable, String::from_utf8(body).expect("the table is text"))
            }
            Read::Error(error) => Self::Error(error),
            Read::CutOff => Self::CutOff,
        }
    }
}

/// A row with constant bytes: what the server sends, what the reader makes of it.
type Row = (&'static str, Outcome);

fn answer(status: u16, reusable: bool, body: &str) -> Outcome {
    Outcome::Answer(status, reusable, body.to_owned())
}

fn error(error: ProtocolError) -> Outcome {
    Outcome::Error(error)
}

fn malformed(cause: httparse::Error) -> Outcome {
    Outcome::Error(ProtocolError::Head(cause))
}

/// The table: what the server sends, what the reader makes of it.
pub(super) fn table() -> Vec<(String, Outcome)> {
    let rows = [
        good::lengths(),
        good::bodiless(),
        good::interim(),
        good::persistence(),
        good::chunked(),
        malformed::heads(),
        malformed::lengths(),
        malformed::encodings(),
        malformed::chunks(),
        malformed::cut_off(),
    ];
    let owned = |(bytes, outcome): Row| (bytes.to_owned(), outcome);
    rows.into_iter().flatten().map(owned).chain(limits::rows()).collect()
}
