//! The latencies of each second in the interval log that `HdrHistogram` tools read.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::time::SystemTime;

use anyhow::Context;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};
use loadgen::Interval;

/// Tools show maxima in milliseconds; the histograms are in nanoseconds.
const NANOSECONDS_A_MILLISECOND: f64 = 1e6;

/// Runs `work` with a listener that writes each interval to the file, and then says how writing went.
pub(crate) fn writing<T>(
    path: Option<&Path>,
    work: impl FnOnce(&mut dyn FnMut(&Interval)) -> T,
) -> anyhow::Result<T> {
    let Some(path) = path else { return Ok(work(&mut |_| {})) };
    let cannot = || format!("cannot write {}", path.display());
    let mut file = BufWriter::new(File::create(path).with_context(cannot)?);
    let (result, written) = log(&mut file, work);
    written.with_context(cannot)?;
    Ok(result)
}

fn log<T>(
    file: &mut BufWriter<File>,
    work: impl FnOnce(&mut dyn FnMut(&Interval)) -> T,
) -> (T, anyhow::Result<()>) {
    let mut serializer = V2DeflateSerializer::new();
    #[expect(clippy::disallowed_methods, reason = "the start of the log; no duration is computed from it")]
    let now = SystemTime::now();
    let log = IntervalLogWriterBuilder::new()
        .add_comment("latencies of valid answers in nanoseconds; unfinished requests are not in it")
        .with_start_time(now)
        .with_base_time(now)
        .with_max_value_divisor(NANOSECONDS_A_MILLISECOND)
        .begin_log_with(file, &mut serializer);
    let mut log = match log {
        Ok(log) => log,
        Err(error) => return (work(&mut |_| {}), Err(error.into())),
    };
    let mut written = Ok(());
    let tag = Tag::new("latency");
    let result = work(&mut |interval| {
        if written.is_ok() {
            written = log
                .write_histogram(&interval.latency, interval.start, interval.length, tag)
                .map_err(|error| anyhow::anyhow!("{error}"));
        }
    });
    (result, written)
}
