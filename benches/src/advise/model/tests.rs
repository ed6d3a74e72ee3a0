//! What is learnt from a made-up machine whose truth is known.

use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::advise::made_up::{self, TAIL, true_memory, true_rate};
use crate::gates::{Checked, Gate};
use crate::matrix::Profile;
use crate::record::Outcome;
use crate::testing::not_valid;

static STANDARD: LazyLock<Model> = LazyLock::new(|| {
    let (run, trials) = made_up::run(Profile::Standard, 1.0);
    Model::fit(&run, &trials).unwrap()
});

fn called(name: &str) -> Contender {
    Contender::called(name, &[]).unwrap()
}

fn place(contender: &Contender, wait_us: u64, cpu_us: u64, clients: usize) -> Place {
    Place::of(contender, Duration::from_micros(wait_us), Duration::from_micros(cpu_us), clients)
}

fn expect(model: &Model, name: &str, wait_us: u64, cpu_us: u64, clients: usize) -> Expected {
    let contender = called(name);
    model.expect(&contender, &place(&contender, wait_us, cpu_us, clients)).unwrap()
}

#[track_caller]
fn near(got: f64, want: f64, share: f64, what: &str) {
    assert!((got / want - 1.0).abs() <= share, "{what}: {got}, not {want}");
}

#[test]
fn a_machine_that_keeps_the_formula_is_understood_where_it_was_measured_and_elsewhere() {
    for (name, wait_us, cpu_us, clients) in [
        ("async/hyper", 10_000, 0, 64),
        ("async/hyper", 1_000, 0, 1_024),
        ("async/axum", 0, 0, 256),
        ("async/axum", 20_000, 0, 512),
        ("async/hyper", 5_000, 300, 700),
        ("threaded/hyper@64", 10_000, 0, 1_024),
        ("threaded/hyper@128", 20_000, 100, 2_000),
        ("threaded/hyper@512", 3_000, 0, 512),
        ("threaded/hyper@300", 10_000, 0, 600),
        ("sync/hyper", 10_000, 0, 64),
        ("sync/hyper", 0, 500, 64),
    ] {
        let contender = called(name);
        let place = place(&contender, wait_us, cpu_us, clients);
        let expected = STANDARD.expect(&contender, &place).unwrap();
        let what = format!("{name}, {wait_us} µs of wait, {cpu_us} µs of work, {clients} clients");
        // The CPU time of sync/hyper under waits is the pilot's, and right here.
        near(expected.rate_per_sec, true_rate(&contender, &place), 0.02, &what);
        near(expected.mean_s, clients as f64 / expected.rate_per_sec, 1e-9, &what);
        near(expected.p99_s, expected.mean_s * TAIL, 0.01, &what);
        near(expected.memory_bytes.unwrap(), true_memory(&contender, clients), 0.01, &what);
    }
}

#[test]
fn what_the_formula_was_off_by_is_expected_again() {
    let (run, trials) = made_up::run(Profile::Standard, 0.8);
    let model = Model::fit(&run, &trials).unwrap();
    for (name, clients) in [("async/hyper", 64), ("threaded/hyper@64", 512), ("sync/hyper", 32)] {
        let contender = called(name);
        let truth = true_rate(&contender, &place(&contender, 20_000, 0, clients));
        near(expect(&model, name, 20_000, 0, clients).rate_per_sec, truth * 0.8, 0.03, name);
    }
}

#[test]
fn the_limit_is_named() {
    for (name, wait_us, clients, bound) in [
        ("async/hyper", 10_000, 64, Bound::Concurrency),
        ("async/hyper", 1_000, 1_024, Bound::Cpu),
        ("async/hyper", 0, 64, Bound::Cpu),
        ("threaded/hyper@8", 10_000, 1_024, Bound::Concurrency),
        ("threaded/hyper@1024", 10_000, 1_024, Bound::Cpu),
    ] {
        assert_eq!(expect(&STANDARD, name, wait_us, 0, clients).bound, bound, "{name}, {wait_us}, {clients}");
    }
}

#[test]
fn what_was_not_measured_is_said() {
    let doubts = |model: &Model, name, wait_us, clients| expect(model, name, wait_us, 0, clients).doubts;
    assert_eq!(doubts(&STANDARD, "async/hyper", 10_000, 512), [""; 0]);
    for (name, wait_us, clients, words) in [
        ("async/hyper", 10_000, 2_000, "2000 clients, measured 64 to 1024"),
        ("async/hyper", 10_000, 16, "16 clients"),
        ("async/hyper", 200_000, 512, "200 ms of wait, measured 1 to 100"),
        ("threaded/hyper@2048", 10_000, 512, "2048 workers, measured 8 to 1024"),
    ] {
        let doubts = doubts(&STANDARD, name, wait_us, clients);
        assert!(doubts.len() == 1 && doubts[0].contains(words), "{name}: {doubts:?}");
    }
    let worked = expect(&STANDARD, "async/hyper", 10_000, 300, 512).doubts;
    assert!(worked.iter().any(|doubt| doubt.contains("300 µs of CPU work, measured 0")), "{worked:?}");
    // The quick profile has one wait, which keeps no CPU busy, and no ladder.
    let (run, trials) = made_up::run(Profile::Quick, 1.0);
    let quick = Model::fit(&run, &trials).unwrap();
    let expected = expect(&quick, "async/hyper", 10_000, 0, 640);
    assert!(expected.doubts.iter().any(|doubt| doubt.contains("kept its CPU busy")), "{expected:?}");
    assert_eq!(expected.memory_bytes, None);
    assert!(expect(&quick, "async/hyper", 10_000, 0, 64).memory_bytes.is_some());
}

#[test]
fn a_tail_that_nobody_measured_is_by_formula_and_a_full_generator_is_said() {
    let mut model = STANDARD.clone();
    for cell in &mut model.observed {
        cell.tail = None;
        cell.client_bound = cell.place.clients == 256;
    }
    let expected = expect(&model, "async/hyper", 10_000, 0, 256);
    near(expected.p99_s / expected.mean_s, 1.0 + Z99 / 16.0, 1e-9, "formula");
    assert!(expected.doubts.iter().any(|doubt| doubt.contains("by formula")), "{expected:?}");
    assert!(expected.doubts.iter().any(|doubt| doubt.contains("load generator")), "{expected:?}");
}

#[test]
fn cells_that_may_not_be_believed_teach_nothing() {
    let (run, mut trials) = made_up::run(Profile::Quick, 1.0);
    for trial in &mut trials {
        trial.outcome = Outcome::Measured(Box::new(not_valid(1_000.0)));
    }
    assert!(Model::fit(&run, &trials).is_none());
    assert!(Model::fit(&run, &[]).is_none());
    let stranger = Contender { base: "other/go".to_owned(), ..called("async/hyper") };
    assert!(STANDARD.expect(&stranger, &place(&stranger, 10_000, 0, 64)).is_none());
}

#[test]
fn a_pool_that_failed_by_its_own_fault_is_expected_to_fail_there_and_nearby() {
    let (run, trials) = made_up::run(Profile::Standard, 1.0);
    let with = |gates: &[Gate]| {
        let mut trials = trials.clone();
        for trial in trials.iter_mut().filter(|trial| trial.spec.cell.contender == "threaded/hyper@8") {
            let Outcome::Measured(it) = &mut trial.outcome else { panic!("all are measured") };
            it.gates.extend(gates.iter().map(|&gate| Checked {
                gate,
                passed: Some(false),
                reason: "9 of 100".to_owned(),
            }));
        }
        Model::fit(&run, &trials).unwrap()
    };
    let failing = with(&[Gate::Failures]);
    let fails = |model: &Model, name, clients| expect(model, name, 10_000, 0, clients).fails;
    let seen = fails(&failing, "threaded/hyper@8", 64).unwrap();
    assert_eq!(seen, "threaded/hyper@8 in waiting/wait=10ms/c=64, 2 of 2 trials: 9 of 100");
    assert!(fails(&failing, "threaded/hyper@10", 80).is_some(), "it is nearest to the one that failed");
    assert_eq!(fails(&failing, "threaded/hyper@64", 64), None, "that size was measured, and served");
    assert_eq!(fails(&failing, "async/hyper", 64), None, "another server");
    // Where the machine was at fault as often, nothing is known of the server.
    assert_eq!(fails(&with(&[Gate::Failures, Gate::Stolen]), "threaded/hyper@8", 64), None);
    assert_eq!(fails(&with(&[Gate::Others]), "threaded/hyper@8", 64), None);
}

#[test]
fn lines_between_points() {
    let points = || vec![(2.0, 30.0), (1.0, 10.0), (2.0, 10.0), (4.0, 40.0)];
    for (x, expected) in [(0.0, 10.0), (1.0, 10.0), (1.5, 15.0), (2.0, 20.0), (3.0, 30.0), (9.0, 40.0)] {
        near(interpolated(points(), x).unwrap(), expected, 1e-9, "line");
    }
    assert_eq!(interpolated(Vec::new(), 1.0), None);
    near(weighted(&[(0.0, 2.0), (5.0, 9.0)]).unwrap(), 2.0, 1e-3, "weights");
    near(weighted(&[(1.0, 2.0), (1.0, 4.0)]).unwrap(), 3.0, 1e-9, "weights");
    assert_eq!(weighted(&[]), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn more_clients_never_lower_what_is_expected_of_tasks_and_nobody_breaks_a_ceiling(
        wait_us in 1_000..100_000_u64, cpu_us in 0..500_u64, clients in 16..2_000_usize, more in 1..500_usize,
    ) {
        let few = expect(&STANDARD, "async/hyper", wait_us, cpu_us, clients);
        let many = expect(&STANDARD, "async/hyper", wait_us, cpu_us, clients + more);
        // The machine keeps the formula to the precision of its histograms and of counted answers.
        prop_assert!(many.rate_per_sec >= few.rate_per_sec * 0.99, "{few:?} {many:?}");
        let contender = called("async/hyper");
        let place = place(&contender, wait_us, cpu_us, clients);
        let demand_s = made_up::service_s(&contender) + place.burn_s;
        let ceiling = (clients as f64 / (place.wait_s + demand_s)).min(1.0 / demand_s);
        prop_assert!(few.rate_per_sec <= ceiling * 1.01, "{few:?}, ceiling {ceiling}");
    }
}
