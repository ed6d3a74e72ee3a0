//! How a page is to be read, and where its numbers come from.

use std::collections::BTreeMap;

use super::document::{Block, Table};
use super::{HTML, extras};
use crate::contender::{DEFAULT_WORKERS, POOL, TASKS};
use crate::format::{command_line, figures, mebibytes};
use crate::matrix::Experiment;
use crate::record::ComparisonRecord;
use crate::summary::Summary;

/// The machine and the run in one line.
pub(super) fn machine(run: &ComparisonRecord) -> String {
    let it = &run.provenance;
    let memory =
        it.memory_bytes.map_or_else(String::new, |bytes| format!(", {} of memory", mebibytes(bytes as f64)));
    let place = if run.placement.disjoint {
        format!(
            "server on CPU {}, load generator on CPU {}",
            list(&run.placement.server_cpus),
            list(&run.placement.generator_cpus)
        )
    } else {
        "**one CPU for server and load generator**".to_owned()
    };
    let (cpu, kernel, profile) = (it.cpu.text(), it.kernel.text(), run.config.profile.label());
    format!(
        "**Machine.** {} × {cpu}{memory}, Linux {kernel}; {place}; profile {profile}, {}.{}",
        it.cpus_text(),
        it.started_utc,
        warnings(run)
    )
}

/// What a reader must know of the source and of the machine when the run began.
fn warnings(run: &ComparisonRecord) -> String {
    let it = &run.provenance;
    let source = match it.dirty {
        Some(true) => " **Made with uncommitted changes: the commit does not tell the source.**",
        Some(false) => "",
        None => " Whether the source had uncommitted changes is not known.",
    };
    let text = it.load_average.text();
    let load = text.split(' ').next().and_then(|load| load.parse::<f64>().ok());
    let busy = load.filter(|load| it.cpus.is_some_and(|cpus| *load > cpus as f64)).map_or_else(String::new, |load| {
        format!(
            " **The load average was {} when it began, above the number of CPUs: other programs were at work, or had just been.**",
            figures(load)
        )
    });
    format!("{source}{busy}")
}

/// The names that the first screen uses, for somebody who has seen none of them.
pub(super) fn names() -> String {
    format!(
        "`{TASKS}` is the async server and `{POOL}@{DEFAULT_WORKERS}` a pool of {DEFAULT_WORKERS} blocking threads, both on the HTTP library hyper; *the best pool* is the size of pool that was fastest in that setting; C1 to C7 are the claims of articles in the table below."
    )
}

/// Where the rest is, and how to have it again.
pub(super) fn links(run: &ComparisonRecord, folder: &str) -> String {
    format!(
        "The whole report, with pictures that tell their values: [{HTML}]({folder}{HTML}). The same again: `{}`. Generated from records; the next run writes it anew.",
        again(run)
    )
}

fn again(run: &ComparisonRecord) -> String {
    format!("cargo compare {} --seed {}", command_line(&run.config.flags), run.config.seed)
}

/// What the words and figures of the tables mean.
pub(super) fn how_to_read(run: &ComparisonRecord, summary: &Summary) -> Vec<Block> {
    let place = if run.placement.disjoint {
        format!(
            "The server ran on CPU {} and the load generator on CPU {}",
            list(&run.placement.server_cpus),
            list(&run.placement.generator_cpus)
        )
    } else {
        "The machine has one CPU: **server and load generator shared it**, so each slows the other".to_owned()
    };
    let (warmup, window) =
        (figures(run.config.warmup.as_secs_f64()), figures(run.config.window.as_secs_f64()));
    let longer = longer_windows(run);
    let items = [
        format!("Each figure comes from fresh server processes, one a block, each under load for {warmup} s and then measured for {window} s{longer}; a block holds every cell once, in random order. {place}."),
        "*requests/s*: valid answers a second, median over the blocks, then the range. `≥` marks a row in which the load generator was nearly out of CPU in most trials: the server may be faster.".to_owned(),
        "*predicted*: what the wait, the pool, the clients and the CPU allow at most, written down before the first trial (`planned` in run.json); *off by* is how far the median is from it.".to_owned(),
        "*valid*: trials that passed every gate (the generator's own verdict, no wrong answer, hardly a failure, hardly an ignored connection, Little's law within 5 %, as many requests at work as claimed, little stolen or foreign CPU time). A row needs four in five. Comparisons are made between valid rows only.".to_owned(),
        "*p50*, *p99*: over the requests of all counting trials together, to the last byte: from the send in a closed loop, from the time the request was due in an open one. Unfinished requests count as \"at least\" their age. `n/a`: too few requests for that percentile, or unfinished ones could move it.".to_owned(),
        "*CPU*: the server's user and system time for each valid answer. *memory*: with shared pages divided (PSS), all connections open. *threads*: all of the process. *switches*: of all its threads, for each valid answer.".to_owned(),
        "Ratios: geometric mean over blocks of the ratio within a block, with a 95 % interval (t on logarithms). \"More\" and \"fewer\" need the interval clear of ±5 %, after Holm's correction over the experiment's comparisons: those among our servers, those among others, and those of ours with others are corrected apart, so that one more of the others turns no verdict on ours; \"within 5 %\" needs it inside. Where the load generator was at its limit with one side, that side may be faster: the ratio then shows a lead of that side alone, and all else is undecided.".to_owned(),
        "*Whole servers* are compared as people pick them: the concurrency model together with its usual HTTP library. hyper runs under all three models, so its rows show the effect of the model alone; two stacks of one server show the effect of the library alone. The *best pool* was chosen by its median in the same blocks, which flatters it a little.".to_owned(),
    ];
    vec![
        Block::section("How to read the tables"),
        Block::Text(extras::trust(summary)),
        Block::List(items.to_vec()),
    ]
}

/// Which experiments are measured for longer.
fn longer_windows(run: &ComparisonRecord) -> String {
    let all: BTreeMap<Experiment, f64> = run
        .planned
        .iter()
        .filter(|one| one.windows > 1)
        .map(|one| (one.cell.setting.experiment, one.window(run.config.window).as_secs_f64()))
        .collect();
    let told: Vec<String> =
        all.iter().map(|(one, seconds)| format!("`{}`: {} s", one.label(), figures(*seconds))).collect();
    if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) }
}

/// Machine, source and versions, and the records.
pub(super) fn origin(run: &ComparisonRecord, folder: &str) -> Vec<Block> {
    let it = &run.provenance;
    let dirty = match it.dirty {
        Some(true) => ", with uncommitted changes",
        Some(false) => "",
        None => ", changes unknown",
    };
    let packages: Vec<String> =
        it.packages.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let memory = it.memory_bytes.map_or_else(|| "unknown".to_owned(), |bytes| mebibytes(bytes as f64));
    let mut rows = vec![
        ("started", it.started_utc.clone()),
        ("commit", format!("{}{dirty}", it.commit.text())),
        ("CPU", format!("{} × {}", it.cpus_text(), it.cpu.text())),
        ("memory", memory),
        ("kernel", it.kernel.text()),
        ("frequency governor", it.governor.text()),
        ("load average at the start", it.load_average.text()),
        ("open files", it.open_files.text()),
        ("compiler", it.rustc.text()),
        ("versions", packages.join(", ")),
    ];
    rows.extend(it.more());
    for one in &run.sessions {
        rows.push(("gone on with", one.text()));
    }
    for (package, binary) in &run.binaries {
        rows.push(("binary", format!("{package}, SHA-256 {}", binary.sha256)));
    }
    for (name, version) in &run.config.guest_versions {
        rows.push(("contender", format!("{name}: {version}")));
    }
    for (name, facts) in &run.config.guests {
        rows.push(("contender", format!("{name}: {}", facts.version.text())));
    }
    for (name, reason) in &run.config.absent {
        rows.push(("not measured", format!("{name}: {reason}")));
    }
    let rows = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    vec![
        Block::section("Where the numbers come from"),
        Table::of_words("Origin", &["what", "value"], rows),
        Block::Text(format!(
            "Records: [run.json]({folder}run.json), [trials.jsonl]({folder}trials.jsonl). The same again: `{}`",
            again(run)
        )),
    ]
}

fn list(cpus: &[usize]) -> String {
    cpus.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
