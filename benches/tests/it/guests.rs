//! Contenders from manifests in a whole comparison: good ones are measured, bad ones are named and disturb nobody.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use benches::record::{Outcome, TrialRecord};
use benches::store::{list_runs, read_run};
use procfs::process::all_processes;

use crate::servers;

/// A variable of the runner's environment.
const INHERITED: &str = "TEST_OF_GUESTS";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/contenders/{name}.toml"))
}

/// The program, with the faulty one that cargo built beside the running test on its PATH.
fn compare_bare() -> Command {
    with_faulty(Command::new(servers::COMPARE))
}

/// The same, with short trials into `results`.
fn compare(results: &Path) -> Command {
    let mut command = with_faulty(servers::compare(results));
    command.args(["--experiment", "hello", "--blocks", "1", "--connections", "2"]);
    command
}

/// The faulty server on its PATH.
pub(crate) fn with_faulty(mut command: Command) -> Command {
    let test = env::current_exe().unwrap();
    let examples = test.ancestors().nth(2).unwrap().join("examples");
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = [examples].into_iter().chain(env::split_paths(&path).collect::<Vec<_>>());
    command.env("PATH", env::join_paths(folders).unwrap());
    command
}

fn trials(results: &Path) -> Vec<TrialRecord> {
    read_run(&results.join(&list_runs(results).unwrap()[0])).unwrap().1
}

#[test]
fn faulty_contenders_are_named_and_the_others_are_measured() {
    let results = tempfile::tempdir().unwrap();
    let mut command = compare(results.path());
    command.args(["--duration", "300ms", "--contender", "async/hyper"]);
    let faults = [
        ("crashes-at-once", "no configuration for"),
        ("answers-wrong-body", "its manifest says \"Hello, World!\""),
        ("daemonises", "put itself into the background"),
        ("ignores-sigterm", "did not stop within"),
        ("listens-elsewhere", "is that where it listens?"),
        ("says-no-ready-line", "printed no READY line"),
        ("another-answers", "another process answers at"),
        ("leaves", "ended under load (exit status: 0)"),
        ("widens-its-mask", "the server left its CPUs"),
    ];
    // With one CPU there is nothing to widen it to.
    let cpus = std::thread::available_parallelism().unwrap().get();
    let faults = &faults[..faults.len() - usize::from(cpus < 2)];
    // What a guest starts inherits it, and no other test has it.
    let mark = results.path().as_os_str();
    command.env(INHERITED, mark);
    for (name, _) in faults.iter().copied() {
        command.arg("--contender").arg(fixture(name));
    }
    let good = fixture("prints-a-megabyte");
    let output = command.arg("--contender").arg(&good).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let trials = trials(results.path());
    // The twin of ours makes two.
    assert_eq!(trials.len(), faults.len() + 3, "{stderr}");
    for trial in &trials {
        let name = trial.spec.cell.contender.as_str();
        match (&trial.outcome, faults.iter().find(|(fault, _)| *fault == name)) {
            (Outcome::Failed { reason }, Some((_, words))) => {
                assert!(reason.contains(words), "{name}: {reason}");
            }
            (Outcome::Measured(it), None) => assert!(it.load.requests.ok > 0, "{name}"),
            (outcome, _) => panic!("{name}: {outcome:?}"),
        }
    }
    let page = std::fs::read_to_string(results.path().join("README.md")).unwrap();
    let daemons: Vec<i32> = all_processes()
        .unwrap()
        .flatten()
        .filter(|one| {
            one.environ().is_ok_and(|all| all.get(OsStr::new(INHERITED)).is_some_and(|it| it == mark))
        })
        .map(|one| one.pid())
        .collect();
    assert_eq!(daemons, [0; 0], "whoever went into the background is ended");
    for (name, words) in faults.iter().copied() {
        assert!(page.contains(name) && page.contains(words), "{name} is not explained");
    }
}

#[test]
fn who_is_not_installed_is_skipped_with_the_way_to_get_it() {
    let results = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let nowhere = elsewhere.path().join("gone.toml");
    let text = "name = \"gone\"\nmodel = \"other\"\ncommand = [\"no-such-program\", \"{addr}\"]\nready = \"connect\"\n[needs]\nhint = \"install it from somewhere\"\n";
    std::fs::write(&nowhere, text).unwrap();
    let mut command = compare(results.path());
    command.args(["--duration", "100ms", "--contender", "async/hyper", "--with"]).arg(&nowhere);
    servers::ends_well(results.path(), &mut command);
    let page = std::fs::read_to_string(results.path().join("README.md")).unwrap();
    assert!(
        page.contains("gone: the program no-such-program is missing: install it from somewhere"),
        "{page}"
    );
}

#[test]
fn a_server_of_ones_own_is_added_tried_and_measured() {
    let folder = tempfile::tempdir().unwrap();
    let add = |more: &[&str]| {
        let mut command = compare_bare();
        command.arg("add").arg("--dir").arg(folder.path());
        command.args(["--name", "mine", "--model", "other", "--"]).args(more).output().unwrap()
    };
    let wrong = add(&["faulty", "wrong-body", "{addr}"]);
    let stderr = String::from_utf8_lossy(&wrong.stderr);
    assert_eq!(wrong.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("its manifest says \"Hello, World!\""), "{stderr}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is kept");

    let unsized_pool = add(&["faulty", "serves", "{addr}", "{threads}"]);
    assert!(
        String::from_utf8_lossy(&unsized_pool.stderr).contains("--workers"),
        "nobody answers its question"
    );
    let gone = add(&["./no-such-program", "{addr}"]);
    assert!(String::from_utf8_lossy(&gone.stderr).contains("there is no file ./no-such-program"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is kept");

    let good = add(&["faulty", "serves", "{addr}"]);
    let stdout = String::from_utf8_lossy(&good.stdout);
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    assert!(stdout.contains("answers GET /World") && stdout.contains("keeps_contract = false"), "{stdout}");
    let twice = add(&["faulty", "serves", "{addr}"]);
    assert!(String::from_utf8_lossy(&twice.stderr).contains("is there already"));

    let results = tempfile::tempdir().unwrap();
    let output = compare(results.path())
        .args(["--duration", "100ms", "--contender"])
        .arg(folder.path().join("mine.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let trials = trials(results.path());
    assert!(trials.iter().all(|trial| trial.spec.cell.contender == "mine"));
    let Outcome::Measured(it) = &trials[0].outcome else { panic!("{trials:?}") };
    assert!(it.command[0].ends_with("faulty") && it.command[1] == "serves", "{:?}", it.command);
    let page = std::fs::read_to_string(results.path().join("README.md")).unwrap();
    assert!(page.contains("| `mine` | unknown (its manifest has no version command) |"), "{page}");

    // What is measured is the server of the records, or nothing.
    let id = list_runs(results.path()).unwrap().remove(0);
    let resume = || {
        let mut command = with_faulty(servers::compare(results.path()));
        let output = command.args(["--resume", &id]).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert!(resume().0, "{}", resume().1);
    let manifest = folder.path().join("mine.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, format!("# Another one.\n{text}")).unwrap();
    let (resumed, stderr) = resume();
    assert!(!resumed && stderr.contains("mine.toml of mine is another one"), "{stderr}");
}

/// What the project's own program serves, so that it can always be measured.
#[test]
fn the_floor_of_the_machine_is_a_contender() {
    let results = tempfile::tempdir().unwrap();
    let mut command = compare(results.path());
    command.args(["--duration", "100ms", "--contender", "floor"]);
    servers::ends_well(results.path(), &mut command);
    let trials = trials(results.path());
    let Outcome::Measured(it) = &trials[0].outcome else { panic!("{trials:?}") };
    assert!(it.load.requests.ok > 0 && it.load.requests.failed() == 0, "{:?}", it.load.requests);
    let page = std::fs::read_to_string(results.path().join("README.md")).unwrap();
    assert!(page.contains("`floor`: The floor of the machine"), "{page}");
}

/// It lives and does not answer: there are figures, and the gates say that they are nothing.
#[test]
fn a_contender_that_falls_deaf_is_measured_and_not_believed() {
    let results = tempfile::tempdir().unwrap();
    let mut command = compare(results.path());
    command
        .args(["--duration", "1s", "--contender", "async/hyper", "--contender"])
        .arg(fixture("falls-deaf"));
    let output = command.output().unwrap();
    let trials = trials(results.path());
    let deaf = trials.iter().find(|trial| trial.spec.cell.contender == "falls-deaf").unwrap();
    match &deaf.outcome {
        Outcome::Measured(it) => assert!(!it.is_valid(), "{:?}", it.gates),
        Outcome::Failed { reason } => panic!("{reason}: {}", String::from_utf8_lossy(&output.stderr)),
    }
    let page = std::fs::read_to_string(results.path().join("README.md")).unwrap();
    assert!(page.contains("**no** (0/1)"), "{page}");
}
