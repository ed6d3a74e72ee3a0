//! What is asked for: a URL, taken apart and resolved once, before anything is measured.

use std::fmt::{self, Display, Formatter};
use std::net::{SocketAddr, ToSocketAddrs};

use http::Uri;
use http::uri::Scheme;
use percent_encoding::percent_decode_str;

use crate::template::{Template, VARIANTS};

/// The server and the resource that every request of a run asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    scheme: Scheme,
    authority: String,
    addr: SocketAddr,
    path_and_query: String,
    template: Template,
}

/// Why a URL is no target. Each message says how it should look.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Not a URL at all, or one without scheme or host.
    #[error("'{url}' is not a URL; write it like http://127.0.0.1:8080/World")]
    Unparsable {
        /// The text that was given.
        url: String,
    },
    /// A scheme other than `http` and `https`.
    #[error("'{scheme}' is not supported; use an http:// or https:// URL")]
    Scheme {
        /// The scheme that was given.
        scheme: String,
    },
    /// Port 0 names no server.
    #[error("port 0 cannot be connected to; name the port the server listens on")]
    PortZero,
    /// A name and password in the URL, which would silently not be sent.
    #[error("a user name in the URL is not supported; remove what stands before the @")]
    UserInfo,
    /// More than one range in the path, or one that no run can go through.
    #[error("the path may have one range like {{0..9999}}, of at most {VARIANTS} numbers")]
    Range,
    /// The host name has no address.
    #[error("the host '{host}' has no address ({cause}); check its spelling")]
    Unresolvable {
        /// The host and port that were looked up.
        host: String,
        /// What the resolver said.
        cause: String,
    },
}

impl Target {
    /// Takes a URL apart and resolves its host; of several addresses the first IPv4 one is kept, else the first.
    pub fn parse(url: &str) -> Result<Self, TargetError> {
        let unparsable = || TargetError::Unparsable { url: url.to_owned() };
        // The request line is sent as it stands, so what is not ASCII must be percent-encoded already.
        let uri = Some(url).filter(|url| url.is_ascii()).and_then(|url| url.parse::<Uri>().ok());
        let uri = uri.ok_or_else(unparsable)?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(unparsable());
        };
        let default_port = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            other => return Err(TargetError::Scheme { scheme: other.to_owned() }),
        };
        if authority.as_str().contains('@') {
            return Err(TargetError::UserInfo);
        }
        let port = match (authority.port_u16(), authority.as_str().strip_prefix(authority.host())) {
            (Some(0), _) => return Err(TargetError::PortZero),
            (Some(port), _) => port,
            (None, Some("")) => default_port,
            (None, _) => return Err(unparsable()),
        };
        let path_and_query = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let template = Template::parse(&path_and_query).ok_or(TargetError::Range)?;
        let addr = resolve(authority.host(), port)?;
        let (scheme, authority) = (scheme.clone(), authority.to_string());
        Ok(Self { scheme, authority, addr, path_and_query, template })
    }

    /// Whether the server is to be asked through TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// The whole URL of one of the paths, counted from 0.
    pub(crate) fn url(&self, variant: u64) -> String {
        format!("{}://{}{}", self.scheme, self.authority, self.path(variant))
    }

    /// Host and port as written in the URL; this is what the Host header says.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The address every connection goes to.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Path and query as they were written, with a range like `{0..9999}` in it if there is one.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// How many paths the requests of a run go through, one after another and again from the first.
    #[must_use]
    pub fn variants(&self) -> u64 {
        self.template.variants()
    }

    /// Path and query of one of them, counted from 0, as the request line has them.
    #[must_use]
    pub fn path(&self, variant: u64) -> String {
        self.template.variant(variant)
    }

    /// The last segment of that path, percent-decoded; `None` if it is not UTF-8.
    #[must_use]
    pub fn name(&self, variant: u64) -> Option<String> {
        let path = self.path(variant);
        let path = path.split('?').next().unwrap_or_default();
        let segment = path.rsplit('/').next().unwrap_or_default();
        percent_decode_str(segment).decode_utf8().ok().map(String::from)
    }
}

impl Display for Target {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path_and_query)
    }
}

fn resolve(host: &str, port: u16) -> Result<SocketAddr, TargetError> {
    let unresolvable = |cause: String| TargetError::Unresolvable { host: host.to_owned(), cause };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addrs: Vec<_> =
        (bare, port).to_socket_addrs().map_err(|error| unresolvable(error.to_string()))?.collect();
    let first = addrs.iter().find(|addr| addr.is_ipv4()).or(addrs.first());
    first.copied().ok_or_else(|| unresolvable("no address".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Target {
        Target::parse(url).expect("a good URL")
    }

    #[test]
    fn a_url_is_taken_apart() {
        let target = parse("http://127.0.0.1:8080/a%20b?x=1");
        assert_eq!(target.authority(), "127.0.0.1:8080");
        assert_eq!(target.addr(), SocketAddr::from(([127, 0, 0, 1], 8080)));
        assert_eq!(target.path_and_query(), "/a%20b?x=1");
        assert_eq!(target.name(0).as_deref(), Some("a b"));
        assert_eq!(target.to_string(), "http://127.0.0.1:8080/a%20b?x=1");
    }

    #[test]
    fn the_port_is_80_and_the_path_a_slash_unless_said() {
        let target = parse("http://127.0.0.1");
        assert_eq!(target.addr().port(), 80);
        assert_eq!(target.path_and_query(), "/");
        assert_eq!(target.name(0).as_deref(), Some(""));
    }

    #[test]
    fn https_has_a_port_of_its_own() {
        let target = parse("https://127.0.0.1/World");
        assert!(target.is_secure() && !parse("http://127.0.0.1/World").is_secure());
        assert_eq!((target.addr().port(), target.to_string().as_str()), (443, "https://127.0.0.1/World"));
        assert_eq!(parse("https://127.0.0.1:8443/a-{1..2}").url(1), "https://127.0.0.1:8443/a-2");
    }

    #[test]
    fn an_encoded_slash_belongs_to_the_name() {
        assert_eq!(parse("http://127.0.0.1:1/a%2Fb").name(0).as_deref(), Some("a/b"));
        assert_eq!(parse("http://127.0.0.1:1/%ff").name(0), None);
    }

    #[test]
    fn an_ipv6_address_needs_no_resolver() {
        assert_eq!(parse("http://[::1]:8080/").addr(), "[::1]:8080".parse().expect("an address"));
    }

    #[test]
    fn a_range_in_the_path_is_many_targets() {
        let target = parse("http://127.0.0.1:1/user-{7..9}?x=1");
        assert_eq!(target.variants(), 3);
        assert_eq!(target.path(2), "/user-9?x=1");
        assert_eq!(target.name(2).as_deref(), Some("user-9"));
        assert_eq!(Target::parse("http://127.0.0.1:1/{9..7}"), Err(TargetError::Range));
    }

    #[test]
    fn bad_urls_are_refused_with_their_reason() {
        for url in ["", "World", "127.0.0.1:8080/World", "/World", "http://", "http://a:99999/", "http://ä/"]
        {
            let error = Target::parse(url).expect_err(url);
            assert!(matches!(error, TargetError::Unparsable { .. }), "{url}: {error}");
        }
        assert_eq!(Target::parse("http://127.0.0.1:0/"), Err(TargetError::PortZero));
        assert_eq!(Target::parse("http://me:pw@127.0.0.1/"), Err(TargetError::UserInfo));
        let ftp = TargetError::Scheme { scheme: "ftp".to_owned() };
        assert_eq!(Target::parse("ftp://127.0.0.1/"), Err(ftp));
    }
}
