//! A request into an answer: the contract, once more and by itself, with a place for each fault.

use std::borrow::Cow;

use super::fault::Fault;
use super::parse::{Head, decode};

/// Status, reason and body.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

type Refusal = (u16, &'static str);

const KIB: usize = 1_024;

/// Decides on everything but the body; `announced` is the length of that.
pub(super) fn decide(head: &Head, announced: Option<usize>, fault: Option<Fault>) -> Answer {
    match check(head, announced, fault).and_then(|()| greet(head, fault)) {
        Ok(name) => {
            let end = if fault == Some(Fault::EndsWithNewline) { "\n" } else { "" };
            Answer { status: 200, body: format!("Hello, {name}!{end}") }
        }
        Err((status, sentence)) => Answer { status, body: sentence.to_owned() },
    }
}

fn check(head: &Head, announced: Option<usize>, fault: Option<Fault>) -> Result<(), Refusal> {
    let is = |wanted| fault == Some(wanted);
    let longest_line = match fault {
        Some(Fault::RequestLineOf8Kib) => 8 * KIB,
        Some(Fault::RequestLineOneLess) => 16 * KIB - 1,
        Some(Fault::RequestLineOneMore) => 16 * KIB + 1,
        _ => 16 * KIB,
    };
    if head.line_length > 100 * KIB && is(Fault::HugeLinesAreFields) {
        return Err((431, "There is too much in the header."));
    }
    if head.line_length > longest_line && !is(Fault::NoRequestLineLimit) {
        return Err((414, "The request line is too long."));
    }
    let longest_fields = match fault {
        Some(Fault::FieldsOf32Kib) => 32 * KIB,
        Some(Fault::FieldsOneLess) => 64 * KIB - 1,
        Some(Fault::FieldsOneMore) => 64 * KIB + 1,
        _ => 64 * KIB,
    };
    let most_fields = if is(Fault::FieldsOf99) { 99 } else { 100 };
    let too_long = head.fields_length > longest_fields && !is(Fault::NoFieldsLimit);
    let too_many = head.field_count() > most_fields && !is(Fault::NoFieldCountLimit);
    if too_long || too_many {
        return Err((431, "There is too much in the header."));
    }
    check_host(head, fault)?;
    if !knows_the_end(head, fault) {
        return Err((400, "The end of the body is not known."));
    }
    let longest_body = if is(Fault::BodiesOf32Kib) { 32 * KIB } else { 64 * KIB };
    if announced.is_some_and(|length| length > longest_body) && !is(Fault::NoBodyLimit) {
        return Err((413, "The body is too long."));
    }
    if is(Fault::BodiesOfGetRefused) && announced.is_some() && head.method == "GET" {
        return Err((400, "A GET has no body."));
    }
    if is(Fault::PathBeforeMethod) && head.target == "*" {
        return Err((404, "There is no such path."));
    }
    match head.method.as_str() {
        "HEAD" if is(Fault::HeadIs405) => Err((405, "HEAD is not allowed.")),
        "POST" if is(Fault::PostGreets) => Ok(()),
        "CONNECT" if is(Fault::ConnectIs501) => Err((501, "There is no tunnel here.")),
        "BREW" if is(Fault::UnknownMethodIs501) => Err((501, "Nobody knows this method.")),
        "GET" | "HEAD" => Ok(()),
        _ => Err((405, "Only GET and HEAD are allowed.")),
    }
}

/// Whether the fields say in one way where the body ends.
pub(super) fn knows_the_end(head: &Head, fault: Option<Fault>) -> bool {
    let is = |wanted| fault == Some(wanted);
    let mut lengths = head.values("Content-Length", fault);
    lengths.retain(|length| *length != "0" || !is(Fault::ZeroIsNoLength));
    let digits = |length: &&str| length.bytes().all(|byte| byte.is_ascii_digit());
    let number = lengths.iter().all(digits) || is(Fault::LengthsReadLoosely);
    let agree = lengths.windows(2).all(|pair| pair[0] == pair[1]) || is(Fault::FirstLengthCounts);
    let codings = head.values("Transfer-Encoding", fault);
    let chunked = codings.is_empty() || head.is_chunked(fault) || is(Fault::CodingsIgnored);
    let known = !head.http10 || codings.is_empty() || is(Fault::ChunkedInHttp10);
    number && agree && chunked && known
}

fn check_host(head: &Head, fault: Option<Fault>) -> Result<(), Refusal> {
    let is = |wanted| fault == Some(wanted);
    let needed = !head.http10 || is(Fault::Http10NeedsHost);
    let host = match head.values("Host", fault).as_slice() {
        [] if !needed || is(Fault::HostOptional) => return Ok(()),
        [host] => *host,
        [host, ..] if is(Fault::DuplicateHostAllowed) => *host,
        _ => return Err((400, "A request has one Host.")),
    };
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port),
        _ => (host, ""),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_~".contains(c);
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let named = match address {
        Some(address) => address.chars().all(|c| c.is_ascii_hexdigit() || c == ':' || c == '.'),
        None => name.chars().all(plain),
    };
    let refused = !named
        || !port.bytes().all(|byte| byte.is_ascii_digit())
        || (is(Fault::HostWithoutPortOnly) && !port.is_empty())
        || (is(Fault::HostWithoutBracketsOnly) && address.is_some())
        || (is(Fault::EmptyHostRefused) && host.is_empty());
    if refused && !is(Fault::HostNotChecked) { Err((400, "The Host is malformed.")) } else { Ok(()) }
}

fn greet(head: &Head, fault: Option<Fault>) -> Result<String, Refusal> {
    let is = |wanted| fault == Some(wanted);
    let mut target = Cow::Borrowed(head.target.as_str());
    if is(Fault::DecodesBeforeSplitting) {
        target = Cow::Owned(String::from_utf8_lossy(&decode(&target, fault)).into_owned());
    }
    let path = match target.strip_prefix("http://") {
        Some(_) if is(Fault::AbsoluteFormRefused) => return Err((400, "The target is no path.")),
        Some(rest) => match rest.find('/') {
            Some(slash) => &rest[slash..],
            None if is(Fault::AbsoluteFormNeedsPath) => return Err((400, "The target has no path.")),
            None => "/",
        },
        None => &target,
    };
    let path = match path.split_once('?') {
        Some((path, _)) if !is(Fault::QueryIsPartOfName) => path,
        _ => path,
    };
    let segment = match fault {
        Some(Fault::SlashOptional) if path != "*" => path.strip_prefix('/').unwrap_or(path),
        Some(Fault::AsteriskGreeted) if path == "*" => "",
        _ => path.strip_prefix('/').ok_or((400, "The target is no path."))?,
    };
    if segment.contains('/') && !is(Fault::SegmentsAreData) {
        return Err((404, "There is no such path."));
    }
    if segment.is_empty() {
        return Ok(if is(Fault::AnonymousHasNoName) { "" } else { "Anonymous" }.to_owned());
    }
    name(segment, fault)
}

fn name(segment: &str, fault: Option<Fault>) -> Result<String, Refusal> {
    let is = |wanted| fault == Some(wanted);
    let bytes = match fault {
        Some(Fault::NamesNotDecoded) => segment.as_bytes().to_vec(),
        Some(Fault::DecodesTwice) => decode(&String::from_utf8_lossy(&decode(segment, fault)), fault),
        Some(Fault::PlusIsSpace) => decode(&segment.replace('+', " "), fault),
        _ => decode(segment, fault),
    };
    let length = match fault {
        Some(Fault::NameMeasuredEncoded) => segment.len(),
        Some(Fault::NameMeasuredInCharacters) => String::from_utf8_lossy(&bytes).chars().count(),
        _ => bytes.len(),
    };
    let longest = if is(Fault::NameOf1023Only) { KIB - 1 } else { KIB };
    if length > longest && !is(Fault::NoNameLimit) {
        return Err((414, "The name is too long."));
    }
    let name = match String::from_utf8(bytes) {
        Ok(name) => name,
        Err(error) if is(Fault::LossyUtf8) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        Err(_) => return Err((400, "The name is not UTF-8.")),
    };
    let control = |c: char| {
        if is(Fault::AsciiControlsOnly) { c.is_ascii_control() } else { c.is_control() }
    };
    if name.contains(control) && !is(Fault::ControlsAllowed) {
        return Err((400, "The name has a control character."));
    }
    Ok(name)
}
