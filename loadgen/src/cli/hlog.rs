//! The latencies of each second in the interval log that `HdrHistogram` tools read.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::SystemTime;

use anyhow::Context;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};
use loadgen::Interval;

/// Tools show maxima in milliseconds; the histograms are in nanoseconds.
const NANOSECONDS_A_MILLISECOND: f64 = 1e6;

/// Opens the file that the log is to go to, so that one which cannot be written is noticed before the run.
pub(crate) fn open(path: &Path) -> anyhow::Result<File> {
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

/// Runs `work` with a listener that writes each interval to the file. How writing went comes beside the result: a full
/// disk is no reason to lose what was measured.
pub(crate) fn writing<T>(
    file: Option<File>,
    work: impl FnOnce(&mut dyn FnMut(&Interval)) -> T,
) -> (T, anyhow::Result<()>) {
    let Some(file) = file else { return (work(&mut |_| {}), Ok(())) };
    let mut file = BufWriter::new(file);
    let (result, written) = log(&mut file, work);
    // Dropped, the buffer would keep an error to itself.
    let written = written.and_then(|()| Ok(file.flush()?));
    (result, written.context("the interval log of --hdr is not whole"))
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
