//! Forest plots: every ratio of rates with its interval, a picture for each question.

use super::document::Block;
use super::pictures::picture;
use crate::claims::words;
use crate::contender::{DEFAULT_WORKERS, POOL, TASKS};
use crate::plot::pictures::{Duel, Estimate, Forest, Outcome};
use crate::stats::{Band, Comparison, Interval};
use crate::summary::compared::best_pool;
use crate::summary::{Compared, Effect, Metric, Summary, Table};

/// Ratios of rates with their intervals: async over pools, setting by setting, and all other comparisons.
pub(super) fn ratios(summary: &Summary) -> Vec<Block> {
    let default = format!("{POOL}@{DEFAULT_WORKERS}");
    let best = |table: &Table| best_pool(table).map(|row| row.cell.contender.clone());
    let model = |one: &Compared| one.metric == Metric::Rate && one.subject == TASKS;
    let over_best = |table: &Table, one: &Compared| {
        (model(one) && best(table).as_ref() == Some(&one.over)).then(|| {
            let size = one.over.rsplit('@').next().unwrap_or_default();
            format!("{}, pool of {size}", words::setting(&table.setting))
        })
    };
    let over_default = |table: &Table, one: &Compared| {
        (model(one) && one.over == default).then(|| words::setting(&table.setting))
    };
    let named = |effects: &'static [Effect]| {
        let is_pool = |one: &Compared| one.over.starts_with(POOL) && one.subject == TASKS;
        move |table: &Table, one: &Compared| {
            (one.metric == Metric::Rate && effects.contains(&one.effect) && !is_pool(one))
                .then(|| format!("{} / {}, {}", one.subject, one.over, words::setting(&table.setting)))
        }
    };
    let pictures: Vec<Block> = [
        forest(summary, "ratios-best-pool", &format!("throughput, {TASKS} over the best pool"), over_best),
        forest(summary, "ratios-default-pool", &format!("throughput, {TASKS} over {default}"), over_default),
        forest(summary, "ratios-whole", "throughput, others", named(&[Effect::Whole, Effect::Model])),
        forest(
            summary,
            "ratios-library",
            "throughput, two libraries under one model",
            named(&[Effect::Library]),
        ),
        forest(
            summary,
            "ratios-guests",
            "throughput, servers that are not ours",
            named(&[Effect::Guest, Effect::Beside]),
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    if pictures.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![
        Block::section("Ratios"),
        Block::Text(
            "Each point is the rate of the first server for that of the second, with its 95 % interval; right of the shaded band the first is ahead."
                .to_owned(),
        ),
    ];
    blocks.extend(pictures);
    blocks
}

/// The ratios that `label` has a name for, one below the other.
fn forest(
    summary: &Summary,
    name: &str,
    of: &str,
    label: impl Fn(&Table, &Compared) -> Option<String>,
) -> Option<Block> {
    let all = summary.tables.iter().flat_map(|table| table.compared.iter().map(move |one| (table, one)));
    let duels: Vec<Duel> = all
        .filter_map(|(table, one)| {
            Some(Duel {
                label: label(table, one)?,
                ratio: interval(&one.decided.ratio),
                outcome: match one.comparison() {
                    Comparison::Faster => Outcome::Ahead,
                    Comparison::Slower => Outcome::Behind,
                    Comparison::NoPracticalDifference => Outcome::NoDifference,
                    Comparison::Inconclusive => Outcome::Undecided,
                },
            })
        })
        .collect();
    let margin = Band::PRACTICAL.high - 1.0;
    (!duels.is_empty()).then(|| picture(name, Forest { of: of.to_owned(), duels, margin }.plot()))
}

fn interval(it: &Interval) -> Estimate {
    Estimate::between(it.low, it.estimate, it.high)
}
