//! Finding the path in a request target, in each of the forms RFC 9112 section 3.2 allows.

/// The path of a raw request target: without query, fragment, scheme and authority.
///
/// Origin form (`/bob?x=1`) and absolute form (`http://host/bob`) have a path, an absolute form without one
/// means `/`, and the asterisk form is its own path. Everything else (`bob`, `host:80`) has none.
///
/// Libraries that have parsed the target already, such as hyper, need not call this: their path is the same.
///
/// ```
/// assert_eq!(contract::path_of("/bob?x=1"), Some("/bob"));
/// assert_eq!(contract::path_of("http://host/bob"), Some("/bob"));
/// assert_eq!(contract::path_of("http://host"), Some("/"));
/// assert_eq!(contract::path_of("host:80"), None);
/// ```
#[must_use]
pub fn path_of(target: &str) -> Option<&str> {
    if target.starts_with('/') || target == "*" {
        return Some(until_query(target));
    }
    let (scheme, rest) = target.split_once("://")?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !is_scheme {
        return None;
    }
    let authority_ends = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match until_query(&rest[authority_ends..]) {
        "" => Some("/"),
        path => Some(path),
    }
}

fn until_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn every_form_of_target() {
        for (target, path) in [
            ("/", Some("/")),
            ("/bob", Some("/bob")),
            ("/bob?", Some("/bob")),
            ("/bob?x=/y", Some("/bob")),
            ("/bob#f", Some("/bob")),
            ("/?x", Some("/")),
            ("//", Some("//")),
            ("*", Some("*")),
            ("http://host/bob?x", Some("/bob")),
            ("HTTP://host:8080/a/b", Some("/a/b")),
            ("http://host?x=1", Some("/")),
            ("http://host", Some("/")),
            ("bob", None),
            ("host:80", None),
            ("", None),
            ("://host/bob", None),
            ("1a://host/bob", None),
        ] {
            assert_eq!(path_of(target), path, "{target}");
        }
    }
}
