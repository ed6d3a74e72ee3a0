//! How good the predictions were.

use super::super::{Axis, Mark, Plot, Point, Scale, Shape};
use super::{Contender, Estimate};
use crate::format::figures;

/// What was predicted beside what was observed.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    /// What was predicted: `throughput`.
    pub of: String,
    /// Its unit.
    pub unit: String,
    /// Each prediction.
    pub rows: Vec<Predicted>,
}

/// One prediction.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicted {
    /// For whom.
    pub contender: Contender,
    /// The condition in words.
    pub label: String,
    /// Above zero.
    pub predicted: f64,
    /// Above zero.
    pub observed: Estimate,
}

impl Predictions {
    /// The picture.
    #[must_use]
    pub fn plot(&self) -> Plot {
        let mut contenders: Vec<&Contender> = Vec::new();
        for row in &self.rows {
            if !contenders.contains(&&row.contender) {
                contenders.push(&row.contender);
            }
        }
        let series = contenders.into_iter().map(|contender| {
            let rows = self.rows.iter().filter(|row| row.contender == *contender);
            let points = rows.map(|row| Point {
                x: row.predicted,
                y: row.observed.value,
                y_range: row.observed.interval,
                name: Some(format!("{}, {}", contender.name, row.label)),
                ..Point::default()
            });
            Mark::Series(contender.series(Shape::Points, points.collect()))
        });
        let off =
            self.rows.iter().map(|row| row.observed.value / row.predicted).filter(|ratio| ratio.is_finite());
        let worst = off.max_by(|a, b| a.ln().abs().total_cmp(&b.ln().abs()));
        let worst = worst.map_or_else(String::new, |ratio| {
            format!(" The observation farthest from its prediction is {} × it.", figures(ratio))
        });
        Plot {
            title: format!("Predicted and observed {}", self.of),
            alt: format!(
                "Observed against predicted {}, both logarithmic; on the dashed line the prediction was right.{worst}",
                self.of
            ),
            x: Axis::new(format!("predicted {}", self.of), &self.unit, Scale::Log10),
            y: Axis::new(format!("observed {}", self.of), &self.unit, Scale::Log10),
            marks: [Mark::Identity { label: "as predicted".into() }].into_iter().chain(series).collect(),
        }
    }
}
