//! The ways in which the server can be wrong, each with the cases that have to notice.

/// One way to break the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    // Greetings
    EndsWithNewline,
    AnonymousHasNoName,
    NamesNotDecoded,
    UpperCaseHexOnly,
    DecodesTwice,
    DecodesBeforeSplitting,
    PlusIsSpace,
    QueryIsPartOfName,
    AbsoluteFormRefused,
    AbsoluteFormNeedsPath,
    // Heads
    NoCharset,
    Chunked,
    LengthInCharacters,
    NoDate,
    DateInAsctime,
    ErrorsHaveNoBody,
    ErrorsAreHtml,
    // Methods
    HeadIs405,
    HeadHasBody,
    HeadErrorHasBody,
    HeadHasNoLength,
    NoAllow,
    PostGreets,
    UnknownMethodIs501,
    MethodsInAnyCase,
    PathBeforeMethod,
    // Names
    SegmentsAreData,
    LossyUtf8,
    ControlsAllowed,
    AsciiControlsOnly,
    NameOf1023Only,
    NoNameLimit,
    NameMeasuredEncoded,
    NameMeasuredInCharacters,
    // Hosts
    HostOptional,
    DuplicateHostAllowed,
    HostNotChecked,
    HostWithoutPortOnly,
    HostWithoutBracketsOnly,
    EmptyHostRefused,
    Http10NeedsHost,
    // Limits
    RequestLineOf8Kib,
    NoRequestLineLimit,
    FieldsOf32Kib,
    NoFieldsLimit,
    FieldsOf99,
    NoFieldCountLimit,
    BodiesOf32Kib,
    NoBodyLimit,
    // Bodies and framing
    BodiesOfGetRefused,
    BodiesLeftUnread,
    ChunkedBodiesLeftUnread,
    BodyTakesTheRest,
    OneReadARequest,
    FieldNamesInOneCase,
    ValuesKeepWhitespace,
    ValuesNeedWhitespace,
    GarbageIsIgnored,
    VersionOptional,
    // Connections
    ClosesAlways,
    ClosesAfterErrors,
    ClosesNever,
    CloseInLowerCaseOnly,
    Http10KeptAlive,
    ForgetsPipelined,
    ReversesPipelined,
    HalfClosedIsGone,
}

impl Fault {
    /// Every fault, with the ids of cases that have to fail because of it; others may fail too.
    pub(crate) const ALL: &[(Self, &[&str])] = &[
        (Self::EndsWithNewline, &["greet.name", "answer.content-length"]),
        (
            Self::AnonymousHasNoName,
            &["greet.anonymous", "greet.query-of-anonymous-is-ignored"],
        ),
        (
            Self::NamesNotDecoded,
            &["greet.percent-encoded", "name.1024-encoded-bytes-is-200"],
        ),
        (Self::UpperCaseHexOnly, &["greet.lower-case-hex"]),
        (Self::DecodesTwice, &["greet.decoded-once"]),
        (
            Self::DecodesBeforeSplitting,
            &[
                "greet.percent-encoded-slash-is-data",
                "greet.percent-encoded-question-mark-is-data",
            ],
        ),
        (Self::PlusIsSpace, &["greet.plus-is-a-plus"]),
        (
            Self::QueryIsPartOfName,
            &[
                "greet.query-is-ignored",
                "greet.query-of-anonymous-is-ignored",
                "greet.empty-query-is-ignored",
                "greet.slash-in-query-is-ignored",
                "greet.query-is-not-decoded",
            ],
        ),
        (
            Self::AbsoluteFormRefused,
            &["greet.absolute-form", "path.absolute-form-two-segments-is-404"],
        ),
        (Self::AbsoluteFormNeedsPath, &["greet.absolute-form-without-path"]),
        (Self::NoCharset, &["answer.content-type"]),
        (
            Self::Chunked,
            &["answer.content-length", "head.describes-the-body-of-get"],
        ),
        (
            Self::LengthInCharacters,
            &["answer.content-length-counts-bytes", "greet.percent-encoded"],
        ),
        (Self::NoDate, &["answer.date"]),
        (Self::DateInAsctime, &["answer.date"]),
        (
            Self::ErrorsHaveNoBody,
            &[
                "error.404-is-a-sentence",
                "error.405-is-a-sentence",
                "error.400-is-a-sentence",
                "error.414-is-a-sentence",
            ],
        ),
        (
            Self::ErrorsAreHtml,
            &["error.404-is-a-sentence", "error.414-is-a-sentence"],
        ),
        (Self::HeadIs405, &["head.is-200"]),
        (
            Self::HeadHasBody,
            &["head.has-no-body", "head.keeps-the-connection-framed"],
        ),
        (Self::HeadErrorHasBody, &["head.of-an-error-has-no-body"]),
        (Self::HeadHasNoLength, &["head.describes-the-body-of-get"]),
        (
            Self::NoAllow,
            &[
                "method.put-is-405-with-allow",
                "method.delete-is-405-with-allow",
                "method.patch-is-405-with-allow",
                "method.options-is-405-with-allow",
                "method.trace-is-405-with-allow",
            ],
        ),
        (Self::PostGreets, &["method.post-is-405-with-allow"]),
        (Self::UnknownMethodIs501, &["method.unknown-is-405-with-allow"]),
        (Self::MethodsInAnyCase, &["method.lower-case-is-405-with-allow"]),
        (
            Self::PathBeforeMethod,
            &["method.options-asterisk-is-405-with-allow"],
        ),
        (
            Self::SegmentsAreData,
            &[
                "path.two-segments-is-404",
                "path.empty-segments-is-404",
                "path.trailing-slash-is-404",
                "path.absolute-form-two-segments-is-404",
            ],
        ),
        (
            Self::LossyUtf8,
            &[
                "name.not-utf8-is-400",
                "name.truncated-utf8-is-400",
                "name.overlong-utf8-is-400",
            ],
        ),
        (
            Self::ControlsAllowed,
            &[
                "name.nul-is-400",
                "name.line-feed-is-400",
                "name.delete-is-400",
                "name.c1-control-is-400",
            ],
        ),
        (Self::AsciiControlsOnly, &["name.c1-control-is-400"]),
        (
            Self::NameOf1023Only,
            &["name.1024-bytes-is-200", "name.1024-encoded-bytes-is-200"],
        ),
        (
            Self::NoNameLimit,
            &["name.1025-bytes-is-414", "name.1025-encoded-bytes-is-414"],
        ),
        (Self::NameMeasuredEncoded, &["name.1024-encoded-bytes-is-200"]),
        (Self::NameMeasuredInCharacters, &["name.length-counts-bytes"]),
        (Self::HostOptional, &["host.missing-is-400"]),
        (
            Self::DuplicateHostAllowed,
            &["host.duplicate-is-400", "host.same-twice-is-400"],
        ),
        (
            Self::HostNotChecked,
            &[
                "host.space-is-400",
                "host.slash-is-400",
                "host.user-is-400",
                "host.port-in-words-is-400",
            ],
        ),
        (Self::HostWithoutPortOnly, &["host.port-is-200"]),
        (Self::HostWithoutBracketsOnly, &["host.ipv6-is-200"]),
        (Self::EmptyHostRefused, &["host.empty-is-200"]),
        (Self::Http10NeedsHost, &["host.missing-on-http10-is-200"]),
        (Self::RequestLineOf8Kib, &["limit.request-line-of-15-kib-is-200"]),
        (Self::NoRequestLineLimit, &["limit.request-line-of-17-kib-is-414"]),
        (Self::FieldsOf32Kib, &["limit.fields-of-60-kib-is-200"]),
        (
            Self::NoFieldsLimit,
            &[
                "limit.fields-of-80-kib-is-431",
                "limit.one-field-of-66-kib-is-431",
            ],
        ),
        (Self::FieldsOf99, &["limit.100-fields-is-200"]),
        (Self::NoFieldCountLimit, &["limit.101-fields-is-431"]),
        (Self::BodiesOf32Kib, &["limit.body-of-64-kib-is-200"]),
        (Self::NoBodyLimit, &["limit.body-over-64-kib-is-413"]),
        (Self::BodiesOfGetRefused, &["body.get-with-a-body-is-200"]),
        (
            Self::BodiesLeftUnread,
            &["body.of-get-is-dropped", "body.of-post-is-dropped"],
        ),
        (
            Self::ChunkedBodiesLeftUnread,
            &[
                "body.chunked-of-get-is-dropped",
                "body.chunked-of-post-is-dropped",
                "body.byte-by-byte",
            ],
        ),
        (Self::BodyTakesTheRest, &["body.pipelined-request-follows"]),
        (Self::OneReadARequest, &["framing.byte-by-byte"]),
        (Self::FieldNamesInOneCase, &["framing.field-names-in-any-case"]),
        (Self::ValuesKeepWhitespace, &["framing.whitespace-around-values"]),
        (
            Self::ValuesNeedWhitespace,
            &["framing.no-whitespace-before-values"],
        ),
        (Self::GarbageIsIgnored, &["framing.garbage-is-400"]),
        (Self::VersionOptional, &["framing.missing-version-is-400"]),
        (Self::ClosesAlways, &["connection.is-kept-alive"]),
        (
            Self::ClosesAfterErrors,
            &["connection.is-kept-alive-after-an-error"],
        ),
        (Self::ClosesNever, &["connection.close-is-honoured"]),
        (Self::CloseInLowerCaseOnly, &["connection.close-in-any-case"]),
        (Self::Http10KeptAlive, &["connection.http10-closes"]),
        (
            Self::ForgetsPipelined,
            &["connection.pipelines-two", "connection.pipelines-three"],
        ),
        (
            Self::ReversesPipelined,
            &["connection.pipelines-two", "connection.pipelines-three"],
        ),
        (Self::HalfClosedIsGone, &["connection.half-closed-is-answered"]),
    ];
}
