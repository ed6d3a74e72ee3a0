//! The record as a summary to read. What is not known is n/a, with its reason.

mod server;

use std::fmt::Write;

use indicatif::HumanCount;
use loadgen::record::{Connections, Generator, PlanRecord, RunRecord, StopRecord};
use loadgen::{Distribution, OfferedRate, Transport};

/// Renders the whole summary.
pub(crate) fn text(record: &RunRecord) -> String {
    let mut out = String::new();
    write_text(&mut out, record).expect("a String takes every byte");
    out
}

/// The figures that tables are made of: a line of names and a line of values, empty where there is none.
pub(crate) fn csv(record: &RunRecord) -> String {
    let RunRecord { plan, requests, rate, latency, .. } = record;
    let optional = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
    let target = rate.target_per_sec.map_or_else(String::new, |rate| rate.to_string());
    let mut cells = vec![
        ("url", format!("\"{}\"", plan.url.replace('"', "\"\""))),
        ("loop", plan.r#loop.clone()),
        ("connections", plan.connections.to_string()),
        ("duration_s", record.duration_s.to_string()),
        ("target_per_sec", target),
        ("achieved_per_sec", rate.achieved_per_sec.to_string()),
        ("scheduled", requests.scheduled.to_string()),
        ("sent", requests.sent.to_string()),
        ("ok", requests.ok.to_string()),
        ("failed", requests.failed().to_string()),
        ("unsent", requests.unsent.to_string()),
        ("in_flight", requests.in_flight.to_string()),
        ("verdict", record.verdict.status.label().to_owned()),
    ];
    let corrected = &latency.corrected;
    let uncorrected = &latency.uncorrected;
    cells.extend([
        ("corrected_p50_ns", optional(corrected.p50_ns)),
        ("corrected_p99_ns", optional(corrected.p99_ns)),
        ("corrected_max_ns", optional(corrected.max_ns)),
        ("uncorrected_p50_ns", optional(uncorrected.p50_ns)),
        ("uncorrected_p99_ns", optional(uncorrected.p99_ns)),
        ("uncorrected_max_ns", optional(uncorrected.max_ns)),
    ]);
    let three = [
        ["first_byte_p50_ns", "first_byte_p99_ns", "first_byte_max_ns"],
        ["connect_p50_ns", "connect_p99_ns", "connect_max_ns"],
        ["opening_connect_p50_ns", "opening_connect_p99_ns", "opening_connect_max_ns"],
    ];
    let of = [&latency.first_byte, &latency.connect, &latency.opening_connect];
    for (names, of) in three.into_iter().zip(of) {
        cells.extend(names.into_iter().zip([of.p50_ns, of.p99_ns, of.max_ns].map(optional)));
    }
    cells.push(("transport", plan.transport.to_string()));
    cells.extend(server::cells(record.server.as_ref()));
    let (names, values): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
    format!("{}\n{}\n", names.join(","), values.join(","))
}

fn write_text(out: &mut String, record: &RunRecord) -> std::fmt::Result {
    let RunRecord { plan, requests, connections, generator, .. } = record;
    let stop = match plan.stop {
        StopRecord::AfterS(seconds) => format!("{seconds} s"),
        StopRecord::Requests(requests) => format!("{} requests", HumanCount(requests)),
    };
    let (through, threads) = match plan.transport {
        Transport::Raw => ("", "event loops"),
        Transport::Reqwest => (", through reqwest", "runtime threads"),
    };
    writeln!(out, "{} {}{through}, {}, {stop}", plan.method, plan.url, pacing(plan))?;
    if plan.insecure {
        writeln!(out, "TLS          any certificate was accepted")?;
    }
    if plan.warmup_s > 0.0 {
        writeln!(out, "Warm-up      {} s before that, discarded", plan.warmup_s)?;
    }
    writeln!(
        out,
        "Connections  {} wanted, {} held at the start, {} starved, {} reopened; {threads}: {}",
        connections.wanted, connections.held, connections.starved, connections.reconnects, plan.threads
    )?;
    write_served(out, connections)?;
    if record.interrupted {
        writeln!(out, "INTERRUPTED after {:.3} s; the figures cover that time", record.duration_s)?;
    }
    writeln!(out)?;
    let rate = record.rate.achieved_per_sec;
    writeln!(out, "Throughput   {rate:.1} valid answers/s over {:.3} s", record.duration_s)?;
    if record.rate.target_per_sec.is_some() {
        let share = requests.sent as f64 * 100.0 / requests.scheduled.max(1) as f64;
        writeln!(out, "Offered      {} due, {share:.2} % of them sent", HumanCount(requests.scheduled))?;
    }
    writeln!(
        out,
        "Requests     {} sent = {} ok + {} failed + {} in flight at the end",
        HumanCount(requests.sent),
        HumanCount(requests.ok),
        HumanCount(requests.failed()),
        HumanCount(requests.in_flight)
    )?;
    if requests.unsent > 0 {
        writeln!(out, "             {} never sent", HumanCount(requests.unsent))?;
    }
    if let Some(carried) = requests.carried.as_ref().filter(|carried| carried.total > 0) {
        let failed = HumanCount(requests.carried_failed());
        let (total, ok, open) =
            (HumanCount(carried.total), HumanCount(carried.ok), HumanCount(carried.in_flight));
        writeln!(
            out,
            "Before       {total} under way when it began = {ok} ok + {failed} failed + {open} still unanswered"
        )?;
    }
    for (class, count) in requests.errors.iter().filter(|(_, count)| **count > 0) {
        writeln!(out, "  {:<16} {}", class.label(), HumanCount(*count))?;
    }
    let latency = &record.latency;
    if plan.schedule.is_some() {
        write_latency(out, "Latency      from due to answer", &latency.corrected)?;
        write_latency(out, "Uncorrected  from send to answer", &latency.uncorrected)?;
        write_latency(out, "Lag          from due to send", &latency.schedule_lag)?;
        write_latency(
            out,
            "  of it      with a connection free: the generator's own",
            &latency.generator_lag,
        )?;
    } else {
        write_latency(out, "Latency      from send to answer", &latency.uncorrected)?;
    }
    write_line(out, "First byte   from send", &latency.first_byte)?;
    write_line(out, "Connect      before the window", &latency.opening_connect)?;
    write_line(out, "Connect      in the window", &latency.connect)?;
    let answered = requests.ok + requests.failed();
    write_generator(out, generator, answered)?;
    if let Some(server) = &record.server {
        server::write(out, server, answered)?;
    }
    let body = match serde_json::to_value(record.validation.body) {
        Ok(serde_json::Value::String(label)) => label,
        _ => "unknown".to_owned(),
    };
    writeln!(out, "Validation   status {}, body: {body}", record.validation.status)?;
    writeln!(out, "Verdict      {}", record.verdict.status.label())?;
    for reason in &record.verdict.reasons {
        writeln!(out, "  because {reason}")?;
    }
    for warning in &record.warnings {
        writeln!(out, "Warning: {warning}")?;
    }
    Ok(())
}

fn write_generator(out: &mut String, generator: &Generator, answered: u64) -> std::fmt::Result {
    let cpu = generator.cpu_user_s + generator.cpu_system_s;
    let each = if answered == 0 {
        "n/a (no request ended)".to_owned()
    } else {
        format!("{:.1} µs a request", cpu * 1e6 / answered as f64)
    };
    let means = generator.batching.and_then(|one| one.events_per_wake.zip(one.sent_per_wake));
    let batching = means.map_or_else(String::new, |(events, sent)| {
        format!("; {events:.1} answers a wake-up, {sent:.1} requests")
    });
    let waited =
        generator.cpu_waited_s.map_or_else(String::new, |waited| format!(", {waited:.2} s waiting for one"));
    writeln!(
        out,
        "Generator    {} {}: {:.2} s user, {:.2} s system CPU{waited}, {each}{batching}",
        generator.engine, generator.version, generator.cpu_user_s, generator.cpu_system_s
    )
}

fn write_served(out: &mut String, connections: &Connections) -> std::fmt::Result {
    let Some(served) = &connections.served else { return Ok(()) };
    writeln!(
        out,
        "Served       {} answers on the connection with fewest, {} in the median, {} on that with most",
        HumanCount(served.min),
        HumanCount(served.median),
        HumanCount(served.max)
    )
}

fn pacing(plan: &PlanRecord) -> String {
    let Some(schedule) = plan.schedule else { return "closed loop".to_owned() };
    let label = schedule.arrivals.label();
    match schedule.rate {
        OfferedRate::Steady(rate) => format!("open loop, {rate} requests/s, {label}"),
        OfferedRate::Ramp { from, to, .. } => format!("open loop, {from} to {to} requests/s, {label}"),
    }
}

/// A distribution in one line; in none if there is nothing in it.
fn write_line(out: &mut String, title: &str, latency: &Distribution) -> std::fmt::Result {
    if let Some(reason) = &latency.reason {
        return writeln!(out, "{title}: n/a ({reason})");
    }
    if latency.answered + latency.censored == 0 {
        return Ok(());
    }
    let shown = |value: Option<u64>| value.map_or_else(|| "n/a".to_owned(), time);
    let [p50, p99, max] = [latency.p50_ns, latency.p99_ns, latency.max_ns].map(shown);
    let count = HumanCount(latency.answered + latency.censored);
    writeln!(out, "{title}; {count} of them: p50 {p50}, p99 {p99}, max {max}")
}

fn write_latency(out: &mut String, title: &str, latency: &Distribution) -> std::fmt::Result {
    writeln!(
        out,
        "{title}; {} answered, {} unfinished",
        HumanCount(latency.answered),
        HumanCount(latency.censored)
    )?;
    let rows = [
        ("p50", "p50_ns", latency.p50_ns),
        ("p90", "p90_ns", latency.p90_ns),
        ("p99", "p99_ns", latency.p99_ns),
        ("p99.9", "p999_ns", latency.p999_ns),
        ("max", "max_ns", latency.max_ns),
        ("mean", "mean_ns", latency.mean_ns),
    ];
    for (label, field, value) in rows {
        let reason = latency.missing.get(field).map_or("no reason recorded", String::as_str);
        let shown = value.map_or_else(|| format!("n/a ({reason})"), time);
        let interval = latency
            .intervals_ns
            .get(field)
            .map_or_else(String::new, |[low, high]| format!("  ({} to {})", time(*low), time(*high)));
        writeln!(out, "  {label:<16} {shown}{interval}")?;
    }
    Ok(())
}

/// Nanoseconds in the unit that leaves one to three digits before the point.
pub(crate) fn time(nanoseconds: u64) -> String {
    let value = nanoseconds as f64;
    match nanoseconds {
        0..1_000 => format!("{nanoseconds} ns"),
        1_000..1_000_000 => format!("{:.1} µs", value / 1e3),
        1_000_000..1_000_000_000 => format!("{:.2} ms", value / 1e6),
        _ => format!("{:.3} s", value / 1e9),
    }
}
