//! Latency against load, and latency by percentile.

use super::super::{Axis, Mark, Plot, Point, Scale, Shape};
use super::{Contender, Estimate, MS_PER_NS};
use crate::format::{figures, grouped};

/// Latency against throughput, load by load. Who calls gives each curve two points or more.
#[derive(Debug, Clone, PartialEq)]
pub struct HockeyStick {
    /// The workload in words.
    pub workload: String,
    /// Which percentile is shown, `p99`.
    pub percentile: String,
    /// A curve a contender.
    pub curves: Vec<LatencyCurve>,
}

/// One contender under growing load.
#[derive(Debug, Clone, PartialEq)]
pub struct LatencyCurve {
    /// Whose.
    pub contender: Contender,
    /// By rising load.
    pub points: Vec<LoadPoint>,
}

/// Latency at one load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoadPoint {
    /// Answers that came, per second.
    pub rate_per_sec: f64,
    /// Nanoseconds.
    pub latency_ns: Estimate,
}

impl HockeyStick {
    /// The picture.
    #[must_use]
    pub fn plot(&self) -> Plot {
        let curve = |curve: &LatencyCurve| {
            let points = curve.points.iter().map(|point| {
                let latency = point.latency_ns.scaled(MS_PER_NS);
                Point {
                    x: point.rate_per_sec,
                    y: latency.value,
                    y_range: latency.interval,
                    ..Point::default()
                }
            });
            Mark::Series(curve.contender.series(Shape::LineAndPoints, points.collect()))
        };
        Plot {
            title: format!("{} latency against throughput: {}", self.percentile, self.workload),
            alt: format!(
                "The {} latency at growing load, from each server's first point to its last, latency on a logarithmic axis. {}",
                self.percentile,
                self.curves.iter().filter_map(said).collect::<Vec<_>>().join(" "),
            ),
            x: Axis::new("throughput", "requests/s", Scale::Linear { from_zero: true }),
            y: Axis::new(format!("{} latency", self.percentile), "ms", Scale::Log10),
            marks: self.curves.iter().map(curve).collect(),
        }
    }
}

/// Where a curve begins and where it ends.
fn said(curve: &LatencyCurve) -> Option<String> {
    let text = |point: &LoadPoint| {
        let ms = figures(point.latency_ns.value * MS_PER_NS);
        format!("{ms} ms at {} requests/s", grouped(point.rate_per_sec))
    };
    let (first, last) = (curve.points.first()?, curve.points.last()?);
    Some(format!("{}: {} to {}.", curve.contender.name, text(first), text(last)))
}

/// The whole distribution of latency, at one rate for all: a fair comparison of tails.
#[derive(Debug, Clone, PartialEq)]
pub struct Percentiles {
    /// The workload and the common rate in words.
    pub workload: String,
    /// A curve a contender.
    pub curves: Vec<PercentileCurve>,
}

/// One contender's latencies.
#[derive(Debug, Clone, PartialEq)]
pub struct PercentileCurve {
    /// Whose.
    pub contender: Contender,
    /// Percentile, from 0 up to but not 100, and the latency in nanoseconds, by rising percentile.
    pub latencies_ns: Vec<(f64, f64)>,
}

impl Percentiles {
    /// The picture.
    #[must_use]
    pub fn plot(&self) -> Plot {
        let curve = |curve: &PercentileCurve| {
            let points = curve.latencies_ns.iter().map(|(percentile, latency_ns)| Point {
                x: *percentile,
                y: latency_ns * MS_PER_NS,
                ..Point::default()
            });
            Mark::Series(curve.contender.series(Shape::LineAndPoints, points.collect()))
        };
        Plot {
            title: format!("Latency by percentile: {}", self.workload),
            alt: format!(
                "Latency of {} by percentile, at the same rate for each; each step to the right is a further nine, latency is logarithmic.",
                listed(self.curves.iter().map(|curve| &curve.contender)),
            ),
            x: Axis::new("percentile", "% of requests", Scale::Nines),
            y: Axis::new("latency", "ms", Scale::Log10),
            marks: self.curves.iter().map(curve).collect(),
        }
    }
}

/// `a, b and c`
pub(super) fn listed<'a>(contenders: impl Iterator<Item = &'a Contender>) -> String {
    let names: Vec<_> = contenders.map(|contender| contender.name.as_str()).collect();
    match names.split_last() {
        None => "nobody".to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}
