//! What is drawn stands where the ticks say that it should.

use roxmltree::{Document, Node};

use super::super::pictures::{Lead, Winner};
use super::super::{Theme, render};
use super::{inspect, samples};

/// Half a pixel: kuva rounds to hundredths, a reader sees less.
const CLOSE: f64 = 0.5;

/// The group whose hover value starts like this.
fn group<'a>(document: &'a Document<'a>, hover: &str) -> Node<'a, 'a> {
    let mut titles = document.descendants().filter(|node| node.tag_name().name() == "title");
    let title = titles.find(|node| node.text().is_some_and(|text| text.starts_with(hover)));
    title.and_then(|title| title.parent()).unwrap_or_else(|| panic!("nothing says {hover}"))
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

/// Where the tick of this name stands.
fn tick(document: &Document<'_>, name: &str, side: &str) -> f64 {
    let mut texts = document.descendants().filter(|node| node.tag_name().name() == "text");
    number(texts.find(|node| node.text() == Some(name)).unwrap(), side)
}

/// The longest line of an error bar; the others are its caps.
fn whisker(group: Node<'_, '_>, from: &str, to: &str) -> (f64, f64) {
    let lines = group.children().filter(|node| node.tag_name().name() == "line");
    let ends = lines.map(|line| (number(line, from), number(line, to)));
    ends.max_by(|a, b| (a.1 - a.0).abs().total_cmp(&(b.1 - b.0).abs())).unwrap()
}

#[test]
fn ratios_and_their_intervals_on_a_linear_axis() {
    let svg = render(&samples::forest().plot(), Theme::Light);
    let document = Document::parse(&svg).unwrap();
    let (one, two) = (tick(&document, "1", "x"), tick(&document, "2", "x"));
    let place = |ratio: f64| one + (two - one) * (ratio - 1.0);
    let row = group(&document, "async / best pool, axum and tiny_http");
    let marker = row.children().find(|node| node.tag_name().name() == "circle").unwrap();
    let (low, high) = whisker(row, "x1", "x2");
    for (found, ratio) in [(low, 1.82), (number(marker, "cx"), 1.93), (high, 2.06)] {
        assert!((found - place(ratio)).abs() < CLOSE, "{ratio} at {found}, not {}", place(ratio));
    }
}

#[test]
fn throughput_and_its_interval_on_logarithmic_axes() {
    let svg = render(&samples::pool().plot(), Theme::Light);
    let document = Document::parse(&svg).unwrap();
    let decade = (tick(&document, "100", "y") - tick(&document, "10,000", "y")) / 2.0;
    let point = |hover| group(&document, hover);
    let cy = |hover| {
        number(point(hover).children().find(|node| node.tag_name().name() == "circle").unwrap(), "cy")
    };
    let (first, last) = ("threads on hyper: 1 threads", "threads on hyper: 256 threads");
    let rise = (9_300.0_f64 / 99.0).log10() * decade;
    assert!((cy(first) - cy(last) - rise).abs() < CLOSE, "{} {} {rise}", cy(first), cy(last));
    let (bottom, top) = whisker(point(last), "y1", "y2");
    for (end, share) in [(bottom, 0.95_f64), (top, 1.05)] {
        let expected = cy(last) - share.log10() * decade;
        assert!((end - expected).abs() < CLOSE, "{share}: {end}, not {expected}");
    }
    let cx = |hover| {
        number(point(hover).children().find(|node| node.tag_name().name() == "circle").unwrap(), "cx")
    };
    assert!((cx(last) - tick(&document, "256", "x")).abs() < CLOSE);
    assert!((cx(first) - tick(&document, "1", "x")).abs() < CLOSE);
}

#[test]
fn squares_too_small_for_words_keep_them_for_the_hover_value() {
    let names = || (0..12).map(|index| format!("{index}")).collect::<Vec<_>>();
    let mut fine = samples::winners();
    (fine.clients, fine.waits) = (names(), names());
    let winner = |index: usize| Winner {
        wait: index / 12,
        clients: index % 12,
        lead: Lead::Of(index % 2),
        ratio: 1.25,
    };
    fine.winners = (0..144).map(winner).collect();
    let svg = render(&fine.plot(), Theme::Light);
    let document = Document::parse(&svg).unwrap();
    let hovers = document
        .descendants()
        .filter(|node| node.text().is_some_and(|text| text.ends_with("leads by 1.25 ×")));
    assert_eq!(hovers.filter(Node::is_element).count(), 144);
    let texts = inspect::texts(&document);
    for (i, text) in texts.iter().enumerate() {
        assert!(!texts[..i].iter().any(|other| text.meets(other)), "{text:?} covers another");
    }
}
