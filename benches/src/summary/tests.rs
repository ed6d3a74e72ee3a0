//! Rows from made-up trials.

use super::*;
use crate::testing::{client_bound, measured, measurement, run, trials};

fn row(table: &Table, contender: Contender) -> &Row {
    table.rows.iter().find(|row| row.contender == contender).unwrap()
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
        let own = if spec.contender == Contender::AsyncAxum { 200.0 } else { 100.0 };
        measured(measurement(own * machine))
    });
    let tables = summarise(&run().config, &trials);
    let subject = row(&tables[0], Contender::AsyncAxum);
    let over_sync = subject.ratios.iter().find(|ratio| ratio.over == Contender::SyncTinyHttp).unwrap();
    assert_eq!(over_sync.ratio, Spread { median: 2.0, min: 2.0, max: 2.0 });
    assert_eq!(subject.rate_per_sec, Some(Spread { median: 200.0, min: 200.0, max: 2_000.0 }));
}

#[test]
fn percentiles_are_of_all_requests_together() {
    let trials = trials(|spec| {
        let rate = if spec.contender == Contender::SyncTinyHttp { 100.0 } else { 5_000.0 };
        measured(measurement(rate))
    });
    let tables = summarise(&run().config, &trials);
    // 3 blocks of 5,000 are enough for p99, 3 of 100 are not.
    let fast = row(&tables[0], Contender::AsyncAxum);
    assert!(
        matches!(fast.p99, Percentile::Ns(ns) if (1_980_000..=2_000_000).contains(&ns)),
        "{:?}",
        fast.p99
    );
    let slow = row(&tables[0], Contender::SyncTinyHttp);
    assert!(matches!(slow.p50, Percentile::Ns(_)));
    assert!(matches!(&slow.p99, Percentile::Missing(reason) if reason.contains("10000")), "{:?}", slow.p99);
}

#[test]
fn failed_trials_leave_the_others_and_the_client_bound_ones_are_counted() {
    let trials = trials(|spec| match (spec.contender, spec.block) {
        (Contender::ThreadedTinyHttp, 0) => Outcome::Failed { reason: "it died".to_owned() },
        (Contender::AsyncAxum, 2) => measured(client_bound(500.0)),
        _ => measured(measurement(500.0)),
    });
    let tables = summarise(&run().config, &trials);
    let threaded = row(&tables[0], Contender::ThreadedTinyHttp);
    assert_eq!((threaded.measured, threaded.failures.as_slice()), (2, &["it died".to_owned()][..]));
    assert_eq!(row(&tables[0], Contender::AsyncAxum).client_bound, 1);
    let cpu_us = row(&tables[0], Contender::SyncTinyHttp).cpu_us.unwrap().median;
    assert!((cpu_us - 1_000.0).abs() < 1e-6, "{cpu_us}");
}

#[test]
fn the_ceiling_is_the_waits() {
    let trials = trials(|spec| {
        measured(measurement(if spec.contender == Contender::SyncTinyHttp { 98.0 } else { 3_200.0 }))
    });
    let tables = summarise(&run().config, &trials);
    let waiting = tables.iter().find(|table| table.workload == Workload::IoWait10ms).unwrap();
    let share = |contender| row(waiting, contender).share_of_ceiling.unwrap();
    assert!((share(Contender::SyncTinyHttp) - 0.98).abs() < 1e-9);
    assert!((share(Contender::AsyncAxum) - 0.5).abs() < 1e-9);
    assert_eq!(row(&tables[0], Contender::AsyncAxum).share_of_ceiling, None);
}
