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

#[test]
fn flags_beside_a_resumption_may_repeat_the_record_and_not_contradict_it() {
    let mut begun = crate::testing::run().config;
    begun.seed = 7;
    let args =
        ["--profile", "standard", "--contender", "sync/hyper", "--contender", "async/axum", "--blocks", "2"];
    begun.flags = flags(&[&args[..], &["--warmup", "50ms"]].concat()).again();
    for (beside, contradiction) in [
        (&[][..], None),
        (&args, None),
        (&["--seed", "7", "--warmup", "50ms", "--binaries", "x", "--results", "y"], None),
        (&["--seed", "8"], Some("it was begun with --seed 7, not with 8")),
        (&["--profile", "quick"], Some("it was begun with --profile standard")),
        (
            &["--contender", "async/axum"],
            Some("it was begun with --contender sync/hyper --contender async/axum"),
        ),
        (&["--duration", "1s"], Some("it was begun without --duration")),
        (&["--experiment", "hello"], Some("it was begun without --experiment")),
    ] {
        let got = flags(beside).contradiction(&begun);
        assert_eq!(got.as_deref(), contradiction, "{beside:?}");
    }
}
