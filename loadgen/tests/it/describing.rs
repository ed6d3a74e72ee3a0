//! Completions and manual pages: made from the flags, so every flag is in each.

use std::process::Command;

use assert_cmd::assert::OutputAssertExt;

use crate::program::{loadgen, transcript};

const TASKS: [&str; 6] = ["max", "merge", "compare", "schema", "completions", "man"];

fn printed(args: &[&str]) -> String {
    let output = loadgen(args).assert().success().stderr("").get_output().stdout.clone();
    String::from_utf8(output).expect("text")
}

/// The long flags that a help text tells.
fn flags(help: &str) -> Vec<&str> {
    let words = help.lines().filter_map(|line| line.trim_start().strip_prefix('-').map(|_| line));
    words.flat_map(str::split_whitespace).filter(|word| word.starts_with("--")).collect()
}

#[test]
fn every_shell_is_told_every_flag_and_task() {
    let help = printed(&["--help"]);
    let flags = flags(&help);
    assert!(flags.len() > 25 && flags.contains(&"--slo-p99"), "{flags:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let text = printed(&["completions", shell]);
        for word in flags.iter().map(|flag| flag.trim_start_matches("--")).chain(TASKS) {
            assert!(text.contains(word), "{shell} is not told of {word}");
        }
    }
}

#[test]
fn bash_completes_a_flag_and_a_task() {
    let script = r#"
        eval "$("$0" completions bash)"
        for word in --slo- comp; do
            COMP_WORDS=(loadgen "$word") COMP_CWORD=1 COMPREPLY=()
            _loadgen loadgen "$word" loadgen
            echo "${COMPREPLY[@]}"
        done"#;
    let mut bash = Command::new("bash");
    bash.args(["-c", script, env!("CARGO_BIN_EXE_loadgen")]);
    bash.assert().success().stdout("--slo-p99\ncompare completions\n");
}

#[test]
fn every_manual_page_has_every_flag_of_its_task() {
    for task in [None, Some("max"), Some("merge"), Some("compare"), Some("schema"), Some("man")] {
        let page = printed(&[Some("man"), task].into_iter().flatten().collect::<Vec<_>>());
        let help = printed(&task.into_iter().chain(["--help"]).collect::<Vec<_>>());
        assert!(page.contains(".SH NAME\nloadgen"), "{page}");
        for flag in flags(&help) {
            // A minus is written so, lest it become a hyphen.
            let written = flag.replace('-', "\\-");
            assert!(page.contains(&written), "{task:?} without {flag}");
        }
    }
    let page = printed(&["man"]);
    for task in TASKS {
        assert!(page.contains(&format!("loadgen\\-{task}(1)")), "{task}");
    }
}

#[test]
fn what_is_not_known_is_a_mistake() {
    for args in [&["completions"][..], &["completions", "ksh"], &["man", "woman"], &["schema", "x"]] {
        let text = transcript(args);
        assert!(text.ends_with("see loadgen --help\nexit code 2\n") && text.lines().count() == 3, "{text}");
    }
}
