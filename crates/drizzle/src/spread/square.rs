//! The square kernel: the exact area that a quadrilateral has in common with each output pixel.
//!
//! Nearly always each of a lot of input pixels falls on a few output pixels; lots with one that covers many, or that has no
//! area, are looked at pixel by pixel.

use super::alone::{LEAST_SHARE, Pixels, put, spread_alone};
use super::lot::Lot;
use super::quad::{self, Edges, Quad};
use super::slanted::{Outline, Slanted};
use super::{Clip, Row, SpreadRow};
use crate::band::{Band, Sums};
use crate::lanes::Lanes;
use crate::mapped::Pick;
use crate::samples::SampleRow;
use pulp::Simd;

/// An input pixel that falls on more output pixels than this along either axis is spread on its own.
const WIDE: usize = 8;

pub(crate) struct Square;

/// What is kept from row to row.
pub(crate) struct Room<V: Simd> {
    samples: SampleRow,
    /// Areas left of the current column and below each of the rows' edges.
    left: Vec<V::f64s>,
    /// Shares of each pixel, column after column.
    shares: Vec<V::f64s>,
    /// Those of some of them, found in another way.
    others: Vec<V::f64s>,
}

impl<V: Simd> Default for Room<V> {
    fn default() -> Self {
        Self {
            samples: SampleRow::default(),
            left: Vec::new(),
            shares: Vec::new(),
            others: Vec::new(),
        }
    }
}

impl SpreadRow<4> for Square {
    type Scratch<V: Simd> = Room<V>;

    fn reach(&self) -> f64 {
        1.0
    }

    #[inline(always)]
    fn spread_row<V: Simd, P: Pick<4>>(
        &self,
        simd: V,
        row: &Row<P>,
        clip: Clip,
        room: &mut Room<V>,
        band: &mut Band,
    ) {
        let pixels = row.pixels.clone();
        row.samples
            .fill(row.first + pixels.start, pixels.len(), &mut room.samples);
        let mut sums = band.sums();
        for start in (0..pixels.len()).step_by(Lot::<V>::SIZE) {
            let group = Group::new(simd, row, start);
            let size = group.box_size();
            let inside = size.is_some_and(|size| group.lot.is_inside(clip, size));
            let whole = (clip, true);
            match size {
                // What nearly all pixels are, with the loops unrolled.
                Some((2, 2)) if inside => group.spread_boxes::<2, 2>(simd, room, whole, &mut sums),
                Some((2, 3)) if inside => group.spread_boxes::<2, 3>(simd, room, whole, &mut sums),
                Some((3, 2)) if inside => group.spread_boxes::<3, 2>(simd, room, whole, &mut sums),
                Some((3, 3)) if inside => group.spread_boxes::<3, 3>(simd, room, whole, &mut sums),
                Some((4, 4)) if inside => group.spread_boxes::<4, 4>(simd, room, whole, &mut sums),
                _ if group.lot.misses(clip) => {}
                Some((2..=4, 2..=4)) => simd.vectorize(SpreadClipped {
                    group: &group,
                    simd,
                    room,
                    clip,
                    sums: &mut sums,
                }),
                _ => group.spread_each(simd, room, clip, &mut sums),
            }
        }
    }
}

/// Some input pixels beside one another, one in each lane.
struct Group<V: Simd> {
    /// Corners.
    x: [Lanes<V>; 4],
    y: [Lanes<V>; 4],
    lot: Lot<V>,
    twice_area: Lanes<V>,
    per_area: Lanes<V>,
}

impl<V: Simd> Group<V> {
    #[inline(always)]
    fn new<P: Pick<4>>(simd: V, row: &Row<P>, start: usize) -> Self {
        let mut at = row.pick.places(row.nx);
        let first = leftmost(row, &at, row.pixels.start + start);
        at.rotate_left(first);
        let zero = Lanes::splat(simd, 0.0);
        let (mut x, mut y) = ([zero; 4], [zero; 4]);
        for k in 0..4 {
            x[k] = Lanes::load(simd, row.x, at[k] + row.pixels.start + start);
            y[k] = Lanes::load(simd, row.y, at[k] + row.pixels.start + start);
        }
        let twice_area = (x[0] - x[2]) * (y[1] - y[3]) - (x[1] - x[3]) * (y[0] - y[2]);
        let lot = Lot {
            left: x[0].min(x[1]).min(x[2].min(x[3])).rounded(),
            right: x[0].max(x[1]).max(x[2].max(x[3])).rounded(),
            below: y[0].min(y[1]).min(y[2].min(y[3])).rounded(),
            above: y[0].max(y[1]).max(y[2].max(y[3])).rounded(),
            start,
            count: Lot::<V>::SIZE.min(row.pixels.len() - start),
        };
        Self {
            lot,
            twice_area,
            per_area: twice_area.same(2.0) * twice_area.inverse(),
            x,
            y,
        }
    }

    /// As [`Lot::box_size`], where all pixels have an area.
    #[inline(always)]
    fn box_size(&self) -> Option<(usize, usize)> {
        let mut areas = true;
        for area in self.twice_area.numbers() {
            areas &= is_area(*area);
        }
        self.lot.box_size(WIDE).filter(|_| areas)
    }

    /// Shares in the pixels of a box around the first column and row of each lane.
    #[inline(always)]
    fn fill_shares(&self, simd: V, width: usize, height: usize, room: &mut Room<V>) {
        let size = (width, height);
        let mut outline = self.outline(simd);
        let off_axes = outline.is_off_axes();
        let Room { left, shares, .. } = room;
        self.fill(simd, &Quad::new(&outline), size, (left, shares));
        if off_axes.is_none() {
            return;
        }
        // How a pixel's shares are found must not depend on the pixels beside it.
        for _ in 0..4 {
            let slanted = off_axes.and(outline.goes_right_and_back());
            if !slanted.is_none() {
                let Room { left, others, .. } = room;
                self.fill(simd, &Slanted::new(&outline), size, (left, others));
                for (share, other) in room.shares.iter_mut().zip(&room.others) {
                    let (this, other) = (Lanes::of(simd, *share), Lanes::of(simd, *other));
                    *share = slanted.choose(other, this).raw();
                }
            }
            outline.turn();
        }
    }

    /// Fills in the shares as they follow from `edges`.
    #[inline(always)]
    fn fill(
        &self,
        simd: V,
        edges: &impl Edges<V>,
        (width, height): (usize, usize),
        (left, shares): (&mut Vec<V::f64s>, &mut Vec<V::f64s>),
    ) {
        let zero = Lanes::splat(simd, 0.0);
        left.clear();
        left.resize(height + 1, zero.raw());
        shares.resize(width * height, zero.raw());
        let columns = shares.chunks_exact_mut(height.max(1));
        for (column, shares) in columns.enumerate() {
            let part = if column + 1 == width {
                edges.whole()
            } else {
                edges.left_of(zero.same((column + 1) as f64))
            };
            quad::fill(simd, &part, (false, true), self.per_area, left, shares);
        }
    }

    /// Spreads all lanes over boxes of `W` columns and `H` rows, as far as they are inside the clip; `inside` tells that all
    /// are.
    #[inline(always)]
    fn spread_boxes<const W: usize, const H: usize>(
        &self,
        simd: V,
        room: &mut Room<V>,
        (clip, inside): (Clip, bool),
        sums: &mut Sums,
    ) {
        let outline = self.outline(simd);
        let off_axes = outline.is_off_axes();
        let shares = if off_axes.and(outline.goes_right_and_back()).is_all() {
            quad::shares::<V, W, H>(simd, &Slanted::new(&outline), self.per_area)
        } else if off_axes.is_none() {
            quad::shares::<V, W, H>(simd, &Quad::new(&outline), self.per_area)
        } else {
            simd.vectorize(FillShares {
                group: self,
                simd,
                size: (W, H),
                room,
            });
            return self.put_each(simd, H, room, clip, sums);
        };
        self.lot
            .give::<W, H>((&shares, LEAST_SHARE), &room.samples, (clip, inside), sums);
    }

    /// The quadrilaterals, each counted from the corner of the first pixel that it touches.
    #[inline(always)]
    fn outline(&self, simd: V) -> Outline<V> {
        let half = Lanes::splat(simd, 0.5);
        let (base_x, base_y) = (self.lot.left - half, self.lot.below - half);
        let (mut x, mut y) = (self.x, self.y);
        for k in 0..4 {
            x[k] = x[k] - base_x;
            y[k] = y[k] - base_y;
        }
        Outline { x, y }
    }

    /// Adds what each lane has to give, where a part of it may fall off the clip.
    #[inline(never)]
    fn put_each(&self, simd: V, height: usize, room: &mut Room<V>, clip: Clip, sums: &mut Sums) {
        let Some(samples) = room.samples.lot(self.lot.start) else {
            return;
        };
        for lane in 0..self.lot.count {
            let (Some(touched), Some(sample)) = (self.touched(lane, clip), samples.at(lane)) else {
                continue;
            };
            let size = touched.size();
            if size.0 > WIDE as i64 || size.1 > WIDE as i64 {
                let corner = |all: &[Lanes<V>; 4], k: usize| all[k].numbers()[lane];
                let corners = std::array::from_fn(|k| (corner(&self.x, k), corner(&self.y, k)));
                let per_area = self.per_area.numbers()[lane];
                let left = &mut room.left;
                spread_alone(simd, &corners, (touched, per_area, sample), clip, left, sums);
                continue;
            }
            let shares: &[f64] = pulp::bytemuck::cast_slice(&room.shares);
            let ((first, last), (lowest, highest)) = (touched.columns, touched.rows);
            for row in lowest.max(clip.y0)..highest.min(clip.y1 - 1) + 1 {
                for column in first.max(clip.x0)..last.min(clip.x1 - 1) + 1 {
                    let at = (column - first) as usize * height + (row - lowest) as usize;
                    let share = shares[at * Lanes::<V>::COUNT + lane];
                    put(sums, clip, sample, (column, row), share);
                }
            }
        }
    }

    /// Spreads a group whose lanes do not all fall on a few pixels inside the clip.
    #[inline(never)]
    fn spread_each(&self, simd: V, room: &mut Room<V>, clip: Clip, sums: &mut Sums) {
        let (mut any, mut width, mut height) = (false, 0, 0);
        for lane in 0..self.lot.count {
            let Some(touched) = self.touched(lane, clip) else {
                continue;
            };
            any = true;
            let size = touched.size();
            if size.0 <= WIDE as i64 && size.1 <= WIDE as i64 {
                width = width.max(size.0 as usize);
                height = height.max(size.1 as usize);
            }
        }
        if any {
            simd.vectorize(FillShares {
                group: self,
                simd,
                size: (width, height),
                room,
            });
            self.put_each(simd, height, room, clip, sums);
        }
    }

    /// The pixels that a lane touches, unless it has no area or they are all off the clip.
    fn touched(&self, lane: usize, clip: Clip) -> Option<Pixels> {
        if !is_area(self.twice_area.numbers()[lane]) {
            return None;
        }
        let pixels = Pixels {
            columns: (
                self.lot.left.numbers()[lane] as i64,
                self.lot.right.numbers()[lane] as i64,
            ),
            rows: (
                self.lot.below.numbers()[lane] as i64,
                self.lot.above.numbers()[lane] as i64,
            ),
        };
        (!pixels.miss(clip)).then_some(pixels)
    }
}

/// [`Group::spread_boxes`] at the clip's edges, which is not worth a place among what is done for most pixels.
struct SpreadClipped<'g, 's, V: Simd> {
    group: &'g Group<V>,
    simd: V,
    room: &'g mut Room<V>,
    clip: Clip,
    sums: &'g mut Sums<'s>,
}

impl<V: Simd> pulp::NullaryFnOnce for SpreadClipped<'_, '_, V> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        let Self {
            group, simd, clip, ..
        } = self;
        group.spread_boxes::<4, 4>(simd, self.room, (clip, false), self.sums);
    }
}

/// [`Group::fill_shares`] for the processor at hand, where it is not called from code that is.
struct FillShares<'g, V: Simd> {
    group: &'g Group<V>,
    simd: V,
    size: (usize, usize),
    room: &'g mut Room<V>,
}

impl<V: Simd> pulp::NullaryFnOnce for FillShares<'_, V> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        let (width, height) = self.size;
        self.group.fill_shares(self.simd, width, height, self.room);
    }
}

/// Which corner of a pixel is the leftmost; any where one is NaN.
#[inline(always)]
fn leftmost<P>(row: &Row<P>, at: &[usize; 4], pixel: usize) -> usize {
    let mut least = (0, f64::INFINITY);
    for (k, at) in at.iter().enumerate() {
        let x = row.x[at + pixel];
        if x < least.1 {
            least = (k, x);
        }
    }
    least.0
}

/// NaN or infinite where one of the corners is.
#[inline(always)]
fn is_area(twice_area: f64) -> bool {
    (twice_area * 0.0 == 0.0) & (twice_area != 0.0)
}
