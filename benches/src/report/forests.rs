//! Forest plots: every ratio of rates with its interval, a picture for each question; and a table of all ratios with a second opinion.

use super::document::{self, Block};
use super::pictures::picture;
use super::sentence::code;
use crate::claims::words;
use crate::contender::{DEFAULT_WORKERS, POOL, TASKS};
use crate::format::figures;
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
    let opinions = opinions(summary);
    if opinions.is_none() {
        return Vec::new();
    }
    let mut blocks = vec![Block::section("Ratios")];
    if !pictures.is_empty() {
        blocks.push(Block::Text(
            "Each point is the rate of the first server for that of the second, with its 95 % interval; right of the shaded band the first is ahead."
                .to_owned(),
        ));
    }
    blocks.extend(pictures);
    blocks.extend(opinions);
    blocks
}

/// Every ratio twice, folded: as it is decided by, and by a method that one block gone wrong moves little.
fn opinions(summary: &Summary) -> Option<Block> {
    let all = summary.tables.iter().flat_map(|table| table.compared.iter().map(move |one| (table, one)));
    let row = |(table, one): (&Table, &Compared)| {
        let figure = match one.metric {
            Metric::Rate => "requests/s",
            Metric::RequestsPerCpu => "requests per CPU second",
        };
        vec![
            format!("{} over {}", code(&one.subject), code(&one.over)),
            format!("{}, {figure}", code(&table.setting.label())),
            one.blocks.to_string(),
            ratio(&one.decided.ratio),
            ratio(&one.second),
            remark(one),
        ]
    };
    let rows: Vec<Vec<String>> = all.map(row).collect();
    let header =
        ["ratio of", "at", "blocks", "Student's t (95 %)", "Hodges–Lehmann (bootstrap 95 %)", "remark"];
    let text = "Student's t decides all verdicts. The second opinion is the median of the means of all pairs of blocks (Hodges–Lehmann, on logarithms), which one block gone wrong moves little; its interval comes from drawing the blocks again and again at random (bootstrap), and is too narrow where blocks are few. Where the two disagree about 1, look at the blocks before you believe either.";
    (!rows.is_empty()).then(|| {
        let table = document::Table::of_words("All ratios", &header, rows);
        Block::Folded(
            "All ratios, with a second opinion".to_owned(),
            vec![Block::Text(text.to_owned()), table],
        )
    })
}

fn ratio(it: &Interval) -> String {
    format!("{} ({} to {})", figures(it.estimate), figures(it.low), figures(it.high))
}

/// Where the two intervals disagree, which of them excludes 1; and what the load generator leaves of a ratio.
fn remark(one: &Compared) -> String {
    let disagreement = match (one.opinions_differ(), one.second.differs_from_one()) {
        (false, _) => "",
        (true, true) => "**they disagree**: only the bootstrap excludes 1",
        (true, false) => "**they disagree**: only Student's t excludes 1",
    };
    let remarks: Vec<&str> =
        [disagreement, one.caveat()].into_iter().filter(|text| !text.is_empty()).collect();
    remarks.join("; ")
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
