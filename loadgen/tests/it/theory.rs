//! Runs against queueing theory: real event loops, real sockets, a server of one place, and time that really passes.
//!
//! What the accounting makes of latencies is held against theory on a simulated clock, beside the code. Here the clock
//! is real, and so are its troubles. Each model is run once, all of them at the same time, and each figure has to lie
//! among those of as many simulated runs of the same length. The run is one more like them if nothing is wrong, so that
//! it is the lowest or the highest by chance in two of [`SIMULATED`] + 1 cases, whatever the distribution: for the
//! fourteen figures together less than one in a hundred.
//!
//! A real run is also late: the generator wakes up, the server's thread, the server's clock, the generator again. How
//! late is measured at the same time by a run in which nobody ever waits for another. What that does to a queue is
//! simulated too, and the figures may be higher by so much.

#[path = "../../src/theory/formula.rs"]
mod formula;
mod model;
#[path = "../../src/theory/station.rs"]
mod station;

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use loadgen::{Distribution, ErrorClass, Pacing, Plan, RunRecord, Samples, closed_loop, measure};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::server::{Reply, Server, assert_counts, wait_until};
use model::{Figures, Model, Poisson, SERVICE};

const MODELS: [Model; 7] = [
    Model::Exponential { load: 0.5 },
    Model::Exponential { load: 0.7 },
    Model::Exponential { load: 0.9 },
    Model::Constant { load: 0.5 },
    Model::Constant { load: 0.7 },
    Model::Constant { load: 0.9 },
    Model::Users { users: 10, delay: 10.0 },
];
/// The seed of every real run; the simulated ones have those from 0 on.
const SEED: u64 = 1_000_003;
const SIMULATED: u64 = 4_000;
/// How many of them are also simulated with the machine's delays.
const DELAYED: u64 = 100;
/// For the simulations.
const THREADS: usize = 4;
/// Few, so that an open loop's requests wait at the generator too, where only who counts from the due time sees it.
const CONNECTIONS: usize = 4;
/// The histogram's.
const PRECISION: f64 = 1e-3;

/// A server that has one place: all that can be seen of one is when its answers come.
fn serve(model: Model) -> Server {
    let station = Mutex::new(model.station(SEED, Instant::now()));
    Server::start(move |seen| {
        // The first answers of the connections are no part of the run.
        if seen.request > 0 {
            let station = || station.lock().expect("nobody panics with it");
            if let Some((_, delay)) = model.users() {
                let delay = station().exponential(delay);
                wait_until(Instant::now() + delay);
            }
            let mut queue = station();
            let answered = queue.answers(Instant::now());
            drop(queue);
            wait_until(answered);
        }
        Reply::greeting()
    })
}

fn run(model: Model) -> RunRecord {
    let server = serve(model);
    let requests = model.requests() as u64;
    let record = match (model.schedule(SEED), model.users()) {
        (Some(schedule), _) => {
            measure(&Plan { pacing: Pacing::Open(schedule), ..server.plan(CONNECTIONS, requests) })
        }
        (None, users) => closed_loop(&server.plan(users.expect("a closed loop").0, requests)),
    };
    let record = record.expect("a run");
    assert_counts(&record, requests, ErrorClass::Protocol, 0);
    record
}

/// A record refuses the p99 of so few requests. Here it is known how far it may be off: the intervals are those of this
/// very figure of just as many.
fn figures(distribution: &Distribution) -> Figures {
    let samples = Samples::of(distribution).expect("the run has them");
    let mean = distribution.mean_ns.expect("everything is answered");
    [mean, samples.answered().value_at_quantile(0.99)].map(|ns| ns as f64 / SERVICE.as_nanos() as f64)
}

fn found(model: Model, record: &RunRecord) -> Figures {
    let latency = &record.latency;
    figures(if model.users().is_some() { &latency.uncorrected } else { &latency.corrected })
}

/// What is counted from due to sent and from sent to answered is all there is.
fn assert_whole(corrected: f64, record: &RunRecord) {
    let parts = [&record.latency.schedule_lag, &record.latency.uncorrected].map(|part| figures(part)[0]);
    assert!((corrected / parts.iter().sum::<f64>() - 1.0).abs() < 2.0 * PRECISION, "{corrected} {parts:?}");
}

/// How late requests were that had the server to themselves.
fn delays(idle: &RunRecord) -> Vec<Duration> {
    let samples = Samples::of(&idle.latency.corrected).expect("an open loop");
    let delay = |nanoseconds| Duration::from_nanos(nanoseconds).saturating_sub(SERVICE);
    let delays = samples.answered().iter_recorded().flat_map(|at| {
        std::iter::repeat_n(delay(at.value_iterated_to()), at.count_at_value().try_into().expect("few"))
    });
    delays.collect()
}

/// What a model's figures may be.
#[derive(Clone, Copy, Debug)]
struct Interval {
    lowest: Figures,
    highest: Figures,
    /// How much higher they may be for the machine's delays, and on one path how far off.
    room: Figures,
}

impl Interval {
    const EMPTY: Self = Self { lowest: [f64::INFINITY; 2], highest: [0.0; 2], room: [0.0; 2] };

    /// Adds one simulated run, and what delays drawn from those measured make of it: twice that, because those measured
    /// are a sample. The largest of many such differences, because a p99 moves by more or less from path to path.
    fn simulate(&mut self, model: Model, seed: u64, arrivals: &Poisson, delays: &[Duration]) {
        let figures = model.simulate(seed, arrivals, || Duration::ZERO);
        self.unite(&Self { lowest: figures, highest: figures, ..Self::EMPTY });
        if seed < DELAYED && model.users().is_none() {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let late = || delays[random.next_u32() as usize % delays.len()];
            let delayed = model.simulate(seed, arrivals, late);
            self.allow(each(|i| 2.0 * (delayed[i] - figures[i])));
        }
    }

    fn allow(&mut self, room: Figures) {
        self.room = each(|i| self.room[i].max(room[i]));
    }

    fn unite(&mut self, other: &Self) {
        self.lowest = each(|i| self.lowest[i].min(other.lowest[i]));
        self.highest = each(|i| self.highest[i].max(other.highest[i]));
        self.allow(other.room);
    }

    fn holds(&self, figures: Figures) -> bool {
        (0..2).all(|i| {
            let highest = (self.highest[i] + self.room[i]) * (1.0 + PRECISION);
            (self.lowest[i] * (1.0 - PRECISION)..=highest).contains(&figures[i])
        })
    }
}

/// How much higher the figures of the real run's path are, at worst, when the measured delays come all together, the
/// longest first: as they do when the machine stands still and then catches up.
fn together(model: Model, mut delays: Vec<Duration>) -> Figures {
    const BEGINNINGS: usize = 32;
    delays.sort_by(|one, other| other.cmp(one));
    let (arrivals, requests) = (Poisson::new(SEED), model.requests());
    let path = model.simulate(SEED, &arrivals, || Duration::ZERO);
    (0..BEGINNINGS).fold([0.0; 2], |worst: Figures, beginning| {
        let mut place = beginning * requests / BEGINNINGS;
        let late = || {
            place += 1;
            delays[place % requests * delays.len() / requests]
        };
        let delayed = model.simulate(SEED, &arrivals, late);
        each(|i| worst[i].max(delayed[i] - path[i]))
    })
}

fn each(figure: impl FnMut(usize) -> f64) -> Figures {
    std::array::from_fn(figure)
}

fn intervals(delays: &[Duration]) -> [Interval; MODELS.len()] {
    let share = |first| {
        let mut intervals = [Interval::EMPTY; MODELS.len()];
        for seed in (first..SIMULATED).step_by(THREADS) {
            let arrivals = Poisson::new(seed);
            for (interval, model) in intervals.iter_mut().zip(MODELS) {
                interval.simulate(model, seed, &arrivals, delays);
            }
        }
        intervals
    };
    let mut united = [Interval::EMPTY; MODELS.len()];
    for shared in at_once(0..THREADS as u64, share) {
        united.iter_mut().zip(&shared).for_each(|(interval, other)| interval.unite(other));
    }
    for (interval, model) in united.iter_mut().zip(MODELS) {
        interval.allow(if model.users().is_some() {
            // A closed loop stands still with the machine: a delay makes that one request longer.
            let mean = delays.iter().sum::<Duration>().div_duration_f64(SERVICE) / delays.len() as f64;
            [2.0 * mean; 2]
        } else {
            together(model, delays.to_vec())
        });
    }
    united
}

fn at_once<I: Send, T: Send>(items: impl IntoIterator<Item = I>, run: impl Fn(I) -> T + Sync) -> Vec<T> {
    let run = &run;
    thread::scope(|scope| {
        let threads: Vec<_> = items.into_iter().map(|item| scope.spawn(move || run(item))).collect();
        threads.into_iter().map(|thread| thread.join().expect("none panics")).collect()
    })
}

/// Whether a run is what theory says of the model, and theory can be told from what it is not; else the reason.
fn judge(model: Model, record: &RunRecord, intervals: &[Interval; MODELS.len()]) -> Result<(), String> {
    let interval_of =
        |model| &intervals[MODELS.iter().position(|one| *one == model).expect("it is one of them")];
    let interval = interval_of(model);
    let (found, theory) = (found(model, record), model.theory());
    let path = model.simulate(SEED, &Poisson::new(SEED), || Duration::ZERO);
    let told = format!("{model:?}: found {found:.3?}, path {path:.3?}, theory {theory:.3?}, {interval:.3?}");
    println!("{told}");
    let demand = |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("{what}: {told}")) };
    assert!(interval.holds(theory), "{told}");
    demand(interval.holds(found), "beside the interval")?;
    if model.users().is_none() {
        assert_whole(found[0], record);
        // Theory knows the very path of an open loop too: the same requests are due, and take as long. That leaves no
        // room to chance, and however busy the machine, nothing is sent before it is due.
        assert!(found[0] >= path[0] * (1.0 - PRECISION), "{told}");
        let near = (0..2).all(|i| (found[i] - path[i]).abs() <= interval.room[i] + PRECISION * path[i]);
        demand(near, "off the path")?;
    }
    // The intervals are missed by whoever does not count from the due time, and by the wrong model, be it as formula or
    // as the run without the machine's delays. At load 0.9 runs of this length do not tell models apart.
    if model == (Model::Exponential { load: 0.9 }) {
        let uncorrected = figures(&record.latency.uncorrected);
        println!("  uncorrected {uncorrected:.3?}");
        demand(!interval.holds(uncorrected), "uncorrected is as good")?;
    }
    if let Model::Constant { load: load @ (0.5 | 0.7) } = model {
        let wrong = interval_of(Model::Exponential { load });
        assert!(!wrong.holds(path) && !wrong.holds(theory), "{told}; {wrong:.3?}");
    }
    Ok(())
}

#[test]
fn runs_against_a_single_server_have_the_latencies_of_its_queue() {
    // A machine may do worse than what was measured: of three attempts one without that is demanded.
    let mut reasons = Vec::new();
    for _ in 0..3 {
        let mut records = at_once(MODELS.into_iter().chain([Model::Idle]), run);
        let delays = delays(&records.pop().expect("the idle one"));
        let intervals = intervals(&delays);
        let judged = MODELS.into_iter().zip(&records).map(|(model, record)| judge(model, record, &intervals));
        let failed: Vec<_> = judged.filter_map(Result::err).collect();
        if failed.is_empty() {
            return;
        }
        reasons.push(failed);
    }
    panic!("in mean service times: {reasons:#?}");
}
