//! The grammar of a response's lines: what RFC 9112 lets a server send, and nothing more lenient.

/// The position after the first `pattern`.
pub(super) fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern).map(|at| at + pattern.len())
}

/// Status and fields.
pub(super) type Head = (u16, Vec<(String, String)>);

/// Reads a head that ends with an empty line.
pub(super) fn parse_head(head: &[u8]) -> Result<Head, &'static str> {
    let text = str::from_utf8(head).map_err(|_| "the head is not text")?;
    let text = text.strip_suffix("\r\n\r\n").ok_or("the head does not end")?;
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(parse_status_line).ok_or("not a status line of HTTP/1")?;
    let fields = lines.map(|line| parse_field(line).ok_or("not a header field"));
    Ok((status, fields.collect::<Result<_, _>>()?))
}

fn parse_status_line(line: &str) -> Option<u16> {
    let rest = line.strip_prefix("HTTP/1.1 ").or_else(|| line.strip_prefix("HTTP/1.0 "))?;
    // The reason may be empty, the space before it may not be left out.
    let (code, _reason) = rest.split_once(' ')?;
    (code.len() == 3).then(|| parse_decimal(code)).flatten().and_then(|code| u16::try_from(code).ok())
}

fn parse_field(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let clean = !value.contains(|c: char| c.is_control() && c != '\t');
    (!name.is_empty() && name.chars().all(token) && clean)
        .then(|| (name.to_owned(), value.trim_matches([' ', '\t']).to_owned()))
}

/// Digits only: `parse` alone would take a sign.
pub(super) fn parse_decimal(text: &str) -> Option<usize> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

pub(super) fn parse_chunk_size(line: &[u8]) -> Option<usize> {
    let size = str::from_utf8(line).ok()?.split(';').next()?.trim_end_matches([' ', '\t']);
    // Seven digits hold more than the longest answer, and cannot overflow what is added to them.
    let hex = (1..=7).contains(&size.len()) && size.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex.then(|| usize::from_str_radix(size, 16).ok()).flatten()
}
