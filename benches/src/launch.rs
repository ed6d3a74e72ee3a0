//! Starting a server so that it cannot outlive the runner, on CPUs of its own.
//!
//! The kernel kills a child with its parent if the child asks for it (`PR_SET_PDEATHSIG`), and a CPU mask is
//! inherited over `exec`. Both must be done in the child, between fork and exec, where Rust allows no safe code. So
//! the runner starts itself with a hidden first argument, does both there as an ordinary process, and then becomes
//! the server. [`intercept`] is that second life; every binary that starts servers calls it first.
//!
//! The processes that a guest starts itself do not inherit the request. So a `Keeper` stands beside a guest: the runner once more, asleep, which
//! ends the guest's process group when the runner's end of a pipe closes, however the runner ended. It is outside the group and on the
//! generator's CPUs, so that it is in no figure. One that leaves the group, as daemons do, is refused before (`guest`).

use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};

use nix::errno::Errno;
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, getppid};

use crate::placement::pin_this_thread;

/// The hidden first argument: `launch-server PARENT_PID CPU,CPU… PROGRAM ARGS…`.
const HIDDEN: &str = "launch-server";

/// The hidden first argument of a keeper, which reads the id of the group on its stdin.
const KEEPER: &str = "keep-group";

/// Ends a process group with the runner; see the top of this file. Dropping it ends the keeper alone.
#[derive(Debug)]
pub(crate) struct Keeper {
    child: Child,
}

impl Keeper {
    /// Starts one, which keeps nothing yet.
    ///
    /// # Errors
    ///
    /// When the path of the running executable is unknown, or it cannot be started again.
    pub(crate) fn start() -> io::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        // It must hold nothing of the runner's open, or whoever reads that would wait for it.
        command.arg(KEEPER).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Keeper { child: command.process_group(0).spawn()? })
    }

    /// Keeps the group that `leader` leads.
    ///
    /// # Errors
    ///
    /// When the keeper has ended.
    pub(crate) fn keep(&mut self, leader: u32) -> io::Result<()> {
        let mut stdin = self.child.stdin.as_ref().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(stdin, "{leader}")
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Before its stdin closes, so that it ends no group whose id somebody else may have by now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

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
        Some((first, _)) if first == KEEPER => {
            // Nobody reads what it would say.
            Some(if keep_group().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        _ => None,
    }
}

fn keep_group() -> io::Result<()> {
    let mut stdin = io::stdin().lock();
    let mut leader = String::new();
    if stdin.read_line(&mut leader)? == 0 {
        return Ok(());
    }
    let leader = leader.trim().parse().map_err(io::Error::other)?;
    io::copy(&mut stdin, &mut io::sink())?;
    match killpg(Pid::from_raw(leader), Signal::SIGKILL) {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(error.into()),
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
