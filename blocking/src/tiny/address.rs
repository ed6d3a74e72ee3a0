//! Where this stack may listen: on the loopback, because what is left of its hazards is open to every client.

use std::net::SocketAddr;

use thiserror::Error;

/// The address can be reached by others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "tiny-http listens on the loopback only, and {0} is not there: its hazards (see --help) are open to every client; \
     use --http hyper, or an --addr such as 127.0.0.1:8080"
)]
pub struct NotLoopback(pub SocketAddr);

/// Says no to every address that is not on the loopback.
///
/// # Errors
///
/// [`NotLoopback`], which says what to do instead.
pub(crate) fn require_loopback(addr: SocketAddr) -> Result<(), NotLoopback> {
    // `::ffff:127.0.0.1` is the IPv4 loopback in other clothes.
    if addr.ip().to_canonical().is_loopback() { Ok(()) } else { Err(NotLoopback(addr)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_loopback_is_let_through() {
        for addr in ["127.0.0.1:0", "127.8.9.1:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
            assert_eq!(require_loopback(addr.parse().unwrap()), Ok(()), "{addr}");
        }
        for addr in ["0.0.0.0:80", "[::]:80", "192.168.1.2:80", "[::ffff:10.0.0.1]:80"] {
            let refused = require_loopback(addr.parse().unwrap()).unwrap_err().to_string();
            assert!(refused.contains(addr) && refused.contains("--http hyper"), "{refused}");
        }
    }
}
