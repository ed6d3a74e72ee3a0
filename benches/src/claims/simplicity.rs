//! Simpler code, often: figures for a judgement that no figure makes.

use super::words::code;
use super::{Claim, Verdict};
use crate::code::{Code, ServerCode};
use crate::format::{grouped, mebibytes};
use crate::record::ComparisonRecord;
use crate::summary::Summary;

/// States what each server is made of; the verdict stays open, because what is simple is for the reader to judge.
pub(super) fn judge(run: &ComparisonRecord, summary: &Summary) -> Verdict {
    let mut verdict = Verdict::of(Claim::Simplicity, run, summary);
    match (&run.code, &run.code_missing) {
        (Some(made_of), _) => {
            verdict.missing.clear();
            verdict.figures = made_of.servers.iter().map(|one| figures(made_of, one)).collect();
            verdict.flips =
                vec!["with what you count as simple: the figures inform and do not decide".to_owned()];
        }
        (None, Some(reason)) => verdict.missing = vec![format!("`code` was not measured: {reason}")],
        (None, None) => {}
    }
    verdict
}

fn figures(all: &Code, one: &ServerCode) -> String {
    let style = match one.own.counts.asyncs + one.own.counts.awaits {
        0 => String::new(),
        both => format!(", {both} times `async` or `.await`"),
    };
    format!(
        "{}: {} lines with what it shares{style}, {} dependencies, {}",
        code(&one.own.package),
        grouped(all.lines_with_shared(one) as f64),
        one.dependencies,
        mebibytes(one.stripped_bytes.unwrap_or(one.binary_bytes) as f64)
    )
}
