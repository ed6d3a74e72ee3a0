//! Judging a `Host` field value by the grammar of RFC 9112 section 3.2 and RFC 3986 section 3.2.

/// Whether `value` may stand in a `Host` field: `uri-host [ ":" port ]`, or nothing at all.
///
/// User information (`bob@host`) belongs to a URI's authority but not to this field, so it is malformed here.
pub(crate) fn is_well_formed(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    if let Some(literal) = value.strip_prefix(b"[") {
        let Some(end) = literal.iter().position(|&b| b == b']') else {
            return false;
        };
        return is_ip_literal(&literal[..end]) && is_port_part(&literal[end + 1..]);
    }
    let name_ends = value.iter().position(|&b| b == b':').unwrap_or(value.len());
    is_registered_name(&value[..name_ends]) && is_port_part(&value[name_ends..])
}

fn is_ip_literal(literal: &[u8]) -> bool {
    !literal.is_empty()
        && literal.iter().all(|&b| b.is_ascii_alphanumeric() || b":.-_~!$&'()*+,;=".contains(&b))
}

fn is_port_part(part: &[u8]) -> bool {
    part.is_empty() || (part[0] == b':' && part[1..].iter().all(u8::is_ascii_digit))
}

/// Whether a byte may stand in a registered name as it is: unreserved or a sub-delimiter. A table, because every request asks.
const IN_NAMES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let marks = b"-._~!$&'()*+,;=";
    let mut mark = 0;
    while mark < marks.len() {
        table[marks[mark] as usize] = true;
        mark += 1;
    }
    table
};

fn is_registered_name(name: &[u8]) -> bool {
    let mut rest = name;
    while let Some((&first, tail)) = rest.split_first() {
        rest = match first {
            b'%' if tail.len() >= 2 && tail[..2].iter().all(u8::is_ascii_hexdigit) => &tail[2..],
            b if IN_NAMES[usize::from(b)] => tail,
            _ => return false,
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_well_formed;

    #[test]
    fn table_of_host_values() {
        for (value, expected) in [
            ("", true),
            ("localhost", true),
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("[::1]", true),
            ("a%20b", true),
            ("host:", true),
            ("a b", false),
            ("ho/st", false),
            ("user@host", false),
            ("host:port", false),
            ("host:80:80", false),
            ("[::1", false),
            ("[]", false),
            ("a%2", false),
            ("a,b", true),
            ("h\u{e9}", false),
        ] {
            assert_eq!(is_well_formed(value.as_bytes()), expected, "{value:?}");
        }
    }
}
