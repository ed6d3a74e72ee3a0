//! How often an interval of each kind covers the truth, at the numbers of blocks in use: by simulation.

use std::fmt::Write;

use benches::stats::bootstrap::{Bootstrap, Method, Statistic, interval_from};
use benches::stats::{LEVEL, hodges_lehmann, ratio_interval};

use crate::simulation::{Machine, Simulation, as_percent};

/// Simulated runs behind every figure: ±1.0 % at a true 95 %, ±1.8 % at a true 80 %, in two standard errors.
const RUNS: u32 = 2000;
/// Enough for ends whose error the runs drown out, and few enough for a test.
const RESAMPLES: usize = 300;

/// Shares of runs in percent, of the methods in the order of the table's head.
fn coverage(blocks: usize, disturbed: f64) -> [f64; 6] {
    let machine = Machine { disturbed, ..Machine::of_spread(0.05) };
    let mut simulation = Simulation::new(machine, 70 + blocks as u64);
    let mut covered = [0_u32; 6];
    for run in 0..RUNS {
        let values = simulation.log_ratios(1.0, blocks);
        let bootstrap = Bootstrap { resamples: RESAMPLES, ..Bootstrap::new(u64::from(run)) };
        let means = bootstrap.resample(&values, Statistic::Mean).unwrap();
        let medians = bootstrap.resample(&values, Statistic::Median).unwrap();
        let middles = bootstrap.resample(&values, Statistic::HodgesLehmann).unwrap();
        let ends =
            |drawn, statistic, method| interval_from(drawn, &values, statistic, method, LEVEL).unwrap().exp();
        let ratios = [
            ends(means.clone(), Statistic::Mean, Method::Percentile),
            ends(means, Statistic::Mean, Method::BiasCorrectedAccelerated),
            ends(medians, Statistic::Median, Method::Percentile),
            ends(middles, Statistic::HodgesLehmann, Method::BiasCorrectedAccelerated),
            hodges_lehmann::ratio(&values, LEVEL).unwrap(),
            ratio_interval(&values, LEVEL).unwrap(),
        ];
        for (count, ratio) in covered.iter_mut().zip(ratios) {
            *count += u32::from(ratio.contains(1.0));
        }
    }
    covered.map(|count| as_percent(count, RUNS))
}

#[test]
fn how_often_an_interval_covers_the_truth() {
    let mut text = String::new();
    for (disturbed, noise) in [(0.0, "Log-normal noise"), (0.05, "One trial in twenty at half its speed")] {
        writeln!(text, "{noise}: the true ratio lies in the 95 % interval, % of {RUNS} runs").unwrap();
        writeln!(
            text,
            "blocks  mean, percentile  mean, BCa  median, percentile  H–L, BCa  Hodges–Lehmann      t"
        )
        .unwrap();
        for blocks in [3, 5, 10] {
            let [percentile, bca, median, middle, walsh, t] = coverage(blocks, disturbed);
            let row = format!(
                "{blocks:>6}{percentile:>18.1}{bca:>11.1}{median:>20.1}{middle:>10.1}{walsh:>16.1}{t:>7.1}"
            );
            writeln!(text, "{row}").unwrap();
            assert!(t >= 93.0, "{text}");
        }
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}
