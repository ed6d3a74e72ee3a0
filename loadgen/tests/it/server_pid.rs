//! The process under load, watched from outside.

use std::process::Stdio;

use loadgen::RunRecord;

use crate::open_loop::server_process;
use crate::program::{loadgen, telling_server, transcript};

#[test]
fn a_server_is_watched_while_it_is_loaded() {
    let (server, url) = server_process();
    let pid = server.id().to_string();
    for transport in ["raw", "reqwest"] {
        let args = ["-c", "3", "-d", "500ms", "--transport", transport, "--output-format", "json"];
        let watch = ["--server-pid", &pid, "--timeseries"];
        let output =
            loadgen(&[&[url.as_str()], &args[..], &watch].concat()).output().expect("the binary runs");
        let record: RunRecord = serde_json::from_slice(&output.stdout).expect("a record");
        let usage = record.server.expect("as asked for");
        let (used, begin, end) = (usage.used.expect("it lives"), usage.begin, usage.end.expect("it lives"));
        assert_eq!(usage.pid.to_string(), pid);
        assert!(begin.expect("it lives").at_s < end.at_s && end.at_s >= 0.5, "{end:?}");
        // It answered, and waited for each request.
        assert!(used.cpu_s > 0.0 && used.cpu_s < 10.0 * end.at_s, "{used:?}");
        assert!(used.voluntary_switches > record.requests.ok / 10, "{used:?}");
        assert!(end.rss_bytes > 100_000 && end.pss_bytes.expect("our own child") <= end.rss_bytes);
        // The main thread, the test's, the accepting one, one a connection.
        assert!(end.threads >= 3 + 3, "{end:?}");
        let samples = usage.samples.expect("as asked for");
        assert!(samples.len() <= 5 && samples.iter().all(|sample| sample.at_s < end.at_s), "{samples:?}");
    }
    let text = transcript(&[&url, "-c", "3", "-n", "100", "--server-pid", &pid]);
    assert!(
        text.contains(&format!("\nServer       process {pid}: ")) && text.contains(" resident, "),
        "{text}"
    );
}

#[test]
fn a_process_that_is_not_there_is_a_mistake_and_one_that_dies_is_null_with_its_reason() {
    let (server, under_way) = telling_server();
    let url = server.url();
    let text = transcript(&[&url, "--server-pid", "2147483647"]);
    assert!(text.ends_with("see ps -p 2147483647\nexit code 2\n"), "{text}");
    // Something else than the server is watched, and killed in the middle of the run.
    let (watched, _) = server_process();
    let pid = watched.id().to_string();
    let args = [&url, "-c", "2", "-d", "2s", "--server-pid", &pid, "--output-format", "json", "--timeseries"];
    let child = loadgen(&args).stdout(Stdio::piped()).spawn().expect("the binary runs");
    under_way.recv().expect("the server lives");
    drop(watched);
    let output = child.wait_with_output().expect("the child ends");
    let record: RunRecord = serde_json::from_slice(&output.stdout).expect("a record");
    assert!(record.requests.ok > 0 && record.duration_s >= 2.0);
    let usage = record.server.expect("as asked for");
    assert_eq!((usage.used, usage.end), (None, None));
    assert_eq!(usage.reason, Some(format!("process {pid} ended before the window did")));
}
