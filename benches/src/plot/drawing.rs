//! From a plot in data units to kuva's scene: what is drawn where, in which order.

use kuva::plot::LinePlot;
use kuva::plot::annotations::{ReferenceLine, ShadedRegion};
use kuva::plot::legend::{LegendEntry, LegendPosition, LegendShape};
use kuva::plot::line::LineStyle;
use kuva::plot::scatter::ScatterPlot;
use kuva::render::layout::{AxisLabelOverlap, ComputedLayout, Layout};
use kuva::render::plots::Plot as Part;
use kuva::render::render::{Scene, render_multiple};

use super::{Along, Axis, Band, Mark, Plot, Point, Rule, Scale, Series, Shape, Style, Theme};
use super::{finish, labels, sieve};

/// Units of the picture: shown 360 pixels wide, its smallest type is 8 pixels.
const WIDTH: f64 = 540.0;
/// Between the axes; titles, names and legend come on top.
const HEIGHT: f64 = 270.0;
/// Room for the half of a tick's name that reaches beyond the axes.
const RIGHT: f64 = 30.0;
const TITLE_SIZE: u32 = 15;
/// Of axis labels, and of nothing else.
pub(super) const LABEL_SIZE: u32 = 14;
const NOTE_SIZE: u32 = 12;

/// A scene, and what could not be part of it.
pub(super) struct Drawing {
    pub(super) scene: Scene,
    pub(super) note: Option<String>,
}

/// Everything that a plot's marks are measured by.
pub(super) struct Frame<'a> {
    pub(super) plot: &'a Plot,
    pub(super) theme: Theme,
    x: (f64, f64),
    y: (f64, f64),
}

pub(super) fn draw(plot: &Plot, theme: Theme) -> Drawing {
    let mut plot = plot.clone();
    let note = sieve::note(sieve::keep_what_has_a_place(&mut plot), &plot);
    let frame = Frame::new(&plot, theme);
    let layout = frame.layout(note.as_deref());
    let sides = ComputedLayout::from_layout(&layout);
    let (left, right) = (sides.margin_left, sides.margin_right.max(RIGHT));
    // Titles stand above the middle between the axes, and end where the nearer side of the picture does.
    let reach = (WIDTH + left - right).min(WIDTH - left + right);
    let layout = layout
        .with_force_margins(left, right)
        .with_title_wrap(labels::letters(reach, TITLE_SIZE))
        .with_x_label_wrap(labels::letters(reach, LABEL_SIZE))
        .with_subtitle_wrap(labels::letters(reach, NOTE_SIZE));
    let ends = ComputedLayout::from_layout(&layout);
    let rows = finish::rows_height(&plot.y.scale).max(HEIGHT);
    let layout = layout.with_height(ends.margin_top + rows + ends.margin_bottom);
    let computed = ComputedLayout::from_layout(&layout);
    let mut scene = render_multiple(frame.parts(), layout);
    finish::finish(&mut scene, &frame, &computed);
    Drawing { scene, note }
}

impl<'a> Frame<'a> {
    fn new(plot: &'a Plot, theme: Theme) -> Self {
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for mark in &plot.marks {
            match mark {
                Mark::Series(series) => {
                    for point in &series.points {
                        x.extend(ends(point.x, point.x_range).map(|value| plot.x.scale.place(value)));
                        y.extend(ends(point.y, point.y_range).map(|value| plot.y.scale.place(value)));
                    }
                }
                Mark::Rule(Rule { along: Along::X, at, .. }) => x.push(plot.x.scale.place(*at)),
                Mark::Rule(Rule { along: Along::Y, at, .. }) => y.push(plot.y.scale.place(*at)),
                Mark::Band(Band { along: Along::X, from, to, .. }) => {
                    x.extend([*from, *to].map(|value| plot.x.scale.place(value)));
                }
                Mark::Band(Band { along: Along::Y, from, to, .. }) => {
                    y.extend([*from, *to].map(|value| plot.y.scale.place(value)));
                }
                Mark::Cells { .. } | Mark::Identity { .. } => {}
            }
        }
        let mut x: Vec<f64> = x.into_iter().flatten().collect();
        let mut y: Vec<f64> = y.into_iter().flatten().collect();
        if plot.marks.iter().any(|mark| matches!(mark, Mark::Identity { .. })) {
            x.extend_from_slice(&y);
            y.clone_from(&x);
        }
        Self { plot, theme, x: plot.x.scale.range(&x), y: plot.y.scale.range(&y) }
    }

    fn layout(&self, note: Option<&str>) -> Layout {
        let entries = self.legend();
        let drawn = |scale: &Scale, (low, high)| (scale.drawn(low), scale.drawn(high));
        let Plot { title, x, y, .. } = self.plot;
        let mut layout = Layout::new(drawn(&x.scale, self.x), drawn(&y.scale, self.y))
            .with_width(WIDTH)
            .with_title(title)
            .with_title_size(TITLE_SIZE)
            .with_x_label(x.label())
            .with_y_label(y.label())
            .with_label_size(LABEL_SIZE)
            .with_y_label_wrap(labels::letters(HEIGHT, LABEL_SIZE))
            .with_tick_size(13)
            .with_body_size(labels::SIZE)
            .with_ticks(6)
            .with_x_label_overlap(AxisLabelOverlap::Thin)
            .with_theme(self.theme.chrome());
        if let Some(note) = note {
            layout = layout.with_subtitle(note).with_subtitle_size(NOTE_SIZE);
        }
        layout = x.scale.configure(layout, Along::X, self.x);
        layout = y.scale.configure(layout, Along::Y, self.y);
        for mark in &self.plot.marks {
            layout = match mark {
                Mark::Rule(rule) => layout.with_reference_line(self.rule(rule)),
                Mark::Band(band) => layout.with_shaded_region(self.band(band)),
                Mark::Series(_) | Mark::Cells { .. } | Mark::Identity { .. } => layout,
            };
        }
        if !entries.is_empty() {
            layout = layout
                .with_legend_entries(entries)
                .with_legend_position(LegendPosition::OutsideBottomColumns)
                .with_legend_box(false);
        }
        layout
    }

    fn legend(&self) -> Vec<LegendEntry> {
        let entry = |label: &str, colour: &str, shape, dashes: Option<&str>| LegendEntry {
            label: label.to_owned(),
            color: colour.to_owned(),
            shape,
            dasharray: dashes.map(str::to_owned),
        };
        let mut entries = Vec::new();
        for mark in &self.plot.marks {
            match mark {
                Mark::Series(Series { label, style, shape, .. }) if !label.is_empty() => {
                    let (shape, dashes) = match shape {
                        Shape::Line => (LegendShape::Line, style.dashes()),
                        Shape::LineAndPoints | Shape::Points => (LegendShape::Marker(style.marker()), None),
                    };
                    entries.push(entry(label, style.colour(self.theme), shape, dashes));
                }
                Mark::Band(band) => {
                    entries.push(entry(&band.label, self.theme.shade(), LegendShape::Rect, None));
                }
                Mark::Identity { label } => {
                    let (colour, dashes) = (Style::Neutral.colour(self.theme), Style::Neutral.dashes());
                    entries.push(entry(label, colour, LegendShape::Line, dashes));
                }
                Mark::Cells { legend, .. } => entries.extend(
                    legend
                        .iter()
                        .map(|(style, label)| entry(label, style.fill(self.theme), LegendShape::Rect, None)),
                ),
                Mark::Series(_) | Mark::Rule(_) => {}
            }
        }
        entries
    }

    fn rule(&self, Rule { along, at, style, .. }: &Rule) -> ReferenceLine {
        let line = match along {
            Along::X => ReferenceLine::vertical(self.x_of(*at)),
            Along::Y => ReferenceLine::horizontal(self.y_of(*at)),
        };
        let dashes = style.dashes().unwrap_or("none");
        line.with_color(style.colour(self.theme)).with_stroke_width(1.5).with_dasharray(dashes)
    }

    fn band(&self, Band { along, from, to, .. }: &Band) -> ShadedRegion {
        let region = match along {
            Along::X => ShadedRegion::vertical(self.x_of(*from), self.x_of(*to)),
            Along::Y => ShadedRegion::horizontal(self.y_of(*from), self.y_of(*to)),
        };
        region.with_color(self.theme.shade()).with_opacity(1.0)
    }

    /// What kuva draws by itself.
    fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        for mark in &self.plot.marks {
            match mark {
                Mark::Series(series) => parts.extend(self.series(series)),
                Mark::Identity { .. } => {
                    let both = [self.x.0, self.x.1].map(|place| {
                        let value = self.plot.x.scale.drawn(place);
                        (value, value)
                    });
                    parts.push(self.line(both.to_vec(), Style::Neutral).into());
                }
                Mark::Rule(_) | Mark::Band(_) | Mark::Cells { .. } => {}
            }
        }
        if parts.is_empty() {
            // Without a part kuva draws no axes.
            parts.push(LinePlot::new().into());
        }
        parts
    }

    fn series(&self, series: &Series) -> Vec<Part> {
        let Series { style, points, .. } = series;
        let at: Vec<_> = points.iter().map(|point| (self.x_of(point.x), self.y_of(point.y))).collect();
        let line = || self.line(at.clone(), *style).into();
        let markers = || {
            let mut plot = ScatterPlot::new()
                .with_data(at.clone())
                .with_color(style.colour(self.theme))
                .with_marker(style.marker())
                .with_size(4.0)
                .with_tooltip_labels(points.iter().map(|point| self.hover(series, point)));
            for (drawn, point) in plot.data.iter_mut().zip(points) {
                drawn.x_err =
                    point.x_range.map(|(low, high)| (drawn.x - self.x_of(low), self.x_of(high) - drawn.x));
                drawn.y_err =
                    point.y_range.map(|(low, high)| (drawn.y - self.y_of(low), self.y_of(high) - drawn.y));
            }
            plot.into()
        };
        match series.shape {
            Shape::LineAndPoints => vec![line(), markers()],
            Shape::Line => vec![line()],
            Shape::Points => vec![markers()],
        }
    }

    fn line(&self, points: Vec<(f64, f64)>, style: Style) -> LinePlot {
        let dashes = style.dashes().map_or(LineStyle::Solid, |dashes| LineStyle::Custom(dashes.to_owned()));
        LinePlot::new().with_data(points).with_color(style.colour(self.theme)).with_line_style(dashes)
    }

    /// `thread pool: 64 threads, 5,880 requests/s (5,700 to 6,000)`
    fn hover(&self, series: &Series, point: &Point) -> String {
        let side = |axis: &Axis, value, range: Option<(f64, f64)>| {
            let interval =
                range.map(|(low, high)| format!(" ({} to {})", axis.scale.says(low), axis.scale.says(high)));
            let unit = if matches!(axis.scale, Scale::Categories(_)) { "" } else { axis.unit.as_str() };
            format!("{} {unit}{}", axis.scale.says(value), interval.unwrap_or_default()).trim().to_owned()
        };
        let name = point.name.as_ref().unwrap_or(&series.label);
        let (x, y) = (side(&self.plot.x, point.x, point.x_range), side(&self.plot.y, point.y, point.y_range));
        match (&self.plot.y.scale, name.is_empty()) {
            // A row's name is its place on the vertical axis.
            (Scale::Categories(_), _) => format!("{y}: {x}"),
            (_, true) => format!("{x}, {y}"),
            (_, false) => format!("{name}: {x}, {y}"),
        }
    }

    /// A value in kuva's numbers.
    pub(super) fn x_of(&self, value: f64) -> f64 {
        drawn(&self.plot.x.scale, value)
    }

    /// A value in kuva's numbers.
    pub(super) fn y_of(&self, value: f64) -> f64 {
        drawn(&self.plot.y.scale, value)
    }
}

fn drawn(scale: &Scale, value: f64) -> f64 {
    // Values without a place were left out before.
    scale.place(value).map_or(f64::NAN, |place| scale.drawn(place))
}

fn ends(value: f64, range: Option<(f64, f64)>) -> [f64; 3] {
    let (low, high) = range.unwrap_or((value, value));
    [low, value, high]
}
