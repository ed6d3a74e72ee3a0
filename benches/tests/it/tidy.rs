//! The house rules that a machine can check: arrows between crates, file sizes, module docs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Past this a file wants to be two.
const LINES: usize = 300;

/// Which workspace crates a crate may name, outside tests.
const ARROWS: &[(&str, &[&str])] = &[
    ("contract", &[]),
    ("blocking", &["contract"]),
    ("sync-server", &["blocking", "contract"]),
    ("threaded-server", &["blocking", "contract"]),
    ("async-server", &["contract"]),
    ("loadgen", &[]),
    ("benches", &["contract", "loadgen"]),
];

/// Crates that must not name a package: they would no longer be what they are compared as.
const BANNED: &[(&str, &[&str])] = &[
    ("contract", &["tokio", "hyper", "axum", "tiny_http", "rayon"]),
    ("blocking", &["tokio", "axum"]),
    ("sync-server", &["tokio", "axum", "rayon"]),
    ("threaded-server", &["tokio", "axum"]),
    ("async-server", &["tiny_http", "rayon"]),
    ("loadgen", &["axum", "tiny_http"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The packages that each workspace crate names, outside its tests.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let named = package["dependencies"].as_array().unwrap().iter();
            let normal = named.filter(|one| one["kind"].is_null()).map(|one| text(&one["name"]));
            (text(&package["name"]), normal.collect())
        })
        .collect()
}

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), &mut found);
    assert!(found.len() > 50, "the walk has lost its way: {} files", found.len());
    found.into_iter().map(|path| (path.clone(), fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn arrows_between_crates() {
    let dependencies = dependencies();
    assert_eq!(
        dependencies.len(),
        ARROWS.len(),
        "a crate without a place in the house: {:?}",
        dependencies.keys()
    );
    for (from, allowed) in ARROWS {
        let ours = dependencies[*from].iter().filter(|to| dependencies.contains_key(*to));
        let wrong: Vec<_> = ours.filter(|to| !allowed.contains(&to.as_str())).collect();
        assert!(wrong.is_empty(), "{from} may not depend on {wrong:?}");
    }
}

#[test]
fn packages_that_would_blur_the_comparison() {
    let dependencies = dependencies();
    for (from, banned) in BANNED {
        let wrong: Vec<_> = dependencies[*from].iter().filter(|to| banned.contains(&to.as_str())).collect();
        assert!(wrong.is_empty(), "{from} may not depend on {wrong:?}");
    }
}

#[test]
fn every_file_says_what_it_is_and_is_not_too_long() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let path = path.strip_prefix(root()).unwrap().display().to_string();
        if !text.starts_with("//!") {
            wrong.push(format!("{path} does not open with //!"));
        }
        let lines = text.lines().count();
        if lines > LINES {
            wrong.push(format!("{path} has {lines} lines"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_crate_takes_the_workspace_lints_and_no_lib_or_bin_is_a_bench() {
    for (name, _) in ARROWS {
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name} has lints of its own");
        let targets = manifest.matches("[lib]").count() + manifest.matches("[[bin]]").count();
        assert_eq!(
            manifest.matches("bench = false").count(),
            targets,
            "{name}: `--save-baseline` would die there"
        );
    }
}
