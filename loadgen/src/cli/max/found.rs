//! What a search has found, in each form of a report.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use loadgen::limit::{CONFIRMATIONS, Limit, Probe};
use serde_json::json;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::cli::output::{self, OutputFormat};

/// One run of the search.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) probe: Probe,
    /// Valid answers a second.
    pub(super) achieved: f64,
}

/// All that is to be told.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) url: String,
    pub(super) slo_p99: Option<Duration>,
    /// The lowest rate that would have been tried.
    pub(super) least: f64,
    /// `None` if the search was broken off.
    pub(super) limit: Option<&'a Limit>,
    pub(super) runs: &'a [Run],
}

impl Found<'_> {
    pub(super) fn write(&self, format: OutputFormat, path: Option<&Path>) -> anyhow::Result<()> {
        let text = match format {
            OutputFormat::Json => format!("{:#}\n", self.json()),
            OutputFormat::Csv => self.csv(),
            OutputFormat::Text => self.text(),
        };
        output::bytes(text.as_bytes(), path)
    }

    fn kept(&self) -> Option<f64> {
        self.limit.and_then(|limit| limit.kept)
    }

    fn missed(&self) -> Option<f64> {
        self.limit.and_then(|limit| limit.missed)
    }

    /// The mean of the valid answers a second in the runs that kept the rate which is told, and its 95 % interval by
    /// Student's t.
    fn confirmed(&self) -> Option<(f64, [f64; 2])> {
        let kept = self.kept()?;
        let same = |run: &&Run| run.probe.missed.is_none() && run.probe.rate.total_cmp(&kept).is_eq();
        let rates: Vec<_> = self.runs.iter().filter(same).map(|run| run.achieved).collect();
        let n = rates.len() as f64;
        let mean = rates.iter().sum::<f64>() / n;
        let variance = rates.iter().map(|rate| (rate - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let student = StudentsT::new(0.0, 1.0, n - 1.0).ok()?;
        let error = student.inverse_cdf(0.975) * (variance / n).sqrt();
        Some((mean, [mean - error, mean + error]))
    }

    fn json(&self) -> serde_json::Value {
        let probe = |run: &Run| {
            json!({
                "rate_per_sec": run.probe.rate,
                "missed": run.probe.missed,
                "achieved_per_sec": run.achieved,
            })
        };
        json!({
            "schema_version": loadgen::record::SCHEMA_VERSION,
            "url": self.url,
            "slo_p99_s": self.slo_p99.map(|limit| limit.as_secs_f64()),
            "complete": self.limit.is_some(),
            "kept_per_sec": self.kept(),
            "missed_per_sec": self.missed(),
            "interval_per_sec": self.kept().zip(self.missed()).map(|(kept, missed)| [kept, missed]),
            "confirmed_per_sec": self.confirmed().map(|(mean, _)| mean),
            "confirmed_interval_per_sec": self.confirmed().map(|(_, interval)| interval),
            "least_tried_per_sec": self.least,
            "confirmations": CONFIRMATIONS,
            "probes": self.runs.iter().map(probe).collect::<Vec<_>>(),
        })
    }

    /// A line of names and a line of values, empty where there is none.
    fn csv(&self) -> String {
        let text = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let interval = self.confirmed().map(|(_, interval)| interval);
        let cells = [
            ("url", format!("\"{}\"", self.url.replace('"', "\"\""))),
            ("slo_p99_s", text(self.slo_p99.map(|limit| limit.as_secs_f64()))),
            ("complete", self.limit.is_some().to_string()),
            ("kept_per_sec", text(self.kept())),
            ("missed_per_sec", text(self.missed())),
            ("confirmed_per_sec", text(self.confirmed().map(|(mean, _)| mean))),
            ("confirmed_low_per_sec", text(interval.map(|[low, _]| low))),
            ("confirmed_high_per_sec", text(interval.map(|[_, high]| high))),
            ("probes", self.runs.len().to_string()),
        ];
        let (names, values): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
        format!("{}\n{}\n", names.join(","), values.join(","))
    }

    fn text(&self) -> String {
        let mut out = String::new();
        self.write_text(&mut out).expect("a String takes every byte");
        out
    }

    fn write_text(&self, out: &mut String) -> std::fmt::Result {
        let least = self.least;
        match (self.limit.is_some(), self.kept(), self.missed()) {
            (false, ..) => {
                writeln!(out, "the search was broken off; its runs:")?;
                for Run { probe: Probe { rate, missed }, .. } in self.runs {
                    writeln!(out, "  {rate:.0} requests/s: {}", missed.as_deref().unwrap_or("kept"))?;
                }
            }
            (true, Some(kept), Some(missed)) => writeln!(
                out,
                "the highest rate that keeps the objective lies between {kept:.0} requests/s, which kept it in {} runs, and {missed:.0}, which missed it",
                CONFIRMATIONS + 1
            )?,
            (true, Some(kept), None) => {
                writeln!(out, "{kept:.0} requests/s kept the objective, and --most allows no more")?;
            }
            (true, None, _) => writeln!(
                out,
                "no rate kept the objective; none below {least:.0} requests/s is tried, where a 99th percentile takes too long"
            )?,
        }
        if let Some((mean, [low, high])) = self.confirmed() {
            writeln!(
                out,
                "the runs at that rate had {mean:.1} valid answers/s ({low:.1} to {high:.1}) in the mean"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(rate: f64, missed: Option<&str>, achieved: f64) -> Run {
        Run { probe: Probe { rate, missed: missed.map(str::to_owned) }, achieved }
    }

    fn told(limit: Option<&Limit>, runs: &[Run], format: OutputFormat) -> String {
        let slo_p99 = Some(Duration::from_millis(50));
        let found = Found { url: "http://a/".to_owned(), slo_p99, least: 100.0, limit, runs };
        match format {
            OutputFormat::Csv => found.csv(),
            OutputFormat::Json => found.json().to_string(),
            OutputFormat::Text => found.text(),
        }
    }

    #[test]
    fn a_limit_is_an_interval_with_the_rate_of_its_runs() {
        let runs = [
            run(1_000.0, None, 999.0),
            run(1_050.0, Some("slow"), 900.0),
            run(1_000.0, None, 1_001.0),
            run(1_000.0, None, 999.0),
            run(1_000.0, None, 1_001.0),
        ];
        let limit = Limit { kept: Some(1_000.0), missed: Some(1_050.0), probes: Vec::new() };
        let text = told(Some(&limit), &runs, OutputFormat::Text);
        assert_eq!(
            text,
            "the highest rate that keeps the objective lies between 1000 requests/s, which kept it in 4 runs, and 1050, \
             which missed it\nthe runs at that rate had 1000.0 valid answers/s (998.2 to 1001.8) in the mean\n"
        );
        let csv = told(Some(&limit), &runs, OutputFormat::Csv);
        assert!(csv.ends_with(",5\n") && csv.contains("\n\"http://a/\",0.05,true,1000,1050,1000,"), "{csv}");
        assert!(
            told(Some(&limit), &runs, OutputFormat::Json).contains("\"interval_per_sec\":[1000.0,1050.0]")
        );
    }

    #[test]
    fn a_search_that_was_broken_off_tells_its_runs() {
        let runs = [run(1_000.0, None, 999.0), run(2_000.0, Some("slow"), 900.0)];
        let text = told(None, &runs, OutputFormat::Text);
        assert_eq!(
            text,
            "the search was broken off; its runs:\n  1000 requests/s: kept\n  2000 requests/s: slow\n"
        );
    }
}
