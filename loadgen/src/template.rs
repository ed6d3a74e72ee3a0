//! A path that stands for many: `/user-{0..9999}`.
//!
//! If every request asks for the same, a server that answers from a cache, or from habit, cannot be told from one that
//! works. With a range in the path the bodies differ, and each is validated against its own.

use std::ops::RangeInclusive;

/// The most paths one template may stand for: their requests are serialised before the clock starts.
pub(crate) const VARIANTS: u64 = 100_000;

/// Text with at most one range of numbers in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    before: String,
    /// The numbers, first and last, and what follows them.
    range: Option<(RangeInclusive<u64>, String)>,
}

impl Template {
    /// Reads a template; what does not look like a range is text. `None` if a range is empty, too long, or the second.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let Some((before, numbers, after)) = range(text) else {
            return Some(Self { before: text.to_owned(), range: None });
        };
        let possible = numbers.start() <= numbers.end() && numbers.end() - numbers.start() < VARIANTS;
        let single = range(after).is_none();
        (possible && single)
            .then(|| Self { before: before.to_owned(), range: Some((numbers, after.to_owned())) })
    }

    /// How many texts it stands for.
    pub(crate) fn variants(&self) -> u64 {
        self.range.as_ref().map_or(1, |(numbers, _)| numbers.end() - numbers.start() + 1)
    }

    /// One of them, counted from 0.
    pub(crate) fn variant(&self, index: u64) -> String {
        match &self.range {
            None => self.before.clone(),
            Some((numbers, after)) => format!("{}{}{after}", self.before, numbers.start() + index),
        }
    }
}

/// Takes `before{first..last}after` apart.
fn range(text: &str) -> Option<(&str, RangeInclusive<u64>, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (numbers, after) = rest.split_once('}')?;
    let (first, last) = numbers.split_once("..")?;
    Some((before, first.parse().ok()?..=last.parse().ok()?, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Template {
        Template::parse(text).expect("a template")
    }

    #[test]
    fn a_range_stands_for_its_numbers() {
        let template = parse("/user-{8..11}/x?y=1");
        let all: Vec<_> = (0..template.variants()).map(|index| template.variant(index)).collect();
        assert_eq!(all, ["/user-8/x?y=1", "/user-9/x?y=1", "/user-10/x?y=1", "/user-11/x?y=1"]);
    }

    #[test]
    fn anything_else_stands_for_itself() {
        for text in ["/World", "/{name}", "/{1..}", "/{..}", "/}1..2{"] {
            assert_eq!((parse(text).variants(), parse(text).variant(0).as_str()), (1, text));
        }
    }

    #[test]
    fn a_range_that_cannot_be_is_refused() {
        for text in ["/{2..1}", "/{0..100000}", "/{0..1}/{0..1}"] {
            assert_eq!(Template::parse(text), None, "{text}");
        }
    }
}
