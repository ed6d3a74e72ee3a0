//! The Host field: there once and well-formed, or refused.

use super::case::Case;
use super::expect;
use super::request::Request;

pub(super) const CASES: &[Case] = &[
    Case::answers_fields("host.missing-is-400", "HTTP/1.1 needs a Host", &[], 400),
    Case::answers_fields("host.duplicate-is-400", "two Hosts are one too many", &["Host: a", "Host: b"], 400),
    Case::answers_fields(
        "host.same-twice-is-400",
        "two Hosts are one too many even if they agree",
        &["Host: a", "Host: a"],
        400,
    ),
    Case::answers_fields("host.space-is-400", "a Host has no space inside", &["Host: a b"], 400),
    Case::answers_fields("host.slash-is-400", "a Host has no path", &["Host: ho/st"], 400),
    Case::answers_fields("host.user-is-400", "a Host has no user", &["Host: user@host"], 400),
    Case::answers_fields("host.port-in-words-is-400", "a port is a number", &["Host: host:port"], 400),
    Case::answers_fields("host.port-is-200", "a Host may have a port", &["Host: host:8080"], 200),
    Case::answers_fields("host.ipv6-is-200", "a Host may be an IPv6 address", &["Host: [::1]:8080"], 200),
    Case::answers_fields("host.empty-is-200", "a Host may be empty (RFC 9112, 3.2)", &["Host:"], 200),
    Case::script("host.missing-on-http10-is-200", "HTTP/1.0 needs no Host", |probe| {
        expect::greeting(&probe.ask(&Request::get("/bob").http10().with_only(&[]))?, "bob")
    }),
];
