//! Memory against connections.

use super::super::{Axis, Mark, Plot, Point, Scale, Series, Shape, Style};
use super::{Contender, Estimate, load};
use crate::format::figures;

const MIB: f64 = 1_048_576.0;
const KIB: f64 = 1_024.0;

/// Memory of servers that hold more and more connections. What a connection costs is the slope, not a quotient.
#[derive(Debug, Clone, PartialEq)]
pub struct Memory {
    /// Which memory, and of which connections: `PSS, idle keep-alive`.
    pub of: String,
    /// A line a contender.
    pub curves: Vec<MemoryCurve>,
}

/// One contender's memory.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryCurve {
    /// Whose.
    pub contender: Contender,
    /// Connections held, and bytes.
    pub measured: Vec<(u32, Estimate)>,
    /// The fitted line: bytes without a connection, and bytes for each. None where too little was measured to fit one.
    pub fit: Option<(f64, f64)>,
}

impl Memory {
    /// The picture.
    #[must_use]
    pub fn plot(&self) -> Plot {
        Plot {
            title: format!("Memory against connections: {}", self.of),
            alt: format!(
                "Memory of {} with growing numbers of open connections, and the fitted lines. {}",
                load::listed(self.curves.iter().map(|curve| &curve.contender)),
                self.curves.iter().filter_map(MemoryCurve::sentence).collect::<Vec<_>>().join(" "),
            ),
            x: Axis::new("open connections", "count", Scale::Linear { from_zero: true }),
            y: Axis::new("memory", "MiB", Scale::Linear { from_zero: true }),
            marks: self.curves.iter().flat_map(MemoryCurve::marks).collect(),
        }
    }
}

impl MemoryCurve {
    fn slope(&self) -> Option<String> {
        self.fit.map(|(_, slope)| format!("{} KiB a connection", figures(slope / KIB)))
    }

    fn sentence(&self) -> Option<String> {
        self.slope().map(|slope| format!("{}: {slope}.", self.contender.name))
    }

    fn marks(&self) -> Vec<Mark> {
        let mut marks = Vec::new();
        if let (Some((base, slope)), Some(most)) = (self.fit, self.measured.iter().map(|(n, _)| *n).max()) {
            let point = |connections: f64| Point {
                x: connections,
                y: (base + slope * connections) / MIB,
                ..Point::default()
            };
            marks.push(Mark::Series(Series {
                label: String::new(),
                style: Style::Contender(self.contender.number),
                shape: Shape::Line,
                points: vec![point(0.0), point(f64::from(most))],
            }));
        }
        let points = self.measured.iter().map(|(connections, bytes)| {
            let memory = bytes.scaled(1.0 / MIB);
            Point {
                x: f64::from(*connections),
                y: memory.value,
                y_range: memory.interval,
                name: Some(self.contender.name.clone()),
                ..Point::default()
            }
        });
        let mut series = self.contender.series(Shape::Points, points.collect());
        if let Some(slope) = self.slope() {
            series.label = format!("{}: {slope}", series.label);
        }
        marks.push(Mark::Series(series));
        marks
    }
}
