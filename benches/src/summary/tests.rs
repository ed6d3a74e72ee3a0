//! Rows and comparisons from made-up trials.

use super::*;
use crate::contender::Model;
use crate::order::TrialSpec;
use crate::record::Outcome;
use crate::stats::Comparison;
use crate::testing::{
    add_guests, client_bound, measured, measurement, not_valid, planned, run, run_of, trials, trials_of,
};

/// A little noise that differs from cell to cell and from block to block.
fn noise(spec: &TrialSpec) -> f64 {
    1.0 + 0.002 * (spec.position * 7 % 5) as f64
}

fn hello(summary: &Summary) -> &Table {
    summary.tables_of(Experiment::Hello).next().unwrap()
}

fn compared<'a>(table: &'a Table, subject: &str, over: &str) -> &'a Compared {
    table.compared.iter().find(|one| one.subject == subject && one.over == over).unwrap()
}

#[test]
fn spreads() {
    assert_eq!(Spread::of(vec![]), None);
    assert_eq!(Spread::of(vec![3.0, 1.0, 2.0]), Some(Spread { median: 2.0, min: 1.0, max: 3.0 }));
    assert_eq!(Spread::of(vec![4.0, 1.0]), Some(Spread { median: 2.5, min: 1.0, max: 4.0 }));
}

#[test]
fn ratios_are_taken_within_blocks() {
    // The machine is ten times faster in the second block; async is twice as fast as sync in each.
    let trials = trials(|spec| {
        let machine = if spec.block == 1 { 10.0 } else { 1.0 };
        let own = if spec.cell.contender == "async/axum" { 2_000.0 } else { 1_000.0 };
        measured(measurement(own * machine * noise(spec)))
    });
    let summary = Summary::of(&run(), &trials);
    let ratio = compared(hello(&summary), "async/axum", "sync/tiny-http").decided;
    assert!((ratio.ratio.estimate / 2.0 - 1.0).abs() < 0.01, "{ratio:?}");
    assert_eq!(ratio.comparison, Comparison::Faster);
    let rate = hello(&summary).row("async/axum").unwrap().rate_per_sec.unwrap();
    assert!(rate.max > 9.0 * rate.median);
}

/// All five ratios are above 1, so that no resample holds it; of five values so uneven Student's t is less sure.
#[test]
fn a_second_opinion_stands_beside_each_ratio_and_the_seed_alone_draws_it() {
    let opinion = |leads: [f64; 5], seed| {
        let mut run = run_of(planned(5));
        run.config.seed = seed;
        let trials = trials_of(&run, |spec| {
            let lead = if spec.cell.contender == "async/axum" { leads[spec.block] } else { 1.0 };
            measured(measurement(10_000.0 * lead))
        });
        compared(hello(&Summary::of(&run, &trials)), "async/axum", "sync/tiny-http").clone()
    };
    let uneven = [1.001, 1.002, 1.1, 1.01, 1.003];
    let one = opinion(uneven, 1);
    // By NumPy: the median of the 15 Walsh averages of the logarithms.
    assert!((one.second.estimate - 1.005_992_047_682).abs() < 1e-9, "{one:?}");
    assert!(one.second.low >= 1.001 - 1e-9 && one.second.high <= 1.1 + 1e-9, "{one:?}");
    assert!(one.opinions_differ() && !one.decided.ratio.differs_from_one(), "{one:?}");
    assert_eq!(opinion(uneven, 1), one);
    assert_ne!(opinion(uneven, 2).second, one.second);
    assert!(!opinion([1.2, 1.21, 1.19, 1.2, 1.22], 1).opinions_differ());
}

#[test]
fn percentiles_are_of_all_requests_together_and_equal_those_of_the_stored_histograms() {
    let trials = trials(|spec| {
        measured(measurement(if spec.cell.contender == "sync/tiny-http" { 100.0 } else { 5_000.0 }))
    });
    let summary = Summary::of(&run(), &trials);
    // 3 blocks of 5,000 are enough for p99, 3 of 100 are not.
    let Percentile::Ns(p99) = hello(&summary).row("async/axum").unwrap().p99 else { panic!("it is there") };
    let Percentile::Missing(why) = &hello(&summary).row("sync/tiny-http").unwrap().p99 else {
        panic!("300 requests cannot tell")
    };
    assert!(why.contains("needs 10000 observations, has 300"), "{why}");
    let mine = trials.iter().filter(|trial| trial.spec.cell.contender == "async/axum");
    let mine = mine.filter(|trial| trial.spec.cell.setting == hello(&summary).setting);
    let mut all = loadgen::Samples::new();
    mine.filter_map(measured_in)
        .for_each(|one| all.merge(&loadgen::Samples::from_record(&one.load).unwrap()));
    assert_eq!(all.percentile(0.99), Ok(p99));
}

fn measured_in(trial: &TrialRecord) -> Option<&Measurement> {
    super::measured(trial)
}

#[test]
fn one_doubtful_trial_in_five_is_left_out_and_two_make_the_row_invalid() {
    for (doubtful, valid) in [(1, true), (2, false)] {
        let run = run_of(planned(5));
        let trials = trials_of(&run, |spec| {
            let doubted = spec.cell.contender == "async/axum" && spec.block < doubtful;
            measured(if doubted { not_valid(9_000.0) } else { measurement(3_000.0 * noise(spec)) })
        });
        let summary = Summary::of(&run, &trials);
        let row = hello(&summary).row("async/axum").unwrap();
        assert_eq!((row.is_valid(), row.valid, row.measured), (valid, 5 - doubtful, 5));
        assert_eq!(row.points.len(), if valid { 4 } else { 5 });
        assert_eq!(row.doubts.len(), 1);
        // A row that is not valid is not compared with anybody, and so never looks faster.
        let mentioned = hello(&summary).compared.iter().any(|one| one.subject == "async/axum");
        assert_eq!(mentioned, valid);
    }
}

#[test]
fn a_failed_trial_counts_against_its_row() {
    let trials = trials(|spec| match (spec.cell.contender.as_str(), spec.block) {
        ("async/axum", 1) => Outcome::Failed { reason: "it died".to_owned() },
        _ => measured(measurement(1_000.0)),
    });
    let summary = Summary::of(&run(), &trials);
    let row = hello(&summary).row("async/axum").unwrap();
    assert_eq!((row.measured, row.failures.as_slice()), (2, ["it died".to_owned()].as_slice()));
    assert!(!row.is_valid(), "two of three are fewer than four in five");
}

#[test]
fn a_generator_at_its_limit_in_most_trials_marks_the_row() {
    for (blocks, bound) in [(1, false), (2, true)] {
        let trials = trials(|spec| {
            let rate = 1_000.0 * noise(spec);
            measured(if spec.block < blocks { client_bound(rate) } else { measurement(rate) })
        });
        let summary = Summary::of(&run(), &trials);
        assert_eq!(hello(&summary).row("async/hyper").unwrap().is_client_bound(), bound);
    }
}

#[test]
fn the_twin_is_the_noise_floor_and_no_rival() {
    let trials = trials(|spec| {
        let waits = !spec.cell.setting.work.wait().is_zero();
        let twin = match (spec.cell.twin, waits) {
            (true, true) => 0.95,
            (true, false) => 1.02,
            (false, _) => 1.0,
        };
        measured(measurement(10_000.0 * twin * noise(spec)))
    });
    let summary = Summary::of(&run(), &trials);
    let [hello_noise, waiting_noise] = summary.noises.as_slice() else { panic!("{:?}", summary.noises) };
    for (noise, ratio) in [(hello_noise, 1.02), (waiting_noise, 0.95)] {
        assert_eq!(noise.contender, "async/hyper");
        assert!((noise.ratio.estimate - ratio).abs() < 0.01 && noise.blocks == 3, "{noise:?}");
    }
    assert_eq!(summary.noise.as_ref(), Some(waiting_noise), "the page shows the one that is further from 1");
    assert!(hello(&summary).compared.iter().all(|one| !one.subject.contains("again")));
}

/// A server of somebody's own is held against ours, whatever its model; and who else was measured turns no verdict between ours.
#[test]
fn guests_are_compared_with_ours_and_change_no_verdict_between_ours() {
    let trials_for = |run: &crate::record::ComparisonRecord| {
        trials_of(run, |spec| {
            let own: f64 = match spec.cell.contender.as_str() {
                "async/axum" => 1_100.0,
                "async/hyper" => 1_150.0,
                _ => 1_000.0,
            };
            // The same for the same server, whoever else is there: the place in the order is not.
            let scatter = (spec.block * 7 + spec.cell.contender.len()) % 5;
            measured(measurement(own * (1.0 + 0.012 * scatter as f64)))
        })
    };
    let alone = run_of(planned(5));
    let ours = Summary::of(&alone, &trials_for(&alone));
    for model in [Model::Sync, Model::Threaded, Model::Async, Model::Other] {
        let mut run = alone.clone();
        let names: Vec<String> = (0..20).map(|index| format!("guest-{index}")).collect();
        let guests: Vec<_> = names.iter().map(|name| (name.as_str(), model, None)).collect();
        add_guests(&mut run, &guests);
        let summary = Summary::of(&run, &trials_for(&run));
        for subject in ["async/hyper", "threaded/hyper@64"] {
            assert_eq!(compared(hello(&summary), subject, "guest-7").effect, Effect::Beside, "{model:?}");
        }
        let of_ours = |table: &Table| -> Vec<Compared> {
            table.compared.iter().filter(|one| one.effect != Effect::Beside).cloned().collect()
        };
        assert_eq!(of_ours(hello(&summary)), of_ours(hello(&ours)), "{model:?}");
    }
}

#[test]
fn predictions_stand_beside_what_came_out() {
    let summary = Summary::of(&run(), &trials(|_| measured(measurement(90.0))));
    let waiting = summary.tables_of(Experiment::Waiting).next().unwrap();
    let residual = waiting.row("sync/hyper").unwrap().residual().unwrap();
    // 1 / (10 ms + 20 µs) is 99.8.
    assert!((residual - (90.0 * 0.010_02 - 1.0)).abs() < 1e-9, "{residual}");
}

#[test]
fn trouble_is_held_against_the_same_server_without_it() {
    let entries = Experiment::SlowClients.entries(crate::matrix::Profile::Standard, &[]);
    let run = run_of(crate::agenda::plan(&entries, 3, &crate::testing::pilots(), 1));
    let trials = trials_of(&run, |spec| {
        let trouble = spec.cell.setting.beside != crate::matrix::Beside::Nothing;
        let kept = if trouble && spec.cell.contender == "threaded/hyper@8" { 0.25 } else { 1.0 };
        let none = trouble && spec.cell.contender == "sync/hyper";
        measured(measurement(if none { 0.0 } else { 8_000.0 * kept * noise(spec) }))
    });
    let summary = Summary::of(&run, &trials);
    let kept = |who: &str| summary.kept.iter().find(|one| one.contender == who).unwrap();
    assert!((kept("threaded/hyper@8").share.unwrap().estimate - 0.25).abs() < 0.01);
    assert!((kept("async/hyper").share.unwrap().estimate - 1.0).abs() < 0.01);
    assert_eq!(kept("sync/hyper").share, None);
    assert!(kept("sync/hyper").with_per_sec < 1.0);
}

#[test]
fn memory_is_the_slope_over_the_ladder() {
    let entries = Experiment::Users.entries(crate::matrix::Profile::Standard, &[]);
    let run = run_of(crate::agenda::plan(&entries, 3, &crate::testing::pilots(), 1));
    let trials = trials_of(&run, |spec| {
        let users = spec.cell.setting.load.connections();
        let mut it = measurement(1_000.0);
        it.load.connections.held = users;
        let each = if spec.cell.contender.starts_with("threaded") { 20_000 } else { 10_000 };
        it.server.pss_bytes = Some((5 << 20) + each * users as u64 + spec.block as u64 * 1_000);
        measured(it)
    });
    let summary = Summary::of(&run, &trials);
    let of =
        |grows| summary.memory.iter().find(|one| one.pool_grows == grows && one.contender.contains("hyper"));
    let pool = of(true).unwrap().bytes.unwrap();
    assert!((pool.estimate - 20_000.0).abs() < 1.0, "{pool:?}");
    let task = summary.memory.iter().find(|one| one.contender == "async/hyper").unwrap();
    assert!((task.bytes.unwrap().estimate - 10_000.0).abs() < 1.0 && task.rungs.len() == 4, "{task:?}");
}
