//! The server binaries in the profile of the tests, and `compare` itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use nix::unistd::Pid;
use procfs::process::{Stat, all_processes};

/// The binary under test.
pub(crate) const COMPARE: &str = env!("CARGO_BIN_EXE_compare");

/// The folder of the server binaries, built if need be: cargo gives a test only its own package's.
pub(crate) fn folder() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(COMPARE).parent().expect("a binary lies in a folder").to_owned();
        let packages = ["sync-server", "threaded-server", "async-server"];
        let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        build.arg("build").args(packages.iter().flat_map(|package| ["--package", package]));
        build.arg("--target-dir").arg(folder.parent().expect("target/PROFILE"));
        if folder.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().expect("cargo runs the tests, so it is there").success());
        folder
    });
    &FOLDER
}

/// `compare` on those binaries, with short trials, into `results`.
pub(crate) fn compare(results: &Path) -> Command {
    let mut command = Command::new(COMPARE);
    command.arg("--binaries").arg(folder()).arg("--results").arg(results);
    command.args(["--warmup", "50ms", "--seed", "1"]);
    command
}

/// How often a comparison is begun that other tests may disturb.
const ATTEMPTS: usize = 3;

/// The output of a comparison into `results` that must end well.
///
/// The examination of a server has cases with deadlines, which it may miss while other tests have the CPUs: then all is made again, into an
/// empty folder. A server that breaks the contract does so each time.
pub(crate) fn ends_well(results: &Path, command: &mut Command) -> Output {
    for _ in 1..ATTEMPTS {
        let output = command.output().unwrap();
        if output.status.success() || !String::from_utf8_lossy(&output.stderr).contains("breaks the contract")
        {
            return well(output);
        }
        for entry in std::fs::read_dir(results).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.unwrap();
        }
    }
    well(command.output().unwrap())
}

fn well(output: Output) -> Output {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Waits for a server that `runner` has started and that `is_it`; between two trials there is none for a moment.
pub(crate) fn server_of(runner: u32, is_it: impl Fn(&Stat) -> bool) -> Pid {
    let started = Instant::now();
    loop {
        for process in all_processes().expect("/proc is there").flatten() {
            // A process may end between being listed and being read.
            let Ok(stat) = process.stat() else { continue };
            if stat.ppid == runner.cast_signed() && is_it(&stat) {
                return Pid::from_raw(stat.pid);
            }
        }
        assert!(started.elapsed() < Duration::from_mins(1), "the runner starts no such server");
        std::thread::yield_now();
    }
}
