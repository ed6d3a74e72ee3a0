//! Manifests as they are written, wrong and right.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;

const EXPERIMENTS: [&str; 3] = [HELLO, WAITING, "slow-clients"];

const GOOD: &str = r#"name = "mine"
model = "async"
command = ["mine", "--addr", "{addr}"]
ready = "connect"
"#;

fn parse(source: &str) -> Result<Manifest, ManifestError> {
    let path = Path::new("contenders/mine.toml");
    check::manifest(source, path, Path::new("/here").join(path), &EXPERIMENTS)
}

/// [`GOOD`] with something else in place of `old`, or with one more line when `old` is empty.
fn with(old: &str, new: &str) -> String {
    if old.is_empty() {
        return format!("{GOOD}{new}\n");
    }
    assert!(GOOD.contains(old), "{old}");
    GOOD.replace(old, new)
}

#[test]
fn what_is_not_said_has_its_default() {
    let manifest = parse(GOOD).unwrap();
    assert_eq!((manifest.name.as_str(), manifest.model), ("mine", Some(Model::Async)));
    assert_eq!((manifest.path.as_str(), manifest.expect_body.as_str()), ("/World", "Hello, World!"));
    assert_eq!((manifest.readiness, manifest.keeps_contract), (Readiness::Connect, false));
    assert_eq!((manifest.needs, manifest.workers), (Needs::default(), vec![]));
    assert_eq!(manifest.experiments, [HELLO]);
    assert_eq!(manifest.file, Path::new("/here/contenders/mine.toml"));
}

#[test]
fn one_that_can_wait_takes_the_waiting_experiment() {
    let waits = parse(&with("\"{addr}\"", "\"{addr}\", \"{io_wait_ms}\"")).unwrap();
    assert_eq!(waits.experiments, [HELLO, WAITING]);
    let env = parse(&with("", "env = { WAIT = \"{io_wait_ms}\" }\nexperiments = [\"waiting\"]")).unwrap();
    assert_eq!(env.experiments, [WAITING]);
}

#[test]
fn what_is_said_is_kept() {
    let manifest = parse(&with(
        "model = \"async\"",
        r#"model = "other"
language = "Go"
notes = ["It closes."]
path = "/hello?x=1"
expect_body = "héllo"
keeps_contract = true
experiments = ["slow-clients", "hello"]
workers = [64, 8]
env = { THREADS = "{threads}" }
needs = { programs = ["perl"], python = ["flask"], hint = "get it" }"#,
    ))
    .unwrap();
    assert_eq!((manifest.model, manifest.keeps_contract), (None, true));
    assert_eq!((manifest.path.as_str(), manifest.expect_body.as_str()), ("/hello?x=1", "héllo"));
    assert_eq!(
        (manifest.language.as_deref(), manifest.notes.as_slice()),
        (Some("Go"), &["It closes.".to_owned()][..])
    );
    assert_eq!(manifest.experiments, ["slow-clients", "hello"]);
    assert_eq!(manifest.workers.iter().map(|number| number.get()).collect::<Vec<_>>(), [64, 8]);
    assert_eq!(manifest.needs.programs, ["perl"]);
    assert_eq!(manifest.needs.python, ["flask"]);
    assert_eq!(manifest.needs.hint.as_deref(), Some("get it"));
}

#[test]
fn every_mistake_is_told_with_its_place_and_what_to_write() {
    let mistakes = [
        ("not TOML", with("model = \"async\"", "model = async")),
        ("a field left out", with("model = \"async\"\n", "")),
        ("a field misspelt", with("command =", "comand =")),
        ("a field of something else", with("", "colour = \"red\"")),
        ("a field of needs misspelt", with("", "[needs]\nprogramms = [\"perl\"]")),
        ("a file without its path", with("", "[[files]]\ntemplate = \"x\"")),
        ("a model misspelt", with("\"async\"", "\"asinc\"")),
        ("no such readiness", with("\"connect\"", "\"sleep 3\"")),
        ("a command for a shell", with("[\"mine\", \"--addr\", \"{addr}\"]", "\"mine --addr {addr}\"")),
        ("no command", with("[\"mine\", \"--addr\", \"{addr}\"]", "[]")),
        ("a path from nowhere", with("[\"mine\"", "[\"./bin/mine\"")),
        ("a placeholder misspelt", with("{addr}", "{adr}")),
        ("a placeholder of something else, after an escape", with("\"{addr}\"", "\"\\t\", \"\\\"{colour}\"")),
        ("an unknown placeholder in env", with("", "env = { A = \"{prot}\" }")),
        ("nowhere to listen", with("{addr}", "8080")),
        ("a program that is not there yet", with("\"mine\",", "\"{work_dir}/mine\",")),
        ("a version of one trial", with("", "version = [\"mine\", \"--port\", \"{port}\"]")),
        ("a name for nobody", with("\"mine\"\nmodel", "\"My Server\"\nmodel")),
        ("a path without a slash", with("", "path = \"World\"")),
        ("a path with a space", with("", "path = \"/Wor ld\"")),
        ("workers for nobody", with("", "workers = [1, 8]")),
        ("workers that nobody counts", with("\"{addr}\"]", "\"{addr}\", \"{threads}\"]")),
        ("a note without a word", with("", "notes = [\"It closes.\", \" \"]")),
        ("a language without a name", with("", "language = \"\"")),
        ("no workers", with("\"{addr}\"]", "\"{addr}\", \"{threads}\"]\nworkers = []")),
        ("the same workers twice", with("\"{addr}\"]", "\"{addr}\", \"{threads}\"]\nworkers = [8, 8]")),
        ("zero workers", with("\"{addr}\"]", "\"{addr}\", \"{threads}\"]\nworkers = [0]")),
        ("no such experiment", with("", "experiments = [\"hello\", \"slow-client\"]")),
        ("an experiment twice", with("", "experiments = [\"hello\", \"hello\"]")),
        ("a wait that nobody waits", with("", "experiments = [\"waiting\"]")),
        ("a file outside", with("", "[[files]]\ntemplate = \"x\"\npath = \"../x\"")),
        ("a template that is not there", with("", "[[files]]\ntemplate = \"no/such\"\npath = \"x\"")),
    ];
    let mut page = String::new();
    for (title, source) in mistakes {
        let error = parse(&source).expect_err(title);
        writeln!(page, "## {title}\n{error}\n").unwrap();
    }
    insta::assert_snapshot!(page);
}

#[test]
fn a_mistake_in_a_template_is_told_in_the_template() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.conf"), "ok {addr}\n  bad {wrokers}\n").unwrap();
    let path = folder.path().join("mine.toml");
    fs::write(&path, with("", "[[files]]\ntemplate = \"a.conf\"\npath = \"a.conf\"")).unwrap();
    let error = load(&path, &EXPERIMENTS).unwrap_err().to_string();
    assert!(error.contains("a.conf:2:7: {wrokers} is no placeholder;"), "{error}");
}

#[test]
fn a_folder_is_read_in_order_and_two_of_one_name_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (file, name) in [
        ("b.toml", "bee"),
        ("a.toml", "zed"),
        ("README.md", "no"),
        ("c.toml", "sea"),
        (".trial-x.toml", "bee"),
    ] {
        fs::write(folder.path().join(file), GOOD.replace("mine", name)).unwrap();
    }
    let names: Vec<String> =
        load_all(folder.path(), &EXPERIMENTS).unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["zed", "bee", "sea"]);

    fs::write(folder.path().join("d.toml"), GOOD.replace("mine", "bee")).unwrap();
    let error = load_all(folder.path(), &EXPERIMENTS).unwrap_err().to_string();
    assert!(error.contains("name = \"bee\"") && error.contains("b.toml and "), "{error}");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let error = load_all(Path::new("/no/such/folder"), &EXPERIMENTS).unwrap_err().to_string();
    assert!(error.starts_with("cannot read /no/such/folder: "), "{error}");
}

#[test]
fn programs_are_looked_for_and_without_a_hint_the_file_is_named() {
    let machine = Machine { path: "/usr/bin:/bin".into(), venv: None };
    let shell = with("[\"mine\"", "[\"sh\"");
    let table = [
        (shell.clone(), None),
        (format!("{shell}needs = {{ programs = [\"ls\", \"sh\"] }}\n"), None),
        (format!("{shell}needs = {{ programs = [\"sh\", \"no-such\"] }}\n"), Some("the program no-such")),
        (with("[\"mine\"", "[\"{manifest_dir}/mine\""), Some("the program /here/contenders/mine")),
        (with("[\"mine\"", "[\"{venv}/bin/mine\""), Some("a Python virtual environment")),
    ];
    for (source, missing) in table {
        match (parse(&source).unwrap().availability(&machine), missing) {
            (Availability::Available { program }, None) => assert!(program.ends_with("sh"), "{program:?}"),
            (Availability::Missing { what, hint }, Some(wanted)) => {
                assert_eq!(what, wanted);
                assert_eq!(hint, format!("install {wanted}, or correct /here/contenders/mine.toml"));
            }
            (other, _) => panic!("{source}{other:?}"),
        }
    }
}

#[test]
fn a_version_that_needs_what_is_missing_is_an_error_that_names_it() {
    let machine = Machine { path: "/usr/bin:/bin".into(), venv: None };
    for (version, missing) in [
        ("[\"no-such\"]", "the program no-such is missing: "),
        ("[\"sh\", \"{venv}\"]", "a Python virtual environment is missing: "),
    ] {
        let manifest = parse(&with("", &format!("version = {version}"))).unwrap();
        let error = manifest.version_command(&machine).unwrap_err().to_string();
        assert!(error.starts_with(missing), "{error}");
    }
    assert_eq!(parse(GOOD).unwrap().version_command(&machine), Ok(None));
}

proptest! {
    #[test]
    fn any_words_of_a_command_come_through_as_they_were(words in prop::collection::vec("[^{}\\p{Cc}]{0,12}", 0..6)) {
        // A JSON string without control characters is a TOML string too.
        let list: Vec<String> = words.iter().map(|word| serde_json::to_string(word).unwrap()).collect();
        let source = with("\"{addr}\"]", &format!("\"{{addr}}\", {}]", list.join(", ")));
        let manifest = parse(&source).unwrap();
        let texts: Vec<String> =
            manifest.command.iter().skip(3).map(|word| word.fill(&BTreeMap::new()).unwrap()).collect();
        prop_assert_eq!(texts, words);
    }

    #[test]
    fn no_text_panics_and_every_place_is_in_the_text(at in 0..GOOD.len(), junk in "\\PC{1,8}") {
        let source = format!("{}{junk}{}", &GOOD[..at], &GOOD[at..]);
        if let Err(ManifestError::Wrong { place, .. }) = parse(&source) {
            let lines: Vec<&str> = source.split('\n').collect();
            prop_assert!(place.line <= lines.len(), "{}", place);
            prop_assert!(place.column <= lines[place.line - 1].chars().count() + 1, "{}", place);
        }
    }
}
