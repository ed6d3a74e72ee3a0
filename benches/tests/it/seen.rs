//! How much rates really spread, by the records of a committed run of the standard profile.

use std::path::Path;
use std::sync::LazyLock;

use benches::matrix::{Load, Profile};
use benches::record::{ComparisonRecord, TrialRecord};
use benches::stats::log_ratios;
use benches::store::read_run;
use benches::summary::{Row, Summary, Table};

type Run = (ComparisonRecord, Vec<TrialRecord>);

/// The committed run by whose noise the number of blocks was chosen, on a machine that was quiet. Later ones may be noisier, and say so at the head of
/// their pages: then as many blocks find less.
const MEASURE: &str = "2026-11-23T11-10-41Z";

/// That run.
pub(crate) fn committed() -> &'static Run {
    static COMMITTED: LazyLock<Run> = LazyLock::new(|| {
        let results = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("results");
        let run = read_run(&results.join(MEASURE)).unwrap();
        assert_eq!(run.0.config.profile, Profile::Standard);
        run
    });
    &COMMITTED
}

/// Standard deviation of the log ratio of two rows within a block, where both count.
fn spread(one: &Row, other: &Row) -> Option<f64> {
    let rate = |row: &Row, block| {
        row.points.iter().find(|point| point.block == block).map(|point| point.rate_per_sec)
    };
    let pairs: Vec<(f64, f64)> =
        one.points.iter().filter_map(|point| Some((point.rate_per_sec, rate(other, point.block)?))).collect();
    let logs = log_ratios(&pairs).ok().filter(|logs| logs.len() >= 2)?;
    let mean = logs.iter().sum::<f64>() / logs.len() as f64;
    let squares: f64 = logs.iter().map(|log| (log - mean).powi(2)).sum();
    Some((squares / (logs.len() as f64 - 1.0)).sqrt())
}

/// What the committed run adds up to.
fn summary() -> &'static Summary {
    static SUMMARY: LazyLock<Summary> = LazyLock::new(|| {
        let (run, trials) = committed();
        Summary::of(run, trials)
    });
    &SUMMARY
}

/// Of a server against itself (A/A): the noise level, with the label of the setting that it was seen in.
pub(crate) fn noise_level() -> (String, f64) {
    let seen = summary().tables.iter().find_map(|table| {
        let twin = table.rows.iter().find(|row| row.cell.twin)?;
        Some((table.setting.label(), spread(table.row(&twin.cell.contender)?, twin)?))
    });
    seen.expect("a standard run measures a server twice")
}

/// The range of the spreads of all pairs of valid rows in a setting.
fn spreads(table: &Table) -> Option<(f64, f64)> {
    let rows: Vec<&Row> = table.rows.iter().filter(|row| row.is_valid()).collect();
    let pairs =
        rows.iter().enumerate().flat_map(|(at, one)| rows[at + 1..].iter().map(move |other| (one, other)));
    let all: Vec<f64> = pairs.filter_map(|(one, other)| spread(one, other)).collect();
    let least = all.iter().copied().reduce(f64::min)?;
    Some((least, all.iter().copied().reduce(f64::max)?))
}

/// What the number of blocks rests on: with few clients that wait nothing spreads, and where the CPU is full everything does. The
/// figures of the committed run are printed; see them with `--nocapture`.
#[test]
fn a_wait_quiets_ratios_only_where_the_cpu_has_time_to_spare() {
    let (mut quiet, mut crowded) = (0.0_f64, 0.0_f64);
    for table in &summary().tables {
        let (Load::Closed { connections }, Some((least, most))) = (table.setting.load, spreads(table)) else {
            continue;
        };
        println!("{}: {:.1} to {:.1} %", table.setting.label(), least * 100.0, most * 100.0);
        match (table.setting.work.io_wait.as_millis(), connections) {
            (10 | 100, ..=64) => quiet = quiet.max(most),
            (1.., 1_000..) => crowded = crowded.max(most),
            _ => {}
        }
    }
    println!("noise level: {:?}", noise_level());
    assert!(quiet < 0.02, "{quiet}");
    assert!(crowded > 0.05, "{crowded}");
}
