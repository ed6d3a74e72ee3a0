//! What `tiny_http` 0.12 does that nobody can keep it from outside: one text, shown wherever somebody chooses it.

/// The known hazards of the stack, as `--help` shows them and the README repeats them.
///
/// A number is an issue of the `tiny-http/tiny-http` repository; none had a release with a fix when this was
/// written. Lines stay below 96 columns, so that no terminal of the usual width breaks them.
pub const TINY_HTTP_HAZARDS: &str = "\
Known hazards of --http tiny-http (tiny_http 0.12; the numbers are its issues). Because of them
it listens on the loopback only; use --http hyper for everybody else.
  - Held for good: a request that announces a body over 16 MiB is refused, but its thread and
    two descriptors stay until the server ends, as freeing them would abort it (#252). So do
    those of a request that says HTTP/2.0 or HTTP/3.0, which is never answered. With all
    descriptors held the server is alive and deaf.
  - Header fields and the size lines of chunks may be of any length, all in memory (#56).
  - A client that pipelines without reading fills a queue without bound, and holds the thread
    that answers it for --write-timeout, until the kernel ends the connection.
  - A client that is silent is cut off after --idle-timeout, one that drips bytes never.
  - A request that is half received at the stop is not waited for.
  - In a burst of connects some are not served until another connection closes, without error.
  - An accept error or a failed thread start ends accepting (#195, #283). It starts again within
    2 s of relief; connections of before are served on, up to 100 ms later than usual.
  - Dropping its server may hang (#244): it is kept, some kilobytes for each such new start.
  - Content-Length next to Transfer-Encoding, and what follows a refused chunked body, allow
    request smuggling (#287, CVE-2026-66752): put no proxy in front of it.
  - Header values may hold line breaks (#288, CVE-2026-66753); none here comes from a request.
  - Every connection costs a thread and two descriptors, without a limit but the system's.";

/// The end of a server's long help: its example, then what to know of the default stack.
#[must_use]
pub fn with_hazards(example: &str) -> String {
    format!("{example}\n\n{TINY_HTTP_HAZARDS}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without line breaks and marks of code, which differ.
    fn plain(text: &str) -> String {
        text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_readme_says_the_same() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
        let readme = std::fs::read_to_string(path).unwrap();
        let (_, section) = readme.split_once("## Known hazards of the `tiny-http` stack\n").unwrap();
        let (section, _) = section.split_once("`--help` of both blocking servers").unwrap();
        assert_eq!(plain(section), plain(TINY_HTTP_HAZARDS));
    }
}
