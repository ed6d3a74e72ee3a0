//! A small server that keeps the contract, and can be told to break it in one way at a time.
//!
//! Written for the tests of the kit only, and on purpose without the crate's own code: a kit that is tested
//! against the code it tests proves nothing.

mod body;
mod connection;
mod decision;
mod fault;
mod parse;
mod table;
mod wire;

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

pub(crate) use fault::Fault;

/// A running server; it stops when dropped.
pub(crate) struct WrongServer {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl WrongServer {
    /// Serves on a free port with `fault`, or rightly without.
    pub(crate) fn start(fault: Option<Fault>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let stopping = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stopping);
        let accepting = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if seen.load(Ordering::SeqCst) {
                    return;
                }
                // A client that goes away ends its connection's thread with an error nobody needs.
                thread::spawn(move || connection::serve(stream, fault));
            }
        });
        Self { address, stopping, accepting: Some(accepting) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for WrongServer {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // One more connection wakes the accept call so that it sees the flag.
        if TcpStream::connect(self.address).is_ok()
            && let Some(accepting) = self.accepting.take()
        {
            accepting.join().expect("the accept loop does not panic");
        }
    }
}
