//! Attacks on a running server, and the proof after each that the same process still answers and holds no more memory.
//!
//! The parts: `attacks` is the table, this module starts the server and judges. Never here: an attack that needs the server's
//! help to end; each ends by itself, or fails after a time, however the server answers it.

mod attacks;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::behaviour::{Server, alone};
use crate::client::Client;
use crate::proc;
use crate::program::Program;
use attacks::{ATTACKS, Outcome};

/// How long a healthy client waits for its answer where no connection of the attacker comes before it.
pub(crate) const WITHIN: Duration = Duration::from_secs(1);

/// How much longer than its deadline a busy machine may let one connection be held.
const LATE: Duration = Duration::from_millis(10);

/// How much more memory there may be than there was after the first request, with the attacker's connections open and without.
pub(crate) const GROWTH_BYTES: u64 = 10_000_000;

/// Two readings of the memory this far apart that agree are what it has come to.
const APART: Duration = Duration::from_millis(100);

/// A server that goes on changing is judged by what it has then.
const SETTLED_WITHIN: Duration = Duration::from_secs(5);

/// Descriptors this process needs: the largest attack's connections, and some.
const FILES: u64 = 4_096;

/// Asserts that a fresh server survives every attack, one after the other. `flags` are for example shorter deadlines.
///
/// `turn` is for how long a connection may hold the server against all others: zero, or in a server of one connection at a time
/// the deadline of whoever sends a part. A healthy client that comes after n such is answered within n turns and a second.
///
/// # Panics
///
/// When it dies, does not answer `/bob` in time, or has grown.
pub fn assert_survives(server: &Server<'_>, flags: &[&str], turn: Duration) {
    let _alone = alone();
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("every process has this limit");
    if soft < FILES {
        setrlimit(Resource::RLIMIT_NOFILE, FILES.min(hard), hard).expect("the soft limit may be raised");
    }
    let mut running = server.start(flags);
    let addr = running.ready().addr;
    assert_healthy(addr, WITHIN, "before any attack");
    let before = settled_bytes(&mut running, "before any attack");
    for attack in ATTACKS {
        let what = format!("{:?}: {}", server.args, attack.name);
        let start = Instant::now();
        let Outcome { held, sent } = (attack.run)(addr);
        let count = held.len();
        let turns =
            if turn.is_zero() { turn } else { (turn + LATE) * u32::try_from(count).expect("they are open") };
        let answered = assert_healthy(addr, WITHIN + turns, &what);
        let pid = running.ready().pid;
        let meanwhile = proc::resident_bytes(pid).saturating_sub(before);
        drop(held);
        let after = settled_bytes(&mut running, &what).saturating_sub(before);
        eprintln!(
            "{what}: {} kB were sent, {} connections held; \
             {} kB more, {} kB when it was over, at most {} kB so far; /bob took {answered:?}, all of it {:?}",
            sent / 1_000,
            count,
            meanwhile / 1_000,
            after / 1_000,
            proc::peak_resident_bytes(pid).saturating_sub(before) / 1_000,
            start.elapsed()
        );
        for (when, growth) in [("grown", meanwhile), ("grown when it was over", after)] {
            assert!(growth < GROWTH_BYTES, "{what}: it has {when} by {growth} bytes");
        }
    }
}

/// The memory of the process in bytes, once it does not change.
pub(crate) fn settled_bytes(running: &mut Program, what: &str) -> u64 {
    let pid = running.ready().pid;
    let start = Instant::now();
    let mut last = proc::resident_bytes(pid);
    loop {
        let ended = running.wait(APART).expect("it is ours");
        assert!(ended.is_none(), "{what}: it has ended: {ended:?}");
        let now = proc::resident_bytes(pid);
        if now == last || start.elapsed() > SETTLED_WITHIN {
            return now;
        }
        last = now;
    }
}

/// How long `/bob` took.
pub(crate) fn assert_healthy(addr: SocketAddr, within: Duration, what: &str) -> Duration {
    let start = Instant::now();
    let mut client = Client::connect(addr).unwrap_or_else(|error| panic!("{what}: {error}"));
    client.stream().set_read_timeout(Some(within)).expect("it is not zero");
    let answer = client.get("/bob").unwrap_or_else(|error| panic!("{what}: /bob: {error}"));
    assert_eq!(answer.body, b"Hello, bob!", "{what}");
    let took = start.elapsed();
    assert!(took < within, "{what}: /bob took {took:?}");
    took
}
