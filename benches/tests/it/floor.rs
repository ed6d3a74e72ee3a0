//! The floor as a process: it answers, keeps alive, pipelines, and stops as a server does.

use std::io::Write;
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use contract::Model;
use contract::behaviour::Server;
use contract::client::{Client, PATIENCE, get};
use contract::program::Program;
use loadgen::{Plan, Stop, Target, closed_loop};
use nix::sys::signal::Signal;

const FLOOR: &str = env!("CARGO_BIN_EXE_floor");

fn start() -> Program {
    Server { binary: Path::new(FLOOR), args: &[] }.start(&[])
}

fn assert_greeted(client: &mut Client) {
    let answer = client.read().unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"Hello, World!".as_slice()));
}

#[test]
fn its_ready_line_is_that_of_a_server() {
    let floor = start();
    let ready = floor.ready();
    assert_eq!((ready.model, ready.http.as_str(), ready.threads), (Model::Async, "floor", 1));
    assert_eq!(floor.stop(PATIENCE).unwrap().code(), Some(0));
}

#[test]
fn a_connection_is_kept_alive() {
    let floor = start();
    let mut client = Client::connect(floor.ready().addr).unwrap();
    for _ in 0..3 {
        client.send(get("/World")).unwrap();
        assert_greeted(&mut client);
    }
}

#[test]
fn a_request_may_come_in_pieces() {
    let floor = start();
    let mut client = Client::connect(floor.ready().addr).unwrap();
    let request = get("/World");
    for cut in 1..request.len() {
        let (first, second) = request.split_at(cut);
        client.send(first).unwrap();
        client.send(second).unwrap();
        assert_greeted(&mut client);
    }
}

/// More requests at once than fill the receive buffer, and more answers than the sockets hold: it has to stop reading,
/// and to go on when the client takes them.
#[test]
fn pipelined_requests_are_all_answered() {
    const REQUESTS: usize = 100_000;
    let floor = start();
    let mut client = Client::connect(floor.ready().addr).unwrap();
    let mut stream = client.stream().try_clone().unwrap();
    let writer = std::thread::spawn(move || stream.write_all(get("/World").repeat(REQUESTS).as_bytes()));
    for _ in 0..REQUESTS {
        assert_greeted(&mut client);
    }
    writer.join().unwrap().unwrap();
}

#[test]
fn the_load_generator_finds_every_answer_right() {
    const REQUESTS: u64 = 2_000;
    let floor = start();
    let target = Target::parse(&format!("http://{}/World", floor.ready().addr)).unwrap();
    let plan = Plan { connections: 32, stop: Stop::Requests(REQUESTS), ..Plan::new(target) };
    let record = closed_loop(&plan).unwrap();
    assert_eq!((record.requests.ok, record.connections.reconnects), (REQUESTS, 0));
}

#[test]
fn a_client_that_goes_is_forgotten() {
    // Each round would leave one of 16 descriptors behind.
    let floor = Server { binary: Path::new(FLOOR), args: &[] }.start_with_files(16, &[]);
    for _ in 0..50 {
        let mut client = Client::connect(floor.ready().addr).unwrap();
        client.send(get("/World")).unwrap();
        assert_greeted(&mut client);
    }
}

#[test]
fn it_is_back_when_descriptors_are() {
    let floor = Server { binary: Path::new(FLOOR), args: &[] }.start_with_files(16, &[]);
    let addr = floor.ready().addr;
    let crowd: Vec<_> = (0..32).map(|_| TcpStream::connect(addr).unwrap()).collect();
    let mut client = Client::connect(addr).unwrap();
    client.send(get("/World")).unwrap();
    drop(crowd);
    assert_greeted(&mut client);
}

#[test]
fn signals_end_it_well_whoever_is_connected() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut floor = start();
        let mut idle = Client::connect(floor.ready().addr).unwrap();
        idle.send(get("/World")).unwrap();
        assert_greeted(&mut idle);
        floor.signal(signal).unwrap();
        let status = floor.wait(PATIENCE).unwrap();
        assert_eq!(status.and_then(|status| status.code()), Some(0), "after {signal}");
        idle.wait_for_end().unwrap();
    }
}

/// A client that asks without reading until nothing more goes out: the floor owes it answers that will never leave.
fn a_creditor(floor: &Program) -> Client {
    let mut client = Client::connect(floor.ready().addr).unwrap();
    client.stream().set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    while client.send(get("/World").repeat(1_000)).is_ok() {}
    client
}

#[test]
fn a_client_that_never_reads_does_not_hold_the_stop() {
    let mut floor = start();
    let _creditor = a_creditor(&floor);
    floor.signal(Signal::SIGTERM).unwrap();
    let status = floor.wait(PATIENCE).unwrap();
    assert_eq!(status.and_then(|status| status.code()), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut floor = start();
    let _creditor = a_creditor(&floor);
    floor.signal(Signal::SIGTERM).unwrap();
    // That nobody listens any more shows that the first was heeded.
    while TcpStream::connect(floor.ready().addr).is_ok() {}
    floor.signal(Signal::SIGTERM).unwrap();
    let status = floor.wait(PATIENCE).unwrap();
    assert_eq!(status.and_then(|status| status.signal()), Some(Signal::SIGTERM as i32));
}

#[test]
fn a_used_port_is_one_line_and_exit_code_1() {
    let floor = start();
    let addr = floor.ready().addr.to_string();
    let output = Command::new(FLOOR).args(["--addr", &addr]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains(&addr) && stderr.contains("--addr"), "{stderr}");
    assert!(output.stdout.is_empty());
}
