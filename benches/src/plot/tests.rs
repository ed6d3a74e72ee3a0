//! Each picture with realistic numbers, in both themes, held to what a reader and a browser need.

mod inspect;
mod places;
mod samples;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use roxmltree::Document;

use super::pictures::{Forest, HockeyStick, Memory, Percentiles, PoolSweep, Predictions, Winners};
use super::{Along, Axis, Band, Mark, Plot, Point, Rule, Scale, Series, Shape, Style, Theme, render};
use inspect::{identifiers, in_group, outline, texts};

fn everywhere(check: impl Fn(&str, &Plot, Theme, &Document<'_>)) {
    for (name, plot) in samples::all() {
        for theme in Theme::ALL {
            let svg = render(&plot, theme);
            check(&format!("{name}, {}", theme.name()), &plot, theme, &Document::parse(&svg).unwrap());
        }
    }
}

#[test]
fn a_picture_has_a_name_a_description_and_a_unit_on_both_axes() {
    everywhere(|name, plot, _, document| {
        let root = document.root_element();
        assert_eq!(root.attribute("role"), Some("img"), "{name}");
        let children: Vec<_> = root.children().filter(roxmltree::Node::is_element).collect();
        let said = |index: usize| (children[index].tag_name().name(), children[index].text());
        assert_eq!(said(0), ("title", Some(plot.title.as_str())), "{name}");
        assert_eq!(said(1), ("desc", Some(plot.alt.as_str())), "{name}");
        let named = root.attribute("aria-labelledby").unwrap().split(' ');
        let ids = identifiers(document);
        assert!(named.into_iter().all(|id| ids.contains(&id.to_owned())), "{name}: {ids:?}");
        for (class, axis) in [("x-axis", &plot.x), ("y-axis", &plot.y)] {
            assert_eq!(in_group(document, class).join(" "), axis.label(), "{name}");
            assert!(axis.label().contains(" (") && !axis.unit.is_empty(), "{name}: no unit");
        }
    });
}

#[test]
fn a_picture_scales_and_needs_nothing_from_outside() {
    everywhere(|name, _, _, document| {
        let root = document.root_element();
        let size = format!("0 0 {} {}", root.attribute("width").unwrap(), root.attribute("height").unwrap());
        assert_eq!(root.attribute("viewBox"), Some(size.as_str()), "{name}");
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            assert!(!["script", "style", "image", "use"].contains(&node.tag_name().name()), "{name}");
            for attribute in node.attributes() {
                assert!(
                    attribute.name() != "href" && !attribute.value().contains("url("),
                    "{name}: {attribute:?}"
                );
                let family = attribute.name() == "font-family";
                assert!(!family || attribute.value() == "system-ui", "{name}: {attribute:?}");
            }
        }
    });
}

#[test]
fn texts_lie_inside_and_do_not_cover_each_other() {
    everywhere(|name, _, _, document| {
        let root = document.root_element();
        let size = |side| root.attribute(side).unwrap().parse::<f64>().unwrap();
        let texts = texts(document);
        assert!(texts.len() > 8, "{name}: {texts:?}");
        for (i, text) in texts.iter().enumerate() {
            assert!(text.inside(size("width"), size("height")), "{name}: {text:?} leaves the picture");
            for other in &texts[..i] {
                assert!(!text.meets(other), "{name}: {text:?} covers {other:?}");
            }
        }
    });
}

#[test]
fn pictures_share_a_page_without_sharing_an_identifier() {
    let mut seen = BTreeSet::new();
    let mut files = 0;
    everywhere_in_one_thread(|svg| {
        files += 1;
        for id in identifiers(&Document::parse(svg).unwrap()) {
            assert!(seen.insert(id.clone()), "{id} twice");
        }
    });
    assert_eq!(seen.len(), files * 3, "root, title and description of each");
}

fn everywhere_in_one_thread(mut see: impl FnMut(&str)) {
    for (_, plot) in samples::all() {
        for theme in Theme::ALL {
            see(&render(&plot, theme));
        }
    }
}

#[test]
fn the_same_plot_gives_the_same_bytes() {
    for (name, plot) in samples::all() {
        assert_eq!(render(&plot, Theme::Light), render(&plot, Theme::Light), "{name}");
        assert_ne!(render(&plot, Theme::Light), render(&plot, Theme::Dark), "{name}");
    }
}

#[test]
fn what_the_pictures_say() {
    for (name, plot) in samples::all() {
        let svg = render(&plot, Theme::Light);
        insta::assert_snapshot!(name, outline(&Document::parse(&svg).unwrap()));
    }
}

#[test]
fn one_small_picture_to_the_byte() {
    let point = Point { x: 64.0, y: 5_880.0, y_range: Some((5_700.0, 6_000.0)), ..Point::default() };
    let plot = Plot {
        title: "One point & no more".into(),
        alt: "A single point.".into(),
        x: Axis::new("pool size", "threads", Scale::Log2),
        y: Axis::new("throughput", "requests/s", Scale::Linear { from_zero: true }),
        marks: vec![Mark::Series(Series {
            label: "pool <rayon>".into(),
            style: Style::Contender(0),
            shape: Shape::LineAndPoints,
            points: vec![point],
        })],
    };
    insta::assert_snapshot!(render(&plot, Theme::Dark).replace("><", ">\n<"));
}

#[test]
fn every_picture_without_data_says_so() {
    let nothing = || "nothing".to_owned();
    let plots = [
        PoolSweep { measured: vec![], async_server: None, ..samples::pool() }.plot(),
        HockeyStick { workload: nothing(), percentile: "p99".into(), curves: vec![] }.plot(),
        Percentiles { workload: nothing(), curves: vec![] }.plot(),
        Memory { of: nothing(), curves: vec![] }.plot(),
        Forest { of: nothing(), duels: vec![], margin: 0.05 }.plot(),
        Winners { of: nothing(), clients: vec![], waits: vec![], contenders: vec![], winners: vec![] }.plot(),
        Predictions { of: nothing(), unit: "requests/s".into(), rows: vec![] }.plot(),
    ];
    for plot in plots {
        let svg = render(&plot, Theme::Light);
        let document = Document::parse(&svg).unwrap();
        let texts = texts(&document);
        assert!(texts.iter().any(|text| text.content == "No data."), "{}: {texts:?}", plot.title);
        assert!(svg.contains("No data.</desc>"), "{}", plot.title);
    }
}

#[test]
fn values_without_a_place_are_left_out_and_counted() {
    let mut pool = samples::pool();
    pool.measured[0].1.value = f64::NAN;
    pool.measured[1].1.interval = Some((0.0, 200.0));
    pool.crossover_threads = f64::INFINITY;
    let svg = render(&pool.plot(), Theme::Light);
    assert!(svg.contains("3 values have no place on these axes and are not drawn.</desc>"), "{svg}");
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    // The note is to be seen, too.
    let texts = texts(&Document::parse(&svg).unwrap());
    assert!(texts.iter().any(|text| text.content.starts_with("3 values have no place")), "{texts:?}");
}

/// To look at them: `GALLERY=/abs/folder cargo test -p benches --lib gallery`.
#[test]
fn the_gallery_holds_every_picture_in_both_themes() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = std::env::var_os("GALLERY").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let mut written = BTreeSet::new();
    for (name, plot) in samples::all() {
        for theme in Theme::ALL {
            let file = folder.join(format!("{name}-{}.svg", theme.name()));
            fs::write(&file, render(&plot, theme)).unwrap();
            let text = fs::read_to_string(&file).unwrap();
            assert_eq!(Document::parse(&text).unwrap().root_element().tag_name().name(), "svg", "{name}");
            assert!(written.insert(file), "two pictures are called {name}");
        }
    }
}

fn any_scale() -> impl Strategy<Value = Scale> {
    prop_oneof![
        any::<bool>().prop_map(|from_zero| Scale::Linear { from_zero }),
        Just(Scale::Log2),
        Just(Scale::Log10),
        Just(Scale::Nines),
        prop::collection::vec(".{0,60}", 0..4).prop_map(Scale::Categories),
    ]
}

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![any::<f64>(), 0.0..100.0, Just(0.0), 1e-9..1e-6, 1e9..1e15]
}

fn any_point() -> impl Strategy<Value = Point> {
    let ends = || prop::option::of((any_value(), any_value()));
    (any_value(), any_value(), ends(), ends(), prop::option::of(".{0,9}"))
        .prop_map(|(x, y, x_range, y_range, name)| Point { x, y, x_range, y_range, name })
}

fn any_mark() -> impl Strategy<Value = Mark> {
    let shape = prop_oneof![Just(Shape::Line), Just(Shape::LineAndPoints), Just(Shape::Points)];
    let along = || prop_oneof![Just(Along::X), Just(Along::Y)];
    let series = (".{0,9}", 0..40_usize, shape, prop::collection::vec(any_point(), 0..6));
    prop_oneof![
        series.prop_map(|(label, number, shape, points)| {
            Mark::Series(Series { label, style: Style::Contender(number), shape, points })
        }),
        (along(), any_value(), ".{0,30}").prop_map(|(along, at, label)| Mark::Rule(Rule {
            along,
            at,
            label,
            style: Style::Neutral
        })),
        (along(), any_value(), any_value()).prop_map(|(along, from, to)| Mark::Band(Band {
            along,
            from,
            to,
            label: "band".into()
        })),
        Just(Mark::Identity { label: "equal".into() }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_numbers_and_names_give_a_well_formed_picture(
        title in ".{0,80}",
        x in any_scale(),
        y in any_scale(),
        marks in prop::collection::vec(any_mark(), 0..5),
    ) {
        let (x, y) = (Axis::new("x", "s", x), Axis::new("y", "ms", y));
        let plot = Plot { title, alt: "anything".into(), x, y, marks };
        let svg = render(&plot, Theme::Light);
        let document = Document::parse(&svg);
        prop_assert!(document.is_ok(), "{document:?} {svg}");
        let strange = inspect::strange_numbers(&document.unwrap());
        prop_assert!(strange.is_empty(), "{strange:?}");
    }
}
