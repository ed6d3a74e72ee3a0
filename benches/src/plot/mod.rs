//! Pictures of what was measured: plain numbers in, one accessible SVG file out. Nothing here reads a file or a clock.
//!
//! A [`Plot`] says what is to be seen: two axes with their units and a list of [`Mark`]s in data units. [`render`] draws it; the
//! same plot gives the same bytes. [`pictures`] makes the plots that the report shows from plain structs of numbers.
//!
//! kuva lays out and draws: margins, ticks, grid, labels, legend, lines, markers, error bars, hover values. It was held against
//! plotters on two of these pictures (throughput against pool size, and the ratios):
//!
//! | | kuva 0.6.0 | plotters 0.3.7 |
//! |---|---|---|
//! | bytes of the two pictures | 8,742 and 2,722 | 36,914 and 13,863 |
//! | lines to draw them | 21 and 8 | 25 and 19 |
//! | hover values without a script | yes | no: its SVG writer closes each element at once |
//! | dashed lines | one path with `stroke-dasharray` | an element for each dash |
//! | coordinates | two decimals | whole pixels |
//!
//! What kuva lacks is added here, and no more: a `viewBox`, title and description of the picture, identifiers that do not count
//! on from picture to picture (`document`); names of reference lines that keep clear of each other (`labels`); names of rows in
//! more than one line, and squares with text (`finish`).

mod document;
mod drawing;
mod finish;
mod labels;
mod palette;
pub mod pictures;
mod scale;
mod sieve;

use kuva::backend::svg::SvgBackend;

#[cfg(test)]
pub(crate) use palette::contrast;
pub use palette::{Style, Theme};
pub use scale::Scale;

/// A picture in data units, before colours and pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// One line above the picture, and its accessible name. The identifiers in the file come from it: give each plot of a page its own.
    pub title: String,
    /// What a reader who cannot see the picture should know.
    pub alt: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn, later marks over earlier ones.
    pub marks: Vec<Mark>,
}

/// One axis: a quantity, its unit, and how values are spread along it.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    quantity: String,
    unit: String,
    scale: Scale,
}

impl Axis {
    /// An axis for `quantity` in `unit`. A quantity without dimension says so in its unit: `×`, `%`, or what is counted.
    #[must_use]
    pub fn new(quantity: impl Into<String>, unit: impl Into<String>, scale: Scale) -> Self {
        Self { quantity: quantity.into(), unit: unit.into(), scale }
    }

    /// What stands beside the axis: `throughput (requests/s)`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} ({})", self.quantity, self.unit)
    }
}

/// Something to draw. Values that have no place on their axis (not finite, beyond ±10¹⁵, or below 10⁻⁹ on a logarithmic one) are
/// left out, and the picture says how many.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// Points, a line, or both.
    Series(Series),
    /// A line across the picture at one value, with its name beside it.
    Rule(Rule),
    /// A stretch of one axis, shaded.
    Band(Band),
    /// The squares of a heat map, on two axes of categories.
    Cells {
        /// In any order.
        cells: Vec<Cell>,
        /// What each colour stands for.
        legend: Vec<(Style, String)>,
    },
    /// The line on which both axes have the same value; the axes, which must have the same scale, then share one range.
    Identity {
        /// Its name in the legend.
        label: String,
    },
}

/// Points that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name in the legend; without one it is not listed there.
    pub label: String,
    /// Colour, marker and dashes.
    pub style: Style,
    /// Whether points, a line or both are drawn.
    pub shape: Shape,
    /// In the order in which a line visits them.
    pub points: Vec<Point>,
}

/// How a [`Series`] is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Measured values, joined.
    LineAndPoints,
    /// A computed curve.
    Line,
    /// Measured values that no line joins.
    Points,
}

/// One point, in data units; on an axis of categories a value is an index from 0.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Point {
    /// Along the horizontal axis.
    pub x: f64,
    /// Along the vertical axis.
    pub y: f64,
    /// Ends of a horizontal error bar.
    pub x_range: Option<(f64, f64)>,
    /// Ends of a vertical error bar.
    pub y_range: Option<(f64, f64)>,
    /// What the hover value says before the numbers, if it is more than the series' name.
    pub name: Option<String>,
}

/// The axis whose value is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Along {
    /// A value of the horizontal axis: a rule stands upright.
    X,
    /// A value of the vertical axis: a rule lies flat.
    Y,
}

/// A reference line.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Which axis `at` belongs to.
    pub along: Along,
    /// Where it stands, in data units.
    pub at: f64,
    /// What it is, with its value.
    pub label: String,
    /// Colour and dashes.
    pub style: Style,
}

/// A shaded stretch of an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Which axis the ends belong to.
    pub along: Along,
    /// The lower end, in data units.
    pub from: f64,
    /// The upper end, in data units.
    pub to: f64,
    /// Its name in the legend.
    pub label: String,
}

/// A square of a heat map.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Index of its category on the horizontal axis.
    pub column: usize,
    /// Index of its category on the vertical axis, from the bottom.
    pub row: usize,
    /// Its colour.
    pub style: Style,
    /// Lines written into it, so that colour alone carries nothing.
    pub text: Vec<String>,
    /// What its hover value says after the two categories.
    pub meaning: String,
}

/// The plot as a complete SVG file, to be saved as it is or put into a page. The same plot and theme give the same bytes.
///
/// It scales with the width it is given, carries `<title>`, `<desc>` and hover values, and needs no script, font file or network.
#[must_use]
pub fn render(plot: &Plot, theme: Theme) -> String {
    let drawing = drawing::draw(plot, theme);
    document::wrap(plot, theme, &drawing, &SvgBackend::new().render_scene(&drawing.scene))
}

#[cfg(test)]
mod tests;
