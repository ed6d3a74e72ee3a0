//! The article's own terms: servers in another language, async against blocking, beside ours under the same workloads.

use super::document::{Block, Table};
use super::sentence::{code, word};
use crate::claims::words;
use crate::contender::{Contender, Model};
use crate::format::figures;
use crate::record::ComparisonRecord;
use crate::summary::{Compared, Effect, Metric, Summary};

/// The table, where an async and a blocking server that are not ours were measured side by side.
pub(super) fn section(run: &ComparisonRecord, summary: &Summary) -> Vec<Block> {
    let mut rows = Vec::new();
    for table in &summary.tables {
        let of = |effect| {
            table.compared.iter().filter(move |one| one.effect == effect && one.metric == Metric::Rate)
        };
        let theirs: Vec<&Compared> = of(Effect::Guest).filter(|one| is_their_pair(run, one)).collect();
        if theirs.is_empty() {
            continue;
        }
        rows.extend(theirs.into_iter().chain(of(Effect::Whole)).map(|one| {
            let ratio = one.decided.ratio;
            vec![
                words::setting(&table.setting),
                code(&one.subject),
                code(&one.over) + &sweep(run, &one.over),
                format!("{} × ({} to {})", figures(ratio.estimate), figures(ratio.low), figures(ratio.high)),
                word(one.decided.comparison).to_owned(),
            ]
        }));
    }
    if rows.is_empty() {
        return Vec::new();
    }
    let header =
        ["workload", "async", "blocking", "requests/s of async for those of blocking (95 %)", "async is"];
    vec![
        Block::section("The article's own terms"),
        Block::Text(
            "What a change of model does in another language, and what it does here, under the same workloads; servers as people pick them, so model and library change together."
                .to_owned(),
        ),
        Table::of_words("The article's own terms", &header, rows),
    ]
}

/// Of which sizes this one was the fastest, for a server that was measured with several.
fn sweep(run: &ComparisonRecord, label: &str) -> String {
    let all = &run.config.contenders;
    let Some(chosen) = all.iter().find(|one| one.label == label && one.package().is_none()) else {
        return String::new();
    };
    let sizes: Vec<String> = all
        .iter()
        .filter(|one| one.base == chosen.base)
        .filter_map(|one| Some(one.workers?.to_string()))
        .collect();
    if sizes.len() < 2 { String::new() } else { format!(", the fastest of {}", sizes.join(", ")) }
}

/// An async server that is not ours over a blocking one that is not ours.
fn is_their_pair(run: &ComparisonRecord, one: &Compared) -> bool {
    let theirs = |label: &str, is: &dyn Fn(&Contender) -> bool| {
        run.config
            .contenders
            .iter()
            .any(|known| known.label == label && known.package().is_none() && is(known))
    };
    theirs(&one.subject, &|one| one.model == Model::Async)
        && theirs(&one.over, &|one| matches!(one.model, Model::Sync | Model::Threaded))
}
