//! What findings add up to.

use super::*;
use crate::claims::observation::{Topic, Unit};
use crate::matrix::{Beside, Load, Setting, Work};
use crate::stats::Interval;
use crate::synthetic;

#[test]
fn what_findings_add_up_to() {
    use Finding::{Against, Equal, For, Undecided};
    for (findings, status) in [
        (&[] as &[Finding], Status::NotMeasured),
        (&[For, For], Status::Supported),
        (&[For, Against], Status::OnlyWhen),
        (&[For, Undecided], Status::OnlyWhen),
        (&[Equal, Undecided], Status::Inconclusive),
        (&[Against, Undecided], Status::Inconclusive),
        (&[Against, Equal], Status::Refuted),
        (&[Equal], Status::NoPracticalDifference),
    ] {
        assert_eq!(Status::of(findings), status, "{findings:?}");
    }
}

/// Figures that could not be had are no condition; too many of them, or none of a part, keep a verdict open.
#[test]
fn what_could_not_be_measured_is_no_condition() {
    use Finding::{Against, For, Undecided};
    let at = Setting {
        experiment: Experiment::Waiting,
        work: Work::NOTHING,
        load: Load::Closed { connections: 64 },
        beside: Beside::Nothing,
    };
    let told = Some(Interval { low: 1.1, estimate: 1.2, high: 1.3, level: 0.95 });
    let group = |findings: &[Option<Finding>]| {
        let one = |finding: &Option<Finding>| Observation {
            value: finding.and(told),
            finding: finding.unwrap_or(Undecided),
            ..Observation::of("a", Some("b"), at, Unit::Times)
        };
        Group::of(Topic::BestPool, "over the best pool", findings.iter().map(one).collect())
    };
    let (run, trials) = synthetic::standard();
    let plain = Verdict::of(Claim::Throughput, run, &Summary::of(run, trials));
    for (groups, status) in [
        (vec![group(&[Some(For), Some(For), None])], Status::Supported),
        (vec![group(&[Some(Against), None])], Status::Refuted),
        (vec![group(&[Some(For), Some(Undecided), None])], Status::OnlyWhen),
        (vec![group(&[Some(For), None, None])], Status::Inconclusive),
        (vec![group(&[Some(For), Some(For)]), group(&[None])], Status::OnlyWhen),
        (vec![group(&[Some(Against), Some(Against)]), group(&[None])], Status::Inconclusive),
        (vec![group(&[None])], Status::Inconclusive),
    ] {
        let settled = Verdict { deciding: groups.clone(), ..plain.clone() }.settled();
        assert_eq!(settled.status, status, "{groups:#?}");
    }
}
