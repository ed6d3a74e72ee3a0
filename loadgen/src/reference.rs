//! The body that answers are compared with, and the comparison, which runs while the body streams in.

use serde::{Deserialize, Serialize};

use crate::plan::ExpectedBody;
use crate::target::Target;

/// How a run's bodies were validated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// The bytes that a valid body has; `None` accepts any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) check: BodyCheck,
}

impl Reference {
    /// Settles what is expected, given the body of the first answer.
    pub(crate) fn new(expected: &ExpectedBody, target: &Target, first: Vec<u8>) -> Self {
        let name = target.name();
        match expected {
            ExpectedBody::Off => Self { body: None, check: BodyCheck::Off },
            ExpectedBody::Exact(template) => {
                let body = template.replace("{name}", name.as_deref().unwrap_or_default());
                Self { body: Some(body.into_bytes()), check: BodyCheck::Exact }
            }
            ExpectedBody::Auto => {
                let greets = name.is_some_and(|name| first == format!("Hello, {name}!").as_bytes());
                let check = if greets { BodyCheck::Greeting } else { BodyCheck::FirstAnswer };
                Self { body: Some(first), check }
            }
        }
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
        Target::parse("http://127.0.0.1:1/a%20b").expect("a good URL")
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
        let greeting = Reference::new(&ExpectedBody::Auto, &target(), b"Hello, a b!".to_vec());
        assert_eq!(greeting.check, BodyCheck::Greeting);
        let other = Reference::new(&ExpectedBody::Auto, &target(), b"Hello, Bob!".to_vec());
        assert_eq!(other.check, BodyCheck::FirstAnswer);
        assert!(holds(&other, &["Hello, ", "Bob!"]));
    }

    #[test]
    fn a_template_names_the_decoded_segment() {
        let expected = ExpectedBody::Exact("<{name}>".to_owned());
        let exact = Reference::new(&expected, &target(), Vec::new());
        assert!(holds(&exact, &["<a", " b>"]));
        assert!(!holds(&exact, &["<a%20b>"]));
    }

    #[test]
    fn only_the_whole_body_holds() {
        let reference = Reference::new(&ExpectedBody::Auto, &target(), b"body".to_vec());
        for wrong in [&["bod"][..], &["body", "!"], &["bodx"], &["x", "body"], &[]] {
            assert!(!holds(&reference, wrong), "{wrong:?}");
        }
    }

    #[test]
    fn without_a_check_any_body_holds() {
        assert!(holds(&Reference::new(&ExpectedBody::Off, &target(), Vec::new()), &["any", "thing"]));
    }
}
