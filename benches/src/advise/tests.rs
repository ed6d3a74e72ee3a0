//! From a folder of made-up runs to what a reader sees.

use super::*;
use crate::matrix::Profile;
use crate::record::TrialRecord;
use crate::store::Store;

fn keep(results: &Path, (run, trials): &(ComparisonRecord, Vec<TrialRecord>)) {
    let mut folder = Store::open(results).unwrap().begin(run).unwrap();
    for trial in trials {
        folder.append(trial).unwrap();
    }
}

fn workload(clients: usize, slo_ms: u64) -> Workload {
    Workload {
        io_wait: Duration::from_millis(20),
        cpu_work: Duration::from_micros(100),
        clients,
        slo_p99: Duration::from_millis(slo_ms),
    }
}

#[test]
fn the_newest_run_that_teaches_something_is_learnt_from() {
    let results = tempfile::tempdir().unwrap();
    let path = results.path();
    let missing = learn(path, None).unwrap_err().to_string();
    assert!(missing.contains("cargo compare --profile standard"), "{missing}");
    let missing = learn(&path.join("none"), None).unwrap_err().to_string();
    assert!(missing.contains("cargo compare --profile standard"), "{missing}");

    let (run, trials) = made_up::run(Profile::Quick, 1.0);
    let with_id = |id: &str| ComparisonRecord { id: id.to_owned(), ..run.clone() };
    keep(path, &(with_id("1"), trials.clone()));
    keep(path, &(with_id("2"), trials.clone()));
    keep(path, &(with_id("3"), Vec::new()));
    assert_eq!(learn(path, None).unwrap().model.run, "2");
    assert_eq!(learn(path, Some("1")).unwrap().model.run, "1");
    let nothing = learn(path, Some("3")).unwrap_err().to_string();
    assert!(nothing.starts_with('3') && nothing.contains("no valid closed-loop cell"), "{nothing}");
    assert!(learn(path, Some("4")).unwrap_err().to_string().contains("cannot read"));
}

#[test]
fn a_run_that_has_what_is_needed_is_learnt_from_before_a_newer_one_that_lacks_it() {
    let results = tempfile::tempdir().unwrap();
    for (id, profile) in [("1", Profile::Standard), ("2", Profile::Quick)] {
        let (run, trials) = made_up::run(profile, 1.0);
        keep(results.path(), &(ComparisonRecord { id: id.to_owned(), ..run }, trials));
    }
    let all = learn(results.path(), None).unwrap();
    let said = all.doubts.join("\n");
    assert_eq!(all.model.run, "1");
    assert!(said.contains("the newer run 2 is not learnt from: it lacks users, cpu-bound"), "{said}");
    assert!(
        said.contains("another machine (CPU A CPU, here ") && said.contains("kernel 6.1, here "),
        "{said}"
    );

    let mut quick = learn(results.path(), Some("2")).unwrap();
    assert!(quick.doubts[0].starts_with("it lacks users, cpu-bound; `cargo compare"), "{:?}", quick.doubts);
    quick.run.provenance = crate::provenance::Provenance::collect(&crate::binaries::Source::workspace());
    assert_eq!(doubts(&quick.run).len(), 1, "its own machine is no doubt: {:?}", doubts(&quick.run));
}

#[test]
fn advice_as_a_reader_sees_it() {
    let (run, trials) = made_up::run(Profile::Standard, 1.0);
    let model = Model::fit(&run, &trials).unwrap();
    let doubts = vec!["it was measured on another machine".to_owned()];
    let advice =
        |clients, slo_ms| Advice { doubts: doubts.clone(), ..Advice::of(&model, &workload(clients, slo_ms)) };
    let mut verified = advice(256, 60);
    verified.verification = Some(verify::Verification {
        verdict: Verdict::Wrong,
        reasons: vec!["the rate is more than 15 % off".to_owned()],
        valid_trials: 3,
        trials: 3,
        rate_per_sec: Some(5_000.0),
        rate_off: Some(-0.4),
        requests: 15_000,
        late: 30,
        memory_bytes: Some(7e6),
    });
    insta::assert_snapshot!(
        [render::text(&verified), render::text(&advice(2_000, 280)), render::text(&advice(2_000, 20))]
            .join("\n-----\n")
    );
}

#[test]
fn advice_for_programs_has_units_in_its_names_and_null_where_nothing_is_known() {
    let (run, trials) = made_up::run(Profile::Quick, 1.0);
    let model = Model::fit(&run, &trials).unwrap();
    let advice = Advice::of(&model, &workload(500, 200));
    let said = render::text(&advice);
    assert!(said.contains("memory is not known") && !said.contains("least memory"), "{said}");
    let advice = serde_json::to_value(Advice::of(&model, &workload(500, 60))).unwrap();
    assert_eq!(advice["workload"]["slo_p99_s"], 0.06);
    assert_eq!(advice["verification"], serde_json::Value::Null);
    let tasks = advice["candidates"].as_array().unwrap().last().unwrap();
    assert_eq!(tasks["contender"], "async/hyper");
    assert!(tasks["rate_per_sec"].is_f64() && tasks["p99_s"].is_f64() && tasks["memory_bytes"].is_null());
}
