//! The command that measures a claim, or measures it again.

use crate::format::command_line;
use crate::matrix::{Experiment, Profile};

/// What a run was asked for with these flags, narrowed to some experiments. A run that lacks one of them, because its profile or its choice of
/// servers has it not, gives its size and its places only.
pub(super) fn of(flags: &[String], experiments: &[Experiment], has_all: bool) -> String {
    let mut words: Vec<String> = ["cargo", "compare"].map(str::to_owned).to_vec();
    if !has_all {
        words.extend(["--profile".to_owned(), Profile::Standard.label().to_owned()]);
    }
    // Every flag that a run records has a value.
    for pair in flags.chunks(2) {
        let is_kept = match pair[0].as_str() {
            "--experiment" | "--experiments" => false,
            "--profile" | "--contender" => has_all,
            _ => true,
        };
        if is_kept {
            words.extend_from_slice(pair);
        }
    }
    for experiment in experiments {
        words.extend(["--experiment".to_owned(), experiment.label().to_owned()]);
    }
    command_line(&words)
}
