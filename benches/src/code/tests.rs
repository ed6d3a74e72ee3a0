//! What the workspace's own servers are made of, and how it is said.

use super::*;
use crate::binaries::Source;

fn asked(packages: &[&str]) -> Asked {
    Asked { packages: packages.iter().map(|&one| one.to_owned()).collect(), builds: false }
}

/// A folder with files of known size in place of binaries.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["sync-server", "threaded-server", "async-server"] {
        std::fs::write(folder.path().join(name), [0; 1_000]).unwrap();
    }
    folder
}

#[test]
fn the_workspace_is_measured_without_building_anything() {
    let folder = folder();
    let asked = asked(&["sync-server", "threaded-server", "async-server"]);
    let binaries = Source::Folder(folder.path().to_owned());
    let code = Code::measure(&asked, &Source::workspace(), &binaries).unwrap();
    let [sync, threaded, tasks] = code.servers.as_slice() else { panic!("{code:?}") };
    assert_eq!(sync.shares, ["blocking", "contract"]);
    assert_eq!(threaded.shares, ["blocking", "contract"]);
    assert_eq!(tasks.shares, ["contract"]);
    let shared: Vec<&str> = code.shared.iter().map(|one| one.package.as_str()).collect();
    assert_eq!(shared, ["blocking", "contract"]);
    for one in &code.servers {
        assert_eq!(one.binary_bytes, 1_000);
        assert!(one.stripped_bytes.is_none() && one.stripped_missing.is_some(), "zeros are no program");
        assert!(one.build.is_none() && one.build_missing.is_some());
        assert!(one.own.counts.lines > 50 && code.lines_with_shared(one) > one.own.counts.lines);
        assert!(one.dependencies > 20 && one.procedural_macros < one.dependencies, "{one:?}");
    }
    // No blocking server has a word of async; the async one has no other way.
    assert_eq!((sync.own.counts.awaits, threaded.own.counts.awaits), (0, 0));
    assert!(tasks.own.counts.awaits > 0 && tasks.own.counts.asyncs > 0);
    // The test kit of the contract is a feature that no server turns on: it is as long again as all the rest.
    let contract = &code.shared[1].counts;
    let whole = source::count_crate(
        &Source::workspace().join("contract"),
        &["http".to_owned(), "conformance".to_owned()],
    );
    assert!(whole.unwrap().lines as f64 > 1.5 * contract.lines as f64);
}

#[test]
fn what_is_not_asked_for_or_not_there_has_a_reason_and_a_missing_binary_is_an_error() {
    let workspace = Source::workspace();
    let empty = tempfile::tempdir().unwrap();
    let of = |asked: &Asked, workspace: &Path, folder: &Path| {
        for_record(asked, workspace, &Source::Folder(folder.to_owned()))
    };
    let (code, reason) = of(&asked(&[]), &workspace, empty.path()).unwrap();
    assert!(code.is_none() && reason.unwrap().contains("not asked"));
    let (code, reason) = of(&asked(&["sync-server"]), empty.path(), folder().path()).unwrap();
    assert!(code.is_none() && reason.unwrap().contains("sync-server"));
    let error = of(&asked(&["sync-server"]), &workspace, empty.path()).unwrap_err();
    assert!(error.to_string().contains("sync-server"), "{error}");
}

/// Two servers, one of which was built.
pub(crate) fn made_up() -> Code {
    let crate_of = |package: &str, lines| CrateCode {
        package: package.to_owned(),
        counts: Counts { files: 3, lines, asyncs: 4, awaits: 5, shared: 6, polling: 7 },
    };
    let server = |package: &str, lines| ServerCode {
        own: crate_of(package, lines),
        shares: vec!["contract".to_owned()],
        dependencies: 90,
        procedural_macros: 8,
        binary_bytes: 5 << 20,
        stripped_bytes: Some(2 << 20),
        stripped_missing: None,
        build: Some(Build { wall_s: 41.26, cpu_s: 70.0 }),
        build_missing: None,
    };
    let unbuilt = ServerCode {
        stripped_bytes: None,
        stripped_missing: Some("strip failed".to_owned()),
        build: None,
        build_missing: Some("nobody asked".to_owned()),
        ..server("async-server", 1_300)
    };
    Code { servers: vec![server("sync-server", 150), unbuilt], shared: vec![crate_of("contract", 900)] }
}

#[test]
fn a_record_is_read_back_as_it_was_written() {
    let text = serde_json::to_string(&made_up()).unwrap();
    assert_eq!(serde_json::from_str::<Code>(&text).unwrap(), made_up(), "{text}");
}
