//! Figures and places in words.

use super::*;
use crate::claims::{Cost, Finding, Topic};
use crate::matrix::{Beside, Load, Work};

fn at(ms: u64, clients: usize, finding: Finding) -> Observation {
    let setting = Setting {
        experiment: Experiment::Waiting,
        work: Work::waiting(Duration::from_millis(ms)),
        load: Load::Closed { connections: clients },
        beside: Beside::Nothing,
    };
    Observation {
        value: Some(Interval { low: 1.0, estimate: 1.1, high: 1.2, level: 0.95 }),
        finding,
        ..Observation::of("a", Some("b"), setting, Unit::Times)
    }
}

#[test]
fn where_a_claim_holds() {
    use Finding::{Equal, For};
    for (points, holds_there, not_there) in [
        (vec![(10, 64, For)], "in the one setting measured", "nowhere"),
        (vec![(10, 64, For), (10, 256, For)], "in every setting measured", "nowhere"),
        (
            vec![(10, 64, Equal), (10, 256, For)],
            "with 10 ms wait at 256 clients",
            "with 10 ms wait at 64 clients",
        ),
        (
            vec![(0, 64, For), (10, 64, Equal), (10, 1_024, Equal)],
            "with no wait at 64 clients",
            "with 10 ms wait from 64 to 1,024 clients",
        ),
        (
            vec![(1, 64, For), (1, 256, Equal), (1, 1_024, For)],
            "with 1 ms wait at 64 and at 1,024 clients",
            "with 1 ms wait at 256 clients",
        ),
        // Nothing beyond what was tried: neither above the largest nor below the smallest.
        (
            vec![(10, 64, Equal), (10, 256, For), (10, 512, For), (10, 1_024, For), (1, 64, Equal)],
            "with 10 ms wait from 256 to 1,024 clients",
            "with 1 ms wait at 64 clients, with 10 ms wait at 64 clients",
        ),
        // Two of one server at the same place that do not agree.
        (
            vec![(1, 64, For), (1, 64, Equal), (0, 64, For)],
            "for `a` over `b` in 2 of 3 figures",
            "for `a` over `b` in 1 of 3 figures",
        ),
    ] {
        let observations: Vec<Observation> =
            points.into_iter().map(|(ms, clients, finding)| at(ms, clients, finding)).collect();
        assert_eq!(holds(&observations), holds_there);
        assert_eq!(holds_not(&observations), not_there);
    }
}

/// Where servers of one group do not agree, each is named, and a group that holds nowhere is no condition.
#[test]
fn conditions_are_told_server_by_server_and_never_empty() {
    use Finding::{Equal, For, Undecided};
    let of = |subject: &str, ms, clients, finding| Observation {
        subject: subject.to_owned(),
        ..at(ms, clients, finding)
    };
    let mixed =
        vec![of("a", 0, 64, Undecided), of("c", 0, 64, For), of("a", 10, 64, For), of("c", 10, 64, For)];
    assert_eq!(holds(&mixed), "for `a` with 10 ms wait at 64 clients and for `c`");
    assert_eq!(holds_not(&mixed), "for `a` with no wait at 64 clients");
    let nowhere = vec![of("a", 0, 64, Equal)];
    let not_valid = vec![Observation { value: None, ..of("a", 0, 64, Undecided) }];
    let group =
        |what: &str, observations: &Vec<Observation>| Group::of(Topic::BestPool, what, observations.clone());
    let all = [group("x", &mixed), group("y", &nowhere), group("z", &not_valid), group("w", &vec![])];
    let when = "x (for `a` with 10 ms wait at 64 clients and for `c`)";
    assert_eq!(conditions(&all, ", or ").as_deref(), Some(when));
    assert_eq!(conditions(&all[1..], ", or "), None);
    let some = vec![of("a", 0, 64, For), not_valid[0].clone()];
    let all = [group("x", &mixed), group("y", &some)];
    let when = format!("{when}, or y (in the one valid setting)");
    assert_eq!(conditions(&all, ", or "), Some(when));
}

#[test]
fn of_costs_the_dearer_comes_first_and_a_slope_names_its_rungs() {
    let it = Interval { low: 2.0, estimate: 2.21, high: 2.44, level: 0.95 };
    let cost = |cost, rungs: &[usize]| Observation {
        value: Some(it),
        unit: Unit::Cost(cost),
        rungs: rungs.to_vec(),
        ..at(10, 64, Finding::For)
    };
    for (one, text) in [
        (
            cost(Cost::CpuTime, &[]),
            "`a` used 2.21 × (2.00 to 2.44) the CPU time a request of `b` at 10 ms wait, 64 clients",
        ),
        (
            cost(Cost::MemoryAConnection, &[500, 1_000]),
            "`a` used 2.21 × (2.00 to 2.44) the memory a connection of `b` at 500 and 1,000 users",
        ),
    ] {
        assert_eq!(observation(&one), text);
    }
}

#[test]
fn spans_have_the_signs_of_their_units() {
    for (micros, text) in [(500, "500 µs"), (10_000, "10 ms"), (2_000_000, "2 s"), (1_500, "1ms 500us")] {
        assert_eq!(span(Duration::from_micros(micros)), text);
    }
}

#[test]
fn values_in_their_units() {
    let it = Interval { low: 0.9, estimate: 1.0, high: 1.1, level: 0.95 };
    let held = Interval { low: 0.0, estimate: 0.0, high: 500.0, level: 0.95 };
    for (unit, interval, text) in [
        (Unit::Times, it, "1.00 × (0.900 to 1.10)"),
        (Unit::Share, it, "100 % (90.0 to 110)"),
        (Unit::AtATime, it, "1.00 at a time (0.900 to 1.10)"),
        (Unit::Users, held, "not even 500 users"),
        (Unit::Users, Interval { estimate: 100.0, ..held }, "100 users, not 500"),
        (
            Unit::Users,
            Interval { estimate: 100.0, high: f64::INFINITY, ..held },
            "100 users, the top of the ladder",
        ),
    ] {
        assert_eq!(value(unit, &interval), text);
    }
}
