//! What there is, and what a run would do: text for `cargo compare list` and `--dry-run`.

use std::fmt::Write;
use std::process::ExitCode;
use std::time::Duration;

use crate::agenda;
use crate::cli::RunFlags;
use crate::contender::Contender;
use crate::format::grouped;
use crate::guests::{self, Guests};
use crate::manifest::Manifest;
use crate::matrix::{Entry, Experiment, Profile};
use crate::order::randomised_blocks;
use crate::placement::Placement;
use crate::prediction::Pilot;
use crate::record::Planned;
use crate::store::{is_readable, list_runs, read_run};

/// What a trial costs besides its window and warm-up: starting, the examination, stopping. A rough figure, for an
/// estimate only: the committed standard run took 1,025 s for 512 trials, of which windows, warm-ups and opening make 838 s.
const AROUND_A_TRIAL: Duration = Duration::from_millis(370);

/// Prints experiments, contenders and profiles.
///
/// # Errors
///
/// When a manifest in `contenders/` is wrong.
pub fn list() -> anyhow::Result<ExitCode> {
    print!("{}", catalogue(&guests::all()?));
    Ok(ExitCode::SUCCESS)
}

fn catalogue(guests: &[Manifest]) -> String {
    let mut text = "Experiments (--experiment NAME):\n".to_owned();
    for experiment in Experiment::ALL {
        let settings = |profile| experiment.entries(profile, &[]).len();
        let counts = [Profile::Quick, Profile::Standard, Profile::Full]
            .map(|profile| format!("{} {}", profile.label(), settings(profile)))
            .join(", ");
        let _ = writeln!(text, "  {:<14} {} (settings: {counts})", experiment.label(), experiment.title());
    }
    text.push_str("\nContenders (--contender NAME; a pool's size goes behind an @):\n");
    for contender in Contender::all_of_ours() {
        let _ = writeln!(text, "  {}", contender.label);
    }
    text.push_str("\nServers that are not ours (--with NAME), from contenders/:\n");
    for one in guests {
        describe(one, &mut text);
    }
    text.push_str("\nProfiles (--profile NAME):\n");
    for profile in [Profile::Quick, Profile::Standard, Profile::Full] {
        let planned = plan_of(profile);
        let _ = writeln!(
            text,
            "  {:<9} {} blocks, {} trials, about {}",
            profile.label(),
            profile.blocks(),
            planned.iter().map(|one| one.blocks).sum::<usize>(),
            minutes(estimate(&planned, &(profile.warmup(), profile.window()))),
        );
    }
    text
}

/// Everything that a profile measures, before any pilot has flown.
fn plan_of(profile: Profile) -> Vec<Planned> {
    let entries: Vec<Entry> = Experiment::ALL.into_iter().flat_map(|one| one.entries(profile, &[])).collect();
    agenda::plan(&entries, profile.blocks(), &[], 1)
}

fn describe(manifest: &Manifest, text: &mut String) {
    let model = manifest.model.map_or("other", |model| model.label());
    let sizes: Vec<String> = manifest.workers.iter().map(ToString::to_string).collect();
    let sizes = if sizes.is_empty() { String::new() } else { format!(", workers {}", sizes.join(", ")) };
    let language = manifest.language.as_ref().map_or_else(String::new, |language| format!(", {language}"));
    let _ = writeln!(text, "  {:<28} {model}{sizes}{language}", manifest.name);
    for note in &manifest.notes {
        let _ = writeln!(text, "    - {note}");
    }
}

/// Prints what a run with these flags would do.
///
/// # Errors
///
/// When the experiments or the CPUs of this machine cannot be read.
pub fn dry_run(flags: &RunFlags) -> anyhow::Result<ExitCode> {
    let placement = Placement::of_this_machine()?;
    let guests = Guests::chosen(&flags.guest_names(), &guests::this_machine())?;
    let entries = flags.entries(&guests)?;
    let (pilots, from) = newest_pilots(flags);
    let planned = agenda::plan(&entries, flags.blocks(), &pilots, placement.server_cpus.len());
    for (name, reason) in &guests.absent {
        println!("not measured: {name}: {reason}");
    }
    println!("{from}");
    print!("{}", schedule(&planned, flags.seed, &lengths_of(flags)));
    Ok(ExitCode::SUCCESS)
}

/// Pilots of the newest run that can be read, for a forecast; a real run flies its own.
fn newest_pilots(flags: &RunFlags) -> (Vec<Pilot>, String) {
    let folder = &flags.results.results;
    let runs = list_runs(folder).unwrap_or_default();
    let newest = runs.iter().rev().find(|id| is_readable(&folder.join(id)));
    match newest.map(|id| (id, read_run(&folder.join(id)))) {
        Some((id, Ok((run, _)))) => {
            (run.pilots, format!("Predictions from the pilots of {id}; a run makes its own first."))
        }
        _ => (
            Vec::new(),
            "No predictions: the CPU time of a request is measured by pilots when a run begins.".to_owned(),
        ),
    }
}

/// Load before a window and the window, as configured.
type Lengths = (Duration, Duration);

fn lengths_of(flags: &RunFlags) -> Lengths {
    (flags.warmup(), flags.window())
}

/// The trials of a run; without a seed in an order that stands for those that the clock will choose among.
fn schedule(planned: &[Planned], seed: Option<u64>, lengths: &Lengths) -> String {
    let mut text = String::new();
    for one in planned {
        let expected = match (one.prediction.at_most_per_sec, one.offered_per_sec) {
            (Some(rate), _) => format!("at most {} requests/s", grouped(rate)),
            (None, _) => one.prediction.reason.clone().unwrap_or_default(),
        };
        let _ = writeln!(text, "{} × {}: {expected}", one.blocks, one.cell.label());
    }
    let trials = randomised_blocks(planned, seed.unwrap_or(0));
    let _ = match seed {
        Some(seed) => writeln!(text, "\n{} trials in this order (seed {seed}):", trials.len()),
        None => writeln!(
            text,
            "\n{} trials in an order like this one; the seed is chosen at the start, or given with --seed:",
            trials.len()
        ),
    };
    for trial in &trials {
        let _ =
            writeln!(text, "{:>4}  block {:>2}  {}", trial.position + 1, trial.block + 1, trial.cell.label());
    }
    let _ =
        writeln!(text, "\nAbout {}, and the time to build the servers.", minutes(estimate(planned, lengths)));
    text
}

/// How long the trials of `planned` take, each under load for warm-up and window.
fn estimate(planned: &[Planned], &(warmup, window): &Lengths) -> Duration {
    let one = |planned: &Planned| {
        let setting = &planned.cell.setting;
        // First answers on all connections: one after the other while that is quick, at once otherwise.
        let opening = (setting.work.wait() * u32::try_from(setting.load.connections()).unwrap_or(u32::MAX))
            .min(Duration::from_secs(1));
        let (warmup, window) = planned.stretched(warmup, window);
        warmup + window + AROUND_A_TRIAL + opening
    };
    planned.iter().map(|planned| one(planned) * u32::try_from(planned.blocks).unwrap_or(u32::MAX)).sum()
}

fn minutes(duration: Duration) -> String {
    format!("{} min", duration.as_secs().div_ceil(60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::planned;

    #[test]
    fn what_there_is() {
        // Those that come with the project; somebody's own may lie beside them.
        let mut guests = guests::all().unwrap();
        guests.retain(|one| ["aiohttp", "flask-gunicorn-gthread", "floor"].contains(&one.name.as_str()));
        insta::assert_snapshot!(catalogue(&guests));
    }

    #[test]
    fn what_would_be_done() {
        insta::assert_snapshot!(schedule(
            &planned(2),
            Some(7),
            &(Duration::from_millis(500), Duration::from_millis(1_500))
        ));
    }

    #[test]
    fn without_a_seed_none_is_made_up() {
        let text = schedule(&planned(2), None, &(Duration::ZERO, Duration::from_secs(1)));
        assert!(text.contains("the seed is chosen at the start") && !text.contains("seed 0"), "{text}");
    }

    /// `cargo bench` promises to end in four minutes, of which its criterion benches take one, and what the estimate leaves out, the pilots and
    /// the whole contract asked of each server that waits, half of one.
    #[test]
    fn the_quick_profile_leaves_time_for_the_benches() {
        let profile = Profile::Quick;
        let estimated = estimate(&plan_of(profile), &(profile.warmup(), profile.window()));
        assert!(estimated <= Duration::from_secs(150), "{estimated:?}");
    }

    /// A pool of one that waits 100 ms for each of 64 clients takes 6.4 s for a round, and a trial is stretched for two.
    #[test]
    fn trials_that_are_stretched_are_estimated_so() {
        let mut cells = planned(1);
        cells.truncate(1);
        let lengths = (Duration::from_millis(250), Duration::from_secs(1));
        cells[0].prediction.at_most_per_sec = Some(1e6);
        let short = estimate(&cells, &lengths);
        cells[0].prediction.at_most_per_sec = Some(10.0);
        let long = estimate(&cells, &lengths);
        assert_eq!(long.saturating_sub(short), Duration::from_millis(4_750 + 4_000));
    }
}
