//! Straight lines through points: what one more connection costs in memory, from several numbers of connections.
//!
//! Where the points were taken in blocks, a block that ran on a slower or fuller machine shifts or tilts all its points
//! together, and points are not independent; [`over_blocks`] fits a line to each block and asks how much the slopes
//! differ. [`least_squares`] is for points that share no block.
//!
//! Source: Draper and Smith, *Applied Regression Analysis* (1998), chapter 1.

use serde::{Deserialize, Serialize};

use super::error::StatsError;
use super::interval::Interval;
use super::sample;
use super::student::{self, Mean};

/// A line fitted by least squares; intervals by Student's t with n − 2 degrees of freedom.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// By how much y grows for each unit of x.
    pub slope: Interval,
    /// y at x = 0.
    pub intercept: Interval,
    /// Standard deviation of the points about the line, in units of y (divisor n − 2).
    pub residual: f64,
}

/// Least squares line through points (x, y).
///
/// # Errors
///
/// Fewer than three points, a value that is not finite, one x for all, a level outside (0, 1).
pub fn least_squares(points: &[(f64, f64)], level: f64) -> Result<Line, StatsError> {
    let (x, _) = sample::columns(points, 3)?;
    sample::check_level(level)?;
    let (slope, intercept) = line_through(points)?;
    let (n, mean) = (x.len() as f64, sample::mean(&x));
    let squares: f64 = points.iter().map(|(x, y)| (y - intercept - slope * x).powi(2)).sum();
    let residual = (squares / (n - 2.0)).sqrt();
    let spread = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    let t = student::quantile(f64::midpoint(1.0, level), n - 2.0);
    let around = |estimate: f64, error: f64| Interval {
        low: estimate - t * error,
        estimate,
        high: estimate + t * error,
        level,
    };
    Ok(Line {
        slope: around(slope, residual / spread.sqrt()),
        intercept: around(intercept, residual * (1.0 / n + mean * mean / spread).sqrt()),
        residual,
    })
}

/// Slope and intercept of the least squares line.
fn line_through(points: &[(f64, f64)]) -> Result<(f64, f64), StatsError> {
    let (x, y) = sample::columns(points, 2)?;
    if sample::is_constant(&x) {
        return Err(StatsError::Constant);
    }
    let (mean_x, mean_y) = (sample::mean(&x), sample::mean(&y));
    let spread: f64 = x.iter().map(|x| (x - mean_x).powi(2)).sum();
    let together: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let slope = together / spread;
    Ok((slope, mean_y - slope * mean_x))
}

/// Mean of the blocks' least squares slopes, with its t interval over blocks.
///
/// # Errors
///
/// Fewer than two blocks, a block of fewer than two points or with one x for all, a value that is not finite, a level
/// outside (0, 1).
pub fn over_blocks<S: AsRef<[(f64, f64)]>>(blocks: &[S], level: f64) -> Result<Interval, StatsError> {
    let slope = |block: &S| line_through(block.as_ref()).map(|(slope, _)| slope);
    let slopes: Vec<f64> = blocks.iter().map(slope).collect::<Result<_, _>>()?;
    Mean::of(&slopes)?.interval(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_a_line() {
        let points = [(0.0, 3.0), (1.0, 5.0), (2.0, 7.0), (5.0, 13.0)];
        let line = least_squares(&points, 0.95).unwrap();
        assert!((line.slope.estimate - 2.0).abs() < 1e-12 && (line.intercept.estimate - 3.0).abs() < 1e-12);
        assert!(line.residual < 1e-12 && line.slope.high - line.slope.low < 1e-9);
    }

    #[test]
    fn what_all_points_of_a_block_share_does_not_blur_its_slope() {
        // Three blocks at levels far apart; slopes 1.9, 2.0 and 2.1.
        let block = |level: f64, slope: f64| [0.0, 10.0, 20.0].map(|x| (x, level + slope * x)).to_vec();
        let blocks = [block(0.0, 1.9), block(1000.0, 2.0), block(5000.0, 2.1)];
        let slope = over_blocks(&blocks, 0.95).unwrap();
        assert!((slope.estimate - 2.0).abs() < 1e-9 && slope.high - slope.low < 0.6, "{slope:?}");
        let together = least_squares(&blocks.concat(), 0.95).unwrap().slope;
        assert!(together.high - together.low > 100.0, "{together:?}");
    }

    #[test]
    fn what_has_no_slope_is_refused() {
        let upright = [(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)];
        assert_eq!(least_squares(&upright, 0.95), Err(StatsError::Constant));
        assert_eq!(over_blocks(&[upright, upright], 0.95), Err(StatsError::Constant));
        assert_eq!(least_squares(&upright[..2], 0.95), Err(StatsError::TooFew { got: 2, need: 3 }));
        assert_eq!(least_squares(&upright, 2.0), Err(StatsError::OutOfRange(2.0)));
        assert!(over_blocks(&[[(0.0, 1.0), (1.0, 2.0)]], 0.95).is_err());
    }
}
