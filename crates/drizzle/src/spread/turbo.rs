//! The turbo kernel: a box along the output's axes, of the size of the shrunken input pixel.

use super::lot::{Lot, Shares};
use super::{Clip, Row, SpreadRow, nearest};
use crate::band::{Band, Sums};
use crate::lanes::Lanes;
use crate::mapped::Pick;
use crate::samples::{Sample, SampleRow};
use pulp::Simd;

/// Input pixels that fall on more output pixels than this along either axis are spread one by one.
const WIDE: usize = 4;

pub(crate) struct Turbo {
    half: f64,
    per_area: f64,
}

impl Turbo {
    /// `scale` is the size of an output pixel in input pixels.
    pub(crate) fn new(pixfrac: f64, scale: f64) -> Self {
        Self {
            half: 0.5 * pixfrac / scale,
            per_area: (scale / pixfrac).powi(2),
        }
    }

    /// Spreads one pixel at `(x, y)`, as far as it is inside the clip.
    #[inline(never)]
    fn spread_alone(&self, (x, y): (f64, f64), sample: Sample, clip: Clip, sums: &mut Sums) {
        let (left, right, below, above) = (x - self.half, x + self.half, y - self.half, y + self.half);
        for row in clip.rows(nearest(below), nearest(above)) {
            let height = overlap(row, below, above);
            if height <= 0.0 {
                continue;
            }
            for column in clip.columns(nearest(left), nearest(right)) {
                let width = overlap(column, left, right);
                if width > 0.0 {
                    let share = width * height * self.per_area;
                    let (x, y) = (column as usize, (row - clip.y0) as usize);
                    sums.add(x, y, share as f32, sample);
                }
            }
        }
    }

    /// The shares of boxes of `W` columns and `H` rows.
    #[inline(always)]
    fn shares<V: Simd, const W: usize, const H: usize>(
        &self,
        lot: &Lot<V>,
        (x, y): (Lanes<V>, Lanes<V>),
    ) -> Shares<V, W, H> {
        let (half, per_area) = (x.same(self.half), x.same(self.per_area));
        let widths: [Lanes<V>; W] = overlaps(lot.left, (x - half, x + half));
        let heights: [Lanes<V>; H] = overlaps(lot.below, (y - half, y + half));
        // Loops, since closures are not compiled for the processor at hand.
        let mut shares = [[half.raw(); H]; W];
        for (shares, width) in shares.iter_mut().zip(widths) {
            for (share, height) in shares.iter_mut().zip(heights) {
                *share = (width * height * per_area).raw();
            }
        }
        shares
    }
}

impl SpreadRow<1> for Turbo {
    type Scratch<V: Simd> = SampleRow;

    fn reach(&self) -> f64 {
        self.half + 1.0
    }

    #[inline(always)]
    fn spread_row<V: Simd, P: Pick<1>>(
        &self,
        simd: V,
        row: &Row<P>,
        clip: Clip,
        samples: &mut SampleRow,
        band: &mut Band,
    ) {
        let pixels = row.pixels.clone();
        row.samples.fill(row.first + pixels.start, pixels.len(), samples);
        let mut sums = band.sums();
        let half = Lanes::splat(simd, self.half);
        for start in (0..pixels.len()).step_by(Lot::<V>::SIZE) {
            let at = row.pick.places(row.nx)[0] + pixels.start + start;
            let centre = (Lanes::load(simd, row.x, at), Lanes::load(simd, row.y, at));
            let lot = Lot {
                left: (centre.0 - half).rounded(),
                right: (centre.0 + half).rounded(),
                below: (centre.1 - half).rounded(),
                above: (centre.1 + half).rounded(),
                start,
                count: Lot::<V>::SIZE.min(pixels.len() - start),
            };
            let size = lot.box_size(WIDE);
            let inside = size.is_some_and(|size| lot.is_inside(clip, size));
            macro_rules! give {
                ($columns:literal, $rows:literal) => {{
                    let shares = self.shares::<V, $columns, $rows>(&lot, centre);
                    lot.give((&shares, 0.0), samples, (clip, true), &mut sums);
                }};
            }
            match size {
                Some((2, 2)) if inside => give!(2, 2),
                Some((2, 3)) if inside => give!(2, 3),
                Some((3, 2)) if inside => give!(3, 2),
                Some((3, 3)) if inside => give!(3, 3),
                Some(_) if inside => give!(4, 4),
                _ if lot.misses(clip) => {}
                _ => {
                    let Some(samples) = samples.lot(start) else {
                        continue;
                    };
                    for lane in 0..lot.count {
                        let (x, y) = (row.x[at + lane], row.y[at + lane]);
                        // 0 unless one of them is infinite or NaN.
                        let finite = (x + y) * 0.0 == 0.0;
                        if let Some(sample) = samples.at(lane).filter(|_| finite) {
                            self.spread_alone((x, y), sample, clip, &mut sums);
                        }
                    }
                }
            }
        }
    }
}

/// The lengths that pixels from `first` on and a range have in common, 0 where they lie apart.
#[inline(always)]
fn overlaps<V: Simd, const N: usize>(first: Lanes<V>, (lo, hi): (Lanes<V>, Lanes<V>)) -> [Lanes<V>; N] {
    let mut overlaps = [first; N];
    for (k, overlap) in overlaps.iter_mut().enumerate() {
        let (start, end) = (
            first + first.same(k as f64 - 0.5),
            first + first.same(k as f64 + 0.5),
        );
        *overlap = (hi.min(end) - lo.max(start)).max(first.same(0.0));
    }
    overlaps
}

/// The length that pixel `at` and `lo..hi` have in common; negative where they lie apart.
#[inline(always)]
fn overlap(at: i64, lo: f64, hi: f64) -> f64 {
    let centre = at as f64;
    hi.min(centre + 0.5) - lo.max(centre - 0.5)
}
