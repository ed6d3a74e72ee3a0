//! A server as a process: start it, wait for its READY line, stop it, and never leave it behind.
//!
//! Used by the servers' own tests and by the runner, so that what is tested is started as what is measured.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use thiserror::Error;

use crate::{InFlight, Ready, ReadyError};

/// Why a server did not start or stop as it should.
#[derive(Debug, Error)]
pub enum ProgramError {
    /// The program could not be started at all.
    #[error("cannot start {program}: {source}")]
    Spawn {
        /// The command's program, as it was given.
        program: String,
        /// What the kernel said.
        source: io::Error,
    },
    /// It ended, or closed its stdout, before it said that it listens.
    #[error("it ended before it listened ({0}); its stderr says why")]
    EndedEarly(ExitStatus),
    /// Its first line was something else.
    #[error(transparent)]
    NotReady(#[from] ReadyError),
    /// No line came in time.
    #[error("it printed no READY line within {0:?}")]
    Silent(Duration),
    /// It ignored SIGTERM and had to be killed.
    #[error("it did not stop within {0:?} of SIGTERM and was killed")]
    Unstoppable(Duration),
    /// The kernel would not signal or wait for it.
    #[error("cannot control the process: {0}")]
    Control(#[from] io::Error),
}

/// A running server. Dropping it kills it.
#[derive(Debug)]
pub struct Program {
    child: Child,
    ready: Ready,
    /// Lines after the first; disconnects when the process has closed its stdout, which it does by ending.
    rest: Receiver<String>,
}

impl Program {
    /// Starts `command` and waits for its READY line, for at most `patience`.
    ///
    /// stdout is taken for that line; stderr goes where the command says. What the server prints later is read
    /// and dropped, so that it never blocks on a full pipe.
    ///
    /// # Errors
    ///
    /// [`ProgramError`] when it does not start, ends early, says something else, or says nothing in time. Nothing
    /// is left running then.
    ///
    /// # Panics
    ///
    /// Never: the standard library gives the stdout that was asked for.
    pub fn start(command: &mut Command, patience: Duration) -> Result<Self, ProgramError> {
        let mut child = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().map_err(|source| {
            ProgramError::Spawn { program: command.get_program().to_string_lossy().into_owned(), source }
        })?;
        let rest = lines_of(child.stdout.take().expect("stdout was asked for as a pipe"));
        match first_line(&mut child, &rest, patience) {
            Ok(ready) => Ok(Program { child, ready, rest }),
            Err(error) => {
                end(&mut child);
                Err(error)
            }
        }
    }

    /// What the server said of itself.
    #[must_use]
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// The most requests it has said to be at work at the same time (`--tell-peak`) since this was last asked.
    #[must_use]
    pub fn peak_in_flight(&self) -> Option<usize> {
        self.rest.try_iter().filter_map(|line| InFlight::told_by(&line)).max()
    }

    /// Waits until it has said (`--tell-peak`) that `requests` are at work at the same time, for at most `patience` a line; says
    /// whether it has.
    #[must_use]
    pub fn waits_for_peak(&self, requests: usize, patience: Duration) -> bool {
        while let Ok(line) = self.rest.recv_timeout(patience) {
            if InFlight::told_by(&line).is_some_and(|peak| peak >= requests) {
                return true;
            }
        }
        false
    }

    /// How it ended, if it has ended by itself.
    ///
    /// # Errors
    ///
    /// When the kernel does not tell.
    pub fn has_ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// The id of the process that was started.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal to the process.
    ///
    /// # Errors
    ///
    /// When the process is gone.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(kill(pid_of(&self.child), signal)?)
    }

    /// Waits until the process has ended, for at most `patience`; says how it ended, or `None` if it goes on.
    ///
    /// # Errors
    ///
    /// When the kernel does not tell.
    pub fn wait(&mut self, patience: Duration) -> io::Result<Option<ExitStatus>> {
        loop {
            match self.rest.recv_timeout(patience) {
                Ok(_line) => {}
                Err(RecvTimeoutError::Timeout) => return self.child.try_wait(),
                Err(RecvTimeoutError::Disconnected) => return self.child.wait().map(Some),
            }
        }
    }

    /// Asks it to stop with SIGTERM and waits for at most `patience`, then kills it.
    ///
    /// # Errors
    ///
    /// [`ProgramError::Unstoppable`] when it had to be killed.
    pub fn stop(mut self, patience: Duration) -> Result<ExitStatus, ProgramError> {
        if let Some(status) = self.child.try_wait()? {
            return Ok(status);
        }
        self.signal(Signal::SIGTERM)?;
        self.wait(patience)?.ok_or(ProgramError::Unstoppable(patience))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn first_line(
    child: &mut Child,
    lines: &Receiver<String>,
    patience: Duration,
) -> Result<Ready, ProgramError> {
    match lines.recv_timeout(patience) {
        Ok(line) => Ok(line.parse()?),
        Err(RecvTimeoutError::Timeout) => Err(ProgramError::Silent(patience)),
        Err(RecvTimeoutError::Disconnected) => {
            // It may have closed stdout and live on; it is of no use to anybody then.
            let _ = child.kill();
            Err(ProgramError::EndedEarly(child.wait()?))
        }
    }
}

fn lines_of(stdout: ChildStdout) -> Receiver<String> {
    let (sender, receiver): (Sender<String>, _) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // The receiver may be gone while the process still prints: go on reading.
            let _ = sender.send(line);
        }
    });
    receiver
}

fn end(child: &mut Child) {
    // Either it runs and is killed, or it is gone already: both are what was wanted.
    let _ = child.kill();
    let _ = child.wait();
}

fn pid_of(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).expect("Linux process ids fit in 22 bits"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    const LONG: Duration = Duration::from_secs(10);
    const READY: &str = "echo listening on http://127.0.0.1:1 model=sync http=none threads=1 pid=1";

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_server_is_started_asked_to_stop_and_waited_for() {
        let program = Program::start(&mut shell(&format!("{READY}; exec tail -f /dev/null")), LONG).unwrap();
        assert_eq!(program.ready().http, "none");
        let status = program.stop(LONG).unwrap();
        assert_eq!(status.signal(), Some(Signal::SIGTERM as i32));
    }

    #[test]
    fn what_is_no_server_is_reported() {
        for (script, expected) in
            [("exit 3", "ended before it listened"), ("echo hello; cat", "got \"hello\"")]
        {
            let error = Program::start(&mut shell(script), LONG).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let error = Program::start(&mut Command::new("/no/such/program"), LONG).unwrap_err().to_string();
        assert!(error.contains("/no/such/program"), "{error}");
        let silent =
            Program::start(&mut shell("exec tail -f /dev/null"), Duration::from_millis(50)).unwrap_err();
        assert!(matches!(silent, ProgramError::Silent(_)), "{silent}");
    }

    #[test]
    fn a_server_that_ignores_sigterm_is_killed() {
        let script = format!("trap '' TERM; {READY}; exec tail -f /dev/null");
        let program = Program::start(&mut shell(&script), LONG).unwrap();
        let error = program.stop(Duration::from_millis(50)).unwrap_err();
        assert!(matches!(error, ProgramError::Unstoppable(_)), "{error}");
    }

    #[test]
    fn an_exit_is_seen_with_its_code() {
        let mut program = Program::start(&mut shell(&format!("{READY}; exit 7")), LONG).unwrap();
        assert_eq!(program.wait(LONG).unwrap().and_then(|status| status.code()), Some(7));
        assert_eq!(program.stop(LONG).unwrap().code(), Some(7));
    }
}
