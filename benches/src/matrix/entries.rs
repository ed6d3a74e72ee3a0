//! What each experiment holds in each profile.

use std::time::Duration;

use super::{Beside, Blocks, Entry, Experiment, Load, Offered, Profile, Setting, Spread, Work};
use crate::contender::{Contender, Model};

/// Connections of a closed loop unless an experiment is about them.
const CLIENTS: usize = 64;

const MS: fn(u64) -> Duration = Duration::from_millis;

impl Experiment {
    /// The settings of this experiment in `profile`; `guests` are contenders from manifests that can take it.
    #[must_use]
    pub fn entries(self, profile: Profile, guests: &[Contender]) -> Vec<Entry> {
        let mut entries = match self {
            Experiment::Hello => vec![hello(profile)],
            Experiment::Waiting => waiting(profile),
            _ if profile == Profile::Quick => Vec::new(),
            Experiment::VaryingWait => varying_wait(),
            Experiment::Users => users(profile),
            Experiment::EqualRate => equal_rate(profile),
            Experiment::SlowClients => beside(self, SERVER_BOUND, Beside::SlowClients(200)),
            Experiment::SlowRoute => {
                let work = Work { slow_wait: Some(MS(500)), ..SERVER_BOUND };
                beside(self, work, Beside::SlowRequests(16))
            }
            Experiment::BlockingCall => blocking_call(),
            Experiment::CpuBound => cpu_bound(profile),
            Experiment::Overload => overload(profile),
            Experiment::Upstream => upstream(),
            Experiment::Code | Experiment::Own => Vec::new(),
        };
        if matches!(self, Experiment::Hello | Experiment::Waiting)
            && let Some(first) = entries.first_mut()
        {
            let work = first.setting.work;
            first.contenders.extend(guests.iter().filter(|one| one.takes(&work)).cloned());
        }
        entries
    }
}

fn closed(experiment: Experiment, work: Work, connections: usize) -> Setting {
    Setting { experiment, work, load: Load::Closed { connections }, beside: Beside::Nothing }
}

fn pool(workers: usize) -> Contender {
    Contender::ours(Model::Threaded, "hyper").with_workers(workers)
}

fn axum() -> Contender {
    Contender::ours(Model::Async, "axum")
}

fn hyper() -> Contender {
    Contender::ours(Model::Async, "hyper")
}

/// Blocks of hello: without a wait two equal servers differ by 6 to 9 % within a block (standard deviation of the log ratio, on a quiet and on a
/// busy day of one machine), and in so many a true 5 % is found in four runs of five even on the busy one (`tests/it/instrument.rs`).
const HELLO_BLOCKS: usize = 30;

fn hello(profile: Profile) -> Entry {
    let setting = closed(Experiment::Hello, Work::NOTHING, CLIENTS);
    let blocks = match profile {
        // `cargo bench` is to end in four minutes.
        Profile::Quick => Blocks::Usual,
        Profile::Standard | Profile::Full => Blocks::AtLeast(HELLO_BLOCKS),
    };
    Entry { twin: true, blocks, ..Entry::new(setting, Contender::all_of_ours()) }
}

/// The first setting is everybody's. The others are the model's question: pools of growing size against tasks, over
/// clients and waits.
fn waiting(profile: Profile) -> Vec<Entry> {
    let at = |wait, clients, contenders| {
        Entry::new(closed(Experiment::Waiting, Work::waiting(MS(wait)), clients), contenders)
    };
    let mut everybody = Contender::all_of_ours();
    if profile == Profile::Quick {
        return vec![Entry { twin: true, ..at(10, CLIENTS, everybody) }];
    }
    everybody.insert(5, pool(8));
    let against = |pools: &[usize]| {
        let mut contenders: Vec<Contender> = pools.iter().map(|&workers| pool(workers)).collect();
        contenders.push(hyper());
        contenders
    };
    let mut sweep = against(&[16, 64, 256, 1_024]);
    sweep.insert(4, axum());
    let mut entries = vec![
        Entry { twin: true, ..at(10, CLIENTS, everybody) },
        at(10, 256, against(&[64, 256])),
        at(10, 1_024, sweep),
        at(1, CLIENTS, against(&[32, 64])),
        at(1, 1_024, against(&[64, 1_024])),
        at(100, CLIENTS, against(&[32, 64])),
        at(100, 1_024, against(&[256, 1_024])),
        Entry::new(closed(Experiment::Waiting, Work::NOTHING, 1_024), against(&[64, 1_024])),
    ];
    if profile == Profile::Full {
        entries.extend([
            at(10, 512, against(&[8, 16, 32, 64, 128, 256, 512])),
            at(1, 256, against(&[64, 256])),
            at(100, 256, against(&[64, 256])),
            Entry::new(closed(Experiment::Waiting, Work::NOTHING, 256), against(&[64, 256])),
            at(10, 4_096, against(&[256, 1_024, 4_096])),
            at(100, 4_096, against(&[1_024, 4_096])),
        ]);
    }
    entries
}

/// Where a fixed wait lets clients fall into step: pools with a worker for each, and for every fourth, against tasks.
fn varying_wait() -> Vec<Entry> {
    let work = Work { spread: Spread::Exponential, ..Work::waiting(MS(10)) };
    let at = |clients| {
        let contenders = vec![pool(clients / 4), pool(clients), hyper()];
        Entry::new(closed(Experiment::VaryingWait, work, clients), contenders)
    };
    [256, 1_024].map(at).into()
}

/// The largest pool that is tried with a worker for each user: the start of some thousand rayon workers on one CPU takes longer than
/// a server may take to answer.
const MOST_THREADS: usize = 1_000;

/// So few users tell where a small pool ends, and nothing of the others.
const FEW_USERS: usize = 100;

/// Blocks and windows of the ladder of users in the standard profile: its trials take long, and few users ask seldom.
const USERS_BLOCKS: usize = 5;
const USERS_WINDOWS: u32 = 4;

/// Each user asks once a second and waits 10 ms, so one in a hundred is at work at a time.
fn users(profile: Profile) -> Vec<Entry> {
    let ladder: &[usize] = match profile {
        Profile::Quick => &[],
        Profile::Standard => &[100, 500, 1_000, 8_000],
        Profile::Full => &[100, 500, 1_000, 2_000, 4_000, 8_000, 16_000],
    };
    // The windows of the full profile are long enough, and it takes its time.
    let (windows, blocks) = match profile {
        Profile::Standard => (USERS_WINDOWS, Blocks::AtMost(USERS_BLOCKS)),
        Profile::Quick | Profile::Full => (1, Blocks::Usual),
    };
    ladder
        .iter()
        .map(|&users| {
            let offered = Offered::PerSec(users as f64);
            let setting = Setting {
                experiment: Experiment::Users,
                work: Work::waiting(MS(10)),
                load: Load::Open { connections: users, offered },
                beside: Beside::Nothing,
            };
            let mut contenders = vec![pool(crate::contender::DEFAULT_WORKERS), hyper()];
            if users > FEW_USERS {
                contenders.insert(1, axum());
            }
            if (FEW_USERS + 1..=MOST_THREADS).contains(&users) {
                contenders.insert(1, pool(users));
            }
            Entry { blocks, windows, ..Entry::new(setting, contenders) }
        })
        .collect()
}

/// Below the capacity of all, so that costs are compared at the same work done.
fn equal_rate(profile: Profile) -> Vec<Entry> {
    let shares: &[f64] = if profile == Profile::Full { &[0.3, 0.6] } else { &[0.5] };
    let at = |&share: &f64| {
        let load = Load::Open { connections: CLIENTS, offered: Offered::OfSlowest(share) };
        let setting =
            Setting { experiment: Experiment::EqualRate, work: Work::NOTHING, load, beside: Beside::Nothing };
        Entry::new(setting, Contender::all_of_ours())
    };
    shares.iter().map(at).collect()
}

/// Ordinary clients, with and without what goes on beside them: 16, fewer than the pool has workers.
fn beside(experiment: Experiment, work: Work, trouble: Beside) -> Vec<Entry> {
    let contenders = || vec![Contender::ours(Model::Sync, "hyper"), pool(8), pool(64), hyper()];
    [Beside::Nothing, trouble]
        .into_iter()
        .map(|beside| Entry::new(Setting { beside, ..closed(experiment, work, 16) }, contenders()))
        .collect()
}

fn blocking_call() -> Vec<Entry> {
    let wait = Work::waiting(MS(10));
    [wait, Work { block_the_loop: true, ..wait }]
        .into_iter()
        .map(|work| Entry::new(closed(Experiment::BlockingCall, work, CLIENTS), vec![axum(), hyper()]))
        .collect()
}

fn cpu_bound(profile: Profile) -> Vec<Entry> {
    let work: &[u64] = if profile == Profile::Full { &[100, 500, 2_000] } else { &[500] };
    let at = |&us: &u64| {
        let work = Work { cpu_work: Duration::from_micros(us), ..Work::NOTHING };
        let contenders = vec![Contender::ours(Model::Sync, "hyper"), pool(64), axum(), hyper()];
        Entry::new(closed(Experiment::CpuBound, work, CLIENTS), contenders)
    };
    work.iter().map(at).collect()
}

/// Work in every request where the server must be the limit: so much that the generator, which needs about as much CPU for a request as a fast
/// server does, has room when the server has none.
const SERVER_BOUND: Work = Work { cpu_work: Duration::from_micros(100), ..Work::NOTHING };

fn overload(profile: Profile) -> Vec<Entry> {
    let shares: &[f64] = match profile {
        Profile::Full => &[0.2, 0.4, 0.6, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0],
        _ => &[0.5, 0.9, 1.2],
    };
    let at = |&share: &f64| {
        let load = Load::Open { connections: 256, offered: Offered::OfOwn(share) };
        let setting =
            Setting { experiment: Experiment::Overload, work: SERVER_BOUND, load, beside: Beside::Nothing };
        Entry::new(setting, vec![pool(64), axum(), hyper()])
    };
    shares.iter().map(at).collect()
}

fn upstream() -> Vec<Entry> {
    let work = Work { upstream_wait: Some(MS(10)), ..Work::NOTHING };
    let contenders = vec![Contender::ours(Model::Sync, "hyper"), pool(64), axum(), hyper()];
    vec![Entry::new(closed(Experiment::Upstream, work, CLIENTS), contenders)]
}

#[cfg(test)]
mod tests;
