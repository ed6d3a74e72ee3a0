//! What runs out, or never comes: each a counter of its own, in a run that ends when it was to and fails.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use loadgen::{ErrorClass, RunRecord};
use nix::sys::resource::{Resource, setrlimit};
use nix::unistd::dup;
use socket2::{Domain, Socket, Type};

use crate::program::{loadgen, transcript};
use crate::server::{Reply, Server, assert_adds_up, read_request};

const TRANSPORTS: [&str; 2] = ["raw", "reqwest"];
/// Long enough for any machine; a run that is to end after a second and does not has hung.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs a load generator that writes its record to a file; its exit code and the record.
fn run(command: &mut Command, file: &Path) -> (Option<i32>, RunRecord) {
    let started = Instant::now();
    let output = command.output().expect("the binary runs");
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    let read = std::fs::read(file);
    let text = read.unwrap_or_else(|_| panic!("no record: {}", String::from_utf8_lossy(&output.stderr)));
    let record = serde_json::from_slice(&text).expect("a record");
    assert_adds_up(&record);
    (output.status.code(), record)
}

/// The same, told to do so.
fn to_file(command: &mut Command, file: &Path) -> (Option<i32>, RunRecord) {
    run(command.args(["--output-format", "json", "-o"]).arg(file), file)
}

/// Names the test that is to do something when this binary is started again.
const AGAIN: &str = "LOADGEN_TEST_AGAIN";

fn this_binary() -> String {
    std::env::current_exe().expect("this test").display().to_string()
}

fn asked_for(test: &str) -> bool {
    std::env::var(AGAIN).is_ok_and(|asked| asked == test)
}

const CRAMPED: &str = "faults::as_a_cramped_generator";

/// Not a test but a load generator with few descriptors left, when the test below starts this binary again.
#[test]
fn as_a_cramped_generator() {
    if !asked_for(CRAMPED) {
        return;
    }
    setrlimit(Resource::RLIMIT_NOFILE, 100, 100).expect("less is always allowed");
    // Held before it starts, so that what it counts on is not there. A duplicate outlives exec.
    let held: Vec<_> = (0..75).map(|_| dup(std::io::stdin()).expect("a descriptor")).collect();
    let args = std::env::var("LOADGEN_TEST_ARGS").expect("what to run");
    let error = loadgen(&args.split(' ').collect::<Vec<_>>()).exec();
    panic!("{error} {}", held.len());
}

#[test]
fn out_of_files() {
    let server = Server::reading(|_, _| Reply::greeting());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("record.json");
    for transport in TRANSPORTS {
        // One connection at a time is opened for a start, and all at once in the run.
        let args =
            format!("{} -c 30 -d 500ms --timeout 1s --new-connections --transport {transport}", server.url());
        let args = format!("{args} --output-format json -o {}", file.display());
        let mut command = Command::new(this_binary());
        command.args(["--exact", CRAMPED, "--nocapture"]).env(AGAIN, CRAMPED).env("LOADGEN_TEST_ARGS", args);
        let (code, record) = run(&mut command, &file);
        assert!(code == Some(1) || code == Some(4), "{code:?}");
        let errors = &record.requests.errors;
        assert!(errors[&ErrorClass::OutOfFiles] > 0, "{transport}: {errors:?}");
        assert_eq!(record.requests.failed(), errors[&ErrorClass::OutOfFiles], "{errors:?}");
        assert!(record.requests.ok > 0 && record.duration_s >= 0.5);
    }
}

/// A server that answers on its first connection for ever, and accepts no other; one fits in its queue.
fn deaf() -> String {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.bind(&std::net::SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("a free port");
    socket.listen(0).expect("a bound socket");
    let listener = TcpListener::from(socket);
    let url = format!("http://{}/World", listener.local_addr().expect("a bound socket"));
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the first connection");
        while matches!(read_request(&mut stream), Ok(true)) {
            std::io::Write::write_all(&mut stream, &Reply::greeting().bytes).expect("a listening client");
        }
        // Open, and in nobody's care, until the test process ends.
        std::mem::forget(listener);
    });
    url
}

#[test]
fn connections_that_are_never_made_and_answers_that_never_come() {
    let folder = tempfile::tempdir().expect("a folder");
    // reqwest's callers would share the one connection that is served, each in its turn.
    for (transport, more) in [("raw", &[][..]), ("reqwest", &["--new-connections"])] {
        let args = ["-c", "5", "-d", "1200ms", "--timeout", "300ms", "--transport", transport];
        let args = [&args[..], more].concat();
        let (code, record) = to_file(loadgen(&[&deaf()]).args(args), &folder.path().join(transport));
        // Fewer connections were held than asked for.
        assert_eq!(code, Some(4));
        let errors = &record.requests.errors;
        assert!(errors[&ErrorClass::ConnectTimeout] > 0, "{transport}: {errors:?}");
        let timeouts = errors[&ErrorClass::ConnectTimeout] + errors[&ErrorClass::Timeout];
        assert_eq!(record.requests.failed(), timeouts, "{transport}: {errors:?}");
        assert_eq!(record.requests.ok > 0, transport == "raw");
        assert!((1.2..10.0).contains(&record.duration_s), "{}", record.duration_s);
        // A connect that was given up took at least the timeout.
        let connect = (record.latency.connect.answered, record.latency.connect.censored);
        assert!(connect.1 >= errors[&ErrorClass::ConnectTimeout], "{transport}: {connect:?} {errors:?}");
    }
}

#[test]
fn a_server_that_never_accepts_is_no_session() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/World", listener.local_addr().expect("a bound socket"));
    for transport in TRANSPORTS {
        let text = transcript(&[&url, "--timeout", "200ms", "--transport", transport]);
        assert!(text.contains("no answer from") && text.ends_with("exit code 1\n"), "{text}");
    }
}

#[test]
fn refused_connections() {
    let folder = tempfile::tempdir().expect("a folder");
    for (transport, opening) in [("raw", 1), ("reqwest", 2)] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/World", listener.local_addr().expect("a bound socket"));
        let server = thread::spawn(move || {
            let (mut stream, _): (TcpStream, _) = listener.accept().expect("the first connection");
            drop(listener);
            for _ in 0..opening {
                read_request(&mut stream).expect("a request of the opening");
                std::io::Write::write_all(&mut stream, &Reply::greeting().bytes).expect("a listening client");
            }
            read_request(&mut stream).expect("the first request of the run");
        });
        let args = ["-c", "1", "-d", "500ms", "--transport", transport];
        let (code, record) = to_file(loadgen(&[&url]).args(args), &folder.path().join(transport));
        server.join().expect("the server has done its part");
        assert_eq!(code, Some(1));
        let errors = &record.requests.errors;
        assert_eq!(errors[&ErrorClass::ClosedEarly], 1, "{transport}: {errors:?}");
        // Pauses keep them few.
        assert!((1..20).contains(&errors[&ErrorClass::ConnectRefused]), "{transport}: {errors:?}");
        assert_eq!(record.requests.failed(), 1 + errors[&ErrorClass::ConnectRefused]);
    }
}

const NAMESPACE: &str = "faults::in_a_network_with_few_ports";
/// An address that is not of the loopback network, for which the generator would find other sources.
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(10, 9, 8, 7);

#[test]
fn out_of_ports() {
    let prepare = "ip link set lo up && ip addr add 10.9.8.7/32 dev lo \
                   && echo 40000 40015 > /proc/sys/net/ipv4/ip_local_port_range";
    let probe = Command::new("unshare").args(["-rn", "sh", "-c", prepare]).output();
    match probe {
        Ok(output) if output.status.success() => {}
        Ok(output) => {
            println!("skipped: no network namespace: {}", String::from_utf8_lossy(&output.stderr));
            return;
        }
        Err(error) => {
            println!("skipped: no unshare: {error}");
            return;
        }
    }
    let script = format!("{prepare} && exec \"$0\" --exact {NAMESPACE} --nocapture");
    let mut command = Command::new("unshare");
    command.args(["-rn", "sh", "-c", &script, &this_binary()]).env(AGAIN, NAMESPACE);
    let output = command.output().expect("it ran a moment ago");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A test in a namespace of its own, when the one above starts this binary again.
#[test]
fn in_a_network_with_few_ports() {
    if !asked_for(NAMESPACE) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (transport, port) in TRANSPORTS.into_iter().zip(50_000..) {
        // Each has a server at a port of its own, which is none of the few: ports from which one was talked to rest for a minute.
        let server = Server::at((ELSEWHERE, port), |_, _| Reply::greeting());
        let args = ["-c", "30", "-d", "500ms", "--timeout", "1s", "--transport", transport];
        let (code, record) = to_file(loadgen(&[&server.url()]).args(args), &folder.path().join(transport));
        assert_eq!(code, Some(4), "fewer connections were held than asked for");
        let errors = &record.requests.errors;
        assert!(errors[&ErrorClass::OutOfPorts] > 0, "{transport}: {errors:?}");
        assert_eq!(record.requests.failed(), errors[&ErrorClass::OutOfPorts], "{transport}: {errors:?}");
        assert!(record.requests.ok > 0 && record.connections.held < 30);
    }
    // On the loopback network there are other addresses to come from, and the raw transport takes them.
    let server = Server::reading(|_, _| Reply::greeting());
    let (code, record) =
        to_file(loadgen(&[&server.url()]).args(["-c", "30", "-n", "3000"]), &folder.path().join("loopback"));
    assert_eq!((code, record.requests.ok, record.connections.held), (Some(0), 3_000, 30));
}
