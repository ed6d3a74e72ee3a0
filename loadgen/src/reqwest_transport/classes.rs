//! What reqwest's errors amount to: the classes that every transport counts by.

use std::error::Error;
use std::io;
use std::iter;

use crate::error::ErrorClass;

/// An error and all that caused it; what an I/O error wraps is among its causes, though it does not say so itself.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |error| {
        let error: &'a (dyn Error + 'static) = *error;
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    })
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The cause that says most: the innermost.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(String::new, ToString::to_string)
}

/// Whether no TLS session could be agreed on.
#[cfg(feature = "https")]
pub(super) fn is_tls(error: &reqwest::Error) -> bool {
    find::<rustls::Error>(error).is_some()
}

/// Without TLS there is none that could fail.
#[cfg(not(feature = "https"))]
pub(super) fn is_tls(_error: &reqwest::Error) -> bool {
    false
}

/// Whether a connect was given up for taking too long.
pub(super) fn timed_out(error: &(dyn Error + Send + Sync + 'static)) -> bool {
    find::<io::Error>(error).is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
}

/// The class of an error.
pub(super) fn classify(error: &reqwest::Error) -> ErrorClass {
    if is_tls(error) {
        return ErrorClass::Protocol;
    }
    let io = find::<io::Error>(error);
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => return ErrorClass::ConnectTimeout,
        (false, true) => return ErrorClass::Timeout,
        (true, false) => return io.map_or(ErrorClass::ConnectRefused, of_connect),
        (false, false) => {}
    }
    if find::<hyper::Error>(error).is_some_and(|error| error.is_incomplete_message() || error.is_canceled()) {
        return ErrorClass::ClosedEarly;
    }
    match io.map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => ErrorClass::Reset,
        Some(io::ErrorKind::UnexpectedEof) => ErrorClass::ClosedEarly,
        _ => ErrorClass::Protocol,
    }
}

/// A connect is here over with the handshake only, in which the peer may close too.
fn of_connect(error: &io::Error) -> ErrorClass {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ErrorClass::ClosedEarly,
        _ => ErrorClass::of_connect(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_io_error_wraps_is_among_its_causes() {
        let inner = io::Error::other(std::fmt::Error);
        let outer = io::Error::other(inner);
        assert!(find::<std::fmt::Error>(&outer).is_some());
        assert_eq!(causes(&outer).count(), 3);
    }
}
