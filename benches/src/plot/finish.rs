//! What a kuva scene lacks: names at reference lines, squares of a heat map, long names of rows, marks that tell axis labels apart.

use kuva::render::layout::ComputedLayout;
use kuva::render::render::{Primitive, Scene, TextAnchor};
use kuva::render::render_utils::wrap_text;

use super::drawing::{Frame, LABEL_SIZE};
use super::labels::{self, Area, Name};
use super::{Along, Cell, Mark, Scale, Shape, palette};

/// Height of the letters of a row's name and in a square.
const SMALL: u32 = 12;

/// From one small line to the next.
const LINE: f64 = 1.2 * SMALL as f64;

/// Letters to a line of a row's name.
const ROW_LETTERS: usize = 22;

/// Completes `scene`, which kuva laid out as `layout`.
pub(super) fn finish(scene: &mut Scene, frame: &Frame<'_>, layout: &ComputedLayout) {
    // Everything lies within the axes by construction. kuva would number its clips by process, and cut markers at the edge.
    scene.defs.clear();
    scene.has_tooltips = false;
    scene.elements.retain(|one| !matches!(one, Primitive::ClipStart { .. } | Primitive::ClipEnd));
    mark_axis_labels(scene);
    if let Scale::Categories(names) = &frame.plot.y.scale {
        write_row_names(scene, names);
    }
    for mark in &frame.plot.marks {
        if let Mark::Cells { cells, .. } = mark {
            scene.elements.extend(cells.iter().flat_map(|cell| square(cell, frame, layout)));
        }
    }
    name_rules(scene, frame, layout);
}

/// Puts each line of the axis labels into a group of its own, so that a style sheet and the browser check can find it.
fn mark_axis_labels(scene: &mut Scene) {
    let mut marked = Vec::with_capacity(scene.elements.len() + 4);
    for element in scene.elements.drain(..) {
        match &element {
            Primitive::Text { size: LABEL_SIZE, rotate, .. } => {
                let class = if rotate.is_some() { "y-axis" } else { "x-axis" };
                let start = group(None, Some(format!("class=\"{class}\"")));
                marked.extend([start, element, Primitive::GroupEnd]);
            }
            _ => marked.push(element),
        }
    }
    scene.elements = marked;
}

fn group(title: Option<String>, attributes: Option<String>) -> Primitive {
    Primitive::GroupStart { transform: None, title, extra_attrs: attributes }
}

/// The line of a row's name that needs most room; kuva lays out with this one.
pub(super) fn longest_line(name: &str) -> String {
    let lines = wrap_text(name, ROW_LETTERS);
    lines.into_iter().max_by_key(|line| line.chars().count()).unwrap_or_default()
}

/// How high the picture must be for the names of its rows.
pub(super) fn rows_height(scale: &Scale) -> f64 {
    let Scale::Categories(names) = scale else { return 0.0 };
    let lines = names.iter().map(|name| wrap_text(name, ROW_LETTERS).len()).max().unwrap_or(0);
    names.len() as f64 * (lines as f64 * LINE + 10.0)
}

/// Where kuva wrote the longest line of each row's name, writes the name.
fn write_row_names(scene: &mut Scene, names: &[String]) {
    let mut left = names.iter().peekable();
    let mut elements = Vec::with_capacity(scene.elements.len() + names.len());
    for element in scene.elements.drain(..) {
        match (&element, left.peek()) {
            (Primitive::Text { x, y, content, anchor: TextAnchor::End, .. }, Some(name))
                if *content == longest_line(name) =>
            {
                let middle = y - f64::from(SMALL) * 0.35;
                elements.extend(lines_around(
                    &wrap_text(name, ROW_LETTERS),
                    (*x, middle),
                    TextAnchor::End,
                    None,
                ));
                left.next();
            }
            _ => elements.push(element),
        }
    }
    scene.elements = elements;
}

/// Lines of small text, as a block around `middle`.
fn lines_around(
    lines: &[String],
    (x, middle): (f64, f64),
    anchor: TextAnchor,
    ink: Option<&str>,
) -> Vec<Primitive> {
    let first = middle - LINE * (lines.len() as f64 - 1.0) / 2.0 + f64::from(SMALL) * 0.35;
    let line =
        |(i, line): (usize, &String)| labels::write(line, (x, first + LINE * i as f64), SMALL, anchor, ink);
    lines.iter().enumerate().map(line).collect()
}

fn square(cell: &Cell, frame: &Frame<'_>, layout: &ComputedLayout) -> Vec<Primitive> {
    let (x, y) = (cell.column as f64 + 1.0, cell.row as f64 + 1.0);
    let (left, right) = (layout.map_x(x - 0.5) + 1.0, layout.map_x(x + 0.5) - 1.0);
    let (top, bottom) = (layout.map_y(y + 0.5) + 1.0, layout.map_y(y - 0.5) - 1.0);
    let (plot, fill) = (frame.plot, cell.style.fill(frame.theme));
    let (column, row) = (plot.x.scale.says(cell.column as f64), plot.y.scale.says(cell.row as f64));
    let place = format!("{}: {column} {}, {}: {row}", plot.x.quantity, plot.x.unit, plot.y.quantity);
    let mut parts = vec![
        group(Some(format!("{place}; {}", cell.meaning)), None),
        Primitive::Rect {
            x: left,
            y: top,
            width: right - left,
            height: bottom - top,
            fill: fill.into(),
            stroke: None,
            stroke_width: None,
            opacity: None,
        },
    ];
    // What does not fit is in the hover value.
    let (letters, room) = (labels::letters(right - left, SMALL), (bottom - top) / LINE);
    let lines: Vec<String> = cell.text.iter().flat_map(|text| wrap_text(text, letters)).collect();
    let lines = if lines.len() as f64 <= room { lines } else { Vec::new() };
    let middle = (f64::midpoint(left, right), f64::midpoint(top, bottom));
    parts.extend(lines_around(&lines, middle, TextAnchor::Middle, Some(palette::ink_on(fill))));
    parts.push(Primitive::GroupEnd);
    parts
}

fn name_rules(scene: &mut Scene, frame: &Frame<'_>, layout: &ComputedLayout) {
    let plot = Area {
        left: layout.margin_left,
        top: layout.margin_top,
        right: layout.width - layout.margin_right,
        bottom: layout.height - layout.margin_bottom,
    };
    let names: Vec<Name<'_>> =
        frame.plot.marks.iter().filter_map(|mark| rule_name(mark, frame, layout)).collect();
    for (name, area) in names.iter().zip(labels::place(&names, &plot, &ink(frame, layout))) {
        scene.elements.extend(labels::draw(name.text, &area, frame.theme.ground()));
    }
}

fn rule_name<'a>(mark: &'a Mark, frame: &Frame<'_>, layout: &ComputedLayout) -> Option<Name<'a>> {
    let Mark::Rule(rule) = mark else { return None };
    let at = match rule.along {
        Along::X => layout.map_x(frame.x_of(rule.at)),
        Along::Y => layout.map_y(frame.y_of(rule.at)),
    };
    Some(Name { text: &rule.label, along: rule.along, at })
}

/// Places in the picture that a name should not cover: each point, and lines between points every few pixels.
fn ink(frame: &Frame<'_>, layout: &ComputedLayout) -> Vec<(f64, f64)> {
    let mut ink = Vec::new();
    for mark in &frame.plot.marks {
        let Mark::Series(series) = mark else { continue };
        let at = |x, y| (layout.map_x(frame.x_of(x)), layout.map_y(frame.y_of(y)));
        let points: Vec<_> = series.points.iter().map(|point| at(point.x, point.y)).collect();
        if series.shape != Shape::Line {
            // A marker weighs more than a stretch of line.
            ink.extend(points.iter().flat_map(|point| [*point; 5]));
        }
        for point in &series.points {
            let (left, right) = point.x_range.unwrap_or((point.x, point.x));
            let (low, high) = point.y_range.unwrap_or((point.y, point.y));
            ink.extend([at(left, point.y), at(right, point.y), at(point.x, low), at(point.x, high)]);
        }
        if series.shape != Shape::Points {
            ink.extend(points.windows(2).flat_map(|pair| between(pair[0], pair[1])));
        }
    }
    ink
}

fn between((x0, y0): (f64, f64), (x1, y1): (f64, f64)) -> impl Iterator<Item = (f64, f64)> {
    const PIECES: u32 = 16;
    (0..=PIECES).map(move |piece| {
        let share = f64::from(piece) / f64::from(PIECES);
        (x0 + (x1 - x0) * share, y0 + (y1 - y0) * share)
    })
}
