//! Numbers of the kind that a two-core machine gives.

use super::super::Plot;
use super::super::pictures::{
    Contender, Duel, Estimate, Forest, HockeyStick, LatencyCurve, Lead, LoadPoint, Memory, MemoryCurve,
    Outcome, PercentileCurve, Percentiles, PoolSweep, Predicted, Predictions, Winner, Winners,
};

fn contender(number: usize) -> Contender {
    let names =
        ["threads on hyper", "async on axum", "async on hyper", "threads on tiny_http", "sync on hyper"];
    Contender { name: names[number].to_owned(), number }
}

/// The value, five percent around it.
fn about(value: f64) -> Estimate {
    Estimate::between(value * 0.95, value, value * 1.05)
}

pub(super) fn pool() -> PoolSweep {
    let rates = [99.0, 197.0, 390.0, 770.0, 1_540.0, 3_050.0, 5_880.0, 9_100.0, 9_300.0];
    PoolSweep {
        workload: "10 ms wait, 256 clients".into(),
        pool: contender(0),
        measured: rates.iter().enumerate().map(|(doubling, rate)| (1 << doubling, about(*rate))).collect(),
        async_server: Some((contender(1), about(20_900.0))),
        clients: 256,
        thread_limit_per_sec: 99.0,
        cpu_limit_per_sec: 11_880.0,
        crossover_threads: 120.0,
    }
}

fn hockey_stick() -> HockeyStick {
    let curve = |number, full: f64, floor: f64| LatencyCurve {
        contender: contender(number),
        points: [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.995]
            .into_iter()
            .map(|share| LoadPoint { rate_per_sec: full * share, latency_ns: about(floor / (1.0 - share)) })
            .collect(),
    };
    HockeyStick {
        workload: "no wait, 64 clients".into(),
        percentile: "p99".into(),
        curves: vec![
            curve(0, 61_000.0, 210e3),
            curve(1, 58_000.0, 240e3),
            curve(2, 70_000.0, 190e3),
            curve(3, 29_000.0, 400e3),
        ],
    }
}

fn percentiles() -> Percentiles {
    let curve = |number, latencies: [f64; 7]| PercentileCurve {
        contender: contender(number),
        latencies_ns: [0.0, 50.0, 75.0, 90.0, 99.0, 99.9, 99.99].into_iter().zip(latencies).collect(),
    };
    Percentiles {
        workload: "no wait, 20,000 requests/s".into(),
        curves: vec![
            curve(0, [60e3, 180e3, 240e3, 390e3, 1.1e6, 4.8e6, 19e6]),
            curve(1, [65e3, 170e3, 220e3, 310e3, 720e3, 1.9e6, 8.1e6]),
            curve(2, [55e3, 140e3, 190e3, 260e3, 590e3, 1.6e6, 6.4e6]),
        ],
    }
}

fn memory() -> Memory {
    let curve = |number, base: f64, each: f64| MemoryCurve {
        contender: contender(number),
        measured: [0, 1_000, 2_000, 5_000, 10_000]
            .into_iter()
            .map(|connections| (connections, about(base + each * f64::from(connections))))
            .collect(),
        fit: Some((base, each)),
    };
    Memory {
        of: "RSS, idle keep-alive users".into(),
        curves: vec![
            curve(0, 3.1e6, 13.8 * 1024.0),
            curve(1, 4.2e6, 18.2 * 1024.0),
            curve(2, 3.4e6, 10.9 * 1024.0),
        ],
    }
}

pub(super) fn forest() -> Forest {
    let duel = |label: &str, low, ratio, high, outcome| Duel {
        label: label.into(),
        ratio: Estimate::between(low, ratio, high),
        outcome,
    };
    Forest {
        of: "throughput".into(),
        margin: 0.05,
        duels: vec![
            duel("async / best pool, axum and tiny_http, no wait", 1.82, 1.93, 2.06, Outcome::Ahead),
            duel("async / best pool, both on hyper, no wait", 0.94, 0.99, 1.03, Outcome::Undecided),
            duel("async / best pool, both on hyper, 10 ms wait", 2.1, 2.24, 2.4, Outcome::Ahead),
            duel("axum / hyper, no wait", 0.81, 0.84, 0.88, Outcome::Behind),
            duel("A/A: axum / axum, no wait", 0.97, 1.0, 1.02, Outcome::NoDifference),
        ],
    }
}

/// Ratios so far apart that their axis becomes logarithmic.
fn wide_forest() -> Forest {
    let duel = |label: &str, ratio: f64, outcome| Duel { label: label.into(), ratio: about(ratio), outcome };
    Forest {
        of: "throughput under a wait, of very different servers".into(),
        margin: 0.05,
        duels: vec![
            duel("async / sync, 10 ms wait, 256 clients", 215.0, Outcome::Ahead),
            duel("async / pool of 64", 3.6, Outcome::Ahead),
            duel("sync / pool of 64", 0.016, Outcome::Behind),
        ],
    }
}

pub(super) fn winners() -> Winners {
    let winner = |(wait, clients, lead, ratio)| Winner { wait, clients, lead, ratio };
    Winners {
        of: "throughput".into(),
        clients: ["1", "16", "64", "256", "1,024"].map(str::to_owned).to_vec(),
        waits: ["none", "1 ms", "10 ms", "100 ms"].map(str::to_owned).to_vec(),
        contenders: vec![contender(0), contender(2)],
        winners: [
            (0, 0, Lead::Of(0), 1.21),
            (0, 1, Lead::Undecided, 1.02),
            (0, 2, Lead::Of(1), 1.09),
            (0, 3, Lead::Of(1), 1.14),
            (0, 4, Lead::Of(1), 1.3),
            (1, 0, Lead::Even, 1.0),
            (1, 1, Lead::Undecided, 1.01),
            (1, 2, Lead::Of(1), 1.12),
            (1, 3, Lead::Of(1), 1.4),
            (1, 4, Lead::Of(1), 2.0),
            (2, 0, Lead::Even, 1.0),
            (2, 1, Lead::Even, 1.0),
            (2, 2, Lead::Even, 1.0),
            (2, 3, Lead::Of(1), 2.25),
            (2, 4, Lead::Of(1), 2.2),
            (3, 0, Lead::Even, 1.0),
            (3, 1, Lead::Even, 1.0),
            (3, 2, Lead::Even, 1.0),
            (3, 3, Lead::Undecided, 1.01),
        ]
        .map(winner)
        .to_vec(),
    }
}

fn predictions() -> Predictions {
    let row = |number, label: &str, predicted, observed| Predicted {
        contender: contender(number),
        label: label.into(),
        predicted,
        observed: about(observed),
    };
    Predictions {
        of: "throughput".into(),
        unit: "requests/s".into(),
        rows: vec![
            row(4, "10 ms wait", 99.0, 97.0),
            row(0, "8 threads, 10 ms wait", 792.0, 771.0),
            row(0, "64 threads, 10 ms wait", 6_340.0, 5_883.0),
            row(0, "256 threads, 10 ms wait", 11_880.0, 9_300.0),
            row(1, "64 clients, 10 ms wait", 6_340.0, 5_411.0),
            row(1, "256 clients, 10 ms wait", 24_800.0, 20_900.0),
            row(2, "256 clients, 10 ms wait", 24_900.0, 23_700.0),
            row(2, "1,024 clients, 10 ms wait", 69_000.0, 53_287.0),
        ],
    }
}

/// Every picture under the name of its file.
pub(super) fn all() -> Vec<(&'static str, Plot)> {
    vec![
        ("pool", pool().plot()),
        ("hockey-stick", hockey_stick().plot()),
        ("percentiles", percentiles().plot()),
        ("memory", memory().plot()),
        ("forest", forest().plot()),
        ("forest-wide", wide_forest().plot()),
        ("winners", winners().plot()),
        ("predictions", predictions().plot()),
    ]
}
