//! The JSON Schema of the record: the committed one is the program's, and real records are as it says.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{loadgen, transcript};
use crate::server::{Reply, Server, Then};

fn committed() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/run.schema.json");
    fs::read_to_string(path).expect("the schema is committed")
}

#[test]
fn the_committed_schema_is_that_of_the_record() {
    let output = loadgen(&["schema"]).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(0));
    assert!(
        committed() == String::from_utf8_lossy(&output.stdout),
        "the record has changed; run: cargo run -p loadgen -- schema -o loadgen/schema/run.schema.json"
    );
}

#[test]
fn it_goes_to_a_file_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("schema.json");
    let text = transcript(&["schema", "-o", &path.display().to_string()]);
    assert!(text.ends_with("schema.json\nexit code 0\n"), "{text}");
    assert_eq!(fs::read_to_string(path).expect("a file"), committed());
}

/// The schema without its tolerance for fields of later versions: what a record holds must be described.
fn strict(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(members) => {
            if members.contains_key("properties") {
                members.insert("additionalProperties".to_owned(), false.into());
            }
            members.values_mut().for_each(|member| *member = strict(member.take()));
        }
        Value::Array(members) => members.iter_mut().for_each(|member| *member = strict(member.take())),
        _ => {}
    }
    schema
}

fn record(args: &[&str]) -> Value {
    let server = Server::start(|seen| {
        if seen.request % 50 == 40 { Reply::greeting().cut(45).then(Then::Close) } else { Reply::greeting() }
    });
    let url = server.url();
    let output = loadgen(&[&[url.as_str(), "-c", "4", "--output-format", "json"], args].concat()).output();
    serde_json::from_slice(&output.expect("the binary runs").stdout).expect("a record")
}

#[test]
fn real_records_are_as_the_schema_says_and_wholly_described() {
    let schema: Value = serde_json::from_str(&committed()).expect("JSON");
    let tolerant = jsonschema::validator_for(&schema).expect("a schema");
    let strict = jsonschema::validator_for(&strict(schema)).expect("a schema");
    let open = ["--rate", "1000:2000", "-d", "500ms", "--timeseries"];
    for args in [&["-n", "300"][..], &open, &["-n", "20", "--no-validate", "--new-connections"]] {
        let mut record = record(args);
        for validator in [&tolerant, &strict] {
            let errors: Vec<_> = validator.iter_errors(&record).map(|error| format!("{error:#}")).collect();
            assert!(errors.is_empty(), "{args:?}: {errors:#?}");
        }
        record["of_a_later_version"] = 1.into();
        assert!(tolerant.is_valid(&record) && !strict.is_valid(&record));
    }
}

#[test]
fn what_is_no_record_is_refused() {
    let schema: Value = serde_json::from_str(&committed()).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let good = record(&["-n", "20"]);
    let changes: [fn(&mut Value); 5] = [
        |record| record["requests"]["ok"] = (-1).into(),
        |record| record["duration_s"] = Value::Null,
        |record| record["requests"]["errors"]["act-of-god"] = 1.into(),
        |record| record["verdict"]["status"] = "fine".into(),
        |record| drop(record["latency"]["uncorrected"].as_object_mut().expect("an object").remove("p99_ns")),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut bad = good.clone();
        change(&mut bad);
        assert!(!schema.is_valid(&bad), "change {index}");
    }
}
