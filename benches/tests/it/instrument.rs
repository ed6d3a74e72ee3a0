//! The statistics as an instrument, on simulated runs whose truth is known: how often they see what is not there, and how
//! many blocks they need to see what is.
//!
//! Where a table gives a spread, it is the standard deviation of the log ratio of two contenders within a block, so
//! √2 times that of a trial. What the committed run shows of it `seen.rs` prints: little where a wait decides, some percent without a wait,
//! and more than these tables have with a thousand clients. `harness.rs` tries the whole harness at that level.

use std::fmt::Write;

use benches::matrix::{Experiment, Profile};
use benches::stats::{Band, Comparison, Interval, LEVEL, planned, ratio_interval, signed_rank};

use crate::simulation::{Machine, Order, Simulation, against, as_percent, percent};

/// Simulated runs behind every figure of a table: ±1.0 % at a true 5 %, ±1.8 % at a true 80 %, in two standard errors.
const RUNS: u32 = 2000;
const BLOCKS: [usize; 9] = [3, 5, 6, 8, 10, 12, 15, 20, 30];
const SPREADS: [f64; 5] = [0.02, 0.03, 0.04, 0.06, 0.08];

fn interval(log_ratios: &[f64]) -> Interval {
    ratio_interval(log_ratios, LEVEL).unwrap()
}

fn verdict(ratio: &Interval) -> Comparison {
    Comparison::of(ratio, Band::PRACTICAL)
}

fn faster(ratio: &Interval) -> bool {
    verdict(ratio) == Comparison::Faster
}

fn slower(ratio: &Interval) -> bool {
    verdict(ratio) == Comparison::Slower
}

fn differs(_: &[f64], ratio: &Interval) -> bool {
    ratio.differs_from_one()
}

fn by_ranks(log_ratios: &[f64], _: &Interval) -> bool {
    signed_rank::p_no_difference(log_ratios).unwrap() <= 0.05
}

/// The log ratios of [`RUNS`] simulated A/A runs of each number of blocks (outer) and spread (inner). A true ratio other
/// than 1 is added to them, so that all tables are about the same runs.
fn simulate(disturbed: f64) -> Vec<Vec<Vec<Vec<f64>>>> {
    let cell = |blocks: usize, column: u64, ratio_spread: f64| {
        let machine = Machine { disturbed, ..Machine::of_spread(ratio_spread) };
        let mut simulation = Simulation::new(machine, 10 * blocks as u64 + column);
        (0..RUNS).map(|_| simulation.log_ratios(1.0, blocks)).collect()
    };
    let row = |blocks| (0..).zip(SPREADS).map(|(column, spread)| cell(blocks, column, spread)).collect();
    BLOCKS.map(row).to_vec()
}

/// Asked of the log ratios of a run and the interval of their ratio.
type Question<'a> = &'a dyn Fn(&[f64], &Interval) -> bool;

/// Tables of blocks by spreads, of how often each of `questions` is answered by yes of runs with a true `ratio`.
fn tables<const N: usize>(
    runs: &[Vec<Vec<Vec<f64>>>],
    ratio: f64,
    questions: [(&str, Question<'_>); N],
) -> [(String, Vec<Vec<f64>>); N] {
    let heads = SPREADS.map(|spread| format!("{:>7.0} %", spread * 100.0)).concat();
    let title = |name: &str| format!("{name}, % of {RUNS} runs\nblocks{heads}\n");
    let mut tables = questions.map(|(name, _)| (title(name), Vec::new()));
    for (blocks, row) in BLOCKS.into_iter().zip(runs) {
        let mut shares = [const { Vec::new() }; N];
        for cell in row {
            let mut yes = [0_u32; N];
            for run in cell {
                let log_ratios: Vec<f64> = run.iter().map(|value| value + ratio.ln()).collect();
                let interval = interval(&log_ratios);
                for (count, (_, question)) in yes.iter_mut().zip(questions) {
                    *count += u32::from(question(&log_ratios, &interval));
                }
            }
            shares.iter_mut().zip(yes).for_each(|(shares, yes)| shares.push(as_percent(yes, RUNS)));
        }
        for ((text, cells), shares) in tables.iter_mut().zip(shares) {
            let shown: Vec<String> = shares.iter().map(|share| format!("{share:>9.1}")).collect();
            writeln!(text, "{blocks:>6}{}", shown.concat()).unwrap();
            cells.push(shares);
        }
    }
    tables
}

#[test]
fn two_hundred_runs_of_a_contender_against_itself() {
    for blocks in [2, 3, 5, 10, 20] {
        for spread in SPREADS {
            let mut simulation = Simulation::new(Machine::of_spread(spread), 1);
            let flagged = percent(200, || {
                let ratio = interval(&simulation.log_ratios(1.0, blocks));
                faster(&ratio) || slower(&ratio)
            });
            assert!(flagged <= 5.0, "{flagged} % at {blocks} blocks, spread {spread}");
        }
    }
}

/// Of async/hyper against itself without a wait, in the noisier of two committed runs of the standard profile (2026-11-27T23-09-49Z).
const SPREAD_OF_HELLO: f64 = 0.09;

#[test]
fn the_blocks_of_hello_find_a_true_five_percent_in_the_noise_of_a_run_without_waits() {
    let profile = Profile::Standard;
    let entries = Experiment::Hello.entries(profile, &[]);
    let blocks = entries[0].blocks.of(profile.blocks());
    let runs = |ratio: f64, happens: &dyn Fn(&Interval) -> bool| {
        let mut simulation = Simulation::new(Machine::of_spread(SPREAD_OF_HELLO), 11);
        percent(RUNS, || happens(&interval(&simulation.log_ratios(ratio, blocks))))
    };
    let found = runs(1.05, &Interval::differs_from_one);
    assert!(found >= 80.0, "{found} % with {blocks} blocks");
    let flagged = runs(1.0, &|ratio| faster(ratio) || slower(ratio));
    assert!(flagged <= 5.0, "{flagged} % with {blocks} blocks");
}

#[test]
fn what_is_not_there_and_what_is() {
    let runs = simulate(0.0);
    let [(false_alarm, excluded), (wrong, different), (same, _)] = tables(
        &runs,
        1.0,
        [
            ("A/A, the interval excludes 1", &differs),
            ("A/A, called faster or slower", &|_, ratio| faster(ratio) || slower(ratio)),
            ("A/A, called no practical difference", &|_, ratio| {
                verdict(ratio) == Comparison::NoPracticalDifference
            }),
        ],
    );
    assert!(excluded.iter().flatten().all(|share| (3.5..=6.5).contains(share)), "{false_alarm}");
    assert!(different.iter().flatten().all(|share| *share <= 5.0), "{wrong}");
    let [(five, found), (ranks, _), (edge, at_the_edge)] = tables(
        &runs,
        1.05,
        [
            ("A true 5 %, found: the interval excludes 1", &differs),
            ("A true 5 %, found by the exact signed-rank test", &by_ranks),
            ("A true 5 %, called faster", &|_, ratio| faster(ratio)),
        ],
    );
    assert!(at_the_edge.iter().flatten().all(|share| *share <= 4.0), "{edge}");
    let [(ten, _)] = tables(&runs, 1.10, [("A true 10 %, called faster", &|_, ratio| faster(ratio))]);
    let [(twenty, _)] = tables(&runs, 1.20, [("A true 20 %, called faster", &|_, ratio| faster(ratio))]);

    let mut needed = "Fewest of these blocks that find a true 5 % in 80 % of runs\n".to_owned();
    for (column, spread) in SPREADS.into_iter().enumerate() {
        let enough = BLOCKS.iter().zip(&found).find(|(_, row)| row[column] >= 80.0);
        let (blocks, _) = enough.expect("thirty blocks are enough");
        writeln!(needed, "{:>3.0} %: {blocks}", spread * 100.0).unwrap();
    }
    insta::assert_snapshot!([false_alarm, wrong, same, five, ranks, edge, ten, twenty, needed].join("\n"));
}

#[test]
fn when_one_trial_in_twenty_runs_at_half_its_speed() {
    let runs = simulate(0.05);
    let [(false_alarm, excluded), (wrong, different)] = tables(
        &runs,
        1.0,
        [
            ("A/A, the interval excludes 1", &differs),
            ("A/A, called faster or slower", &|_, ratio| faster(ratio) || slower(ratio)),
        ],
    );
    assert!(excluded.iter().flatten().all(|share| *share <= 6.5), "{false_alarm}");
    assert!(different.iter().flatten().all(|share| *share <= 5.0), "{wrong}");
    let [(five, _), (ranks, _)] = tables(
        &runs,
        1.05,
        [
            ("A true 5 %, found: the interval excludes 1", &differs),
            ("A true 5 %, found by the exact signed-rank test", &by_ranks),
        ],
    );
    insta::assert_snapshot!([false_alarm, wrong, five, ranks].join("\n"));
}

#[test]
fn six_equal_contenders_are_a_family() {
    const BLOCKS: usize = 5;
    let mut simulation = Simulation::new(Machine::of_spread(0.05), 3);
    let (mut alone, mut corrected, mut verdicts) = (0, 0, 0);
    for _ in 0..RUNS {
        let rates = simulation.run(&[60_000.0; 6], BLOCKS);
        let family: Vec<Vec<f64>> = rates[1..].iter().map(|one| against(one, &rates[0])).collect();
        let decided = planned::decide(&family, Band::PRACTICAL, LEVEL).unwrap();
        let wrong =
            |one: &planned::Planned| matches!(one.comparison, Comparison::Faster | Comparison::Slower);
        alone += u32::from(decided.iter().any(|one| one.ratio.differs_from_one()));
        corrected += u32::from(decided.iter().any(|one| one.differs));
        verdicts += u32::from(decided.iter().any(wrong));
    }
    let [alone, corrected, verdicts] = [alone, corrected, verdicts].map(|count| as_percent(count, RUNS));
    // Uncorrected, five questions go wrong far more often than one; corrected, no more often (two standard errors allowed).
    assert!(alone > 10.0, "{alone} %");
    assert!(corrected <= 6.0, "{corrected} %");
    assert!(verdicts <= 5.0, "{verdicts} %");
}

#[test]
fn a_machine_that_slows_down_favours_nobody_when_the_order_is_shuffled() {
    let machine = Machine { drift: -1.0, ..Machine::of_spread(0.03) };
    let alarms = |order| {
        let mut simulation = Simulation::new(machine, 5).in_order(order);
        percent(RUNS, || interval(&simulation.log_ratios(1.0, 10)).differs_from_one())
    };
    let (shuffled, fixed) = (alarms(Order::Shuffled), alarms(Order::Fixed));
    assert!(shuffled <= 6.5, "{shuffled} %");
    assert!(fixed > 50.0, "{fixed} %");
}
