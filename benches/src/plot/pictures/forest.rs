//! Ratios with their intervals.

use super::super::{Along, Axis, Band, Mark, Plot, Point, Rule, Scale, Series, Shape, Style};
use super::Estimate;
use crate::format::figures;

/// What an interval of a ratio allows to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The first is ahead by more than matters.
    Ahead,
    /// The first is behind by more than matters.
    Behind,
    /// Too close for anybody's choice to change.
    NoDifference,
    /// The interval holds more than one of these.
    Undecided,
}

impl Outcome {
    const ALL: [Self; 4] = [Self::Ahead, Self::Behind, Self::NoDifference, Self::Undecided];

    fn label(self) -> &'static str {
        match self {
            Self::Ahead => "ahead",
            Self::Behind => "behind",
            Self::NoDifference => "no practical difference",
            Self::Undecided => "undecided",
        }
    }

    fn style(self) -> Style {
        match self {
            Self::Ahead => Style::Kind(0),
            Self::Behind => Style::Kind(1),
            Self::NoDifference => Style::Kind(2),
            Self::Undecided => Style::Neutral,
        }
    }
}

/// Ratios of contenders with their intervals, one below the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Forest {
    /// What is compared: `throughput`.
    pub of: String,
    /// From top to bottom.
    pub duels: Vec<Duel>,
    /// How far from 1 a ratio must be to matter: 0.05.
    pub margin: f64,
}

/// One ratio.
#[derive(Debug, Clone, PartialEq)]
pub struct Duel {
    /// Who against whom, under which workload.
    pub label: String,
    /// First over second.
    pub ratio: Estimate,
    /// What the caller's statistics say of it.
    pub outcome: Outcome,
}

/// From this ratio of largest to smallest on, equal steps are equal factors.
const WIDE: f64 = 4.0;

impl Forest {
    /// The picture.
    #[must_use]
    pub fn plot(&self) -> Plot {
        let (low, high) = (1.0 - self.margin, 1.0 + self.margin);
        let percent =
            format!("within ±{} %", figures(self.margin * 100.0).trim_end_matches('0').trim_end_matches('.'));
        let mut marks = vec![
            Mark::Band(Band { along: Along::X, from: low, to: high, label: percent.clone() }),
            Mark::Rule(Rule { along: Along::X, at: 1.0, label: "equal".into(), style: Style::Neutral }),
        ];
        for outcome in Outcome::ALL {
            let rows = self.duels.iter().rev().enumerate().filter(|(_, duel)| duel.outcome == outcome);
            let points: Vec<_> = rows
                .map(|(row, duel)| Point {
                    x: duel.ratio.value,
                    y: row as f64,
                    x_range: duel.ratio.interval,
                    ..Point::default()
                })
                .collect();
            if !points.is_empty() {
                let (label, style) = (outcome.label().to_owned(), outcome.style());
                marks.push(Mark::Series(Series { label, style, shape: Shape::Points, points }));
            }
        }
        let said = self.duels.iter().map(|duel| {
            let interval = duel
                .ratio
                .interval
                .map_or_else(String::new, |(low, high)| format!(" ({} to {})", figures(low), figures(high)));
            format!("{}: {}{interval}, {}.", duel.label, figures(duel.ratio.value), duel.outcome.label())
        });
        Plot {
            title: format!("Ratios of {}, with intervals", self.of),
            alt: format!(
                "Ratios, shaded where they are {percent} of 1. {}",
                said.collect::<Vec<_>>().join(" ")
            ),
            x: Axis::new(format!("ratio of {}", self.of), "×", self.scale()),
            y: Axis::new(
                "comparison",
                "first / second",
                Scale::Categories(self.duels.iter().rev().map(|duel| duel.label.clone()).collect()),
            ),
            marks,
        }
    }

    fn scale(&self) -> Scale {
        let values = self.duels.iter().flat_map(|duel| {
            let (low, high) = duel.ratio.interval.unwrap_or((duel.ratio.value, duel.ratio.value));
            [low, duel.ratio.value, high]
        });
        let (low, high) =
            values.fold((1.0, 1.0), |(low, high): (f64, f64), value| (low.min(value), high.max(value)));
        if low > 0.0 && high / low >= WIDE { Scale::Log2 } else { Scale::Linear { from_zero: false } }
    }
}
