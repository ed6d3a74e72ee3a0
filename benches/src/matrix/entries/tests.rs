//! What each profile holds.

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
    for profile in [Profile::Quick, Profile::Standard] {
        for entry in [hello(profile), waiting(profile).remove(0)] {
            let cells = entry.cells();
            assert_eq!(cells.last().unwrap().name(), "async/hyper (again)");
            assert_eq!(cells.iter().filter(|cell| cell.twin).count(), 1);
        }
    }
}

#[test]
fn a_best_pool_is_the_best_of_several() {
    for profile in [Profile::Standard, Profile::Full] {
        for entry in waiting(profile).iter().chain(&varying_wait()) {
            let pools = entry.contenders.iter().filter(|one| one.base == "threaded/hyper").count();
            assert!(pools >= 2, "{}", entry.setting.label());
        }
    }
}

#[test]
fn the_full_profile_has_ten_blocks_or_more_of_everything() {
    for entry in all(Profile::Full) {
        assert!(entry.blocks.of(Profile::Full.blocks()) >= 10, "{}", entry.setting.label());
    }
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
