//! `cargo bench`: the criterion benches, then the quick comparison, then `results/`.
//!
//! With arguments (`cargo bench -- hello`, `-- --save-baseline x`) it is a criterion bench and nothing else. Without
//! `--bench`, which is how `cargo test --all-targets` starts it, it does nothing.

use std::process::ExitCode;

use benches::cli::RunFlags;
use benches::store::Store;
use benches::{comparison, criterion_groups, launch};
use criterion::Criterion;

fn main() -> ExitCode {
    if let Some(failed) = launch::intercept() {
        return failed;
    }
    let args: Vec<String> = std::env::args().skip(1).collect();
    if !args.iter().any(|arg| arg == "--bench") {
        println!("no load is started without --bench; run `cargo bench`");
        return ExitCode::SUCCESS;
    }
    run(args.len() == 1).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(whole: bool) -> anyhow::Result<ExitCode> {
    let flags = RunFlags::quick();
    // Before minutes of benches, so that a folder that cannot be written is known at once.
    let store = whole.then(|| Store::open(&flags.results.results)).transpose()?;
    let prepared = comparison::prepare(&flags)?;
    let mut criterion = Criterion::default().configure_from_args();
    criterion_groups::run(&mut criterion, &prepared.machine);
    criterion.final_summary();
    if let Some(store) = store {
        return comparison::measure(&store, &flags, prepared);
    }
    println!("results/ is left alone: only `cargo bench` without arguments writes it");
    Ok(ExitCode::SUCCESS)
}
