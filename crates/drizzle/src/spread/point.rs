//! The point kernel: everything to the nearest pixel.

use super::{Clip, Points, Spread, nearest};

pub(crate) struct Point;

impl Spread<1> for Point {
    fn reach(&self) -> f64 {
        1.0
    }

    #[inline(always)]
    fn spread(&self, points: &Points<1>, clip: Clip, _: &mut Vec<f64>, mut put: impl FnMut(i64, i64, f64)) {
        let (x, y) = (nearest(points[0].0), nearest(points[0].1));
        if clip.holds(x, y) {
            put(x, y, 1.0);
        }
    }
}
