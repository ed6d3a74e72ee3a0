//! Reads a picture back: its texts and where they stand, its identifiers, its hover values.

use std::fmt::Write;

use roxmltree::{Document, Node};

/// Letters of a common sans-serif font are this wide on average, in heights.
const LETTER: f64 = 0.56;

/// A text and the rectangle that it needs.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) content: String,
    x: (f64, f64),
    y: (f64, f64),
}

impl Text {
    fn read(node: Node<'_, '_>) -> Self {
        let number = |name| node.attribute(name).unwrap().parse::<f64>().unwrap();
        let content = node.text().unwrap_or_default().to_owned();
        let (x, y, size) = (number("x"), number("y"), number("font-size"));
        let width = content.chars().count() as f64 * size * LETTER;
        let start = match node.attribute("text-anchor") {
            Some("middle") => -width / 2.0,
            Some("end") => -width,
            _ => 0.0,
        };
        let (along, across) = ((start, start + width), (-0.75 * size, 0.2 * size));
        match node.attribute("transform") {
            None => Self { content, x: (x + along.0, x + along.1), y: (y + across.0, y + across.1) },
            // The only turn there is: a quarter, counter-clockwise.
            Some(_) => Self { content, x: (x + across.0, x + across.1), y: (y - along.1, y - along.0) },
        }
    }

    pub(super) fn inside(&self, width: f64, height: f64) -> bool {
        self.x.0 >= 0.0 && self.x.1 <= width && self.y.0 >= 0.0 && self.y.1 <= height
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        self.x.0 < other.x.1 && other.x.0 < self.x.1 && self.y.0 < other.y.1 && other.y.0 < self.y.1
    }
}

fn elements<'a>(document: &'a Document<'a>, name: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(move |node| node.has_tag_name(("http://www.w3.org/2000/svg", name)))
}

pub(super) fn texts(document: &Document<'_>) -> Vec<Text> {
    elements(document, "text").map(Text::read).collect()
}

/// What the groups of this class say.
pub(super) fn in_group(document: &Document<'_>, class: &str) -> Vec<String> {
    let groups = elements(document, "g").filter(|group| group.attribute("class") == Some(class));
    groups
        .map(|group| group.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect())
        .collect()
}

pub(super) fn identifiers(document: &Document<'_>) -> Vec<String> {
    document.descendants().filter_map(|node| node.attribute("id").map(str::to_owned)).collect()
}

/// Numbers that no browser can draw, or that lie far outside of the picture.
pub(super) fn strange_numbers(document: &Document<'_>) -> Vec<String> {
    let mut strange = Vec::new();
    for node in document.descendants() {
        for attribute in node
            .attributes()
            .filter(|one| ["x", "y", "x1", "x2", "y1", "y2", "cx", "cy"].contains(&one.name()))
        {
            let number: Option<f64> = attribute.value().parse().ok();
            if !number.is_some_and(|number| number.abs() < 5_000.0) {
                strange.push(format!("{}={}", attribute.name(), attribute.value()));
            }
        }
        let path = node.attribute("d").unwrap_or_default();
        if path.contains("NaN") || path.contains("inf") {
            strange.push(path.to_owned());
        }
    }
    strange
}

/// All that a reader can see or hear, in the file's order, places to the unit; then how much of each shape there is.
pub(super) fn outline(document: &Document<'_>) -> String {
    let mut out = String::new();
    for node in document.descendants().filter(Node::is_element) {
        let number = |name| node.attribute(name).unwrap().parse::<f64>().unwrap();
        let said = node.text().unwrap_or_default();
        let line = match (node.tag_name().name(), node.parent_element()) {
            ("text", _) => format!("{:4.0} {:4.0}  {said}", number("x"), number("y")),
            ("title", Some(parent)) if parent.has_tag_name("g") => format!("    hover  {said}"),
            (name @ ("title" | "desc"), _) => format!("{name}: {said}"),
            _ => continue,
        };
        writeln!(out, "{line}").unwrap();
    }
    for name in ["line", "path", "circle", "rect", "polygon"] {
        writeln!(out, "{name}: {}", elements(document, name).count()).unwrap();
    }
    out
}
