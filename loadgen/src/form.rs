//! What a request looks like besides its path: method, headers, body.

use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue, Method};
use sha2::{Digest, Sha256};

use crate::target::Target;

/// Method, headers and body of every request of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestForm {
    method: Method,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Vec<u8>,
}

impl Default for RequestForm {
    fn default() -> Self {
        Self { method: Method::GET, headers: Vec::new(), body: Vec::new() }
    }
}

/// Why a request cannot be formed like that. Each message says how it should look.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// Not a method, or one that makes a tunnel of the connection.
    #[error("'{0}' is no method that can be sent; use GET, HEAD, POST or another of HTTP/1.1, not CONNECT")]
    Method(String),
    /// Not a header.
    #[error("'{0}' is no header; write it like 'accept: text/plain'")]
    Header(String),
    /// A header that says where the request ends, which the generator says itself.
    #[error("the header '{0}' is the generator's own to send; remove it")]
    Framing(String),
}

impl RequestForm {
    /// Checks and keeps the parts; headers are written like `accept: text/plain`.
    ///
    /// # Errors
    ///
    /// [`FormError`] if one of them cannot be sent.
    pub fn new(method: &str, headers: &[String], body: Vec<u8>) -> Result<Self, FormError> {
        let bad_method = || FormError::Method(method.to_owned());
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| bad_method())?;
        if method == Method::CONNECT {
            return Err(bad_method());
        }
        let headers = headers.iter().map(|text| header(text)).collect::<Result<_, _>>()?;
        Ok(Self { method, headers, body })
    }

    /// The method's name.
    #[must_use]
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The headers that were asked for, as `name: value`; bytes that are no text are escaped.
    #[must_use]
    pub fn headers(&self) -> Vec<String> {
        let told = |(name, value): &(HeaderName, HeaderValue)| {
            let value =
                value.to_str().map_or_else(|_| value.as_bytes().escape_ascii().to_string(), str::to_owned);
            format!("{name}: {value}")
        };
        self.headers.iter().map(told).collect()
    }

    /// SHA-256 of the body in hexadecimal.
    #[must_use]
    pub fn body_sha256(&self) -> String {
        let digest = Sha256::digest(&self.body);
        digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    /// The method itself, the headers that were asked for, and the body.
    pub(crate) fn parts(&self) -> (&Method, &[(HeaderName, HeaderValue)], &[u8]) {
        (&self.method, &self.headers, &self.body)
    }

    /// Whether answers end with their head, whatever that announces.
    pub(crate) fn is_head(&self) -> bool {
        self.method == Method::HEAD
    }

    /// One request as it goes over the wire: nothing but what HTTP/1.1 demands, and what was asked for.
    pub(crate) fn serialise(&self, target: &Target, variant: u64, close: bool) -> Vec<u8> {
        let mut request = format!("{} {} HTTP/1.1\r\n", self.method, target.path(variant)).into_bytes();
        if !self.headers.iter().any(|(name, _)| *name == HOST) {
            request.extend(format!("host: {}\r\n", target.authority()).bytes());
        }
        for (name, value) in &self.headers {
            request.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        let bodiless = [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE, Method::DELETE];
        if !self.body.is_empty() || !bodiless.contains(&self.method) {
            request.extend(format!("content-length: {}\r\n", self.body.len()).bytes());
        }
        if close {
            request.extend(b"connection: close\r\n");
        }
        request.extend(b"\r\n");
        request.extend(&self.body);
        request
    }
}

fn header(text: &str) -> Result<(HeaderName, HeaderValue), FormError> {
    let bad = || FormError::Header(text.to_owned());
    let (name, value) = text.split_once(':').ok_or_else(bad)?;
    let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| bad())?;
    if name == CONTENT_LENGTH || name == TRANSFER_ENCODING {
        return Err(FormError::Framing(name.to_string()));
    }
    Ok((name, HeaderValue::from_str(value.trim()).map_err(|_| bad())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serialised(method: &str, headers: &[&str], body: &str, close: bool) -> String {
        let target = Target::parse("http://127.0.0.1:8080/a%20b?x=1").expect("a good URL");
        let headers: Vec<_> = headers.iter().map(ToString::to_string).collect();
        let form = RequestForm::new(method, &headers, body.as_bytes().to_vec()).expect("a good form");
        String::from_utf8(form.serialise(&target, 0, close)).expect("text")
    }

    #[test]
    fn a_request_has_what_http_demands_and_no_more() {
        let get = "GET /a%20b?x=1 HTTP/1.1\r\nhost: 127.0.0.1:8080\r\n\r\n";
        assert_eq!(serialised("GET", &[], "", false), get);
        let close = "HEAD /a%20b?x=1 HTTP/1.1\r\nhost: 127.0.0.1:8080\r\nconnection: close\r\n\r\n";
        assert_eq!(serialised("HEAD", &[], "", true), close);
    }

    #[test]
    fn headers_and_body_are_sent_as_given() {
        assert_eq!(
            serialised("POST", &["Accept:text/plain", "host: other"], "hi", false),
            "POST /a%20b?x=1 HTTP/1.1\r\naccept: text/plain\r\nhost: other\r\ncontent-length: 2\r\n\r\nhi"
        );
        assert!(serialised("PUT", &[], "", false).contains("\r\ncontent-length: 0\r\n"));
    }

    #[test]
    fn what_is_told_of_it_is_all_that_makes_it_another_request() {
        let form =
            RequestForm::new("PUT", &["Accept:text/plain".to_owned()], b"abc".to_vec()).expect("a good form");
        assert_eq!(form.headers(), ["accept: text/plain"]);
        // FIPS 180-4's example.
        assert_eq!(form.body_sha256(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn what_would_break_the_framing_is_refused() {
        let form = |method: &str, header: &str| RequestForm::new(method, &[header.to_owned()], Vec::new());
        assert!(matches!(form("CONNECT", "a: b"), Err(FormError::Method(_))));
        assert!(matches!(form("G T", "a: b"), Err(FormError::Method(_))));
        for header in ["no colon", "a b: c", "a: b\r\nc: d", ": x"] {
            assert!(matches!(form("GET", header), Err(FormError::Header(_))), "{header}");
        }
        assert!(matches!(form("GET", "Content-Length: 5"), Err(FormError::Framing(_))));
    }
}
