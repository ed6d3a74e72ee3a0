//! Servers with one fault each, for tests of whoever starts servers: `faulty FAULT IP:PORT`.
//!
//! `serves` has none, nor has `forks`, which serves in a child of its own. Every answer tells its process id as `Server: PID`, by which the one that escapes can be ended.
//!
//! An example and not a binary, because `cargo test` builds it and nobody installs it.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{Pid, setsid};

/// What one mebibyte is on either stream: far more than a pipe holds.
const MUCH: usize = 1 << 20;

/// Answers after which those that change their mind do: more than before the load, fewer than in it.
const PLENTY: usize = 500;

/// How long the one that escapes its starter lives.
const DAEMON_LIFE: Duration = Duration::from_mins(1);

fn main() -> anyhow::Result<ExitCode> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [fault, addr] = args.as_slice() else { bail!("write: faulty FAULT IP:PORT") };
    let addr: SocketAddr = addr.parse().with_context(|| format!("{addr} is not IP:PORT"))?;
    match fault.as_str() {
        "serves" => serve(addr, "Hello, World!"),
        "forks" => {
            let mut child = Command::new(env::current_exe()?).args(["serves", &addr.to_string()]).spawn()?;
            Ok(if child.wait()?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        "wrong-body" => serve(addr, "Hello, Wurld!"),
        "ignores-sigterm" => {
            // Blocked and never waited for; the threads started later inherit the mask.
            SigSet::from(Signal::SIGTERM).thread_block()?;
            serve(addr, "Hello, World!")
        }
        "prints-a-megabyte" => {
            let line = [b'x'; 1 << 10];
            for _ in 0..MUCH / line.len() {
                io::stdout().write_all(&line)?;
                io::stderr().write_all(&line)?;
            }
            serve(addr, "Hello, World!")
        }
        "listens-elsewhere" => serve(SocketAddr::new(addr.ip(), 0), "Hello, World!"),
        "leaves" => serve_for(addr, PLENTY, leave),
        "falls-deaf" => serve_for(addr, PLENTY, || {
            loop {
                thread::park();
            }
        }),
        "widens-its-mask" => {
            let mut every = CpuSet::new();
            (0..CpuSet::count()).try_for_each(|cpu| every.set(cpu))?;
            sched_setaffinity(Pid::from_raw(0), &every)?;
            serve(addr, "Hello, World!")
        }
        "another-answers" => {
            escape(addr)?;
            // Alive, and of no use.
            thread::park_timeout(DAEMON_LIFE);
            Ok(ExitCode::SUCCESS)
        }
        "daemonises" => {
            escape(addr)?;
            Ok(ExitCode::SUCCESS)
        }
        "daemon" => {
            setsid()?;
            thread::spawn(move || serve(addr, "Hello, World!"));
            // Nobody can be trusted to end it.
            thread::park_timeout(DAEMON_LIFE);
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("there is no fault {other}"),
    }
}

/// Serves in a process of its own, in a session of its own.
fn escape(addr: SocketAddr) -> anyhow::Result<()> {
    let mut child = Command::new(env::current_exe()?);
    child.args(["daemon", &addr.to_string()]);
    child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    Ok(())
}

/// Serves well until `answers` are given, then does something else instead of answering.
fn serve_for(addr: SocketAddr, answers: usize, then: fn() -> !) -> anyhow::Result<ExitCode> {
    let listener = TcpListener::bind(addr).with_context(|| format!("cannot listen on {addr}"))?;
    let given = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming() {
        let (stream, given) = (stream?, Arc::clone(&given));
        thread::spawn(move || {
            answer(&stream, "Hello, World!", || {
                if given.fetch_add(1, Ordering::Relaxed) >= answers {
                    then();
                }
            })
        });
    }
    Ok(ExitCode::SUCCESS)
}

/// Answers every request alike, on a thread for each connection.
fn serve(addr: SocketAddr, body: &'static str) -> anyhow::Result<ExitCode> {
    let listener = TcpListener::bind(addr).with_context(|| format!("cannot listen on {addr}"))?;
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || answer(&stream, body, || ()));
    }
    Ok(ExitCode::SUCCESS)
}

fn answer(mut stream: &TcpStream, body: &str, before_each: impl Fn()) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (pid, length) = (std::process::id(), body.len());
    let answer = format!("HTTP/1.1 200 OK\r\nServer: {pid}\r\nContent-Length: {length}\r\n\r\n{body}");
    let mut closes = false;
    for line in BufReader::new(stream).lines() {
        let line = line?;
        closes |= line.eq_ignore_ascii_case("connection: close");
        // The empty line after a request's head; no request here has a body.
        if line.is_empty() {
            before_each();
            stream.write_all(answer.as_bytes())?;
            if closes {
                break;
            }
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "ending in the middle of the load is the fault")]
fn leave() -> ! {
    std::process::exit(0)
}
