//! Starting a server so that it cannot outlive the runner, on CPUs of its own.
//!
//! The kernel kills a child with its parent if the child asks for it (`PR_SET_PDEATHSIG`), and a CPU mask is
//! inherited over `exec`. Both must be done in the child, between fork and exec, where Rust allows no safe code. So
//! the runner starts itself with a hidden first argument, does both there as an ordinary process, and then becomes
//! the server. [`intercept`] is that second life; every binary that starts servers calls it first.

use std::env;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, getppid};

use crate::placement::pin_this_thread;

/// The hidden first argument: `launch-server PARENT_PID CPU,CPU… PROGRAM ARGS…`.
const HIDDEN: &str = "launch-server";

/// A command that runs `program` on `cpus`, in a process group of its own, and dies with the calling thread.
///
/// Call it from a thread that lives as long as the server should: the kernel watches that thread.
///
/// # Errors
///
/// When the path of the running executable is unknown.
pub fn command(program: &Path, args: &[String], cpus: &[usize]) -> io::Result<Command> {
    let mask: Vec<String> = cpus.iter().map(ToString::to_string).collect();
    let mut command = Command::new(env::current_exe()?);
    command.arg(HIDDEN).arg(std::process::id().to_string()).arg(mask.join(",")).arg(program).args(args);
    command.process_group(0);
    Ok(command)
}

/// Becomes the server if this process was started by [`command`]; otherwise returns `None` at once.
///
/// Returns an exit code only when the server could not be started.
#[must_use]
pub fn intercept() -> Option<ExitCode> {
    let args: Vec<OsString> = env::args_os().skip(1).collect();
    match args.split_first() {
        Some((first, rest)) if first == HIDDEN => {
            eprintln!("error: cannot become the server: {}", become_server(rest));
            Some(ExitCode::FAILURE)
        }
        _ => None,
    }
}

fn become_server(args: &[OsString]) -> io::Error {
    let [parent, cpus, program, args @ ..] = args else {
        return io::Error::other("this argument is for the runner's own use");
    };
    match prepare(parent, cpus) {
        Ok(()) => Command::new(program).args(args).exec(),
        Err(error) => error,
    }
}

fn prepare(parent: &OsString, cpus: &OsString) -> io::Result<()> {
    let not_a_number = |_| io::Error::other("its arguments are not numbers");
    let parent: i32 = parent.to_string_lossy().parse().map_err(not_a_number)?;
    let cpus = cpus.to_string_lossy();
    let cpus: Result<Vec<usize>, _> = cpus.split(',').map(str::parse).collect();
    set_pdeathsig(Signal::SIGKILL)?;
    // The parent may have died before the line above; then no signal will ever come.
    if getppid() != Pid::from_raw(parent) {
        return Err(io::Error::other("the runner has ended"));
    }
    pin_this_thread(&cpus.map_err(not_a_number)?)
}
