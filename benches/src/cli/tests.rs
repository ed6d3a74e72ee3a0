//! What flags ask for.

use super::*;

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
