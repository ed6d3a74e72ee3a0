//! More keep-alive clients than workers: all make progress, whether they are busy or idle.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use contract::behaviour::Server;
use contract::client::{Client, PATIENCE};

const SERVER: &[&str] = &["--http", "hyper", "--threads", "4"];

fn server() -> Server<'static> {
    Server { binary: Path::new(env!("CARGO_BIN_EXE_threaded-server")), args: SERVER }
}

fn ask(client: &mut Client) {
    let answer = client.get("/bob").unwrap();
    assert_eq!(answer.body, b"Hello, bob!");
}

/// Asks until `enough`, on one connection for as long as it is kept alive; counts the answers.
///
/// A client that pauses for longer than the grace of an idle connection, as on a busy machine it may, can meet the end of its
/// connection with its next request, and then asks again on another, as HTTP clients do.
fn ask_in_a_loop(addr: SocketAddr, answers: &AtomicUsize, enough: &AtomicBool) {
    while !enough.load(Ordering::SeqCst) {
        let mut client = Client::connect(addr).unwrap();
        while let Ok(answer) = client.get("/bob") {
            assert_eq!(answer.body, b"Hello, bob!");
            answers.fetch_add(1, Ordering::SeqCst);
            if answer.field("connection") == Some("close") || enough.load(Ordering::SeqCst) {
                break;
            }
        }
    }
}

#[test]
fn sixteen_busy_clients_share_four_workers() {
    sharing(&[], 16, 50);
}

/// Runs `clients` in closed loops until each has had `each` answers.
fn sharing(flags: &[&str], clients: usize, each: usize) {
    let program = server().start(flags);
    let addr = program.ready().addr;
    let answers: Vec<_> = (0..clients).map(|_| AtomicUsize::new(0)).collect();
    let enough = AtomicBool::new(false);
    let start = Instant::now();
    thread::scope(|scope| {
        for answers in &answers {
            scope.spawn(|| ask_in_a_loop(addr, answers, &enough));
        }
        let starved = || answers.iter().any(|answers| answers.load(Ordering::SeqCst) < each);
        while starved() && start.elapsed() < PATIENCE {
            thread::yield_now();
        }
        enough.store(true, Ordering::SeqCst);
        assert!(!starved(), "{answers:?}");
    });
}

#[test]
fn idle_clients_on_every_worker_do_not_shut_out_a_new_one() {
    let program = server().start(&[]);
    let addr = program.ready().addr;
    let mut idle: Vec<_> = (0..4).map(|_| Client::connect(addr).unwrap()).collect();
    for client in &mut idle {
        ask(client);
    }
    let mut new = Client::connect(addr).unwrap();
    ask(&mut new);
    // One gave way; the others stay.
    let ended = idle.iter_mut().filter_map(|client| client.get("/again").err()).count();
    assert_eq!(ended, 1);
}

#[test]
fn silent_clients_on_every_worker_do_not_shut_out_a_new_one() {
    let program = server().start(&[]);
    let addr = program.ready().addr;
    let _silent: Vec<_> = (0..20).map(|_| Client::connect(addr).unwrap()).collect();
    ask(&mut Client::connect(addr).unwrap());
}

#[test]
fn at_the_cap_an_idle_connection_gives_way_too() {
    let program = server().start(&["--max-connections", "2"]);
    let addr = program.ready().addr;
    let mut idle: Vec<_> = (0..2).map(|_| Client::connect(addr).unwrap()).collect();
    for client in &mut idle {
        ask(client);
    }
    ask(&mut Client::connect(addr).unwrap());
}

#[test]
fn busy_clients_beyond_the_cap_take_turns() {
    sharing(&["--max-connections", "2"], 6, 20);
}
