//! The models: who asks a single server how often, and what theory and simulation make of that.

use std::time::{Duration, Instant};

use loadgen::{Arrivals, Schedule, Timetable};

use super::formula;
use super::station::{Service, Station};

/// Mean time that the server takes for a request: long beside what a machine takes to wake somebody up.
pub(super) const SERVICE: Duration = Duration::from_millis(5);
/// How long each model is run, about.
const WINDOW: Duration = Duration::from_secs(20);

/// The mean of the latencies and their p99, in mean service times.
pub(super) type Figures = [f64; 2];

/// Who asks, and how long a request takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Model {
    /// M/M/1: Poisson arrivals, exponential service.
    Exponential { load: f64 },
    /// M/D/1: Poisson arrivals, constant service.
    Constant { load: f64 },
    /// M/M/1//N: a closed loop of so many users, whose requests are delayed, exponentially with a mean of so many
    /// service times, before they queue.
    Users { users: usize, delay: f64 },
    /// Constant arrivals and service, and never two requests at once: all beyond the service is the machine's delay.
    Idle,
}

impl Model {
    pub(super) fn station(self, seed: u64, started: Instant) -> Station {
        let service = match self {
            Self::Exponential { .. } | Self::Users { .. } => Service::Exponential,
            Self::Constant { .. } | Self::Idle => Service::Constant,
        };
        Station::new(seed, service, SERVICE, started)
    }

    /// When requests are due, if it is an open loop.
    pub(super) fn schedule(self, seed: u64) -> Option<Schedule> {
        let arrivals = match self {
            Self::Exponential { .. } | Self::Constant { .. } => Arrivals::Poisson,
            Self::Idle => Arrivals::Constant,
            Self::Users { .. } => return None,
        };
        Some(Schedule { arrivals, seed, ..Schedule::steady(self.load() / SERVICE.as_secs_f64()) })
    }

    /// Users and the mean delay of their requests, if it is a closed loop.
    pub(super) fn users(self) -> Option<(usize, Duration)> {
        match self {
            Self::Users { users, delay } => Some((users, SERVICE.mul_f64(delay))),
            Self::Exponential { .. } | Self::Constant { .. } | Self::Idle => None,
        }
    }

    /// Requests for each mean service time.
    fn load(self) -> f64 {
        match self {
            Self::Exponential { load } | Self::Constant { load } => load,
            // Little's law: users are throughput times latency.
            Self::Users { users, delay } => users as f64 / formula::repairman::mean(users, delay),
            // Low enough for a request that is late by two services to meet no other.
            Self::Idle => 0.25,
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousand")]
    pub(super) fn requests(self) -> usize {
        (self.load() * WINDOW.div_duration_f64(SERVICE)) as usize
    }

    /// By formula, for a run without end.
    pub(super) fn theory(self) -> Figures {
        match self {
            Self::Exponential { load } => [formula::mm1::mean(load), formula::mm1::quantile(load, 0.99)],
            Self::Constant { load } => [formula::md1::mean(load), formula::md1::quantile(load, 0.99)],
            Self::Users { users, delay } => {
                let mean = formula::repairman::mean(users, delay);
                [mean, formula::repairman::quantile(users, delay, 0.99)]
            }
            Self::Idle => [1.0, 1.0],
        }
    }

    /// A run of as many requests as the real one has, from the same empty server on, in which each request comes late
    /// to the server by what `late` says. In an open loop it is the same path as the real run with this seed.
    pub(super) fn simulate(
        self,
        seed: u64,
        arrivals: &Poisson,
        mut late: impl FnMut() -> Duration,
    ) -> Figures {
        let started = Instant::now();
        let mut station = self.station(seed, started);
        let mut latencies = Vec::new();
        if let Some((users, delay)) = self.users() {
            let delay = |station: &mut Station| station.exponential(delay) + late();
            let told = |sent, answered| latencies.push(in_services(answered - sent));
            station.serve_users(users, self.requests(), delay, told);
        } else {
            let gap = SERVICE.div_f64(self.load());
            latencies.extend(arrivals.0[..self.requests()].iter().map(|arrival| {
                let due = started + gap.mul_f64(*arrival);
                in_services(station.answers(due + late()) - due)
            }));
        }
        figures(latencies)
    }
}

/// When the requests of a schedule with this seed come at a mean gap of 1. Other rates only stretch time, so one is
/// enough for all models.
#[derive(Debug)]
pub(super) struct Poisson(Vec<f64>);

impl Poisson {
    pub(super) fn new(seed: u64) -> Self {
        let mut timetable = Timetable::new(&Schedule { seed, ..Schedule::steady(1.0) });
        let most = Model::Exponential { load: 1.0 }.requests();
        Self((0..most as u64).map(|index| timetable.due(index).as_secs_f64()).collect())
    }
}

fn in_services(time: Duration) -> f64 {
    time.div_duration_f64(SERVICE)
}

fn figures(mut latencies: Vec<f64>) -> Figures {
    let mean = latencies.iter().sum::<f64>() / latencies.len() as f64;
    let rank = (latencies.len() * 99).div_ceil(100);
    [mean, *latencies.select_nth_unstable_by(rank - 1, f64::total_cmp).1]
}
