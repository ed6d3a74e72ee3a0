//! A contender started from its manifest, for tests.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use benches::manifest::{
    Machine, Manifest, NotAnswering, RenderError, Values, free_port, wait_until_answers,
};
use contract::conformance::response::Response;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

/// A started contender, killed when dropped.
pub(crate) struct Started {
    pub(crate) child: Child,
    pub(crate) addr: SocketAddr,
    pub(crate) manifest: Manifest,
    _work_dir: TempDir,
}

impl Started {
    /// Starts it with nobody reading what it prints.
    pub(crate) fn new(manifest: Manifest, machine: &Machine, io_wait: Duration) -> Result<Self, RenderError> {
        let work_dir = tempfile::tempdir().unwrap();
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port().unwrap()));
        let values = Values {
            addr,
            threads: NonZeroUsize::MIN,
            io_wait,
            cpu_work: Duration::ZERO,
            work_dir: work_dir.path().to_owned(),
        };
        let command = manifest.command(machine, &values)?;
        command.write_files().unwrap();
        let mut start = Command::new(&command.program);
        start.args(&command.args).envs(&command.env);
        start.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(Started { child: start.spawn().unwrap(), addr, manifest, _work_dir: work_dir })
    }

    pub(crate) fn wait_until_answers(&mut self, patience: Duration) -> Result<Response, NotAnswering> {
        let is_alive = || self.child.try_wait().unwrap().is_none();
        wait_until_answers(self.addr, &self.manifest.path, Instant::now() + patience, is_alive)
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    pub(crate) fn good_body(&self) -> &[u8] {
        self.manifest.expect_body.as_bytes()
    }

    /// All that it printed, once it has ended.
    pub(crate) fn stdout(&mut self) -> String {
        all_of(self.child.stdout.take())
    }

    /// All that it printed on stderr, once it has ended.
    pub(crate) fn stderr(&mut self) -> String {
        all_of(self.child.stderr.take())
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn all_of(stream: Option<impl Read>) -> String {
    let mut text = String::new();
    stream.unwrap().read_to_string(&mut text).unwrap();
    text
}
