//! Which target greets whom.

use super::case::Case;

pub(super) const CASES: &[Case] = &[
    Case::greets("greet.name", "`GET /<name>` greets the name", "/World", "World"),
    Case::greets("greet.anonymous", "`GET /` greets Anonymous", "/", "Anonymous"),
    Case::greets("greet.percent-encoded", "a name is percent-decoded", "/%C3%A9%20x", "é x"),
    Case::greets("greet.lower-case-hex", "`%c3` is `%C3`", "/%c3%a9", "é"),
    Case::greets("greet.decoded-once", "a name is percent-decoded once", "/%2541", "%41"),
    Case::greets(
        "greet.percent-encoded-slash-is-data",
        "an encoded slash is part of the name, not the end of a segment",
        "/a%2Fb",
        "a/b",
    ),
    Case::greets(
        "greet.percent-encoded-question-mark-is-data",
        "an encoded question mark is part of the name, not the start of a query",
        "/a%3Fb",
        "a?b",
    ),
    Case::greets("greet.plus-is-a-plus", "`+` is no space: that is for forms only", "/a+b", "a+b"),
    Case::greets("greet.query-is-ignored", "a query is ignored", "/bob?x=1", "bob"),
    Case::greets("greet.query-of-anonymous-is-ignored", "a query is no name", "/?x=1", "Anonymous"),
    Case::greets("greet.empty-query-is-ignored", "an empty query is ignored", "/bob?", "bob"),
    Case::greets("greet.slash-in-query-is-ignored", "a query has no segments", "/bob?a/b", "bob"),
    Case::greets("greet.query-is-not-decoded", "a query need not be UTF-8", "/bob?x=%FF", "bob"),
    Case::greets("greet.absolute-form", "an absolute target greets by its path", "http://host/bob", "bob"),
    Case::greets(
        "greet.absolute-form-without-path",
        "an absolute target without a path is `/`",
        "http://host",
        "Anonymous",
    ),
];
