//! The results that are committed: whatever this program can read is what it would render again.

use std::path::Path;
use std::process::Command;

use benches::store::{is_readable, list_runs};

use crate::servers;

#[test]
fn committed_pages_are_what_their_records_give() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("results");
    assert_rendered(&results);
    assert_rendered(&results.join("with-guests"));
}

fn assert_rendered(results: &Path) {
    for id in list_runs(results).unwrap() {
        // Runs of an earlier schema keep the pages that they were rendered with.
        if !is_readable(&results.join(&id)) {
            assert!(results.join(&id).join("README.md").is_file(), "{id} has no page");
            continue;
        }
        let output = Command::new(servers::COMPARE)
            .args(["report", &id, "--check", "--results"])
            .arg(results)
            .output()
            .unwrap();
        assert!(output.status.success(), "{id}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
