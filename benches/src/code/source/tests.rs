//! The counter against files that a counter by lines would get wrong.

use super::*;

fn of(files: &[(&str, &str)], features: &[&str]) -> Result<Counts, SourceError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join("src").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let features: Vec<String> = features.iter().map(|&feature| feature.to_owned()).collect();
    count_crate(folder.path(), &features)
}

fn lines(text: &str) -> usize {
    of(&[("lib.rs", text)], &[]).unwrap().lines
}

#[test]
fn comments_documentation_blank_lines_and_tests_are_no_code() {
    for (text, expected) in [
        ("//! About.\n\n/// One.\nfn one() {}\n", 1),
        ("/* a\n b /* nested */\n*/ fn one() {}\n// fn two() {}\n", 1),
        ("fn url() -> &'static str {\n    \"http://no/*comment\" // but this is\n}\n", 3),
        ("const A: &str = \"// no comment\";\n", 1),
        ("const A: &str = r#\"first\n\n/* third */\n\"#;\n", 3),
        ("const A: char = '\"'; // \"\nconst B: char = '/';\n", 2),
        ("#[doc = \"hidden\"]\n#[must_use]\nfn one() -> u8 {\n    1\n}\n", 4),
        ("fn one() {}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn two() {}\n}\nfn three() {}\n", 2),
        ("#[cfg(test)]\n#[expect(dead_code, reason = \"x\")]\nfn one() {\n}\nfn two() {}\n", 1),
        ("#[cfg(test)]\nuse a::{b, c};\nuse d::e;\n", 1),
        ("#[cfg(all(test, unix))]\nconst A: [u8; 2] = [\n1, 2];\n#[cfg(not(test))]\nconst B: u8 = 1;\n", 2),
        ("#[cfg(any(test, unix))]\nfn one() {}\n", 2),
        ("struct A {\n    #[cfg(test)]\n    seen: u8,\n    kept: u8,\n}\n", 3),
        ("#![cfg(test)]\nfn one() {}\n", 0),
        ("", 0),
    ] {
        assert_eq!(lines(text), expected, "{text}");
    }
}

#[test]
fn modules_are_followed_where_they_are_built() {
    let files = [
        (
            "lib.rs",
            "mod a;\nmod inline {\n    mod b;\n}\n#[cfg(test)]\nmod tests;\n#[cfg(feature = \"kit\")]\nmod kit;\n",
        ),
        ("main.rs", "fn main() {}\n"),
        ("a.rs", "mod deep;\nfn a() {}\n"),
        ("a/deep.rs", "fn deep() {}\n"),
        ("inline/b/mod.rs", "fn b() {}\n"),
        ("tests.rs", "fn test() {}\n"),
        ("kit.rs", "fn kit() {}\n"),
        ("nobody.rs", "fn nobody() {}\n"),
    ];
    let counts = of(&files, &[]).unwrap();
    assert_eq!((counts.files, counts.lines), (5, 9));
    let counts = of(&files, &["kit"]).unwrap();
    assert_eq!((counts.files, counts.lines), (6, 12));
}

#[test]
fn words_are_counted_where_they_are_code_and_not_where_they_are_imported() {
    let text = "\
use std::sync::{Arc, Mutex};
use std::pin::Pin;
// Arc async .await
const TEXT: &str = \"async .await Arc\";
async fn one(shared: Arc<Mutex<u8>>) { two().await; async move { three.await }.await }
fn f() -> impl Fn() + use<> { AtomicU64::new(0); let awaited = self.await_all; move || () }
fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> { Poll::Ready(()) }
";
    let counts = of(&[("lib.rs", text)], &[]).unwrap();
    assert_eq!((counts.asyncs, counts.awaits, counts.shared, counts.polling), (2, 3, 3, 4));
}

#[test]
fn what_cannot_be_counted_is_named() {
    for (text, words) in [("mod gone;\n", "a module gone"), ("fn one( {\n", "into tokens")] {
        let error = of(&[("lib.rs", text)], &[]).unwrap_err().to_string();
        assert!(error.contains("src/lib.rs") && error.contains(words), "{error}");
    }
    assert!(of(&[], &[]).unwrap_err().to_string().contains("cannot read the source"));
}
