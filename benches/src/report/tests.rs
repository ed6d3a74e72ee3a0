//! Whole pages, and that their words follow their numbers.

use super::*;
use crate::matrix::Load;
use crate::matrix::Profile;
use crate::order::TrialSpec;
use crate::record::Outcome;
use crate::synthetic::{self, World};
use crate::testing::{client_bound, measured, measurement, not_valid, planned, run, run_of, trials_of};

fn is_waiting(spec: &TrialSpec) -> bool {
    !spec.cell.setting.work.wait().is_zero()
}

/// sync is always slow under wait, threaded and async change places from block to block, one trial fails, one is doubted.
fn mixed(run: &ComparisonRecord) -> Vec<TrialRecord> {
    trials_of(run, |spec| match (is_waiting(spec), spec.cell.contender.as_str(), spec.block) {
        (true, "sync/tiny-http", _) => measured(measurement(98.0 - spec.block as f64 / 10.0)),
        (true, "threaded/tiny-http@64", 1) => {
            Outcome::Failed { reason: "the server ended under load".to_owned() }
        }
        (true, "sync/hyper", 1) => measured(not_valid(60.0)),
        (false, "async/axum", 0) => measured(client_bound(9_000.0)),
        (false, "async/axum", _) => measured(client_bound(8_900.0)),
        (_, contender, block) => {
            let even = (block + usize::from(contender == "async/axum")).is_multiple_of(2);
            measured(measurement(if even { 6_000.0 } else { 6_200.0 }))
        }
    })
}

fn listed() -> Vec<Listed> {
    let one = |id: &str, readable| Listed { id: id.to_owned(), readable };
    vec![one("b", true), one("a", false)]
}

#[test]
fn a_whole_page() {
    let run = run_of(planned(5));
    insta::assert_snapshot!(Report::of(&run, &mixed(&run)).index(&listed()));
}

#[test]
fn an_unfinished_run_says_so() {
    let run = run();
    let trials = mixed(&run);
    assert!(!Report::of(&run, &trials).page().contains("was stopped"));
    let text = Report::of(&run, &trials[1..]).page();
    assert!(
        text.contains(&format!("stopped after {} of {} trials", trials.len() - 1, trials.len())),
        "{text}"
    );
}

/// Each sentence is found for one record and gone for another: it comes from the numbers.
#[test]
fn words_change_with_their_numbers() {
    let run = run_of(planned(5));
    let with = |ratio: f64| {
        let trials = trials_of(&run, |spec| {
            let faster = if spec.cell.contender == "async/hyper" { ratio } else { 1.0 };
            measured(measurement(5_000.0 * faster * (1.0 + 0.001 * spec.block as f64)))
        });
        Report::of(&run, &trials).page()
    };
    let over_sync = |words: &str| format!("`async/hyper` {words} `sync/hyper`");
    for (ratio, words) in [
        (1.5, over_sync("answered more requests per second than")),
        (0.5, over_sync("answered fewer requests per second than")),
        (1.0, "`async/hyper` and `sync/hyper` are within 5 % of each other".to_owned()),
    ] {
        for other in [1.5, 0.5, 1.0] {
            let same = f64::to_bits(other) == f64::to_bits(ratio);
            assert_eq!(with(other).contains(&words), same, "{words} at {other}");
        }
    }
}

/// In the table of all ratios.
#[test]
fn a_row_says_where_two_methods_disagree_about_1() {
    let run = run_of(planned(5));
    let row = |leads: [f64; 5]| {
        let trials = trials_of(&run, |spec| {
            let lead = if spec.cell.contender == "async/axum" { leads[spec.block] } else { 1.0 };
            measured(measurement(10_000.0 * lead))
        });
        let page = Report::of(&run, &trials).page();
        let mut rows =
            page.lines().filter(|line| line.contains("`async/axum` over `sync/tiny-http` | `hello"));
        rows.next().unwrap().to_owned()
    };
    let (uneven, even) = (row([1.001, 1.002, 1.1, 1.01, 1.003]), row([1.2, 1.21, 1.19, 1.2, 1.22]));
    assert!(uneven.ends_with("| **they disagree**: only the bootstrap excludes 1 |"), "{uneven}");
    assert!(!even.contains("disagree"), "{even}");
}

#[test]
fn an_open_loop_shows_what_was_offered() {
    let entries = Experiment::EqualRate.entries(crate::matrix::Profile::Standard, &[]);
    let run = run_of(crate::agenda::plan(&entries, 3, &crate::testing::pilots(), 1));
    assert!(matches!(run.planned[0].cell.setting.load, Load::Open { .. }));
    let trials = trials_of(&run, |_| measured(measurement(25_000.0)));
    let text = Report::of(&run, &trials).page();
    assert!(text.contains("offered/s") && text.contains("25,000"), "{text}");
    assert!(text.contains("CPU time a request") || text.contains("within 5 % of each other"), "{text}");
}

/// The first screen of a whole run: machine, noise, verdicts, advice.
#[test]
fn the_first_screen() {
    let (run, trials) = synthetic::standard();
    let page = Report::of(run, trials).index(&listed());
    let (first, _) = page.split_once("## Each verdict in full").unwrap();
    insta::assert_snapshot!(first);
}

#[test]
fn the_terminal_ends_with_the_verdicts() {
    let run = run_of(planned(5));
    let text = Report::of(&run, &mixed(&run)).for_terminal();
    let (tables, verdicts) = text.split_once("the articles say").unwrap();
    assert!(tables.contains("`hello/c=64`") && tables.contains("async/hyper"), "{tables}");
    insta::assert_snapshot!(verdicts);
}

#[test]
fn a_verdict_and_its_sentence_turn_with_their_records() {
    let run = synthetic::run(Profile::Quick, &Experiment::ALL);
    let page =
        |async_rate| Report::of(&run, &synthetic::trials(&run, World { async_rate, ..World::USUAL })).page();
    let pages = [page(1.0), page(3.0), page(0.001)];
    for (line, on) in [
        ("- **Async wins** over the best pool", [true, true, false]),
        ("- **Async wins** nowhere", [false, false, true]),
        ("**No practical difference** against the best pool with 10 ms", [true, false, false]),
        ("- **Async loses** to the best pool in every setting measured: 0.00", [false, false, true]),
        ("- **Not told**: C2 is not measured, C3", [true, true, true]),
    ] {
        assert_eq!(pages.each_ref().map(|page| page.contains(line)), on, "{line}");
    }
    let row = |page: &String| page.lines().find(|line| line.starts_with("| **C1.**")).unwrap().to_owned();
    let [usual, faster, slower] = pages.each_ref().map(row);
    assert!(usual.contains("**supported only when …** over one request at a time ("), "{usual}");
    assert!(faster.contains("| **supported** |") && faster.contains("at least"), "{faster}");
    assert!(slower.contains("| **refuted** |"), "{slower}");
}

#[test]
fn every_picture_of_a_page_is_a_file_and_every_file_is_on_the_page() {
    let (run, trials) = synthetic::standard();
    let report = Report::of(run, trials);
    let (page, index) = (report.page(), report.index(&listed()));
    let pictures = report.pictures();
    let kinds =
        ["pool-", "winners", "ratios-best-pool", "hockey-stick", "percentiles-", "memory", "predictions"];
    for kind in kinds {
        assert!(pictures.iter().any(|(name, _)| name.starts_with(kind)), "{kind}");
    }
    for (name, svg) in &pictures {
        roxmltree::Document::parse(svg).unwrap();
        assert_eq!(page.matches(&format!("\"plots/{name}\"")).count(), 1, "{name}");
        assert_eq!(index.matches(&format!("\"{}/plots/{name}\"", run.id)).count(), 1, "{name}");
    }
    assert_eq!(page.matches("<img ").count() * 2, pictures.len());
    let bytes: usize =
        pictures.iter().map(|(_, svg)| svg.len()).sum::<usize>() + report.html().len() + page.len();
    assert!(bytes < 1_500_000, "{bytes} bytes");
}

#[test]
fn the_html_file_needs_nothing_else_and_names_everything() {
    let (run, trials) = synthetic::standard();
    let html = Report::of(run, trials).html();
    for foreign in ["<script", "<link", "src=", "@import", "url(http", "href=\"http"] {
        assert!(!html.contains(foreign), "{foreign}");
    }
    let after = |marker: &'static str| {
        html.split(marker).skip(1).map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
    };
    let ids: Vec<String> = after(" id=\"").collect();
    let unique: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len());
    for target in after("href=\"#") {
        assert!(ids.contains(&target), "nothing is called {target}");
    }
    for id in
        after("aria-labelledby=\"").flat_map(|ids| ids.split(' ').map(str::to_owned).collect::<Vec<_>>())
    {
        assert!(ids.contains(&id), "nothing is called {id}");
    }
    for claim in crate::claims::Claim::ALL {
        assert!(html.contains(claim.words()), "{}", claim.label());
    }
    for part in ["div", "table", "details", "figure", "svg", "main", "section"] {
        let opened = html.matches(&format!("<{part}>")).count() + html.matches(&format!("<{part} ")).count();
        assert_eq!(opened, html.matches(&format!("</{part}>")).count(), "{part}");
    }
}

#[test]
fn rendering_twice_gives_the_same_bytes() {
    let (run, trials) = synthetic::standard();
    let (first, second) = (Report::of(run, trials), Report::of(run, trials));
    assert_eq!(first.page(), second.page());
    assert_eq!(first.html(), second.html());
    assert_eq!(first.pictures(), second.pictures());
}

#[test]
fn what_servers_are_made_of_is_shown_and_informs_the_claim_of_simplicity() {
    let mut run = synthetic::run(Profile::Quick, &[Experiment::Hello]);
    run.code = Some(crate::code::tests::made_up());
    let page = Report::of(&run, &[]).page();
    let (_, section) = page.split_once("## Code: what each server is made of").unwrap();
    insta::assert_snapshot!(section.split("\n## ").next().unwrap());
    let claim = page.lines().find(|line| line.contains("**C5.**")).unwrap();
    assert!(claim.contains("**inconclusive**"), "{claim}");
    let (_, in_full) = page.split_once("<details><summary>C5").unwrap();
    assert!(in_full.split("</details>").next().unwrap().contains("dependencies"), "{in_full}");
}

#[test]
fn one_point_is_no_curve() {
    let (mut run, trials) = synthetic::standard_of(&[Experiment::Overload]);
    let is_drawn = |run: &ComparisonRecord| {
        Report::of(run, &trials).pictures().iter().any(|(name, _)| name.starts_with("hockey-stick"))
    };
    assert!(is_drawn(&run));
    let first = run.planned[0].cell.setting;
    run.planned.retain(|one| one.cell.setting == first);
    assert!(!is_drawn(&run));
    assert!(Report::of(&run, &trials).page().contains("valid rows are in no picture of latency"));
}

#[test]
fn the_first_line_says_what_was_wrong_with_source_and_machine() {
    let mut run = run();
    let first = |run: &ComparisonRecord| {
        let page = Report::of(run, &[]).page();
        page.lines().find(|line| line.starts_with("**Machine.**")).unwrap().to_owned()
    };
    assert!(!first(&run).contains("uncommitted") && !first(&run).contains("load average"));
    run.provenance.dirty = Some(true);
    run.provenance.load_average.value = Some("2.01 1 1".to_owned());
    assert!(first(&run).contains("**Made with uncommitted changes"), "{}", first(&run));
    assert!(first(&run).contains("**The load average was 2.01 when it began"), "{}", first(&run));
    run.provenance.load_average.value = Some("1.99 9 9".to_owned());
    assert!(!first(&run).contains("load average"), "{}", first(&run));
}
