//! The HTTP stacks a blocking server can run on.

use clap::ValueEnum;

/// HTTP library that reads requests and writes answers, as `--http` chooses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Http {
    /// `tiny_http`: a reader thread a connection, one queue of requests
    TinyHttp,
}

impl Http {
    /// The name on the command line and in the READY line.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Http::TinyHttp => "tiny-http",
        }
    }
}
