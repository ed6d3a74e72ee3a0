//! The statistics against SciPy, NumPy and statsmodels: `tests/golden/from_scipy.py` writes the figures.

use benches::stats::bootstrap::{self, Bootstrap, Method, Statistic};
use benches::stats::equivalence::AgainstBand;
use benches::stats::{
    Band, Interval, hodges_lehmann, holm, proportion, ratio, ratio_interval, signed_rank, slope, spearman,
};
use serde::Deserialize;

/// Between two deterministic computations of the same figure, relative to the larger of it and 1.
const EXACT: f64 = 1e-9;
/// Between ends from 10,000 random resamples and from all there are, in widths of the interval. An end of 10,000 resamples has
/// a standard error of about 1 % of the width (the density at the 2.5 % quantile of a normal gives 0.7 %).
const MONTE_CARLO: f64 = 0.05;

#[derive(Deserialize)]
struct Golden {
    level: f64,
    one_sample: Vec<OneSample>,
    independent: Vec<Independent>,
    proportion: Vec<Proportion>,
    holm: Vec<Family>,
    bootstrap: Vec<BootstrapCase>,
    spearman: Vec<SpearmanCase>,
    slope: Vec<SlopeCase>,
    slope_over_blocks: OverBlocks,
}

#[derive(Deserialize)]
struct OneSample {
    name: String,
    log_ratios: Vec<f64>,
    mean: MeanCase,
    signed_rank_p: f64,
    hodges_lehmann: HodgesLehmann,
}

#[derive(Deserialize)]
struct MeanCase {
    ratio: [f64; 3],
    p_no_difference: f64,
    p_faster: f64,
    p_slower: f64,
    p_equivalent: f64,
}

#[derive(Deserialize)]
struct HodgesLehmann {
    ratio: [f64; 3],
    level: f64,
}

#[derive(Deserialize)]
struct Independent {
    left: Vec<f64>,
    right: Vec<f64>,
    ratio: Option<[f64; 3]>,
    p: Option<f64>,
}

#[derive(Deserialize)]
struct Proportion {
    hits: u64,
    trials: u64,
    share: [f64; 3],
}

#[derive(Deserialize)]
struct Family {
    p: Vec<f64>,
    adjusted: Vec<f64>,
}

#[derive(Deserialize)]
struct BootstrapCase {
    values: Vec<f64>,
    statistic: Statistic,
    estimate: f64,
    resampled: Vec<f64>,
    from_resampled: Ends,
    from_all: Option<Ends>,
}

#[derive(Deserialize)]
struct Ends {
    percentile: [f64; 2],
    #[serde(rename = "BCa")]
    bca: [f64; 2],
}

impl Ends {
    fn by_method(&self) -> [(Method, [f64; 2]); 2] {
        [(Method::Percentile, self.percentile), (Method::BiasCorrectedAccelerated, self.bca)]
    }
}

#[derive(Deserialize)]
struct SpearmanCase {
    x: Vec<f64>,
    y: Vec<f64>,
    rho: f64,
    p: f64,
    exact: bool,
}

#[derive(Deserialize)]
struct SlopeCase {
    x: Vec<f64>,
    y: Vec<f64>,
    slope: [f64; 3],
    intercept: [f64; 3],
    residual: f64,
}

#[derive(Deserialize)]
struct OverBlocks {
    x: Vec<f64>,
    blocks: Vec<Vec<f64>>,
    slope: [f64; 3],
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/scipy.json")).unwrap()
}

#[track_caller]
fn same(got: f64, want: f64, what: &str) {
    let off = (got - want).abs() / want.abs().max(1.0);
    assert!(off <= EXACT, "{what}: {got}, and SciPy says {want}, {off:e} off");
}

#[track_caller]
fn same_interval(got: &Interval, want: [f64; 3], what: &str) {
    for (end, got, want) in
        [("low", got.low, want[0]), ("estimate", got.estimate, want[1]), ("high", got.high, want[2])]
    {
        same(got, want, &format!("{what}, {end}"));
    }
}

fn points(x: &[f64], y: &[f64]) -> Vec<(f64, f64)> {
    assert_eq!(x.len(), y.len());
    x.iter().copied().zip(y.iter().copied()).collect()
}

#[test]
fn t_intervals_t_tests_and_equivalence() {
    let golden = golden();
    for case in &golden.one_sample {
        let (name, values, want) = (&case.name, &case.log_ratios, &case.mean);
        same_interval(&ratio_interval(values, golden.level).unwrap(), want.ratio, name);
        same(ratio::p_no_difference(values).unwrap(), want.p_no_difference, name);
        let band = AgainstBand::of(values, Band::PRACTICAL).unwrap();
        same(band.p_faster, want.p_faster, &format!("{name}, faster"));
        same(band.p_slower, want.p_slower, &format!("{name}, slower"));
        same(band.p_equivalent, want.p_equivalent, &format!("{name}, equivalent"));
    }
}

#[test]
fn signed_ranks_and_hodges_lehmann() {
    let golden = golden();
    for case in &golden.one_sample {
        let (name, values, want) = (&case.name, &case.log_ratios, &case.hodges_lehmann);
        same(signed_rank::p_no_difference(values).unwrap(), case.signed_rank_p, name);
        let got = hodges_lehmann::ratio(values, golden.level).unwrap();
        same_interval(&got, want.ratio, name);
        same(got.level, want.level, &format!("{name}, level"));
    }
}

#[test]
fn welch_intervals_of_samples_that_share_no_block() {
    let golden = golden();
    for Independent { left, right, ratio: want, p } in &golden.independent {
        let name = format!("{} against {}", left.len(), right.len());
        let got = ratio::independent(left, right, golden.level).ok();
        assert_eq!(got.is_some(), want.is_some(), "{name}");
        for (got, want) in got.iter().zip(want) {
            same_interval(got, *want, &name);
        }
        let got = ratio::p_no_difference_independent(left, right).ok();
        assert_eq!(got.is_some(), p.is_some(), "{name}");
        for (got, want) in got.iter().zip(p) {
            same(*got, *want, &format!("{name}, p"));
        }
    }
}

#[test]
fn shares_by_clopper_and_pearson() {
    let golden = golden();
    for Proportion { hits, trials, share } in &golden.proportion {
        let got = proportion::clopper_pearson(*hits, *trials, golden.level).unwrap();
        same_interval(&got, *share, &format!("{hits} of {trials}"));
    }
}

#[test]
fn holm_as_statsmodels_does() {
    for Family { p, adjusted } in golden().holm {
        for (got, want) in holm::adjust(&p).unwrap().into_iter().zip(adjusted) {
            same(got, want, &format!("{p:?}"));
        }
    }
}

#[test]
fn bootstrap_ends_from_the_same_resamples() {
    let golden = golden();
    for case in &golden.bootstrap {
        let name = format!("{:?} of {}", case.statistic, case.values.len());
        for (method, [low, high]) in case.from_resampled.by_method() {
            let resampled = case.resampled.clone();
            let got = bootstrap::interval_from(resampled, &case.values, case.statistic, method, golden.level)
                .unwrap();
            same_interval(&got, [low, case.estimate, high], &format!("{method:?}, {name}"));
        }
    }
}

#[test]
fn bootstrap_ends_from_our_own_resamples_are_near_those_from_all_resamples() {
    let golden = golden();
    for case in &golden.bootstrap {
        for (method, want) in case.from_all.iter().flat_map(Ends::by_method) {
            let got =
                Bootstrap { method, ..Bootstrap::new(11) }.interval(&case.values, case.statistic).unwrap();
            for (got, want) in [(got.low, want[0]), (got.high, want[1])] {
                let off = (got - want).abs() / (case.width());
                let name = format!("{method:?}, {:?} of {}", case.statistic, case.values.len());
                assert!(off <= MONTE_CARLO, "{name}: {got}, of all resamples {want}, {off:.3} widths off");
            }
        }
    }
}

impl BootstrapCase {
    fn width(&self) -> f64 {
        let all = self.from_all.as_ref().expect("the case has an interval from all resamples");
        all.percentile[1] - all.percentile[0]
    }
}

#[test]
fn rank_correlation() {
    for SpearmanCase { x, y, rho, p, exact } in golden().spearman {
        let got = spearman::correlation(&points(&x, &y)).unwrap();
        let name = format!("{} pairs", x.len());
        same(got.rho, rho, &name);
        same(got.p_value, p, &name);
        assert_eq!(got.exact, exact, "{name}");
    }
}

#[test]
fn slopes() {
    let golden = golden();
    for case in &golden.slope {
        let points = points(&case.x, &case.y);
        let name = format!("{} points", points.len());
        let line = slope::least_squares(&points, golden.level).unwrap();
        same_interval(&line.slope, case.slope, &format!("slope, {name}"));
        same_interval(&line.intercept, case.intercept, &format!("intercept, {name}"));
        same(line.residual, case.residual, &format!("residual, {name}"));
    }
    let case = &golden.slope_over_blocks;
    let blocks: Vec<_> = case.blocks.iter().map(|block| points(&case.x, block)).collect();
    same_interval(&slope::over_blocks(&blocks, golden.level).unwrap(), case.slope, "slope over blocks");
}
