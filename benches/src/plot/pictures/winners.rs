//! The winner of each condition, as a heat map.

use super::super::{Axis, Cell, Mark, Plot, Scale, Style};
use super::Contender;
use crate::format::figures;

/// Who is ahead under which wait and with how many clients.
#[derive(Debug, Clone, PartialEq)]
pub struct Winners {
    /// What is compared: `throughput`.
    pub of: String,
    /// Names of the columns, by rising number of clients.
    pub clients: Vec<String>,
    /// Names of the rows with their unit, by rising wait: `10 ms`.
    pub waits: Vec<String>,
    /// All that may win.
    pub contenders: Vec<Contender>,
    /// The conditions that were measured; the others stay empty.
    pub winners: Vec<Winner>,
}

/// The result of one condition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Winner {
    /// Index in [`Winners::waits`].
    pub wait: usize,
    /// Index in [`Winners::clients`].
    pub clients: usize,
    /// Index in [`Winners::contenders`]; none while undecided.
    pub contender: Option<usize>,
    /// Its lead over the second best, as a ratio.
    pub lead: f64,
}

impl Winners {
    /// The picture.
    #[must_use]
    pub fn plot(&self) -> Plot {
        let undecided = (Style::Neutral, "undecided".to_owned());
        let looks = self.contenders.iter().map(|one| (Style::Contender(one.number), one.name.clone()));
        let cell = |winner: &Winner| {
            let contender = winner.contender.and_then(|index| self.contenders.get(index));
            let lead = format!("{} ×", figures(winner.lead));
            let (style, name) = contender
                .map_or_else(|| undecided.clone(), |one| (Style::Contender(one.number), one.name.clone()));
            let meaning = match contender {
                Some(one) => format!("{} leads by {lead}", one.name),
                None => format!("undecided, best over second {lead}"),
            };
            Cell { column: winner.clients, row: winner.wait, style, text: vec![name, lead], meaning }
        };
        let wins = self.contenders.iter().enumerate().map(|(index, one)| {
            let count = self.winners.iter().filter(|winner| winner.contender == Some(index)).count();
            format!("{} wins {count}", one.name)
        });
        let cells: Vec<_> = self.winners.iter().map(cell).collect();
        Plot {
            title: format!("Who leads in {}, by wait and clients", self.of),
            alt: format!(
                "Of {} conditions: {}, {} undecided (grey).",
                cells.len(),
                wins.collect::<Vec<_>>().join(", "),
                self.winners.iter().filter(|winner| winner.contender.is_none()).count(),
            ),
            x: Axis::new("load", "clients", Scale::Categories(self.clients.clone())),
            y: Axis::new("wait a request", "time", Scale::Categories(self.waits.clone())),
            marks: vec![Mark::Cells { cells, legend: looks.chain([undecided.clone()]).collect() }],
        }
    }
}
