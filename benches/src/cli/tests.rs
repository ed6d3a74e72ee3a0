//! What flags ask for.

use super::*;

impl RunFlags {
    /// The flags of a line as a page prints it, `cargo` apart; quotes hold words with spaces together.
    pub(crate) fn of_line(line: &str) -> Result<Self, clap::Error> {
        let mut words: Vec<String> = Vec::new();
        for (index, part) in line.split('\'').enumerate() {
            if index % 2 == 1 {
                words.push(part.to_owned());
            } else {
                words.extend(part.split_whitespace().map(str::to_owned));
            }
        }
        Flags::try_parse_from(words).map(|flags| flags.run)
    }
}

fn flags(args: &[&str]) -> RunFlags {
    Flags::parse_from(std::iter::once(&"compare").chain(args)).run
}

#[test]
fn code_is_measured_with_everything_or_by_name_and_built_anew_only_when_that_is_worth_minutes() {
    let all = ["sync-server", "threaded-server", "async-server"];
    for (args, packages, builds) in [
        (&[][..], &all[..], false),
        (&["--profile", "full"], &all, true),
        (&["--experiment", "code"], &all, true),
        (&["--experiment", "code", "--contender", "async/axum"], &all[2..], true),
        (&["--contender", "threaded/hyper@64", "--contender", "sync/hyper"], &all[..2], false),
        (&["--experiment", "hello"], &[], false),
        (&["--experiments", "own.toml"], &[], false),
    ] {
        let asked = flags(args).code_asked();
        assert_eq!(asked.packages, packages, "{args:?}");
        assert_eq!(asked.builds, builds, "{args:?}");
    }
}
