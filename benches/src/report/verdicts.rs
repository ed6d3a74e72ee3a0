//! Verdicts for readers: the table of the first screen, each verdict in full, and lines for a terminal.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{ContentArrangement, Table as Grid};

use super::document::{Block, Table};
use crate::claims::words;
use crate::claims::{Finding, Group, Observation, Status, THREATS, Topic, Unit, Verdict};
use crate::format::{figures, grouped};

/// Columns of a terminal that everybody has.
const COLUMNS: u16 = 100;

/// Columns of [`table`], and of its cousin in a terminal.
const HEADER: [&str; 4] = [
    "articles say of async",
    "verdict (in how many figures)",
    "telling figure (95 % interval)",
    "where that ends",
];

/// The table that answers the articles, a short line each; all that it leaves out stands in the verdict in full.
pub(super) fn table(verdicts: &[Verdict]) -> Block {
    let row = |one: &Verdict| {
        let [claim, rest @ ..] = cells(one);
        [format!("**{}.** {claim}", one.claim.label())].into_iter().chain(rest).collect()
    };
    Table::of_words("Verdicts", &HEADER, verdicts.iter().map(row).collect())
}

fn cells(one: &Verdict) -> [String; 4] {
    [one.claim.short().to_owned(), shortly(one), telling(one), end(one)]
}

/// The verdict, and of how many figures it holds.
fn shortly(one: &Verdict) -> String {
    let held: Vec<String> = one.deciding.iter().filter_map(held).collect();
    let label = format!("**{}**", one.status.label());
    if one.status == Status::OnlyWhen { format!("{label} {}", held.join(", ")) } else { label }
}

fn held(group: &Group) -> Option<String> {
    let (held, told) = (group.count(Finding::For), group.told().count());
    let not_valid = match group.observations.len() - told {
        0 => String::new(),
        some => format!(" valid, {some} not valid"),
    };
    if group.observations.iter().any(|one| one.unit.is_users()) {
        let over = group.observations.iter().filter(|one| one.finding == Finding::For).map(words::who);
        let over = over.collect::<Vec<_>>().join(" and ");
        return (held > 0).then(|| format!("held against {over}"));
    }
    match (held, told) {
        (_, 0) => Some(format!("{} not known", group.what)),
        (0, _) => None,
        (1, 1) if not_valid.is_empty() => Some(group.short.clone()),
        _ => Some(format!("{} ({held} of {told}{not_valid})", group.short)),
    }
}

/// The last figure where the claim is contested, as the hardest cases come last; where it is nowhere, the first. Of waits the most that
/// overlapped comes first, and what does not overlap is its control.
fn telling(one: &Verdict) -> String {
    if let Some(overlap) = overlap(one) {
        return overlap;
    }
    let with = |group: &&Group| group.observations.iter().any(|one| one.value.is_some());
    let contested = |group: &&Group| with(group) && group.count(Finding::For) < group.told().count();
    match one.deciding.iter().rfind(contested).or_else(|| one.deciding.iter().find(with)) {
        Some(group) if group.observations.iter().any(|one| one.unit.is_users()) => {
            let all = group.observations.iter().map(words::held);
            [group.short.clone()].into_iter().chain(all).collect::<Vec<_>>().join("; ")
        }
        Some(group) => words::brief(one.status, group),
        None if one.figures.is_empty() => one.missing.join("; "),
        None => "figures that inform and do not decide".to_owned(),
    }
}

/// How many waits overlapped of how many, at the most, and the group that shows none.
fn overlap(one: &Verdict) -> Option<String> {
    let is_waits = |group: &&Group| matches!(group.topic, Topic::Waits(..));
    let estimate = |one: &Observation| one.value.map_or(0.0, |it| it.estimate);
    let groups = || one.deciding.iter().filter(is_waits);
    let shown = groups().flat_map(|group| &group.observations).filter(|one| one.finding == Finding::For);
    let most = shown.max_by(|a, b| estimate(a).total_cmp(&estimate(b)))?;
    let positive = format!(
        "{} of {} waits overlap ({}, {})",
        words::value(Unit::AtATime, &most.value?),
        grouped(most.at.load.connections() as f64),
        words::who(most),
        words::setting(&most.at)
    );
    let none = |group: &&Group| group.count(Finding::For) == 0 && group.told().next().is_some();
    let control = groups().find(none).map(|group| words::brief(one.status, group));
    Some([Some(positive), control].into_iter().flatten().collect::<Vec<_>>().join("; "))
}

fn status(one: &Verdict) -> String {
    match (&one.status, &one.when) {
        (Status::OnlyWhen, Some(when)) => format!("**supported only when** {when}"),
        (status, _) => format!("**{}**", status.label()),
    }
}

fn evidence(one: &Verdict) -> String {
    let groups: Vec<String> = one.deciding.iter().map(|group| words::brief(one.status, group)).collect();
    match (groups.is_empty(), one.missing.is_empty()) {
        (true, true) => one.figures.join("; "),
        (true, false) => one.missing.join("; "),
        (false, true) => groups.join("; "),
        (false, false) => format!("{}; {}", groups.join("; "), one.missing.join("; ")),
    }
}

/// How many figures that would decide are not valid, with one reason; all stand in the verdict in full.
fn not_valid(one: &Verdict) -> String {
    let (invalid, all) = (one.without_value().count(), one.observations().count());
    match one.doubts.first() {
        Some(first) if invalid > 1 => {
            format!("; {invalid} of {all} figures are not valid, one because {first}")
        }
        Some(first) => format!("; {invalid} of {all} figures is not valid, because {first}"),
        None => String::new(),
    }
}

/// Where the verdict ends, in a line.
fn end(one: &Verdict) -> String {
    if one.status == Status::NotMeasured {
        return format!("measure it: `{}`", one.command);
    }
    match (one.flips.first(), one.status) {
        (None, Status::Inconclusive) => "not known".to_owned(),
        (None, _) => "nowhere in what was measured".to_owned(),
        (Some(first), _) => first.clone(),
    }
}

/// Each verdict with all that it rests on, folded.
pub(super) fn in_full(verdicts: &[Verdict]) -> Vec<Block> {
    verdicts.iter().map(one_in_full).collect()
}

fn one_in_full(one: &Verdict) -> Block {
    let mut blocks = vec![Block::Text(format!("{}: {}.", one.claim.words(), status(one)))];
    blocks.push(Block::Text(format!("**Evidence.** {}{}.", capitalised(&evidence(one)), not_valid(one))));
    blocks.push(Block::Text(format!("**Scope.** {}.", capitalised(one.claim.scope()))));
    let prediction = one.prediction.as_deref().unwrap_or("none: no formula says anything here");
    blocks.push(Block::Text(format!("**Predicted.** {}.", capitalised(prediction))));
    blocks.extend(observed("Observed", &one.deciding));
    blocks.extend(observed("Beside it", &one.beside));
    let mut sections = vec![("Figures", one.figures.clone())];
    sections.push(("Where that ends", one.flips.clone()));
    sections.push(("Missing", one.missing.clone()));
    sections.push(("Not valid", one.doubts.clone()));
    let mut threats = vec![one.claim.threat().to_owned()];
    threats.extend(THREATS.map(str::to_owned));
    sections.push(("Threats", threats));
    for (name, items) in sections.into_iter().filter(|(_, items)| !items.is_empty()) {
        blocks.push(Block::Text(format!("**{name}.**")));
        blocks.push(Block::List(items));
    }
    blocks.push(Block::Text(format!("**Measured by** `{}`", one.command)));
    Block::Folded(format!("{}: {}", one.claim.label(), plain(&one.status.label().replace(" …", ""))), blocks)
}

/// Each observation in a row, with what was predicted and what it says.
fn observed(name: &str, groups: &[Group]) -> Option<Block> {
    let row = |group: &Group, one: &Observation| {
        let value = one.value.as_ref().map(|it| words::value(one.unit, it));
        let doubt = one
            .doubt
            .as_ref()
            .map(|doubt| if value.is_some() { format!(", {doubt}") } else { doubt.clone() });
        let predicted = one.predicted.map_or_else(|| "–".to_owned(), figures);
        vec![
            if one.unit.is_users() { "users held".to_owned() } else { group.what.clone() },
            words::who(one),
            words::at(one),
            value.unwrap_or_default() + &doubt.unwrap_or_default(),
            predicted,
            says(one).to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> =
        groups.iter().flat_map(|group| group.observations.iter().map(move |one| row(group, one))).collect();
    let header = ["figure", "servers", "at", "observed (95 %)", "predicted", "the claim"];
    (!rows.is_empty()).then(|| Table::of_words(name, &header, rows))
}

const fn says(one: &Observation) -> &'static str {
    match (one.finding, one.unit) {
        (Finding::For, _) => "holds",
        (Finding::Against | Finding::Equal, Unit::AtATime) => "no overlap",
        (Finding::Against, _) => "fails",
        (Finding::Equal, _) => "no practical difference",
        (Finding::Undecided, _) => "undecided",
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The verdicts for a terminal: no Markdown, lines of a width that everybody has.
pub(super) fn for_terminal(verdicts: &[Verdict]) -> String {
    let mut grid = Grid::new();
    grid.load_style(UTF8_HORIZONTAL_ONLY);
    grid.set_content_arrangement(ContentArrangement::Dynamic);
    grid.set_width(COLUMNS);
    let [_, verdict, telling, _] = HEADER;
    grid.set_header(["", "the articles say", verdict, telling]);
    for one in verdicts {
        let [claim, verdict, telling, _] = cells(one);
        grid.add_row([one.claim.label().to_owned(), claim, verdict, telling].map(|cell| plain(&cell)));
    }
    grid.to_string()
}

fn plain(text: &str) -> String {
    text.replace("**", "").replace('`', "")
}
