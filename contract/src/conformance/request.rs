//! Requests as the kit writes them: right by default, and wrong wherever a case wants them wrong.

/// The one field a request of HTTP/1.1 has to have.
pub(super) const HOST: &[&str] = &["Host: conformance.test"];

/// A request, kept in parts until it is sent.
#[derive(Debug, Clone)]
pub(super) struct Request {
    method: String,
    target: String,
    version: &'static str,
    fields: Vec<String>,
    body: Vec<u8>,
}

impl Request {
    pub(super) fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            version: "HTTP/1.1",
            fields: HOST.iter().map(|&field| field.to_owned()).collect(),
            body: Vec::new(),
        }
    }

    pub(super) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// The same request in HTTP/1.0.
    pub(super) fn http10(self) -> Self {
        Self { version: "HTTP/1.0", ..self }
    }

    /// Replaces all header fields, `Host` included.
    pub(super) fn with_only(self, fields: &[&str]) -> Self {
        Self { fields: fields.iter().map(|&field| field.to_owned()).collect(), ..self }
    }

    pub(super) fn with(mut self, field: impl Into<String>) -> Self {
        self.fields.push(field.into());
        self
    }

    /// Sends `body` with its length announced.
    pub(super) fn body(self, body: &[u8]) -> Self {
        Self { body: body.to_vec(), ..self.with(format!("Content-Length: {}", body.len())) }
    }

    /// Sends `chunks`, none of them empty, in the chunked coding.
    pub(super) fn chunked(self, chunks: &[&[u8]]) -> Self {
        let mut body = Vec::new();
        for chunk in chunks {
            body.extend(format!("{:x}\r\n", chunk.len()).as_bytes());
            body.extend(*chunk);
            body.extend(b"\r\n");
        }
        body.extend(b"0\r\n\r\n");
        self.coded(&body)
    }

    /// Says that the body is chunked and sends `body` as it is.
    pub(super) fn coded(self, body: &[u8]) -> Self {
        self.body_in("chunked", body)
    }

    /// Says that the body is in `coding` and sends `body` as it is.
    pub(super) fn body_in(self, coding: &str, body: &[u8]) -> Self {
        Self { body: body.to_vec(), ..self.with(format!("Transfer-Encoding: {coding}")) }
    }

    pub(super) fn is_head(&self) -> bool {
        self.method == "HEAD"
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} {}\r\n", self.method, self.target, self.version).into_bytes();
        for field in &self.fields {
            bytes.extend(field.as_bytes());
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        bytes
    }
}
