//! The sizes at which every server says no, in one place so that no stack can drift.

/// Longest name that is greeted, in bytes after percent-decoding; a longer one is answered 414.
pub const NAME_BYTES: usize = 1_024;

/// Longest request line (method, target, version and the two spaces), in bytes; a longer one is answered 414.
pub const REQUEST_LINE_BYTES: usize = 16 * 1_024;

/// Most bytes of header fields, counted as `name: value\r\n`; more are answered 431.
pub const FIELD_BYTES: usize = 64 * 1_024;

/// Most header fields; more are answered 431.
pub const FIELD_COUNT: usize = 100;

/// Largest request body that is read and dropped, in bytes; a larger one is answered 413.
pub const BODY_BYTES: u64 = 64 * 1_024;

/// Largest answer of an upstream that is passed on, in bytes; a larger one is answered 502.
pub const UPSTREAM_BYTES: usize = 64 * 1_024;

/// Most bytes a stack needs to hold of one request head: the longest line and fields that get an answer of the contract,
/// and room to see that something is over a limit.
pub const HEAD_BUFFER_BYTES: usize = REQUEST_LINE_BYTES + FIELD_BYTES + 32 * 1_024;

/// Connections the kernel may hold between handshake and `accept`, the same for every server.
///
/// Linux silently cuts it to `net.core.somaxconn`, 4,096 by default.
pub const BACKLOG: i32 = 4_096;
