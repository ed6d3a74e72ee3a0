//! What a case is, and the table of all of them.

use std::sync::LazyLock;

use super::expect;
use super::failure::Failure;
use super::probe::Probe;
use super::request::{HOST, Request};
use super::{
    answers, bodies, chunks, connections, framing, greeting, hosts, limits, methods, names, smuggling,
    versions,
};

/// One rule of the contract, and how to find out whether a server keeps it.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// The stable name, `group.rule-in-kebab-case`: what `--case` and `--except` take.
    pub id: &'static str,
    /// The rule in one sentence.
    pub rule: &'static str,
    check: Check,
}

/// How a case is checked: most differ by data only.
#[derive(Debug, Clone, Copy)]
enum Check {
    Greets { target: &'static str, name: &'static str },
    Answers { method: &'static str, target: &'static str, fields: &'static [&'static str], status: u16 },
    Refuses { method: &'static str, target: &'static str },
    Script(fn(&Probe) -> Result<(), Failure>),
}

impl Case {
    /// `GET target` is answered with a greeting of `name`.
    pub(super) const fn greets(
        id: &'static str,
        rule: &'static str,
        target: &'static str,
        name: &'static str,
    ) -> Self {
        Self { id, rule, check: Check::Greets { target, name } }
    }

    /// `method target` is answered with `status`.
    pub(super) const fn answers(
        id: &'static str,
        rule: &'static str,
        (method, target): (&'static str, &'static str),
        status: u16,
    ) -> Self {
        Self { id, rule, check: Check::Answers { method, target, fields: HOST, status } }
    }

    /// `GET /bob` with exactly these header fields is answered with `status`.
    pub(super) const fn answers_fields(
        id: &'static str,
        rule: &'static str,
        fields: &'static [&'static str],
        status: u16,
    ) -> Self {
        Self { id, rule, check: Check::Answers { method: "GET", target: "/bob", fields, status } }
    }

    /// `method target` is answered with 405 and what is allowed.
    pub(super) const fn refuses(
        id: &'static str,
        rule: &'static str,
        (method, target): (&'static str, &'static str),
    ) -> Self {
        Self { id, rule, check: Check::Refuses { method, target } }
    }

    /// A conversation that takes more than one request and one answer, or an unusual request.
    pub(super) const fn script(
        id: &'static str,
        rule: &'static str,
        run: fn(&Probe) -> Result<(), Failure>,
    ) -> Self {
        Self { id, rule, check: Check::Script(run) }
    }

    pub(super) fn run(&self, probe: &Probe) -> Result<(), Failure> {
        match self.check {
            Check::Greets { target, name } => expect::greeting(&probe.ask(&Request::get(target))?, name),
            Check::Answers { method, target, fields, status } => {
                expect::status(&probe.ask(&Request::new(method, target).with_only(fields))?, status)
            }
            Check::Refuses { method, target } => {
                let response = probe.ask(&Request::new(method, target))?;
                expect::status(&response, 405)?;
                expect::field(&response, "allow", "GET, HEAD")
            }
            Check::Script(run) => run(probe),
        }
    }
}

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    [
        greeting::CASES,
        answers::CASES,
        methods::CASES,
        names::CASES,
        hosts::CASES,
        limits::CASES,
        bodies::CASES,
        chunks::CASES,
        framing::CASES,
        versions::CASES,
        smuggling::CASES,
        connections::CASES,
    ]
    .concat()
});

/// Every case, in the order in which they run: what is simple and likely to be wrong comes first.
#[must_use]
pub fn cases() -> &'static [Case] {
    &CASES
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::cases;

    #[test]
    fn ids_are_unique_and_kebab_case() {
        let ids: BTreeSet<_> = cases().iter().map(|case| case.id).collect();
        assert_eq!(ids.len(), cases().len());
        for id in ids {
            let (group, rule) = id.split_once('.').expect("an id is group.rule");
            for part in [group, rule] {
                assert!(!part.is_empty(), "{id}");
                let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                assert!(part.chars().all(kebab), "{id}");
            }
        }
    }
}
