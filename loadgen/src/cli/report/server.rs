//! The lines and the cells about the process that was watched.

use std::fmt::Write;

use indicatif::{BinaryBytes, HumanCount};
use loadgen::ServerUsage;

/// Two lines: CPU time and context switches of the window, memory and threads at its end.
pub(super) fn write(out: &mut String, server: &ServerUsage, answered: u64) -> std::fmt::Result {
    let pid = server.pid;
    let (Some(used), Some(end)) = (&server.used, &server.end) else {
        let reason = server.reason.as_deref().unwrap_or("no reason recorded");
        return writeln!(out, "Server       process {pid}: n/a ({reason})");
    };
    let each = used.cpu_s * 1e6 / answered.max(1) as f64;
    let each = if answered == 0 { String::new() } else { format!(", {each:.1} µs a request") };
    let least = if used.threads_ended > 0 { "at least " } else { "" };
    writeln!(
        out,
        "Server       process {pid}: {:.2} s user, {:.2} s system CPU{each}; switches: {least}{} voluntary, {least}{} involuntary",
        used.cpu_user_s,
        used.cpu_system_s,
        HumanCount(used.voluntary_switches),
        HumanCount(used.involuntary_switches)
    )?;
    let pss = match (end.pss_bytes, &end.pss_reason) {
        (Some(bytes), _) => BinaryBytes(bytes).to_string(),
        (None, reason) => format!("n/a ({})", reason.as_deref().unwrap_or("no reason recorded")),
    };
    writeln!(
        out,
        "  at the end   {} resident, {pss} proportional; {} threads",
        BinaryBytes(end.rss_bytes),
        end.threads
    )
}

/// The same as columns, empty where there is nothing.
pub(super) fn cells(server: Option<&ServerUsage>) -> [(&'static str, String); 8] {
    let used = server.and_then(|server| server.used);
    let end = server.and_then(|server| server.end.as_ref());
    let text = |value: Option<String>| value.unwrap_or_default();
    [
        ("server_cpu_s", text(used.map(|used| used.cpu_s.to_string()))),
        ("server_cpu_user_s", text(used.map(|used| used.cpu_user_s.to_string()))),
        ("server_cpu_system_s", text(used.map(|used| used.cpu_system_s.to_string()))),
        ("server_voluntary_switches", text(used.map(|used| used.voluntary_switches.to_string()))),
        ("server_involuntary_switches", text(used.map(|used| used.involuntary_switches.to_string()))),
        ("server_rss_bytes", text(end.map(|end| end.rss_bytes.to_string()))),
        ("server_pss_bytes", text(end.and_then(|end| end.pss_bytes).map(|bytes| bytes.to_string()))),
        ("server_threads", text(end.map(|end| end.threads.to_string()))),
    ]
}
