//! The schedule as a mathematical object: no clock, no socket.

use proptest::prelude::*;

use super::*;

fn schedule(rate: OfferedRate, arrivals: Arrivals, seed: u64) -> Timetable {
    Timetable::new(&Schedule { rate, arrivals, seed, segment: Segment::WHOLE })
}

fn poisson(per_sec: f64, seed: u64) -> Timetable {
    schedule(OfferedRate::Steady(per_sec), Arrivals::Poisson, seed)
}

#[test]
fn gaps_are_exponential() {
    let rejected = (0..200)
        .filter(|seed| {
            let mut timetable = poisson(1_000.0, *seed);
            let times: Vec<_> = (0..1_000).map(|index| timetable.due(index).as_secs_f64()).collect();
            let gaps = std::iter::once(times[0]).chain(times.windows(2).map(|pair| pair[1] - pair[0]));
            anderson_darling::rejects(gaps.collect(), 1e-3)
        })
        .count();
    assert!(anderson_darling::REJECTED_OF_200.contains(&rejected), "{rejected} of 200 rejected");
}

#[test]
fn counts_in_equal_times_have_equal_mean_and_variance() {
    let mut timetable = poisson(50.0, 7);
    let mut counts = vec![0.0; 4_000];
    for index in 0.. {
        let second = usize::try_from(timetable.due(index).as_secs()).expect("an hour");
        match counts.get_mut(second) {
            Some(count) => *count += 1.0,
            None => break,
        }
    }
    let n = counts.len() as f64;
    let mean = counts.iter().sum::<f64>() / n;
    let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / n;
    assert!((mean - 50.0).abs() < 0.4, "{mean}");
    assert!((variance / mean - 1.0).abs() < 0.08, "{variance} {mean}");
}

#[test]
fn constant_arrivals_are_at_equal_gaps_from_the_start() {
    let mut timetable = schedule(OfferedRate::Steady(3.0), Arrivals::Constant, 0);
    let nanoseconds: Vec<_> = (0..4).map(|index| timetable.due(index).as_nanos()).collect();
    assert_eq!(nanoseconds, [0, 333_333_333, 666_666_667, 1_000_000_000]);
    // Nothing drifts: a day later it is still on the dot.
    assert_eq!(timetable.due(3 * 86_400), Duration::from_hours(24));
}

#[test]
fn a_ramp_offers_the_area_under_its_rate() {
    let over = Duration::from_secs(10);
    for (from, to) in [(100.0, 300.0), (300.0, 100.0), (200.0, 200.0)] {
        let rate = OfferedRate::Ramp { from, to, over };
        let mut timetable = schedule(rate, Arrivals::Constant, 0);
        assert_eq!(timetable.due_before(over), 2_000, "{from} {to}");
        assert!((rate.mean_over(over) - 200.0).abs() < 1e-9);
        // A second later the rate is that of the end.
        let after = timetable.due_before(over + Duration::from_secs(1)) - 2_000;
        assert!((after as f64 - to).abs() <= 1.0, "{after} {to}");
    }
}

#[test]
fn a_rate_that_cannot_be_is_refused() {
    let over = Duration::from_secs(1);
    for rate in [
        OfferedRate::Steady(0.0),
        OfferedRate::Steady(-1.0),
        OfferedRate::Steady(f64::NAN),
        OfferedRate::Steady(1e10),
        OfferedRate::Ramp { from: 0.0, to: 1.0, over },
        OfferedRate::Ramp { from: 1.0, to: 1.0, over: Duration::ZERO },
    ] {
        let schedule = Schedule { rate, ..Schedule::steady(1.0) };
        assert!(matches!(schedule.check(), Err(LoadError::BadPlan(_))), "{rate:?}");
    }
}

proptest! {
    #[test]
    fn segments_are_together_what_one_would_send(seed: u64, of in 1..6_u64, total in 0..300_u64) {
        let whole: Vec<_> = (0..total).map(|index| poisson(1_000.0, seed).due(index)).collect();
        let mut together: Vec<_> = (0..of)
            .flat_map(|index| {
                let segment = Segment { index, of };
                let mut part = Timetable::new(&Schedule { seed, segment, ..Schedule::steady(1_000.0) });
                (0..segment.share_of(total)).map(|place| part.due(place)).collect::<Vec<_>>()
            })
            .collect();
        together.sort();
        prop_assert_eq!(together, whole);
    }

    #[test]
    fn arrivals_come_in_order(seed: u64, from in 0.1..1e6_f64, to in 0.1..1e6_f64, start in 0..1_u64 << 40) {
        let rate = OfferedRate::Ramp { from, to, over: Duration::from_secs(20) };
        for arrivals in [Arrivals::Poisson, Arrivals::Constant] {
            let mut timetable = schedule(rate, arrivals, seed);
            let times: Vec<_> = (start..start + 200).map(|index| timetable.due(index)).collect();
            prop_assert!(times.is_sorted(), "{:?}", times);
        }
    }

    #[test]
    fn an_arrival_depends_on_seed_and_index_alone(seed: u64, indices in prop::collection::vec(0..1_u64 << 40, 1..20)) {
        let mut asked_before = poisson(1_000.0, seed);
        for index in indices {
            prop_assert_eq!(asked_before.due(index), poisson(1_000.0, seed).due(index));
        }
    }

    #[test]
    fn due_before_counts_what_is_due_before(seed: u64, nanoseconds in 0..100_000_000_u64) {
        let mut timetable = poisson(10_000.0, seed);
        let time = Duration::from_nanos(nanoseconds);
        let count = timetable.due_before(time);
        prop_assert!(count == 0 || timetable.due(count - 1) < time);
        prop_assert!(timetable.due(count) >= time);
    }

    #[test]
    fn another_seed_is_another_schedule(seed: u64) {
        prop_assert_ne!(poisson(1.0, seed).due(0), poisson(1.0, seed.wrapping_add(1)).due(0));
    }
}
