//! The planned comparisons: who is held against whom in each setting, by which figure, and what the blocks say.
//!
//! They are planned, not searched for: the pairs follow from models and stacks, before anything is measured. The one exception is
//! the best pool, ours or of another server that was measured with several sizes. It is chosen by its median rate in the very blocks
//! that it is then compared in; choosing the largest of several noisy figures flatters it a little, and so async is compared with a
//! pool that is, if anything, too good.
//!
//! The comparisons of one experiment are families, each corrected by Holm: those among servers of this workspace, those among servers that
//! are not, and those of one with the other. So a guest more or less turns no verdict between two of our own.

use super::{Row, Table};
use crate::contender::{Contender, DEFAULT_WORKERS, Model};
use crate::matrix::Experiment;
use crate::record::ComparisonRecord;
use crate::stats::bootstrap::{Bootstrap, Statistic};
use crate::stats::{self, Band, Interval, Planned, log_ratios};

/// What differs between the two sides of a comparison, and so what a ratio of them shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Model and library both: each server as people pick it.
    Whole,
    /// The concurrency model alone: the same HTTP library under each.
    Model,
    /// The concurrency model alone, against the pool that was fastest in this setting.
    BestPool,
    /// The HTTP library alone: the same model over each.
    Library,
    /// Model and library both, among servers that are not ours, of one language where that is known: async against blocking.
    Guest,
    /// A server of this workspace against one that is not: language, model and library at once.
    Beside,
}

/// Comparisons that are corrected for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Among servers of this workspace.
    Ours,
    /// Among servers that are not.
    Theirs,
    /// Of one with the other.
    Both,
}

/// The figure that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Valid answers a second.
    Rate,
    /// Requests for a second of the server's CPU time: the inverse of the cost of one.
    RequestsPerCpu,
}

/// A planned comparison that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// What it shows.
    pub effect: Effect,
    /// By which figure.
    pub metric: Metric,
    /// Whose figure is divided.
    pub subject: String,
    /// By whose.
    pub over: String,
    /// Blocks in which both count.
    pub blocks: usize,
    /// Ratio, interval and verdict.
    pub decided: Planned,
    /// The Hodges–Lehmann ratio with its bootstrap interval: a second opinion, which decides nothing.
    pub second: Interval,
    /// Whether the generator was the limit of the subject, and of the other.
    pub client_bound: (bool, bool),
}

/// Enough for ends that stand still to a hundredth or two of the interval's width, and few enough for a page of a hundred ratios.
const RESAMPLES: usize = 2_000;

impl Compared {
    /// Whether one of the two intervals excludes 1 and the other does not.
    #[must_use]
    pub fn opinions_differ(&self) -> bool {
        self.decided.ratio.differs_from_one() != self.second.differs_from_one()
    }
}

impl Effect {
    /// Every effect, in the order in which results show them.
    pub const ALL: [Effect; 6] =
        [Effect::Whole, Effect::Model, Effect::BestPool, Effect::Library, Effect::Guest, Effect::Beside];

    /// What a reader calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Effect::Whole => "Whole servers",
            Effect::Model => "The model alone, hyper under each",
            Effect::BestPool => "The model alone, against the best pool",
            Effect::Library => "The library alone, the same model over each",
            Effect::Guest => "Other servers among themselves",
            Effect::Beside => "Beside other servers",
        }
    }

    const fn family(self) -> Family {
        match self {
            Effect::Whole | Effect::Model | Effect::BestPool | Effect::Library => Family::Ours,
            Effect::Guest => Family::Theirs,
            Effect::Beside => Family::Both,
        }
    }
}

/// Makes the comparisons of all tables and decides them, experiment by experiment and family by family.
pub(super) fn decide(run: &ComparisonRecord, tables: &mut [Table]) {
    let families = [Family::Ours, Family::Theirs, Family::Both];
    for (experiment, which) in
        Experiment::ALL.into_iter().flat_map(|one| families.map(|family| (one, family)))
    {
        let mut family: Vec<(usize, Compared, Vec<f64>)> = Vec::new();
        for (index, table) in
            tables.iter().enumerate().filter(|(_, table)| table.setting.experiment == experiment)
        {
            let Some(metric) = metric_of(experiment) else { continue };
            let pairs = pairs(run, table).into_iter().filter(|(effect, ..)| effect.family() == which);
            for (effect, subject, over) in pairs {
                let compared = ratios(run.config.seed, effect, metric, subject, over);
                family.extend(compared.map(|(one, logs)| (index, one, logs)));
            }
        }
        let logs: Vec<&Vec<f64>> = family.iter().map(|(_, _, logs)| logs).collect();
        // Each has two blocks or more, and finite logarithms: `ratios` sees to that.
        let decided = stats::planned::decide(&logs, Band::PRACTICAL, stats::LEVEL).unwrap_or_default();
        for ((index, one, _), decided) in family.iter().zip(decided) {
            tables[*index].compared.push(Compared { decided, ..one.clone() });
        }
    }
}

/// At an offered rate that all keep, what differs is the cost; past capacity and beside trouble each server is held against itself.
fn metric_of(experiment: Experiment) -> Option<Metric> {
    match experiment {
        Experiment::EqualRate => Some(Metric::RequestsPerCpu),
        Experiment::Users | Experiment::Overload | Experiment::SlowClients | Experiment::SlowRoute => None,
        _ => Some(Metric::Rate),
    }
}

fn pairs<'a>(run: &ComparisonRecord, table: &'a Table) -> Vec<(Effect, &'a Row, &'a Row)> {
    let row = |label: &str| table.row(label).filter(|row| row.is_valid());
    let pool = format!("threaded/hyper@{DEFAULT_WORKERS}");
    let tiny_pool = format!("threaded/tiny-http@{DEFAULT_WORKERS}");
    let mut pairs = Vec::new();
    let mut add = |effect, subject: Option<&'a Row>, over: Option<&'a Row>| {
        pairs.extend(subject.zip(over).map(|(subject, over)| (effect, subject, over)));
    };
    for over in ["sync/tiny-http", tiny_pool.as_str()] {
        add(Effect::Whole, row("async/axum"), row(over));
    }
    for over in ["sync/hyper", pool.as_str()] {
        add(Effect::Model, row("async/hyper"), row(over));
    }
    let best = best_pool(table).filter(|best| best.cell.contender != pool);
    add(Effect::BestPool, row("async/hyper"), best);
    for (subject, over) in
        [("sync/hyper", "sync/tiny-http"), (pool.as_str(), tiny_pool.as_str()), ("async/hyper", "async/axum")]
    {
        add(Effect::Library, row(subject), row(over));
    }
    let guests = guests(run);
    let language = |one: &Contender| run.config.guests.get(&one.base)?.language.as_deref();
    for subject in guests.iter().filter(|one| one.model == Model::Async) {
        let rival = |one: &&&Contender| {
            let same = language(one).zip(language(subject)).is_none_or(|(one, other)| one == other);
            same && matches!(one.model, Model::Sync | Model::Threaded)
        };
        for over in guests.iter().filter(rival) {
            add(Effect::Guest, best_size(table, &subject.base), best_size(table, &over.base));
        }
    }
    for over in guests {
        for subject in [row("async/hyper"), best_pool(table)] {
            add(Effect::Beside, subject, best_size(table, &over.base));
        }
    }
    pairs
}

/// The servers that are not ours, one for all sizes of its pool.
fn guests(run: &ComparisonRecord) -> Vec<&Contender> {
    let mut guests: Vec<&Contender> = Vec::new();
    for one in run.config.contenders.iter().filter(|one| one.package().is_none()) {
        if guests.iter().all(|known| known.base != one.base) {
            guests.push(one);
        }
    }
    guests
}

/// The pool on hyper with the highest median rate.
#[must_use]
pub fn best_pool(table: &Table) -> Option<&Row> {
    let is_pool = |row: &&Row| {
        let Contender { model, stack, .. } = &row.contender;
        *model == Model::Threaded && stack == "hyper" && row.is_valid() && !row.cell.twin
    };
    fastest(table.rows.iter().filter(is_pool))
}

/// Of a server that was measured with several sizes of its pool the one with the highest median rate.
fn best_size<'a>(table: &'a Table, base: &str) -> Option<&'a Row> {
    fastest(table.rows.iter().filter(|row| row.contender.base == base && row.is_valid() && !row.cell.twin))
}

fn fastest<'a>(rows: impl Iterator<Item = &'a Row>) -> Option<&'a Row> {
    let rate = |row: &&Row| row.rate_per_sec.map_or(0.0, |rate| rate.median);
    rows.max_by(|a, b| rate(a).total_cmp(&rate(b)))
}

/// The undecided comparison and its log ratios, if there are two blocks or more in which both sides have the figure.
///
/// The run's seed draws the resamples of every pair alike, so that who else was measured changes no figure.
fn ratios(
    seed: u64,
    effect: Effect,
    metric: Metric,
    subject: &Row,
    over: &Row,
) -> Option<(Compared, Vec<f64>)> {
    let logs = log_ratios(&in_both(metric, subject, over)).ok().filter(|logs| logs.len() >= 2)?;
    let undecided = stats::planned::decide(&[&logs], Band::PRACTICAL, stats::LEVEL).ok()?.pop()?;
    let bootstrap = Bootstrap { resamples: RESAMPLES, level: stats::LEVEL, ..Bootstrap::new(seed) };
    let second = bootstrap.interval(&logs, Statistic::HodgesLehmann).ok()?.exp();
    let compared = Compared {
        effect,
        metric,
        subject: subject.cell.name(),
        over: over.cell.name(),
        blocks: logs.len(),
        decided: undecided,
        second,
        client_bound: (subject.is_client_bound(), over.is_client_bound()),
    };
    Some((compared, logs))
}

/// The figures of the blocks in which both sides count and answered something.
pub(crate) fn in_both(metric: Metric, subject: &Row, over: &Row) -> Vec<(f64, f64)> {
    let figure = |row: &Row, block: usize| {
        let point = row.points.iter().find(|point| point.block == block)?;
        let value = match metric {
            Metric::Rate => Some(point.rate_per_sec),
            Metric::RequestsPerCpu => point.cpu_us.map(|us| 1e6 / us),
        };
        value.filter(|value| value.is_finite() && *value > 0.0)
    };
    subject
        .points
        .iter()
        .filter_map(|point| figure(subject, point.block).zip(figure(over, point.block)))
        .collect()
}
