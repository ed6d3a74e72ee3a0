//! What is said of servers that are not ours follows their records.

use super::*;
use crate::matrix::{Experiment, Profile};
use crate::order::TrialSpec;
use crate::provenance::Known;
use crate::record::{GuestFacts, Measurement};
use crate::report::Report;
use crate::synthetic;
use crate::testing::{add_guests, client_bound, measured, measurement, not_valid, trials_of};

const GUESTS: [(&str, Model, Option<usize>); 6] = [
    ("python-async", Model::Async, None),
    ("python-sync", Model::Sync, None),
    ("python-pool", Model::Threaded, Some(1)),
    ("python-pool", Model::Threaded, Some(8)),
    ("python-pool", Model::Threaded, Some(64)),
    ("python-threads", Model::Threaded, None),
];

fn run() -> ComparisonRecord {
    let mut run = synthetic::run(Profile::Quick, &[Experiment::Hello]);
    add_guests(&mut run, &GUESTS);
    run
}

fn facts(language: &str, notes: &[&str]) -> GuestFacts {
    GuestFacts {
        version: Known { value: Some("1.0".to_owned()), reason: None },
        language: Some(language.to_owned()),
        notes: notes.iter().map(|&note| note.to_owned()).collect(),
        sha256: std::collections::BTreeMap::new(),
    }
}

/// The page, where each trial is what `of` makes of the usual rate of its server.
fn page(run: &ComparisonRecord, of: impl Fn(&TrialSpec, f64) -> Measurement) -> String {
    let trials = trials_of(run, |spec| {
        let rate = match spec.cell.contender.as_str() {
            "python-async" | "async/axum" | "async/hyper" => 4_000.0,
            "python-pool@8" => 2_000.0,
            "python-threads" => 5_000.0,
            _ => 1_000.0,
        };
        measured(of(spec, rate * (1.0 + 0.001 * spec.block as f64)))
    });
    Report::of(run, &trials).page()
}

fn own_terms(page: &str) -> &str {
    page.split_once("## The article's own terms").unwrap().1.split("\n## ").next().unwrap()
}

#[test]
fn both_grounds_stand_side_by_side_with_a_closing_sentence() {
    let mut run = run();
    let page = page(&run, |_, rate| measurement(rate));
    let section = own_terms(&page);
    insta::assert_snapshot!(section);

    for (name, ..) in GUESTS {
        run.config.guests.insert(name.to_owned(), facts("Python", &[]));
    }
    let section = self::page(&run, |_, rate| measurement(rate));
    assert!(own_terms(&section).contains("| Python: async over blocking |"), "{section}");
    run.config.contenders.last_mut().unwrap().model = Model::Other;
    let section = self::page(&run, |_, rate| measurement(rate));
    let left_out = "names none of the three models for it: `python-threads`; how";
    assert!(own_terms(&section).contains(left_out) && !page.contains(left_out), "{section}");
    // One of another language has nobody to be held against.
    run.config.guests.insert("python-sync".to_owned(), facts("Perl", &[]));
    let section = self::page(&run, |_, rate| measurement(rate));
    assert!(!own_terms(&section).contains("`python-sync`"), "{section}");
}

#[test]
fn only_sizes_with_a_valid_row_were_tried_and_a_limit_of_the_generator_is_no_lead() {
    let run = run();
    let page = page(&run, |spec, rate| match spec.cell.contender.as_str() {
        "python-pool@64" => not_valid(rate),
        "python-sync" | "python-threads" => client_bound(rate),
        _ => measurement(rate),
    });
    let section = own_terms(&page);
    assert!(section.contains("`python-pool@8`, the fastest of 1, 8:"), "{section}");
    let less = "or less, and so undecided: the load generator was at its limit with the second | undecided |";
    assert!(section.contains(&format!("over `python-sync`: 4.00 × (4.00 to 4.00), {less}")), "{section}");
    // That one is even faster is no doubt.
    let slower = "or less: the load generator was at its limit with the second | slower |";
    assert!(
        section.contains(&format!("over `python-threads`: 0.800 × (0.800 to 0.800), {slower}")),
        "{section}"
    );
}

#[test]
fn without_a_pair_of_theirs_nothing_is_said_of_the_articles_terms() {
    let mut run = synthetic::run(Profile::Quick, &[Experiment::Hello]);
    add_guests(&mut run, &GUESTS[..1]);
    let page = page(&run, |_, rate| measurement(rate));
    assert!(!page.contains("own terms"), "{page}");
    assert!(page.contains("`async/hyper` and `python-async` are within 5 % of each other"), "{page}");
}

#[test]
fn a_claim_holds_wholly_in_part_or_not_by_its_findings() {
    use Comparison::{Faster, Inconclusive, NoPracticalDifference, Slower};
    for (findings, said) in [
        (&[][..], None),
        (&[Faster, Faster], Some("it holds (faster in 2 of 2)")),
        (&[Faster, Inconclusive], Some("it holds where it is decided (faster in 1 of 2, undecided in 1)")),
        (&[Faster, Slower], Some("it holds in part (faster in 1 of 2, slower in 1)")),
        (
            &[Slower, NoPracticalDifference],
            Some("it does not hold (faster in 0 of 2, slower in 1, no practical difference in 1)"),
        ),
        (&[Slower, Inconclusive], Some("it is not shown (faster in 0 of 2, slower in 1, undecided in 1)")),
        (&[Inconclusive], Some("it cannot be told (faster in 0 of 1, undecided in 1)")),
    ] {
        assert_eq!(held(findings).as_deref(), said, "{findings:?}");
    }
}

#[test]
fn who_took_part_is_told_with_its_command_and_the_notes_of_its_manifest() {
    let mut run = run();
    run.config.guests.insert("python-pool".to_owned(), facts("Python", &["One process.", "It closes."]));
    let page = page(&run, |spec, rate| {
        let command = match spec.cell.contender.as_str() {
            "python-pool@8" => vec!["A=1".to_owned(), "/bin/pool".to_owned(), "two words".to_owned()],
            _ => Vec::new(),
        };
        Measurement { command, ..measurement(rate) }
    });
    let section = page.split_once("## Servers that are not ours").unwrap().1.split("\n## ").next().unwrap();
    insta::assert_snapshot!(section);
    assert_eq!(page.matches("It closes.").count(), 1, "once, whatever the number of sizes");
}
