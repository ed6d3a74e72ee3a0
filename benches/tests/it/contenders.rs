//! The committed manifests: all of them load, name files that exist, and give the commands that they should.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use benches::manifest::{Availability, HELLO, Machine, Manifest, Placeholder, Values, WAITING, load_all};
use contract::client::{Client, PATIENCE};
use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::started::Started;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("contenders")
}

fn manifests() -> Vec<Manifest> {
    load_all(&folder(), &[HELLO, WAITING]).unwrap()
}

/// A machine on which only these things are installed, below a folder of the test's own.
fn machine(root: &TempDir, programs: &[&str], modules: &[&str]) -> Machine {
    let (bin, venv) = (root.path().join("bin"), root.path().join("venv"));
    fs::create_dir_all(&bin).unwrap();
    fs::create_dir_all(venv.join("bin")).unwrap();
    for program in programs {
        let path = root.path().join(program);
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    }
    for module in modules {
        fs::create_dir_all(venv.join("lib/python3.11/site-packages").join(module)).unwrap();
    }
    Machine { path: bin.into_os_string(), venv: Some(venv) }
}

const PROGRAMS: [&str; 5] = ["bin/python3", "bin/nginx", "bin/node", "venv/bin/python", "venv/bin/gunicorn"];
const MODULES: [&str; 3] = ["aiohttp", "flask", "gunicorn"];

fn values(work_dir: PathBuf) -> Values {
    Values {
        addr: "127.0.0.1:8081".parse().unwrap(),
        threads: NonZeroUsize::new(8).unwrap(),
        io_wait: Duration::from_micros(10_300),
        cpu_work: Duration::ZERO,
        work_dir,
    }
}

#[test]
fn every_manifest_gives_its_command() {
    let root = tempfile::tempdir().unwrap();
    let machine = machine(&root, &PROGRAMS, &MODULES);
    let mut page = String::new();
    for manifest in manifests() {
        let command = manifest.command(&machine, &values(root.path().join("work"))).unwrap();
        let version = manifest.version_command(&machine).unwrap().expect("each knows its version");
        writeln!(page, "## {} {:?} {:?}", manifest.name, manifest.model, manifest.experiments).unwrap();
        writeln!(page, "{:#?}\nversion: {:?}\n", command, version.args).unwrap();
        for arg in command.args.iter().filter(|arg| Path::new(arg).starts_with(folder())) {
            assert!(Path::new(arg).exists(), "{} names {arg}, which is not there", manifest.name);
        }
    }
    let program = std::env::current_exe().unwrap();
    let page = page.replace(program.to_str().unwrap(), "COMPARE");
    let page =
        page.replace(root.path().to_str().unwrap(), "ROOT").replace(folder().to_str().unwrap(), "CONTENDERS");
    insta::assert_snapshot!(page);
}

#[test]
fn files_are_written_where_the_command_looks_for_them() {
    let root = tempfile::tempdir().unwrap();
    let machine = machine(&root, &PROGRAMS, &MODULES);
    let nginx = manifests().into_iter().find(|manifest| manifest.name == "nginx").unwrap();
    let command = nginx.command(&machine, &values(root.path().join("work"))).unwrap();
    command.write_files().unwrap();
    let written = fs::read_to_string(command.args.last().unwrap()).unwrap();
    assert!(written.contains("listen 127.0.0.1:8081 backlog"), "{written}");
}

#[test]
fn what_is_not_installed_is_told_with_the_way_to_get_it() {
    let root = tempfile::tempdir().unwrap();
    let all = machine(&root, &PROGRAMS, &MODULES);
    let bare_root = tempfile::tempdir().unwrap();
    let bare = machine(&bare_root, &[], &[]);
    let no_module_root = tempfile::tempdir().unwrap();
    let no_module = machine(&no_module_root, &PROGRAMS, &["flask"]);
    let no_venv = Machine { venv: None, ..all.clone() };
    let table = [
        ("nginx", &all, None),
        ("nginx", &no_venv, None),
        ("nginx", &bare, Some(("the program nginx", "apt install nginx"))),
        ("python-http-server", &bare, Some(("the program python3", "install Python"))),
        ("aiohttp", &all, None),
        ("aiohttp", &no_venv, Some(("a Python virtual environment", "cargo compare --with python"))),
        ("aiohttp", &no_module, Some(("the Python module aiohttp", "cargo compare --with python"))),
        (
            "flask-gunicorn-sync",
            &no_module,
            Some(("the Python module gunicorn", "cargo compare --with python")),
        ),
        ("flask-gunicorn-sync", &bare, Some(("the Python module flask", "cargo compare --with python"))),
    ];
    for (name, machine, missing) in table {
        let manifest = manifests().into_iter().find(|manifest| manifest.name == name).unwrap();
        match (manifest.availability(machine), missing) {
            (Availability::Available { program }, None) => assert!(program.exists(), "{name}"),
            (Availability::Missing { what, hint }, Some((wanted, way))) => {
                assert_eq!(what, wanted, "{name}");
                assert!(hint.contains(way), "{name}: {hint}");
                let error = manifest.command(machine, &values("/w".into())).unwrap_err().to_string();
                assert!(error.contains(wanted), "{error}");
            }
            (other, _) => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn sweeps_are_of_pools() {
    for manifest in manifests() {
        assert_eq!(manifest.workers.is_empty(), !manifest.uses(Placeholder::Threads), "{}", manifest.name);
    }
}

/// The programs themselves, as far as they are here: they are other people's and few machines have them all. Those in Python packages
/// need a virtual environment: `CONTENDERS_VENV=/abs/venv cargo test -p benches --test it contenders -- --nocapture`.
#[test]
fn every_one_that_is_here_answers_waits_and_stops_quietly() {
    let machine = Machine::here(std::env::var_os("CONTENDERS_VENV").map(PathBuf::from));
    let wait = Duration::from_millis(200);
    // This test is not the program that serves the floor.
    for manifest in manifests().into_iter().filter(|one| !one.uses(Placeholder::Compare)) {
        let name = manifest.name.clone();
        if let Availability::Missing { what, hint } = manifest.availability(&machine) {
            eprintln!("skipped: {name} needs {what}: {hint}");
            continue;
        }
        let waits = manifest.uses(Placeholder::IoWaitMs);
        let version = manifest.version_command(&machine).unwrap().unwrap();
        let said = Command::new(version.program).args(version.args).output().unwrap();
        assert!(said.status.success() && said.stdout.len() + said.stderr.len() > 0, "{name}: {said:?}");
        let mut contender = Started::new(manifest, &machine, wait).unwrap();
        let response = contender.wait_until_answers(PATIENCE).unwrap_or_else(|error| {
            panic!("{name}: {error}");
        });
        assert_eq!(response.body, contender.good_body(), "{name}");
        assert_eq!(response.field("content-type"), Some("text/plain; charset=utf-8"), "{name}");
        let start = Instant::now();
        Client::connect(contender.addr).unwrap().get("/World").unwrap();
        assert!(!waits || start.elapsed() >= wait, "{name} answered after {:?}", start.elapsed());
        contender.signal(Signal::SIGTERM);
        let status = contender.child.wait().unwrap();
        assert!(status.success(), "{name}: {status}");
        assert_eq!((contender.stdout(), contender.stderr()), (String::new(), String::new()), "{name}");
    }
}
