//! The spots of the coronagraph, which move from day to day, in the flat of FLATCORR.

use crate::acs::tables::spottab::SpotShift;
use firstlight_frame::{Frame, Image};

/// Shifts the flat of the spots (CFLTFILE) by interpolation between the four pixels about each point, and takes the
/// part of `shape` `(ny, nx)` from column and row `origin` `(x, y)` on, 0-based. Where the shifted flat has no pixels
/// the result is 1 without an error. Beyond the centres of its outermost pixels their value holds.
///
/// Errors are carried through the interpolation; the DQ bits of pixels that contribute are combined.
pub fn shift_spots(spots: &Frame, shift: SpotShift, origin: (usize, usize), shape: (usize, usize)) -> Frame {
    let (ny, nx) = shape;
    let mut shifted = Frame {
        sci: Image::filled(ny, nx, 1.0),
        err: Image::filled(ny, nx, 0.0),
        dq: Image::filled(ny, nx, 0),
    };
    for y in 0..ny {
        let Some(line) = Between::of((y + origin.1) as f32 - shift.y, spots.sci.ny()) else {
            continue;
        };
        for x in 0..nx {
            let Some(column) = Between::of(-shift.x + (x + origin.0) as f32, spots.sci.nx()) else {
                continue;
            };
            let four = column.four(&line);
            let sum = |image: &Image<f32>, term: fn(f32, f32) -> f32| {
                let terms = four
                    .iter()
                    .map(|&(weight, x, y)| image.get(x, y).map_or(0.0, |&sample| term(weight, sample)));
                terms.fold(0.0f32, |sum, term| sum + term)
            };
            let contributing = four.iter().filter(|(weight, ..)| *weight != 0.0);
            let bits = contributing.fold(0, |bits, &(_, x, y)| {
                bits | spots.dq.get(x, y).map_or(0, |&dq| dq)
            });
            shifted.sci.row_mut(y)[x] = sum(&spots.sci, |weight, sample| weight * sample);
            shifted.err.row_mut(y)[x] =
                sum(&spots.err, |weight, error| (weight * error) * (weight * error)).sqrt();
            shifted.dq.row_mut(y)[x] = bits;
        }
    }
    shifted
}

/// Two neighbouring pixels along an axis and the weight of the upper one.
struct Between {
    lower: usize,
    upper: usize,
    weight: f32,
}

impl Between {
    /// None for a place that is not among the `n` pixels.
    fn of(place: f32, n: usize) -> Option<Self> {
        if !(place >= 0.0 && place < n as f32) {
            return None;
        }
        let lower = (place as usize).min(n - 1);
        Some(Self {
            lower,
            upper: (lower + 1).min(n - 1),
            weight: place - lower as f32,
        })
    }

    /// Weights and positions of the four pixels about a point.
    fn four(&self, line: &Between) -> [(f32, usize, usize); 4] {
        let (sx, sy) = (self.weight, line.weight);
        let (tx, ty) = (1.0 - sx, 1.0 - sy);
        [
            (tx * ty, self.lower, line.lower),
            (sx * ty, self.upper, line.lower),
            (sy * tx, self.lower, line.upper),
            (sx * sy, self.upper, line.upper),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::shift_spots;
    use crate::acs::tables::spottab::SpotShift;
    use firstlight_frame::{Frame, Image};

    fn ramp() -> Frame {
        Frame {
            sci: Image::from_fn(5, 6, |x, y| (x + 10 * y) as f32),
            err: Image::filled(5, 6, 0.5),
            dq: Image::from_fn(5, 6, |x, y| u16::from(x == 2 && y == 2)),
        }
    }

    #[test]
    fn spots_move_to_the_right_and_up() {
        let shifted = shift_spots(&ramp(), SpotShift { x: 1.0, y: 2.0 }, (0, 0), (5, 6));
        assert_eq!(shifted.sci.row(2)[1], 0.0);
        assert_eq!(shifted.sci.row(4)[5], 24.0);
        assert_eq!((shifted.sci.row(0)[3], shifted.sci.row(3)[0]), (1.0, 1.0));
        assert_eq!(
            (shifted.dq.row(4)[3], shifted.err.row(4)[3], shifted.err.row(0)[0]),
            (1, 0.5, 0.0)
        );
    }

    #[test]
    fn fractions_are_interpolated_and_a_subarray_is_cut_out_of_the_whole() {
        let shift = SpotShift { x: 0.25, y: -0.5 };
        let whole = shift_spots(&ramp(), shift, (0, 0), (5, 6));
        let part = shift_spots(&ramp(), shift, (2, 1), (2, 3));
        assert_eq!(part.sci.row(1), &whole.sci.row(2)[2..5]);
        assert!((whole.sci.row(1)[2] - (1.75 + 15.0)).abs() < 1e-6);
        assert!(whole.err.row(1)[2] < 0.5);
        assert_eq!(whole.sci.row(4)[3], 42.75);
    }

    #[test]
    fn a_shift_beyond_the_image_or_no_number_leaves_ones() {
        for x in [100.0, f32::NAN] {
            let shifted = shift_spots(&ramp(), SpotShift { x, y: 0.0 }, (0, 0), (5, 6));
            assert!(shifted.sci.as_slice().iter().all(|&sample| sample == 1.0));
        }
    }
}
