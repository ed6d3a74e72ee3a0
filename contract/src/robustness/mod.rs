//! Attacks on a running server, and the proof after each that the same process still answers and holds no more memory.
//!
//! The parts: `attacks` is the table, this module starts the server and judges. Never here: an attack that needs the server's
//! help to end; each ends by itself, however the server answers it.

mod attacks;

use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::behaviour::Server;
use crate::client::{Client, get};
use crate::proc;
use attacks::ATTACKS;

/// When a healthy client must be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// While the attacker's connections are open.
    Meanwhile,
    /// Once they are closed, and this long after: a server of one connection at a time is held by each for its deadlines.
    Afterwards(Duration),
}

/// How long a healthy client waits for its answer, beyond what [`Served`] grants.
const WITHIN: Duration = Duration::from_secs(1);

/// How long a busy machine may take to let a server clear up.
const SETTLED_WITHIN: Duration = Duration::from_secs(10);

/// How many ordinary clients come before the attacks: as many as the largest attack has.
const ORDINARY: usize = 1_000;

/// How much more memory there may be at the end of any attack than there was at most with as many ordinary clients. What an
/// allocator keeps for itself comes and goes by more than that, so a server from a cold start cannot be the measure.
const GROWTH_BYTES: u64 = 10_000_000;

/// Descriptors this process needs: the largest attack's connections, and some.
const FILES: u64 = 4_096;

/// Asserts that the server survives every attack. `flags` are for example shorter deadlines.
///
/// # Panics
///
/// When it dies, does not answer `/bob` in time, or has grown.
pub fn assert_survives(server: &Server<'_>, flags: &[&str], when: Served) {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("every process has this limit");
    if soft < FILES {
        setrlimit(Resource::RLIMIT_NOFILE, FILES.min(hard), hard).expect("the soft limit may be raised");
    }
    let mut running = server.start(flags);
    let ready = running.ready().clone();
    welcome(ready.addr);
    let before = proc::peak_resident_bytes(ready.pid);
    for attack in ATTACKS {
        let start = Instant::now();
        let held: Vec<TcpStream> = (attack.run)(ready.addr);
        let what = format!("{:?}: {}", server.args, attack.name);
        match when {
            Served::Meanwhile => {
                assert_healthy(ready.addr, WITHIN, &what);
                drop(held);
            }
            Served::Afterwards(more) => {
                drop(held);
                assert_healthy(ready.addr, WITHIN + more, &what);
            }
        }
        assert!(running.has_ended().expect("it is ours").is_none(), "{what}: it has ended");
        let growth = growth_when_over(ready.pid, before);
        eprintln!("{what}: survived, {} kB more, {:?}", growth / 1_000, start.elapsed());
        assert!(growth < GROWTH_BYTES, "{what}: it has grown by {growth} bytes");
    }
}

/// As many ordinary clients at a time as the largest attack has connections, on a network that cuts requests in two: what a
/// server keeps after them it keeps for the next, and an attack must not cost more.
fn welcome(addr: SocketAddr) {
    let request = get("/bob");
    let (first, second) = request.split_at(request.len() / 2);
    let mut clients: Vec<_> =
        (0..ORDINARY).map(|_| Client::connect(addr).expect("the server listens")).collect();
    for part in [first, second] {
        for client in &mut clients {
            // A pool gives up clients that are slow while others wait; it may be these.
            let _ = client.send(part);
        }
    }
    for client in &mut clients {
        let _ = client.read();
    }
    drop(clients);
    assert_healthy(addr, WITHIN, "before any attack");
}

/// How much the process has grown, once it has seen that the attacker's connections are gone; ends as soon as that is little
/// enough.
fn growth_when_over(pid: u32, before: u64) -> u64 {
    let start = Instant::now();
    loop {
        let growth = proc::resident_bytes(pid).saturating_sub(before);
        if growth < GROWTH_BYTES || start.elapsed() > SETTLED_WITHIN {
            return growth;
        }
        thread::yield_now();
    }
}

fn assert_healthy(addr: SocketAddr, within: Duration, what: &str) {
    let start = Instant::now();
    let mut client = Client::connect(addr).unwrap_or_else(|error| panic!("{what}: {error}"));
    client.stream().set_read_timeout(Some(within)).expect("it is not zero");
    let answer = client.get("/bob").unwrap_or_else(|error| panic!("{what}: /bob: {error}"));
    assert_eq!(answer.body, b"Hello, bob!", "{what}");
    let took = start.elapsed();
    assert!(took < within, "{what}: /bob took {took:?}");
}
