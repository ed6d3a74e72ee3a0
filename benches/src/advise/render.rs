//! Advice as text for people.

use std::fmt::Write;

use super::Workload;
use super::advice::{Advice, Candidate, Outlook};
use super::verify::{Verdict, Verification};
use crate::format::{figures, grouped, latency, mebibytes, signed_percent};
use crate::prediction::Bound;
use crate::report::grid;

/// The whole advice.
pub(super) fn text(advice: &Advice) -> String {
    let mut text = format!(
        "{}\nBy {} cells of the run {}, on {} CPU{} for the server.\n",
        asked(&advice.workload),
        advice.cells,
        advice.run,
        advice.cpus,
        if advice.cpus == 1 { "" } else { "s" }
    );
    for doubt in &advice.doubts {
        let _ = writeln!(text, "- {doubt}");
    }
    text.push('\n');
    let row = |one| cells(one, advice.workload.clients, advice.recommended.as_ref());
    let rows = advice.candidates.iter().map(row).collect();
    let header = ["server", "requests/s", "mean", "p99", "memory", "limit", "to spare", "objective"];
    let _ = writeln!(text, "{}\n", grid(&header, rows));
    if advice.candidates.iter().any(|one| !one.expected.doubts.is_empty()) {
        text.push_str("\\* less sure: beyond what the run measured, or partly by a formula alone; --output-format json has each reason.\n\n");
    }
    for one in &advice.candidates {
        let Some(seen) = &one.expected.fails else { continue };
        let _ = writeln!(
            text,
            "{} is not expected to serve as it should. Nearest measured: {seen}.",
            one.contender.label
        );
    }
    if advice.candidates.iter().any(|one| one.expected.fails.is_some()) {
        text.push('\n');
    }
    match (advice.chosen(), advice.outlook) {
        (Some(chosen), Some(outlook)) => {
            let _ = writeln!(text, "{}", recommendation(chosen, outlook));
            for doubt in &chosen.expected.doubts {
                let _ = writeln!(text, "- {doubt}");
            }
        }
        _ => text.push_str("Nothing can be recommended: the run has no cell of any candidate.\n"),
    }
    if let (Some(verification), Some(chosen)) = (&advice.verification, advice.chosen()) {
        let _ = writeln!(text, "\n{}", verified(verification, chosen, &advice.workload));
    }
    text
}

fn asked(workload: &Workload) -> String {
    let duration = |it| humantime::format_duration(it);
    format!(
        "{} clients in a closed loop, {} of wait and {} of CPU work in each request; objective: p99 within {}.",
        grouped(workload.clients as f64),
        duration(workload.io_wait),
        duration(workload.cpu_work),
        duration(workload.slo_p99)
    )
}

fn cells(one: &Candidate, clients: usize, recommended: Option<&String>) -> Vec<String> {
    let expected = &one.expected;
    let label = &one.contender.label;
    let sure = if expected.doubts.is_empty() { "" } else { " \\*" };
    let limit = match expected.bound {
        Bound::Cpu => "CPU",
        Bound::Concurrency if one.contender.workers.is_some_and(|workers| workers < clients) => "workers",
        Bound::Concurrency | Bound::Offered => "clients",
    };
    vec![
        if recommended == Some(label) { format!("**{label}**{sure}") } else { format!("{label}{sure}") },
        grouped(expected.rate_per_sec),
        time(expected.mean_s),
        time(expected.p99_s),
        expected.memory_bytes.map_or_else(|| "n/a".to_owned(), mebibytes),
        limit.to_owned(),
        to_spare(one.margin),
        match (&expected.fails, one.margin >= 0.0) {
            (Some(_), _) => "fails",
            (None, true) => "met",
            (None, false) => "missed",
        }
        .to_owned(),
    ]
}

/// A margin; one of several times the objective is told as such.
fn to_spare(margin: f64) -> String {
    if margin >= -1.0 { signed_percent(margin) } else { format!("{} × too long", figures(1.0 - margin)) }
}

fn time(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time from zero to hours; a longer one is shown as the longest"
    )]
    latency((seconds * 1e9) as u64)
}

fn recommendation(chosen: &Candidate, outlook: Outlook) -> String {
    let expected = &chosen.expected;
    let figures = format!(
        "{} requests/s, p99 {}, {}",
        grouped(expected.rate_per_sec),
        time(expected.p99_s),
        expected.memory_bytes.map_or_else(|| "memory not known".to_owned(), mebibytes)
    );
    let label = &chosen.contender.label;
    match outlook {
        Outlook::Meets if expected.memory_bytes.is_none() => format!(
            "Take {label}: {figures}. Of those that meet the objective with 10 % to spare it has the most; their memory is not known, as \
             the run has no ladder of users."
        ),
        Outlook::Meets => format!(
            "Take {label}: {figures}. Of those that meet the objective with 10 % to spare it needs the least memory, or has most to spare \
             of those that need at most 10 % more."
        ),
        Outlook::Barely => format!(
            "Take {label}, and look out: {figures}. Nobody meets the objective with 10 % to spare; it has the most, {}.",
            signed_percent(chosen.margin)
        ),
        Outlook::Misses => {
            format!("Nobody is expected to meet the objective. {label} comes closest: {figures}.")
        }
    }
}

fn verified(it: &Verification, chosen: &Candidate, workload: &Workload) -> String {
    let verdict = match it.verdict {
        Verdict::Right => "right",
        Verdict::Wrong => "WRONG",
        Verdict::Void => "void",
    };
    let rate = it.rate_per_sec.zip(it.rate_off).map_or_else(
        || "nothing was answered".to_owned(),
        |(rate, off)| {
            format!("{} requests/s ({} against the expectation)", grouped(rate), signed_percent(off))
        },
    );
    let share = if it.requests > 0 { it.late as f64 * 100.0 / it.requests as f64 } else { 0.0 };
    let mut text = format!(
        "Verified with {}: {verdict}. {rate}; {} % of {} requests took longer than {}; {}; {} of {} trials valid.",
        chosen.contender.label,
        figures(share),
        grouped(it.requests as f64),
        humantime::format_duration(workload.slo_p99),
        it.memory_bytes.map_or_else(|| "memory not known".to_owned(), mebibytes),
        it.valid_trials,
        it.trials
    );
    for reason in &it.reasons {
        let _ = write!(text, "\n- {reason}");
    }
    text
}
