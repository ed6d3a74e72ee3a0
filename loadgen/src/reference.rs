//! The body that answers are compared with, and the comparison, which runs while the body streams in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::ExpectedBody;
use crate::target::Target;

/// How a run's bodies were validated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BodyCheck {
    /// Against the first answer, which was the greeting of the name asked for.
    Greeting,
    /// Against the first answer, whatever it was.
    FirstAnswer,
    /// Against the text of the plan.
    Exact,
    /// Not at all.
    Off,
}

impl BodyCheck {
    /// What bodies are held against, given the body of the first answer.
    pub(crate) fn settle(expected: &ExpectedBody, target: &Target, first: &[u8]) -> Self {
        match expected {
            ExpectedBody::Off => Self::Off,
            ExpectedBody::Exact(_) => Self::Exact,
            ExpectedBody::Auto if target.name(0).is_some_and(|name| first == greeting(&name)) => {
                Self::Greeting
            }
            ExpectedBody::Auto => Self::FirstAnswer,
        }
    }
}

/// What the servers of this project answer to who gives no name.
const NAMELESS: &str = "Anonymous";

fn greeting(name: &str) -> Vec<u8> {
    let name = if name.is_empty() { NAMELESS } else { name };
    format!("Hello, {name}!").into_bytes()
}

/// The bytes that a valid body has; `None` accepts any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) body: Option<Vec<u8>>,
}

impl Reference {
    /// The valid body for one variant of the target.
    pub(crate) fn new(
        check: BodyCheck,
        expected: &ExpectedBody,
        target: &Target,
        variant: u64,
        first: &[u8],
    ) -> Self {
        let name = target.name(variant).unwrap_or_default();
        let body = match (check, expected) {
            (BodyCheck::Off, _) => None,
            (BodyCheck::Greeting, _) => Some(greeting(&name)),
            (BodyCheck::Exact, ExpectedBody::Exact(template)) => {
                Some(template.replace("{name}", &name).into_bytes())
            }
            (BodyCheck::Exact | BodyCheck::FirstAnswer, _) => Some(first.to_vec()),
        };
        Self { body }
    }
}

/// How far a streaming body has agreed with the reference.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Comparison {
    agreed: usize,
    differs: bool,
}

impl Comparison {
    /// Compares the next part of the body.
    pub(crate) fn take(&mut self, reference: &Reference, part: &[u8]) {
        let Some(body) = &reference.body else { return };
        match body.get(self.agreed..self.agreed + part.len()) {
            Some(wanted) if wanted == part && !self.differs => self.agreed += part.len(),
            _ => self.differs = true,
        }
    }

    /// Whether the body that has now ended is the reference, all of it.
    pub(crate) fn holds(&self, reference: &Reference) -> bool {
        reference.body.as_ref().is_none_or(|body| !self.differs && self.agreed == body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> Target {
        Target::parse("http://127.0.0.1:1/a%20b-{1..2}").expect("a good URL")
    }

    fn reference(expected: &ExpectedBody, variant: u64, first: &[u8]) -> (BodyCheck, Reference) {
        let check = BodyCheck::settle(expected, &target(), first);
        (check, Reference::new(check, expected, &target(), variant, first))
    }

    fn holds(reference: &Reference, parts: &[&str]) -> bool {
        let mut comparison = Comparison::default();
        for part in parts {
            comparison.take(reference, part.as_bytes());
        }
        comparison.holds(reference)
    }

    #[test]
    fn the_first_answer_is_the_reference_and_the_record_says_what_it_was() {
        let (check, _) = reference(&ExpectedBody::Auto, 0, b"Hello, a b-1!");
        assert_eq!(check, BodyCheck::Greeting);
        let (check, other) = reference(&ExpectedBody::Auto, 0, b"Hello, Bob!");
        assert_eq!(check, BodyCheck::FirstAnswer);
        assert!(holds(&other, &["Hello, ", "Bob!"]));
    }

    #[test]
    fn every_variant_is_greeted_by_its_own_name() {
        let (_, second) = reference(&ExpectedBody::Auto, 1, b"Hello, a b-1!");
        assert!(holds(&second, &["Hello, a b-2!"]));
        assert!(!holds(&second, &["Hello, a b-1!"]));
    }

    #[test]
    fn a_template_names_the_decoded_segment() {
        let (_, exact) = reference(&ExpectedBody::Exact("<{name}>".to_owned()), 1, b"");
        assert!(holds(&exact, &["<a", " b-2>"]));
        assert!(!holds(&exact, &["<a%20b-2>"]));
    }

    #[test]
    fn only_the_whole_body_holds() {
        let (_, reference) = reference(&ExpectedBody::Auto, 0, b"body");
        for wrong in [&["bod"][..], &["body", "!"], &["bodx"], &["x", "body"], &[]] {
            assert!(!holds(&reference, wrong), "{wrong:?}");
        }
    }

    #[test]
    fn without_a_check_any_body_holds() {
        assert!(holds(&reference(&ExpectedBody::Off, 0, b"").1, &["any", "thing"]));
    }
}
