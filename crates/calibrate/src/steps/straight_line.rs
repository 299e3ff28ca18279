//! The line of least squares.

/// Slope and intercept of the line of least squares; none where there are no points or all have one abscissa.
pub(crate) fn straight_line(points: impl Iterator<Item = (f64, f64)>) -> Option<(f64, f64)> {
    let [mut n, mut x, mut y, mut xy, mut xx] = [0.0; 5];
    for (at, value) in points {
        n += 1.0;
        x += at;
        y += value;
        xy += at * value;
        xx += at * at;
    }
    if n < 1.0 {
        return None;
    }
    let spread = xx - x * x / n;
    if spread.abs() < f64::from(f32::MIN_POSITIVE) {
        return None;
    }
    let (mean_x, mean_y) = (x / n, y / n);
    let slope = (xy - mean_x * mean_y * n) / spread;
    Some((slope, mean_y - slope * mean_x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_again_and_one_point_has_none() {
        let points = (0..10).map(|i| (f64::from(i), 3.0 + 0.5 * f64::from(i)));
        let (slope, intercept) = straight_line(points).unwrap();
        assert!((slope - 0.5).abs() < 1e-12 && (intercept - 3.0).abs() < 1e-12);
        assert_eq!(straight_line(std::iter::once((4.0, 1.0))), None);
        assert_eq!(straight_line(std::iter::empty()), None);
    }
}
