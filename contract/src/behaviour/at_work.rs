//! How many requests a server works on at the same time, by its own word, and the one route that waits differently.

use super::{FakeUpstream, Habit, Server};
use crate::client::{Client, PATIENCE, get};

/// Requests that are there at the same time.
const CLIENTS: usize = 3;

/// Asserts that of three requests that are there at the same time the server works on `at_a_time`, that it says so, and that
/// `--slow-wait` holds for its route alone.
///
/// # Panics
///
/// When it does otherwise.
pub fn assert_at_work(server: &Server<'_>, at_a_time: usize) {
    let upstream = FakeUpstream::start(Habit::AsksTheTest);
    let program = server.start(&["--tell-peak", "--upstream", &upstream.url(), "--upstream-timeout", "1m"]);
    let mut clients: Vec<Client> =
        (0..CLIENTS).map(|_| Client::connect(program.ready().addr).expect("it listens")).collect();
    for client in &mut clients {
        client.send(get("/bob")).expect("it is open");
    }
    for _ in 0..CLIENTS / at_a_time {
        // All of these wait for their upstream before the first is answered.
        let calls: Vec<_> = (0..at_a_time).map(|_| upstream.next_call()).collect();
        for call in calls {
            call.answer("Hello, bob!");
        }
    }
    for client in &mut clients {
        assert_eq!(client.read().expect("it is answered").status, 200, "{:?}", server.args);
    }
    // The line has been printed before its request was answered, but a thread of this process brings it here.
    assert!(program.waits_for_peak(at_a_time, PATIENCE), "{:?}: never said {at_a_time}", server.args);
    // Two threads may print their lines the other way round.
    let more = program.peak_in_flight().filter(|peak| *peak > at_a_time);
    assert_eq!(more, None, "{:?}: more than {at_a_time} at a time", server.args);

    let program = server.start(&["--io-wait", "1h", "--slow-wait", "0s"]);
    let mut client = Client::connect(program.ready().addr).expect("it listens");
    assert_eq!(client.get("/slow").expect("it is answered").body, b"Hello, slow!", "{:?}", server.args);
    assert_eq!(program.peak_in_flight(), None, "{:?}: nobody asked for the peak", server.args);
}
