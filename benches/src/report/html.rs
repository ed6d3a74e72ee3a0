//! Blocks as one HTML file that needs nothing else: style and pictures inside, no script, no font, no network.
//!
//! maud writes it: what is opened is closed and what is inserted is escaped, checked when this is compiled, without template files.
//! Inline Markdown goes through pulldown-cmark.

use std::collections::BTreeSet;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::document::{Block, Cells, Picture, Table};
use crate::plot::{self, Theme};

const STYLE: &str = include_str!("style.css");

/// The whole file.
pub(super) fn render(title: &str, blocks: &[Block]) -> String {
    let mut ids = Ids::default();
    let sections: Vec<(String, &String)> = blocks
        .iter()
        .filter_map(|block| match block {
            Block::Heading(2, text) => Some((Ids::default().new_for(text), text)),
            _ => None,
        })
        .collect();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                nav aria-label="Contents" {
                    details {
                        summary { "Contents" }
                        ol {
                            @for (id, text) in &sections {
                                li { a href={ "#" (id) } { (inline(text)) } }
                            }
                        }
                    }
                }
                p class="closed" { "This browser prints only those folded parts that are open." }
                main { (all(blocks, &mut ids)) }
            }
        }
    };
    let mut text = page.into_string();
    text.push('\n');
    text
}

/// Identifiers of headings, each used once.
#[derive(Debug, Default)]
struct Ids(BTreeSet<String>);

impl Ids {
    fn new_for(&mut self, text: &str) -> String {
        let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        let base = words.map(str::to_lowercase).collect::<Vec<_>>().join("-");
        let numbered = (2..).map(|number| format!("{base}-{number}"));
        let free = std::iter::once(base.clone()).chain(numbered).find(|id| !self.0.contains(id));
        let id = free.unwrap_or(base);
        self.0.insert(id.clone());
        id
    }
}

fn all(blocks: &[Block], ids: &mut Ids) -> Markup {
    html! { @for one in blocks { (block(one, ids)) } }
}

fn block(block: &Block, ids: &mut Ids) -> Markup {
    match block {
        Block::Heading(level, text) => {
            let (id, text) = (ids.new_for(text), inline(text));
            match level {
                1 => html! { h1 id=(id) { (text) } },
                2 => html! { h2 id=(id) { (text) } },
                3 => html! { h3 id=(id) { (text) } },
                _ => html! { h4 id=(id) { (text) } },
            }
        }
        Block::Text(text) => html! { p { (inline(text)) } },
        Block::List(items) => html! { ul { @for item in items { li { (inline(item)) } } } },
        Block::Table(one) => table(one),
        Block::Picture(one) => picture(one),
        Block::Folded(summary, blocks) => {
            html! { details { summary { (summary) } (all(blocks, ids)) } }
        }
    }
}

/// A wide table scrolls in a region of its own, which the keyboard reaches; sentences are stacked where there is no room. Roles are written out,
/// because a cell that is no longer displayed as a cell is none for a screen reader either.
fn table(one: &Table) -> Markup {
    let class = match one.cells {
        Cells::Figures => "figures",
        Cells::Words => "words",
    };
    html! {
        div class="scroll" role="region" aria-label=(one.name) tabindex="0" {
            table class=(class) role="table" {
                thead role="rowgroup" {
                    tr role="row" { @for cell in &one.header { th scope="col" role="columnheader" { (inline(cell)) } } }
                }
                tbody role="rowgroup" {
                    @for row in &one.rows {
                        tr role="row" {
                            @for (index, (cell, name)) in row.iter().zip(&one.header).enumerate() {
                                @if index == 0 {
                                    th scope="row" role="rowheader" data-label=(name) { (inline(cell)) }
                                } @else {
                                    td role="cell" data-label=(name) { (inline(cell)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Both themes; the style shows the one that the reader prefers.
fn picture(one: &Picture) -> Markup {
    html! {
        figure {
            @for theme in Theme::ALL {
                div class={ "scroll only-" (theme.name()) } role="region" aria-label=(one.plot.title) tabindex="0" {
                    (PreEscaped(plot::render(&one.plot, theme)))
                }
            }
        }
    }
}

/// Inline Markdown without the paragraph around it.
fn inline(text: &str) -> Markup {
    let kept = Parser::new(text)
        .filter(|event| !matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph)));
    // Records hold texts of programs; no tag of theirs becomes one of this page.
    let safe = kept.map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        other => other,
    });
    let mut markup = String::new();
    pulldown_cmark::html::push_html(&mut markup, safe);
    PreEscaped(markup)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::contrast;

    #[test]
    fn inline_markdown_becomes_markup_and_tags_in_it_do_not() {
        for (text, markup) in [
            ("`a` **b** c", "<code>a</code> <strong>b</strong> c"),
            ("[run](x/run.json)", r#"<a href="x/run.json">run</a>"#),
            ("a <script>b</script> & c", "a &lt;script&gt;b&lt;/script&gt; &amp; c"),
        ] {
            assert_eq!(inline(text).into_string(), markup);
        }
    }

    /// WCAG 2.2 asks for 4.5 between a text and what is behind it; here in each scheme, and on paper.
    #[test]
    fn every_text_can_be_read() {
        let schemes: Vec<&str> =
            STYLE.split(":root {").skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
        assert_eq!(schemes.len(), 3, "light, dark, print");
        for scheme in schemes {
            let colour = |name: &str| {
                let (_, rest) = scheme.split_once(&format!("--{name}: ")).unwrap();
                rest.split(';').next().unwrap()
            };
            for text in ["ink", "soft", "link"] {
                for behind in ["ground", "shade"] {
                    let contrast = contrast(colour(text), colour(behind));
                    assert!(contrast >= 4.5, "{text} on {behind}: {contrast} in{scheme}");
                }
            }
        }
    }

    /// A table whose cells are stacked stays a table for those who hear it: no part of it is taken away, and each has its role.
    #[test]
    fn a_narrow_table_is_still_a_table() {
        let narrow = STYLE.split("@media (max-width").nth(1).unwrap().split("@media").next().unwrap();
        assert!(!narrow.contains("display: none"), "{narrow}");
        let rows = vec![vec!["a".to_owned(), "b".to_owned()]];
        let Block::Table(one) = Table::of_words("t", &["x", "y"], rows) else { panic!("a table") };
        let markup = table(&one).into_string();
        for (role, times) in
            [("table", 1), ("rowgroup", 2), ("row", 2), ("columnheader", 2), ("rowheader", 1), ("cell", 1)]
        {
            assert_eq!(markup.matches(&format!("role=\"{role}\"")).count(), times, "{role}: {markup}");
        }
    }

    #[test]
    fn headings_with_the_same_words_have_identifiers_of_their_own() {
        let mut ids = Ids::default();
        let all: Vec<String> = ["A b", "A b!", "c"].map(|text| ids.new_for(text)).to_vec();
        assert_eq!(all, ["a-b", "a-b-2", "c"]);
    }
}
