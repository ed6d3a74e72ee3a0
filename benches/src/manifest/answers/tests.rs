//! Programs that answer late, wrongly, in pieces or never, as threads of the test.

use std::io::Read;
use std::net::Shutdown;

use contract::client::PATIENCE;

use super::*;

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/// Serves one connection after another, each as told by the next function, and then none.
fn server(habits: Vec<fn(&mut TcpStream)>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let addr = listener.local_addr().unwrap();
    thread::spawn(move || {
        for habit in habits {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = [0; 1_024];
            let length = stream.read(&mut head).unwrap();
            assert!(head[..length].starts_with(b"GET /ready?x HTTP/1.1\r\n"));
            habit(&mut stream);
        }
    });
    addr
}

fn soon() -> Instant {
    Instant::now() + Duration::from_millis(100)
}

fn late() -> Instant {
    Instant::now() + PATIENCE
}

fn send(stream: &mut TcpStream, text: &str) {
    // The client may have gone on to its next attempt.
    let _ = stream.write_all(text.as_bytes());
}

/// Holds the connection until the client ends it.
fn hold(stream: &mut TcpStream) {
    let _ = stream.read(&mut [0]);
}

#[test]
fn it_asks_until_a_whole_good_answer_comes() {
    let addr = server(vec![
        |stream| send(stream, "HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n"),
        |stream| drop(stream.shutdown(Shutdown::Both)),
        |stream| send(stream, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
        |stream| send(stream, "220 mail.example\r\n\r\n"),
        |stream| {
            // Several slices of silence within one answer.
            for piece in [&GOOD[..9], &GOOD[9..30], &GOOD[30..]] {
                thread::park_timeout(3 * SLICE);
                send(stream, piece);
            }
            hold(stream);
        },
    ]);
    let response = wait_until_answers(addr, "/ready?x", late(), || true).unwrap();
    assert_eq!((response.status, response.body.as_slice()), (200, &b"hi"[..]));
}

#[test]
fn the_last_thing_seen_is_told_at_the_deadline() {
    let holds = server(vec![hold]);
    let error = wait_until_answers(holds, "/ready?x", soon(), || true).unwrap_err().to_string();
    assert!(error.contains(&holds.to_string()) && error.contains("open and silent"), "{error}");

    let refuses = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port().unwrap()));
    let error = wait_until_answers(refuses, "/", soon(), || true).unwrap_err();
    assert!(matches!(&error, NotAnswering::Silent { last, .. } if last.contains("refused")), "{error}");
}

#[test]
fn a_status_other_than_200_is_no_answer() {
    fn teapot(stream: &mut TcpStream) {
        send(stream, "HTTP/1.1 418 No\r\nContent-Length: 0\r\n\r\n");
    }
    let addr = server(vec![teapot; 1_000]);
    let error = wait_until_answers(addr, "/ready?x", soon(), || true).unwrap_err().to_string();
    assert!(error.contains("status 418"), "{error}");
}

#[test]
fn nobody_waits_for_the_dead() {
    let addr = server(vec![hold]);
    let mut looks = 0;
    let alive = || {
        looks += 1;
        looks < 5
    };
    let error = wait_until_answers(addr, "/ready?x", late(), alive).unwrap_err();
    assert!(matches!(error, NotAnswering::Ended { .. }), "{error}");
}

#[test]
fn a_free_port_can_be_listened_on() {
    // Another program may take it first, as the docs say; not five times.
    let listens = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, free_port().unwrap())).is_ok();
    assert!((0..5).any(listens));
}
