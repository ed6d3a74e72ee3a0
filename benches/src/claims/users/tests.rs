//! Which of two servers holds more.

use super::*;
use crate::matrix::Work;

#[test]
fn who_holds_more_as_far_as_that_can_be_told() {
    let ladder = |held, unknown: Option<usize>, broke: Option<usize>| Ladder {
        name: "a".to_owned(),
        at: Setting {
            experiment: Experiment::Users,
            work: Work::NOTHING,
            load: Load::Closed { connections: 1 },
            beside: Beside::Nothing,
        },
        held,
        seen: None,
        unknown: unknown.map(|users| (users, "u".to_owned())),
        broke: broke.map(|users| (users, "b".to_owned())),
    };
    for (one, other, expected) in [
        (ladder(8, None, None), ladder(4, None, Some(8)), Finding::For),
        (ladder(4, None, Some(8)), ladder(8, None, None), Finding::Against),
        // Between the same two rungs there is room.
        (ladder(8, None, None), ladder(8, None, None), Finding::Undecided),
        (ladder(4, None, Some(8)), ladder(4, None, Some(8)), Finding::Undecided),
        (ladder(0, None, Some(4)), ladder(0, None, Some(4)), Finding::Undecided),
        // Who was not tried with fewer is not known to hold none.
        (ladder(1, None, Some(4)), ladder(0, None, Some(4)), Finding::Undecided),
        // What cannot be told may be held, up to where something broke.
        (ladder(4, None, Some(8)), ladder(1, Some(4), Some(8)), Finding::Undecided),
        (ladder(8, None, None), ladder(1, Some(4), Some(8)), Finding::For),
        (ladder(8, None, None), ladder(1, Some(4), None), Finding::Undecided),
        (ladder(1, Some(4), None), ladder(4, None, Some(8)), Finding::Undecided),
    ] {
        let (mine, its) = (one.held, other.held);
        assert_eq!(one.more_than(&other), expected, "{mine} against {its}");
    }
    for (one, other, known) in [
        (ladder(8, None, None), ladder(8, None, None), Some("both held 8, the most that was tried")),
        (ladder(4, None, Some(8)), ladder(4, None, Some(8)), Some("both held 4 and not 8")),
        (ladder(0, None, Some(4)), ladder(0, None, Some(4)), Some("neither held 4")),
        (ladder(8, None, None), ladder(4, None, Some(8)), None),
        (ladder(4, None, Some(8)), ladder(4, Some(6), Some(8)), None),
    ] {
        let known = known.map(|known| format!("{known}: which holds more is not known"));
        assert_eq!(one.ends_where(&other), known);
    }
}
