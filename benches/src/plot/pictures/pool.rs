//! Throughput against the size of a thread pool, with what was predicted.

use super::super::{Along, Axis, Mark, Plot, Point, Rule, Scale, Series, Shape, Style};
use super::{Contender, Estimate};
use crate::format::grouped;

/// The main picture: how throughput grows with the pool, what limits it, and where a pool would meet an async server.
///
/// The limits are those of the operational laws (Denning and Buzen 1978): with wait W, CPU time S a request, m cores, k workers and
/// c clients, no more than min(c, k) / (W + S) and no more than m / S.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolSweep {
    /// The workload in words, `10 ms wait, 256 clients`.
    pub workload: String,
    /// Whose pool it is.
    pub pool: Contender,
    /// Size of the pool in threads, and requests per second.
    pub measured: Vec<(u32, Estimate)>,
    /// The async server under the same load, and its requests per second.
    pub async_server: Option<(Contender, Estimate)>,
    /// c: more threads than clients have nothing to do.
    pub clients: u32,
    /// 1 / (W + S), requests per second.
    pub thread_limit_per_sec: f64,
    /// m / S, requests per second.
    pub cpu_limit_per_sec: f64,
    /// k* = m (W + S) / S, threads: where the two limits meet.
    pub crossover_threads: f64,
}

impl PoolSweep {
    /// The picture.
    #[must_use]
    pub fn plot(&self) -> Plot {
        let measured: Vec<_> = self
            .measured
            .iter()
            .map(|(threads, rate)| Point {
                x: f64::from(*threads),
                y: rate.value,
                y_range: rate.interval,
                ..Point::default()
            })
            .collect();
        let mut marks = vec![
            Mark::Series(Series {
                label: "limit min(clients, threads) / (wait + CPU)".into(),
                style: Style::Neutral,
                shape: Shape::Line,
                points: self.limit(),
            }),
            Mark::Rule(Rule {
                along: Along::Y,
                at: self.cpu_limit_per_sec,
                label: format!("CPU limit {}", grouped(self.cpu_limit_per_sec)),
                style: Style::Neutral,
            }),
            Mark::Rule(Rule {
                along: Along::X,
                at: self.crossover_threads,
                label: format!("k* = {}", grouped(self.crossover_threads)),
                style: Style::Neutral,
            }),
        ];
        if let Some((server, rate)) = &self.async_server {
            marks.push(Mark::Rule(Rule {
                along: Along::Y,
                at: rate.value,
                label: format!("{} {}", server.name, said(rate)),
                style: Style::Contender(server.number),
            }));
        }
        marks.push(Mark::Series(self.pool.series(Shape::LineAndPoints, measured)));
        Plot {
            title: format!("Throughput against pool size: {}", self.workload),
            alt: self.alt(),
            x: Axis::new("pool size", "threads", Scale::Log2),
            y: Axis::new("throughput", "requests/s", Scale::Log10),
            marks,
        }
    }

    /// The bend at c = k drawn sharp, on the sizes that were measured.
    fn limit(&self) -> Vec<Point> {
        let (low, high) = match (self.measured.first(), self.measured.last()) {
            (Some((first, _)), Some((last, _))) => (f64::from(*first), f64::from(*last)),
            _ => return Vec::new(),
        };
        let clients = f64::from(self.clients);
        let mut sizes = vec![low];
        sizes.extend((low < clients && clients < high).then_some(clients));
        sizes.push(high);
        let point = |threads: f64| Point {
            x: threads,
            y: threads.min(clients) * self.thread_limit_per_sec,
            ..Point::default()
        };
        sizes.into_iter().map(point).collect()
    }

    fn alt(&self) -> String {
        let best = self.measured.iter().max_by(|a, b| a.1.value.total_cmp(&b.1.value));
        let pool = best.map_or_else(String::new, |(threads, rate)| {
            format!(" {} is fastest with {threads} threads: {} requests/s.", self.pool.name, said(rate))
        });
        let server = self.async_server.as_ref().map_or_else(String::new, |(server, rate)| {
            format!(" {}: {} requests/s.", server.name, said(rate))
        });
        format!(
            "Requests per second of a thread pool of growing size, both axes logarithmic.{pool}{server} \
             Predicted: the limits of waiting and of the CPU meet at {} threads.",
            grouped(self.crossover_threads)
        )
    }
}

/// `20,900 (19,855 to 21,945)`
fn said(rate: &Estimate) -> String {
    let interval = rate.interval.map(|(low, high)| format!(" ({} to {})", grouped(low), grouped(high)));
    format!("{}{}", grouped(rate.value), interval.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_rises_with_the_threads_and_bends_where_the_clients_end() {
        let contender = Contender { name: "pool".into(), number: 0 };
        let sweep = |clients, sizes: &[u32]| PoolSweep {
            workload: String::new(),
            pool: contender.clone(),
            measured: sizes.iter().map(|size| (*size, Estimate::exact(1.0))).collect(),
            async_server: None,
            clients,
            thread_limit_per_sec: 100.0,
            cpu_limit_per_sec: 9_000.0,
            crossover_threads: 90.0,
        };
        for (clients, sizes, expected) in [
            (64, [1, 16, 256].as_slice(), [(1.0, 100.0), (64.0, 6_400.0), (256.0, 6_400.0)].as_slice()),
            (256, &[1, 256], &[(1.0, 100.0), (256.0, 25_600.0)]),
            (64, &[], &[]),
        ] {
            let limit: Vec<_> =
                sweep(clients, sizes).limit().iter().map(|point| (point.x, point.y)).collect();
            assert_eq!(limit, expected, "{clients} clients, {sizes:?}");
        }
    }
}
