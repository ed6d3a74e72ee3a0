//! What an HTTP library does against the contract and nobody around it can change: known, named, and looked at again.
//!
//! A gap is left out of a server's conformance by name and with its reason, never in silence; `behaviour` asserts that
//! each still is one, so that a library that closes it is noticed. A number is an issue of the library's repository.

use std::fmt;

/// A case that an HTTP stack cannot pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The id of the case.
    pub case: &'static str,
    /// What the library does instead, in one sentence.
    pub reason: &'static str,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "except  {}: {}", self.case, self.reason)
    }
}

/// The stacks of this workspace's servers, as `--http` names them there.
pub(super) const STACKS: [&str; 3] = ["tiny-http", "hyper", "axum"];

/// The known gaps of an HTTP stack, which is named as in a READY line; none for a stack that is not known.
#[must_use]
pub fn known_gaps(http: &str) -> &'static [Gap] {
    match http {
        "tiny-http" => TINY_HTTP,
        _ => &[],
    }
}

const fn gap(case: &'static str, reason: &'static str) -> Gap {
    Gap { case, reason }
}

/// Of `tiny_http` 0.12.
const TINY_HTTP: &[Gap] = &[
    gap(
        "limit.body-over-64-kib-closes",
        "A handler cannot end a connection: after the answer the announced body is waited for and dropped.",
    ),
    gap(
        "limit.chunked-body-over-64-kib-closes",
        "A handler cannot end a connection: the rest of the body is taken for the next request (#287).",
    ),
    gap(
        "error.of-garbage-is-a-sentence",
        "It refuses what it cannot read by itself, and without a sentence.",
    ),
    gap(
        "error.of-a-broken-field-is-a-sentence",
        "It refuses what it cannot read by itself, and without a sentence.",
    ),
    gap(
        "error.of-an-unknown-version-is-a-sentence",
        "It refuses what it cannot read by itself, and without a sentence.",
    ),
    gap(
        "error.of-garbage-behind-a-request-is-a-sentence",
        "It refuses what it cannot read by itself, and without a sentence.",
    ),
    gap("chunk.trailers-are-dropped", "Its decoder of chunks takes a trailer for an error."),
    gap(
        "chunk.broken-closes",
        "A handler cannot end a connection: the rest of the body is taken for the next request (#287).",
    ),
    gap("framing.empty-line-before-a-request", "An empty line is refused as a request line."),
    gap(
        "framing.target-not-ascii-is-400",
        "A head that is not ASCII closes the connection without an answer.",
    ),
    gap("version.http09-is-refused", "HTTP/0.9 is answered, in HTTP/0.9 with a status line."),
    gap(
        "version.http2-is-refused",
        "The 505 waits for the answer to the request that it refuses: neither is ever sent, and a thread is held for good.",
    ),
    gap(
        "version.http3-is-refused",
        "The 505 waits for the answer to the request that it refuses: neither is ever sent, and a thread is held for good.",
    ),
    gap(
        "smuggling.two-lengths-closes",
        "A handler cannot end a connection: the first length is believed and the connection stays (#287).",
    ),
    gap(
        "smuggling.same-length-in-a-list-is-one-or-400",
        "A handler cannot end a connection: what is no number is no length, and the body is taken for the next request (#287).",
    ),
    gap(
        "smuggling.length-beside-chunked-closes",
        "A handler cannot end a connection: the body is taken for the next request (#287).",
    ),
    gap(
        "smuggling.bare-line-feed-hides-no-length",
        "A bare line feed is part of a value (#288), and what stands behind it is no field.",
    ),
    gap(
        "smuggling.folded-length-is-400",
        "Space is cut off the ends of a line before it is read as a field.",
    ),
    gap(
        "smuggling.space-before-the-first-field-is-400",
        "Space is cut off the ends of a line before it is read as a field.",
    ),
    gap("connection.close-in-a-second-field", "Only the first Connection field is read."),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{STACKS, known_gaps};
    use crate::conformance::cases;

    #[test]
    fn every_gap_is_a_case_once_with_its_reason_in_a_sentence() {
        for http in STACKS {
            let gaps = known_gaps(http);
            let ids: BTreeSet<_> = gaps.iter().map(|gap| gap.case).collect();
            assert_eq!(ids.len(), gaps.len(), "{http} names one twice");
            for gap in gaps {
                assert!(cases().iter().any(|case| case.id == gap.case), "{http}: no case {}", gap.case);
                assert!(gap.reason.ends_with('.') && !gap.reason.contains(". "), "{}", gap.reason);
            }
        }
        assert!(!known_gaps("tiny-http").is_empty());
    }
}
