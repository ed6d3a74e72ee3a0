//! What each experiment holds in each profile.

use std::time::Duration;

use super::{Beside, Cell, Experiment, Load, Offered, Profile, Setting, Spread, Work};
use crate::contender::{Contender, Model};

/// A setting and who is measured in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The setting.
    pub setting: Setting,
    /// The contenders, in the order in which tables show them.
    pub contenders: Vec<Contender>,
    /// Whether its first async contender is measured twice, to see how much two equal servers differ (A/A).
    pub twin: bool,
    /// A limit on its blocks, for settings whose trials take long.
    pub most_blocks: usize,
}

/// Connections of a closed loop unless an experiment is about them.
const CLIENTS: usize = 64;

const MS: fn(u64) -> Duration = Duration::from_millis;

impl Entry {
    fn new(setting: Setting, contenders: Vec<Contender>) -> Self {
        Entry { setting, contenders, twin: false, most_blocks: usize::MAX }
    }

    /// Its cells, the twin last.
    #[must_use]
    pub fn cells(&self) -> Vec<Cell> {
        let mut cells: Vec<Cell> = self.contenders.iter().map(|one| Cell::of(self.setting, one)).collect();
        let doubled =
            self.contenders.iter().rev().find(|one| one.model == Model::Async && one.package().is_some());
        if let (true, Some(doubled)) = (self.twin, doubled) {
            cells.push(Cell { twin: true, ..Cell::of(self.setting, doubled) });
        }
        cells
    }
}

impl Experiment {
    /// The settings of this experiment in `profile`; `guests` are contenders from manifests that can take it.
    #[must_use]
    pub fn entries(self, profile: Profile, guests: &[Contender]) -> Vec<Entry> {
        let mut entries = match self {
            Experiment::Hello => vec![hello()],
            Experiment::Waiting => waiting(profile),
            _ if profile == Profile::Quick => Vec::new(),
            Experiment::VaryingWait => varying_wait(),
            Experiment::Users => users(profile),
            Experiment::EqualRate => equal_rate(profile),
            Experiment::SlowClients => beside(self, Work::NOTHING, Beside::SlowClients(200)),
            Experiment::SlowRoute => {
                let work = Work { slow_wait: Some(MS(500)), ..Work::NOTHING };
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

fn hello() -> Entry {
    let setting = closed(Experiment::Hello, Work::NOTHING, CLIENTS);
    Entry { twin: true, ..Entry::new(setting, Contender::all_of_ours()) }
}

/// The first setting is everybody's. The others are the model's question: pools of growing size against tasks, over
/// clients and waits.
fn waiting(profile: Profile) -> Vec<Entry> {
    let at = |wait, clients, contenders| {
        Entry::new(closed(Experiment::Waiting, Work::waiting(MS(wait)), clients), contenders)
    };
    let mut everybody = Contender::all_of_ours();
    if profile == Profile::Quick {
        return vec![at(10, CLIENTS, everybody)];
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
        at(10, CLIENTS, everybody),
        at(10, 256, against(&[64, 256])),
        at(10, 1_024, sweep),
        at(1, CLIENTS, against(&[64])),
        at(1, 1_024, against(&[64, 1_024])),
        at(100, CLIENTS, against(&[64])),
        at(100, 1_024, against(&[1_024])),
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

/// Where a fixed wait lets clients fall into step: a pool with a worker for each, against tasks.
fn varying_wait() -> Vec<Entry> {
    let work = Work { spread: Spread::Exponential, ..Work::waiting(MS(10)) };
    let at =
        |clients| Entry::new(closed(Experiment::VaryingWait, work, clients), vec![pool(clients), hyper()]);
    [256, 1_024].map(at).into()
}

/// The largest pool that is tried with a worker for each user: the start of some thousand rayon workers on one CPU takes longer than
/// a server may take to answer.
const MOST_THREADS: usize = 1_000;

/// Each user asks once a second and waits 10 ms, so one in a hundred is at work at a time.
fn users(profile: Profile) -> Vec<Entry> {
    let ladder: &[usize] = match profile {
        Profile::Quick => &[],
        Profile::Standard => &[500, 1_000, 8_000],
        Profile::Full => &[500, 1_000, 2_000, 4_000, 8_000, 16_000],
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
            let mut contenders = vec![pool(crate::contender::DEFAULT_WORKERS), axum(), hyper()];
            if users <= MOST_THREADS {
                contenders.insert(1, pool(users));
            }
            Entry { most_blocks: 4, ..Entry::new(setting, contenders) }
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

fn overload(profile: Profile) -> Vec<Entry> {
    let shares: &[f64] = match profile {
        Profile::Full => &[0.2, 0.4, 0.6, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0],
        _ => &[0.5, 0.9, 1.2],
    };
    let at = |&share: &f64| {
        let load = Load::Open { connections: 256, offered: Offered::OfOwn(share) };
        let setting =
            Setting { experiment: Experiment::Overload, work: Work::NOTHING, load, beside: Beside::Nothing };
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
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all(profile: Profile) -> Vec<Entry> {
        Experiment::ALL.into_iter().flat_map(|one| one.entries(profile, &[])).collect()
    }

    #[test]
    fn cells_have_names_of_their_own_and_larger_profiles_hold_the_smaller() {
        let names = |profile| {
            let cells: Vec<String> =
                all(profile).iter().flat_map(Entry::cells).map(|cell| cell.label()).collect();
            let names: BTreeSet<String> = cells.iter().cloned().collect();
            assert_eq!(names.len(), cells.len(), "{cells:#?}");
            names
        };
        let (quick, standard, full) = (names(Profile::Quick), names(Profile::Standard), names(Profile::Full));
        assert!(quick.is_subset(&standard));
        assert!(standard.len() > 5 * quick.len() && full.len() > standard.len());
    }

    #[test]
    fn each_experiment_that_loads_is_in_the_standard_profile() {
        for experiment in Experiment::ALL {
            let nothing_is_loaded = matches!(experiment, Experiment::Code | Experiment::Own);
            assert_eq!(experiment.entries(Profile::Standard, &[]).is_empty(), nothing_is_loaded);
        }
    }

    #[test]
    fn the_twin_is_the_last_async_contender() {
        let cells = hello().cells();
        let twin = cells.last().unwrap();
        assert!(twin.twin);
        assert_eq!(twin.name(), "async/hyper (again)");
    }

    #[test]
    fn one_user_in_a_hundred_is_at_work() {
        for entry in users(Profile::Full) {
            let Load::Open { connections, offered: Offered::PerSec(rate) } = entry.setting.load else {
                panic!("an open loop")
            };
            let at_work = rate * entry.setting.work.wait().as_secs_f64();
            assert!((at_work / connections as f64 - 0.01).abs() < 1e-12);
        }
    }
}
