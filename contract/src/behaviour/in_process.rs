//! A server in the process of the test: started on a free port, and asked to stop whatever becomes of the test.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;

/// Lets `serve` serve a listener on the loopback while `check` runs, then calls `stop` and waits for the end of `serve`.
///
/// # Panics
///
/// When `serve` or `check` does.
pub fn while_serving(
    serve: impl FnOnce(TcpListener) + Send,
    stop: impl FnOnce(),
    check: impl FnOnce(SocketAddr),
) {
    let listener = crate::listen((Ipv4Addr::LOCALHOST, 0).into()).expect("loopback has a free port");
    let addr = listener.local_addr().expect("it is bound");
    thread::scope(|scope| {
        scope.spawn(move || serve(listener));
        // After a panic of `check` too, or its scope would wait for a server that serves on.
        let _stop = OnDrop(Some(stop));
        check(addr);
    });
}

struct OnDrop<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        if let Some(run) = self.0.take() {
            run();
        }
    }
}
