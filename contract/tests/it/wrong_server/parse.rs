//! Bytes into a request, as strictly as the fault allows.

use super::fault::Fault;

/// A head that could be read.
pub(super) struct Head {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) http10: bool,
    pub(super) line_length: usize,
    pub(super) fields_length: usize,
    fields: Vec<(String, String)>,
}

impl Head {
    /// Reads a head that ends with an empty line; `None` is a malformed one.
    pub(super) fn parse(bytes: &[u8], fault: Option<Fault>) -> Option<Self> {
        let text = str::from_utf8(bytes).ok()?;
        let (line, fields) = text.split_once("\r\n")?;
        if text.split("\r\n").any(|line| line.contains(['\r', '\n']))
            && fault != Some(Fault::LineFeedsAreData)
        {
            return None;
        }
        let mut words = line.split(' ');
        let (method, target) = (words.next()?, words.next()?);
        let version = match words.next() {
            None if fault == Some(Fault::VersionOptional) => "HTTP/1.1",
            version => version?,
        };
        let ascii = target.is_ascii() || fault == Some(Fault::TargetsNotAscii);
        if !is_known(version, fault) || words.next().is_some() || !ascii {
            return None;
        }
        let folds = |line: &&str| line.starts_with(' ') && fault == Some(Fault::FoldingAllowed);
        let lines = fields.split("\r\n").take_while(|line| !line.is_empty()).filter(|line| !folds(line));
        let lines = lines.map(|line| match fault {
            Some(Fault::LinesTrimmed) => line.trim_start(),
            _ => line,
        });
        let method = match fault {
            Some(Fault::MethodsInAnyCase) => method.to_uppercase(),
            _ => method.to_owned(),
        };
        Some(Self {
            method,
            target: target.to_owned(),
            http10: version == "HTTP/1.0",
            line_length: line.len(),
            fields_length: fields.len() - "\r\n".len(),
            fields: lines.map(|line| parse_field(line, fault)).collect::<Option<_>>()?,
        })
    }

    /// Whether the body is in the chunked coding, and in no other.
    pub(super) fn is_chunked(&self, fault: Option<Fault>) -> bool {
        let codings = self.values("Transfer-Encoding", fault);
        let chunked = |coding: &&str| match fault {
            Some(Fault::ChunkedInLowerCaseOnly) => *coding == "chunked",
            _ => coding.eq_ignore_ascii_case("chunked"),
        };
        !codings.is_empty() && codings.iter().all(chunked)
    }

    pub(super) fn has_length_beside_chunked(&self, fault: Option<Fault>) -> bool {
        self.is_chunked(fault) && !self.values("Content-Length", fault).is_empty()
    }

    pub(super) fn field_count(&self) -> usize {
        self.fields.len()
    }

    /// The values of the fields called `name`, which is given as most clients write it.
    pub(super) fn values(&self, name: &str, fault: Option<Fault>) -> Vec<&str> {
        let named = |field: &str| match fault {
            Some(Fault::FieldNamesInOneCase) => field == name,
            _ => field.eq_ignore_ascii_case(name),
        };
        self.fields.iter().filter(|(field, _)| named(field)).map(|(_, value)| value.as_str()).collect()
    }
}

fn is_known(version: &str, fault: Option<Fault>) -> bool {
    let known = |version: &str| matches!(version, "HTTP/1.1" | "HTTP/1.0");
    match fault {
        Some(Fault::Http09Greeted) => known(version) || version == "HTTP/0.9",
        Some(Fault::MinorVersionIgnored) => {
            known(version) || (version.len() == 8 && version.starts_with("HTTP/1."))
        }
        Some(Fault::Http2Greeted) => known(version) || version == "HTTP/2.0",
        Some(Fault::Http3Greeted) => known(version) || version == "HTTP/3.0",
        Some(Fault::VersionReadToItsFirstDigit) => known(version) || version.starts_with("HTTP/1.1"),
        Some(Fault::VersionInAnyCase) => known(&version.to_uppercase()),
        Some(Fault::ProtocolIgnored) => known(version) || version == "ICY/1.1",
        _ => known(version),
    }
}

/// The members of a list such as `Connection`.
pub(super) fn tokens(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(|token| token.trim_matches([' ', '\t']))
}

fn parse_field(line: &str, fault: Option<Fault>) -> Option<(String, String)> {
    let separator = if fault == Some(Fault::ValuesNeedWhitespace) { ": " } else { ":" };
    let (name, value) = line.split_once(separator)?;
    let name = match fault {
        Some(Fault::NamesTrimmed) => name.trim(),
        Some(Fault::TabsTrimmed) => name.trim_end_matches('\t'),
        _ => name,
    };
    if name.contains([' ', '\t']) {
        return None;
    }
    let value = match fault {
        Some(Fault::ValuesKeepWhitespace) => value.strip_prefix(' ').unwrap_or(value),
        _ => value.trim_matches([' ', '\t']),
    };
    Some((name.to_owned(), value.to_owned()))
}

/// Percent-decodes; what is no escape stays as it is.
pub(super) fn decode(text: &str, fault: Option<Fault>) -> Vec<u8> {
    let digit = |byte: Option<&u8>| {
        let byte = *byte?;
        let refused = fault == Some(Fault::UpperCaseHexOnly) && byte.is_ascii_lowercase();
        if refused { None } else { char::from(byte).to_digit(16) }
    };
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::new(), 0);
    while let Some(&byte) = bytes.get(at) {
        let escaped =
            if byte == b'%' { digit(bytes.get(at + 1)).zip(digit(bytes.get(at + 2))) } else { None };
        let (byte, length) = match escaped {
            Some((high, low)) => (u8::try_from(high * 16 + low).expect("two hex digits make a byte"), 3),
            None => (byte, 1),
        };
        decoded.push(byte);
        at += length;
    }
    decoded
}
