//! What has no place on a plot's axes is taken out before anything is drawn, and counted.

use super::{Along, Mark, Plot, Scale};

/// Removes what cannot be placed; says how much that was.
pub(super) fn keep_what_has_a_place(plot: &mut Plot) -> usize {
    let (x, y) = (plot.x.scale.clone(), plot.y.scale.clone());
    let fits = |scale: &Scale, range: Option<(f64, f64)>| {
        range.is_none_or(|(low, high)| scale.place(low).is_some() && scale.place(high).is_some())
    };
    let along = |along: Along| if along == Along::X { &x } else { &y };
    let mut lost = 0;
    for mark in &mut plot.marks {
        if let Mark::Series(series) = mark {
            let before = series.points.len();
            series.points.retain(|point| x.place(point.x).is_some() && y.place(point.y).is_some());
            lost += before - series.points.len();
            for point in &mut series.points {
                for (scale, range) in [(&x, &mut point.x_range), (&y, &mut point.y_range)] {
                    if !fits(scale, *range) {
                        *range = None;
                        lost += 1;
                    }
                }
            }
        }
        if let Mark::Cells { cells, .. } = mark {
            let before = cells.len();
            cells.retain(|cell| x.place(cell.column as f64).is_some() && y.place(cell.row as f64).is_some());
            lost += before - cells.len();
        }
    }
    let before = plot.marks.len();
    plot.marks.retain(|mark| match mark {
        Mark::Rule(rule) => along(rule.along).place(rule.at).is_some(),
        Mark::Band(band) => fits(along(band.along), Some((band.from, band.to))),
        Mark::Identity { .. } => x == y,
        Mark::Series(_) | Mark::Cells { .. } => true,
    });
    lost + before - plot.marks.len()
}

/// The sentence under the title, where something is missing.
pub(super) fn note(lost: usize, plot: &Plot) -> Option<String> {
    let empty = plot.marks.iter().all(|mark| match mark {
        Mark::Series(series) => series.points.is_empty(),
        Mark::Cells { cells, .. } => cells.is_empty(),
        Mark::Rule(_) | Mark::Band(_) | Mark::Identity { .. } => true,
    });
    match lost {
        0 => empty.then(|| "No data.".to_owned()),
        1 => Some("1 value has no place on these axes and is not drawn.".to_owned()),
        _ => Some(format!("{lost} values have no place on these axes and are not drawn.")),
    }
}
