//! Paths that are no name, and names that are none to greet.

use super::case::Case;
use super::expect;
use super::failure::Failure;
use super::probe::Probe;
use super::request::Request;

/// The longest name, in bytes after decoding.
const LONGEST_NAME: usize = 1_024;

pub(super) const CASES: &[Case] = &[
    Case::answers("path.two-segments-is-404", "a name is one segment", ("GET", "/a/b"), 404),
    Case::answers("path.empty-segments-is-404", "empty segments count", ("GET", "//"), 404),
    Case::answers("path.trailing-slash-is-404", "a trailing slash starts a segment", ("GET", "/a/"), 404),
    Case::answers(
        "path.absolute-form-two-segments-is-404",
        "the path of an absolute target is one segment too",
        ("GET", "http://host/a/b"),
        404,
    ),
    Case::answers("path.without-a-slash-is-400", "a target without a path names nobody", ("GET", "bob"), 400),
    Case::answers("path.asterisk-of-get-is-400", "`*` is no path to greet by", ("GET", "*"), 400),
    Case::answers("name.not-utf8-is-400", "a name is UTF-8", ("GET", "/%FF"), 400),
    Case::answers("name.truncated-utf8-is-400", "half a character is not UTF-8", ("GET", "/%C3"), 400),
    Case::answers("name.overlong-utf8-is-400", "an overlong form is not UTF-8", ("GET", "/%C0%AF"), 400),
    Case::answers("name.nul-is-400", "NUL is a control character", ("GET", "/a%00b"), 400),
    Case::answers("name.line-feed-is-400", "a line feed is a control character", ("GET", "/a%0Ab"), 400),
    Case::answers("name.delete-is-400", "DEL is a control character", ("GET", "/a%7Fb"), 400),
    Case::answers("name.c1-control-is-400", "U+0085 is a control character", ("GET", "/a%C2%85b"), 400),
    Case::script("name.1024-bytes-is-200", "a name may have 1,024 bytes", |probe| {
        let name = "n".repeat(LONGEST_NAME);
        expect::greeting(&probe.ask(&Request::get(&format!("/{name}")))?, &name)
    }),
    Case::script("name.1024-encoded-bytes-is-200", "a name is measured after decoding", |probe| {
        let target = format!("/{}", "%6E".repeat(LONGEST_NAME));
        expect::greeting(&probe.ask(&Request::get(&target))?, &"n".repeat(LONGEST_NAME))
    }),
    Case::script("name.1025-bytes-is-414", "a name of 1,025 bytes is too long", |probe| {
        too_long(probe, &"n".repeat(LONGEST_NAME + 1))
    }),
    Case::script(
        "name.1025-encoded-bytes-is-414",
        "a percent-encoded name of 1,025 bytes is too long",
        |probe| too_long(probe, &"%6E".repeat(LONGEST_NAME + 1)),
    ),
    Case::script("name.length-counts-bytes", "a name is measured in bytes, not in characters", |probe| {
        too_long(probe, &"%C3%A9".repeat(LONGEST_NAME / 2 + 1))
    }),
];

fn too_long(probe: &Probe, name: &str) -> Result<(), Failure> {
    expect::status(&probe.ask(&Request::get(&format!("/{name}")))?, 414)
}
