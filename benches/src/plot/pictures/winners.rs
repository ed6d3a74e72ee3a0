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
    /// Who it is, if anybody.
    pub lead: Lead,
    /// The best over the second best, as a ratio.
    pub ratio: f64,
}

/// Who leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lead {
    /// By index in [`Winners::contenders`].
    Of(usize),
    /// Nobody: what difference there may be is smaller than matters.
    Even,
    /// That cannot be told.
    Undecided,
}

impl Winners {
    /// The picture.
    #[must_use]
    pub fn plot(&self) -> Plot {
        let cell = |winner: &Winner| {
            let ratio = format!("{} ×", figures(winner.ratio));
            let (style, name) = self.look(winner.lead);
            let meaning = match winner.lead {
                Lead::Of(_) => format!("{name} leads by {ratio}"),
                Lead::Even | Lead::Undecided => format!("{name}, best over second {ratio}"),
            };
            // A square is narrow; the legend has the whole name.
            let name = if winner.lead == Lead::Even { "even".to_owned() } else { name };
            Cell { column: winner.clients, row: winner.wait, style, text: vec![name, ratio], meaning }
        };
        let count = |lead| self.winners.iter().filter(|winner| winner.lead == lead).count();
        let wins = self
            .contenders
            .iter()
            .enumerate()
            .map(|(index, one)| format!("{} wins {}", one.name, count(Lead::Of(index))));
        let leads = (0..self.contenders.len()).map(Lead::Of).chain([Lead::Even, Lead::Undecided]);
        Plot {
            title: format!("Who leads in {}, by wait and clients", self.of),
            alt: format!(
                "Of {} conditions: {}, {} without practical difference (even), {} undecided (grey).",
                self.winners.len(),
                wins.collect::<Vec<_>>().join(", "),
                count(Lead::Even),
                count(Lead::Undecided),
            ),
            x: Axis::new("load", "clients", Scale::Categories(self.clients.clone())),
            y: Axis::new("wait a request", "time", Scale::Categories(self.waits.clone())),
            marks: vec![Mark::Cells {
                cells: self.winners.iter().map(cell).collect(),
                legend: leads.map(|lead| self.look(lead)).collect(),
            }],
        }
    }

    fn look(&self, lead: Lead) -> (Style, String) {
        match lead {
            Lead::Of(index) => self.contenders.get(index).map_or_else(
                || self.look(Lead::Undecided),
                |one| (Style::Contender(one.number), one.name.clone()),
            ),
            Lead::Even => (Style::Even, "no practical difference".to_owned()),
            Lead::Undecided => (Style::Neutral, "undecided".to_owned()),
        }
    }
}
