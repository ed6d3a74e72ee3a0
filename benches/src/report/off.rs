//! Predictions that were off, and what explains it: the bounds of a closed system with the CPU time that a request really took.

use super::document::{Block, Table};
use super::sentence::code;
use crate::contender::Model;
use crate::format::{figures, grouped, signed_percent};
use crate::matrix::Spread;
use crate::prediction::Bounds;
use crate::record::ComparisonRecord;
use crate::summary::{Row, Summary};

/// A prediction that is further off is in the table, and a bound that is nearer is reached.
const OFF: f64 = 0.1;

/// A row whose prediction was off, with what is known of it.
struct Off<'a> {
    row: &'a Row,
    predicted: f64,
    observed: f64,
    residual: f64,
    /// CPU seconds of a request in the pilot, with the CPU work that the row asks for.
    pilot_s: f64,
    /// CPU seconds of a request in the row.
    own_s: f64,
    bounds: Option<Bounds>,
    cpus: usize,
}

/// The table, where there is something to explain.
pub(super) fn table(run: &ComparisonRecord, summary: &Summary) -> Vec<Block> {
    let rows = summary.tables.iter().flat_map(|table| &table.rows);
    let off: Vec<Off<'_>> = rows.filter_map(|row| Off::of(run, row)).collect();
    if off.is_empty() {
        return Vec::new();
    }
    let header = ["server", "where", "predicted", "observed", "off by", "CPU/request: pilot, here"];
    let header: Vec<&str> = header.into_iter().chain(["bounds with that", "off the upper", "why"]).collect();
    let name = "Predictions that were off by more than 10 %";
    vec![
        Block::Heading(3, name.to_owned()),
        Block::Text("The CPU time of a request was taken from a pilot without waits. With what a request took in the row itself, a closed system of n requests at a time on m CPUs answers at least n / (W + S (1 + (n − 1) / m)) a second, when all queue for the CPU at one moment, and at most the lower of n / (W + S) and m / S. Where m / S is reached the CPUs never rested: that says where the time went, not why a request took more of it.".to_owned()),
        Table::of_words(name, &header, off.iter().map(Off::cells).collect()),
    ]
}

impl<'a> Off<'a> {
    fn of(run: &ComparisonRecord, row: &'a Row) -> Option<Self> {
        let residual = row.residual().filter(|one| one.abs() > OFF)?;
        if !row.is_valid() || row.cell.twin {
            return None;
        }
        let pilot = run.pilots.iter().find(|pilot| pilot.base == row.contender.base)?;
        let cpus = run.placement.server_cpus.len();
        let own_s = row.cpu_us?.median / 1e6;
        Some(Off {
            row,
            predicted: row.prediction.at_most_per_sec?,
            observed: row.rate_per_sec?.median,
            residual,
            pilot_s: pilot.cpu_s? + row.cell.setting.work.cpu_work.as_secs_f64(),
            own_s,
            bounds: Bounds::of(&row.cell.setting, &row.contender, row.offered_per_sec, own_s, cpus),
            cpus,
        })
    }

    fn against(&self, bounds: Bounds) -> f64 {
        self.observed / bounds.high - 1.0
    }

    fn why(&self) -> String {
        let work = &self.row.cell.setting.work;
        match self.bounds {
            Some(bounds) if self.against(bounds).abs() <= OFF && self.own_s >= self.pilot_s => {
                "explained: a request cost more CPU than in the pilot".to_owned()
            }
            Some(bounds) if self.against(bounds).abs() <= OFF => {
                "explained: a request cost less CPU than in the pilot".to_owned()
            }
            Some(Bounds { low: Some(low), high })
                if low * (1.0 - OFF) <= self.observed && self.observed < high =>
            {
                // Only on one event loop does a fixed wait end for many at one moment, again and again.
                let perhaps = match (self.row.contender.model, work.spread) {
                    (Model::Async, Spread::Fixed) if !work.wait().is_zero() => {
                        "; with a fixed wait the clients of an event loop may come together"
                    }
                    _ => "",
                };
                format!("within the bounds of a closed system; which queueing it was is not known{perhaps}")
            }
            _ if self.row.is_client_bound() => {
                "explained: the load generator was nearly out of CPU".to_owned()
            }
            _ => {
                let used = 100.0 * self.observed * self.own_s / self.cpus as f64;
                format!("not explained: the server used {} % of its CPU time", figures(used))
            }
        }
    }

    fn cells(&self) -> Vec<String> {
        let us = |seconds: f64| figures(seconds * 1e6);
        let bounds = |text: &dyn Fn(Bounds) -> String| self.bounds.map_or_else(|| "n/a".to_owned(), text);
        vec![
            code(&self.row.cell.contender),
            code(&self.row.cell.setting.label()),
            grouped(self.predicted),
            grouped(self.observed),
            signed_percent(self.residual),
            format!("{} µs, {} µs", us(self.pilot_s), us(self.own_s)),
            bounds(&|it| {
                let high = grouped(it.high);
                it.low.map_or_else(|| format!("≤ {high}"), |low| format!("{} – {high}", grouped(low)))
            }),
            bounds(&|it| signed_percent(self.against(it))),
            self.why(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::agenda;
    use crate::contender::Contender;
    use crate::matrix::{Beside, Entry, Experiment, Load, Setting, Work};
    use crate::report::markdown;
    use crate::testing::{client_bound, measured, measurement, run_of, trials_of};

    #[test]
    fn each_prediction_that_was_off_has_its_reason() {
        let own = |wait_ms, spread, clients| Setting {
            experiment: Experiment::Own,
            work: Work { spread, ..Work::waiting(Duration::from_millis(wait_ms)) },
            load: Load::Closed { connections: clients },
            beside: Beside::Nothing,
        };
        // With what CPU time a request, and at what rate.
        let cases = [
            // As predicted: not in the table.
            (own(10, Spread::Fixed, 64), "async/hyper", 50.0, 6_000.0),
            // At m / S, which is half of the pilot's.
            (own(10, Spread::Fixed, 1_024), "threaded/hyper@1024", 100.0, 9_900.0),
            // Between 10 % below n / (W + S) and the convoy's n / (W + n S).
            (own(10, Spread::Fixed, 256), "async/hyper", 20.0, 18_000.0),
            (own(10, Spread::Exponential, 256), "async/hyper", 20.0, 18_000.0),
            // Slower than a convoy.
            (own(10, Spread::Fixed, 128), "async/hyper", 20.0, 5_000.0),
            // Faster than the pilot allows, because a request costs less.
            (own(1, Spread::Fixed, 128), "async/hyper", 10.0, 98_000.0),
        ];
        let entries: Vec<Entry> = cases
            .iter()
            .map(|(setting, name, ..)| Entry::new(*setting, vec![Contender::called(name, &[]).unwrap()]))
            .collect();
        let pilots = run_of(Vec::new()).pilots;
        let run = run_of(agenda::plan(&entries, 3, &pilots, 1));
        let rendered = |is_client_bound: bool| {
            let trials = trials_of(&run, |spec| {
                let case = cases.iter().find(|(setting, ..)| *setting == spec.cell.setting).unwrap();
                let mut it = if is_client_bound { client_bound(case.3) } else { measurement(case.3) };
                it.server.cpu_s = case.3 * case.2 / 1e6;
                measured(it)
            });
            markdown::render(&table(&run, &Summary::of(&run, &trials)), "")
        };
        let text = rendered(false);
        let limited = text.replace(
            "not explained: the server used 10.0 % of its CPU time",
            "explained: the load generator was nearly out of CPU",
        );
        assert!(limited != text && rendered(true) == limited);
        insta::assert_snapshot!(text);
        assert!(table(&run, &Summary::of(&run, &[])).is_empty());
    }
}
