//! A floor for threads: a thread a connection, httparse, one read and one write a request, and nothing else.
//!
//! It is no server. It takes every request for a `GET`, bounds neither clients nor threads, knows no deadline and no body, and
//! ends only when it is killed. What it does not do is what a server on threads may cost beyond the system calls and the parser:
//! `checks/speed.sh` measures the pool of `threaded-server` beside it.
//!
//! `cargo run --release -p threaded-server --example bare_threads -- --addr 127.0.0.1:8080`

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use clap::Parser;
use contract::{Model, Ready};

/// As the servers write an answer, with a date that has the right length and is never right.
const HEAD: &str = "HTTP/1.1 200 OK\r\nServer: hello\r\nContent-Type: text/plain; charset=utf-8\r\n\
                    Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

/// A thread a connection, and nothing else: a floor, no server
#[derive(Debug, Parser)]
struct Flags {
    /// Address to listen on
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:8080")]
    addr: SocketAddr,
}

fn main() -> io::Result<()> {
    let listener: TcpListener = contract::listen(Flags::parse().addr).map_err(io::Error::other)?;
    Ready::here(listener.local_addr()?, Model::Threaded, "bare", 1).announce()?;
    for stream in listener.incoming() {
        let stream = stream?;
        // A client that does not keep to HTTP ends its own connection.
        thread::Builder::new().spawn(move || drop(serve(stream)))?;
    }
    Ok(())
}

/// Answers whole heads until the client leaves.
fn serve(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 16 * 1_024];
    let mut filled = 0;
    let mut answer = Vec::with_capacity(512);
    loop {
        let length = stream.read(&mut buffer[filled..])?;
        if length == 0 {
            return Ok(());
        }
        filled += length;
        let mut start = 0;
        answer.clear();
        while let Some(end) = greet(&buffer[start..filled], &mut answer)? {
            start += end;
        }
        buffer.copy_within(start..filled, 0);
        filled -= start;
        stream.write_all(&answer)?;
    }
}

/// Appends the answer to the request that `bytes` begin with, and says where it ends; `None` if it is not whole.
fn greet(bytes: &[u8], answer: &mut Vec<u8>) -> io::Result<Option<usize>> {
    let mut fields = [httparse::EMPTY_HEADER; 32];
    let mut request = httparse::Request::new(&mut fields);
    let end = match request.parse(bytes).map_err(io::Error::other)? {
        httparse::Status::Complete(end) => end,
        httparse::Status::Partial => return Ok(None),
    };
    let name = request.path.unwrap_or("/").trim_start_matches('/');
    write!(answer, "{HEAD}Content-Length: {}\r\n\r\nHello, {name}!", "Hello, !".len() + name.len())?;
    Ok(Some(end))
}
