//! Figures and places in words.

use super::*;
use crate::matrix::{Beside, Load, Work};

fn at(ms: u64, clients: usize, finding: Finding) -> Observation {
    let setting = Setting {
        experiment: Experiment::Waiting,
        work: Work::waiting(Duration::from_millis(ms)),
        load: Load::Closed { connections: clients },
        beside: Beside::Nothing,
    };
    Observation {
        subject: "a".to_owned(),
        over: Some("b".to_owned()),
        at: setting,
        value: Some(Interval { low: 1.0, estimate: 1.1, high: 1.2, level: 0.95 }),
        unit: Unit::Times,
        predicted: None,
        finding,
        doubt: None,
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
            "with 10 ms wait from 256 clients on",
            "with 10 ms wait up to 64 clients",
        ),
        (
            vec![(0, 64, For), (10, 64, Equal), (10, 1_024, Equal)],
            "with no wait at 64 clients",
            "with 10 ms wait at 64 to 1,024 clients",
        ),
        (
            vec![(1, 64, For), (1, 256, Equal), (1, 1_024, For)],
            "with 1 ms wait at 64 and 1,024 clients",
            "with 1 ms wait at 256 clients",
        ),
        // Of two at the same place both must hold.
        (
            vec![(1, 64, For), (1, 64, Equal), (0, 64, For)],
            "with no wait at 64 clients",
            "with 1 ms wait at 64 clients",
        ),
    ] {
        let observations: Vec<Observation> =
            points.into_iter().map(|(ms, clients, finding)| at(ms, clients, finding)).collect();
        assert_eq!(holds(&observations), holds_there);
        let not = holds_not(&observations);
        assert!(not == not_there || observations.len() == 3, "{not}");
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
