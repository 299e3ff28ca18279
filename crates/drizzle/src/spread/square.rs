//! The square kernel: the exact area that a quadrilateral has in common with each output pixel.
//!
//! What of the quadrilateral lies left of a line and below another follows from its edges: each contributes the
//! area between what of it is left of the line and the axis, cut off at the other line, and going round the outline
//! these add up. A pixel's share is the difference of four such areas. All of it is arithmetic without branches, on
//! as many input pixels at a time as the processor has lanes.

use super::{Clip, Row, SpreadRow};
use crate::accumulator::{Band, Sums};
use crate::lanes::Lanes;
use crate::mapped::Pick;
use crate::samples::{Sample, SampleRow};
use pulp::Simd;

/// Shares below this are rounding, not overlap.
const LEAST_SHARE: f64 = 1e-12;
/// Lanes that are used at most.
const MOST_LANES: usize = 8;
/// An input pixel that falls on more output pixels than this along either axis is spread on its own.
const WIDE: i64 = 8;

pub(crate) struct Square;

/// What is kept from row to row.
pub(crate) struct Room<V: Simd> {
    samples: SampleRow,
    /// Areas left of the current column and below each of the rows' edges.
    left: Vec<V::f64s>,
    /// Shares of each pixel, column after column.
    shares: Vec<V::f64s>,
}

impl<V: Simd> Default for Room<V> {
    fn default() -> Self {
        Self {
            samples: SampleRow::default(),
            left: Vec::new(),
            shares: Vec::new(),
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
        row.samples.fill(row.first, row.nx, &mut room.samples);
        let mut sums = band.sums();
        for start in (0..row.nx).step_by(Lanes::<V>::COUNT.min(MOST_LANES)) {
            spread_group(simd, row, start, clip, room, &mut sums);
        }
    }
}

/// The box of output pixels around one input pixel: the first and the last column and row.
#[derive(Clone, Copy, Default)]
struct Pixels {
    columns: (i64, i64),
    rows: (i64, i64),
}

impl Pixels {
    #[inline(always)]
    fn miss(&self, clip: Clip) -> bool {
        let Self { columns, rows } = self;
        columns.1 < 0 || columns.0 >= clip.nx || rows.1 < clip.y0 || rows.0 >= clip.y1
    }

    #[inline(always)]
    fn inside(&self, clip: Clip) -> bool {
        let Self { columns, rows } = self;
        columns.0 >= 0 && columns.1 < clip.nx && rows.0 >= clip.y0 && rows.1 < clip.y1
    }

    #[inline(always)]
    fn size(&self) -> (i64, i64) {
        (self.columns.1 - self.columns.0 + 1, self.rows.1 - self.rows.0 + 1)
    }
}

/// Spreads the pixels from `start` on, one in each lane.
#[inline(always)]
fn spread_group<V: Simd, P: Pick<4>>(
    simd: V,
    row: &Row<P>,
    start: usize,
    clip: Clip,
    room: &mut Room<V>,
    sums: &mut Sums,
) {
    let at = row.pick.places(row.nx);
    let zero = Lanes::splat(simd, 0.0);
    let (mut x, mut y) = ([zero; 4], [zero; 4]);
    for k in 0..4 {
        x[k] = Lanes::load(simd, row.x, at[k] + start);
        y[k] = Lanes::load(simd, row.y, at[k] + start);
    }
    let twice_area = (x[0] - x[2]) * (y[1] - y[3]) - (x[1] - x[3]) * (y[0] - y[2]);
    let left = x[0].min(x[1]).min(x[2].min(x[3])).rounded();
    let right = x[0].max(x[1]).max(x[2].max(x[3])).rounded();
    let below = y[0].min(y[1]).min(y[2].min(y[3])).rounded();
    let above = y[0].max(y[1]).max(y[2].max(y[3])).rounded();

    let lanes = Lanes::<V>::COUNT.min(MOST_LANES).min(row.nx - start);
    let mut pixels = [None; MOST_LANES];
    let (mut width, mut height, mut any, mut inside) = (0, 0, false, true);
    for (lane, pixels) in pixels.iter_mut().enumerate().take(lanes) {
        let area = twice_area.numbers()[lane];
        // NaN or infinite where one of the corners is.
        let none = (area * 0.0 != 0.0) | (area == 0.0) | room.samples.weights[start + lane].is_nan();
        let touched = Pixels {
            columns: (left.numbers()[lane] as i64, right.numbers()[lane] as i64),
            rows: (below.numbers()[lane] as i64, above.numbers()[lane] as i64),
        };
        if none || touched.miss(clip) {
            continue;
        }
        any = true;
        *pixels = Some(touched);
        inside &= touched.inside(clip);
        let size = touched.size();
        if size.0 <= WIDE && size.1 <= WIDE {
            width = width.max(size.0);
            height = height.max(size.1);
        }
    }
    if !any {
        return;
    }
    let corners = (x, y);
    let half = zero.same(0.5);
    for k in 0..4 {
        x[k] = x[k] - (left - half);
        y[k] = y[k] - (below - half);
    }
    let per_area = twice_area.same(2.0) * twice_area.inverse();
    let (width, height) = (width as usize, height as usize);
    room.left.clear();
    room.left.resize(height + 1, zero.raw());
    if room.shares.len() < width * height {
        room.shares.resize(width * height, zero.raw());
    }
    let quad = Quad::new(x, y);
    // There are none where all are wide.
    for (column, shares) in room
        .shares
        .chunks_exact_mut(height.max(1))
        .take(width)
        .enumerate()
    {
        let part = if column + 1 == width {
            quad.whole()
        } else {
            quad.left_of(zero.same((column + 1) as f64))
        };
        part.fill(simd, (false, true), per_area, &mut room.left, shares);
    }
    let shares: &[f64] = pulp::bytemuck::cast_slice(&room.shares);
    for (lane, touched) in pixels.iter().enumerate().take(lanes) {
        let (Some(touched), Some(sample)) = (touched, room.samples.at(start + lane)) else {
            continue;
        };
        let size = touched.size();
        if size.0 > WIDE || size.1 > WIDE {
            let corners =
                std::array::from_fn(|k| (corners.0[k].numbers()[lane], corners.1[k].numbers()[lane]));
            let per_area = per_area.numbers()[lane];
            spread_alone(
                simd,
                &corners,
                touched,
                (per_area, sample),
                clip,
                &mut room.left,
                sums,
            );
            continue;
        }
        for along in 0..height {
            let row = touched.rows.0 + along as i64;
            if !inside && (row < clip.y0 || row >= clip.y1) {
                continue;
            }
            for across in 0..width {
                let column = touched.columns.0 + across as i64;
                let share = shares[(across * height + along) * Lanes::<V>::COUNT + lane];
                if share > LEAST_SHARE && (inside || (column >= 0 && column < clip.nx)) {
                    put(sums, clip, sample, (column, row), share);
                }
            }
        }
    }
}

/// Spreads one pixel that covers many output pixels, of which those off the output are left out first: the corners
/// may be anywhere.
#[inline(never)]
fn spread_alone<V: Simd>(
    simd: V,
    corners: &[(f64, f64); 4],
    pixels: &Pixels,
    (per_area, sample): (f64, Sample),
    clip: Clip,
    left: &mut Vec<V::f64s>,
    sums: &mut Sums,
) {
    // What is cut off must not depend on how the output is cut into bands, or the bits of the result would.
    let (first, last) = (pixels.columns.0.max(0), pixels.columns.1.min(clip.nx - 1));
    let (lowest, highest) = (pixels.rows.0.max(0), pixels.rows.1.min(clip.ny - 1));
    if first > last || lowest > highest {
        return;
    }
    let x = corners.map(|(x, _)| Lanes::splat(simd, x - (first as f64 - 0.5)));
    let y = corners.map(|(_, y)| Lanes::splat(simd, y - (lowest as f64 - 0.5)));
    let quad = Quad::new(x, y);
    let height = (highest - lowest + 1) as usize;
    let (zero, per_area) = (Lanes::splat(simd, 0.0), Lanes::splat(simd, per_area));
    left.clear();
    left.resize(height + 1, zero.raw());
    let cut = (pixels.rows.0 < lowest, pixels.rows.1 == highest);
    let mut shares = vec![zero.raw(); height];
    if pixels.columns.0 < first {
        quad.left_of(zero).fill(simd, cut, per_area, left, &mut shares);
    }
    for column in first..last + 1 {
        let part = quad.left_of(Lanes::splat(simd, (column - first + 1) as f64));
        part.fill(simd, cut, per_area, left, &mut shares);
        for (row, share) in (lowest..highest + 1).zip(&shares) {
            let share = Lanes::of(simd, *share).numbers()[0];
            if row >= clip.y0 && row < clip.y1 && share > LEAST_SHARE {
                put(sums, clip, sample, (column, row), share);
            }
        }
    }
}

#[inline(always)]
fn put(sums: &mut Sums, clip: Clip, sample: Sample, (column, row): (i64, i64), share: f64) {
    let (x, y) = (column as usize, (row - clip.y0) as usize);
    sums.add(x, y, sample.value, share * sample.weight, sample.variance);
}

/// The four edges in order around the outline.
struct Quad<V: Simd> {
    x: [Lanes<V>; 4],
    y: [Lanes<V>; 4],
    rise_per_run: [Lanes<V>; 4],
    half_run_per_rise: [Lanes<V>; 4],
}

impl<V: Simd> Quad<V> {
    #[inline(always)]
    fn new(x: [Lanes<V>; 4], y: [Lanes<V>; 4]) -> Self {
        let (mut rise_per_run, mut half_run_per_rise) = (x, x);
        for e in 0..4 {
            let (run, rise) = (x[(e + 1) % 4] - x[e], y[(e + 1) % 4] - y[e]);
            // One division for both. Where an edge lies along an axis, neither is used.
            let inverse = (run * rise).inverse_or_zero();
            rise_per_run[e] = rise * rise * inverse;
            let run_per_rise = run * run * inverse;
            half_run_per_rise[e] = halved(run_per_rise);
        }
        Self {
            x,
            y,
            rise_per_run,
            half_run_per_rise,
        }
    }

    #[inline(always)]
    fn whole(&self) -> Part<'_, V> {
        let (mut width, mut to) = (self.x, self.y);
        for e in 0..4 {
            width[e] = self.x[e] - self.x[(e + 1) % 4];
            to[e] = self.y[(e + 1) % 4];
        }
        Part::new(width, self.y, to, &self.half_run_per_rise)
    }

    /// What of the edges lies left of the line at `x`. An edge that does not cross the line keeps its ends exactly.
    #[inline(always)]
    fn left_of(&self, x: Lanes<V>) -> Part<'_, V> {
        let (mut width, mut from, mut to) = (self.x, self.y, self.y);
        for e in 0..4 {
            let (x0, y0) = (self.x[e], self.y[e]);
            let (x1, y1) = (self.x[(e + 1) % 4], self.y[(e + 1) % 4]);
            let crossing = y0 + self.rise_per_run[e] * (x - x0);
            let crossing = crossing.min(y0.max(y1)).max(y0.min(y1));
            width[e] = x0.min(x) - x1.min(x);
            from[e] = x0.up_to(x, y0, crossing);
            to[e] = x1.up_to(x, y1, crossing);
        }
        Part::new(width, from, to, &self.half_run_per_rise)
    }
}

#[inline(always)]
fn halved<V: Simd>(a: Lanes<V>) -> Lanes<V> {
    a * a.same(0.5)
}

/// Edges cut off at a line: their heights at both ends and what width they cross, counted against the axis:
/// going round against the clock, the lower edges run to the right and take away.
struct Part<'q, V: Simd> {
    width: [Lanes<V>; 4],
    from: [Lanes<V>; 4],
    to: [Lanes<V>; 4],
    /// Areas between the edges and the axis.
    all: [Lanes<V>; 4],
    half_run_per_rise: &'q [Lanes<V>; 4],
}

impl<'q, V: Simd> Part<'q, V> {
    #[inline(always)]
    fn new(
        width: [Lanes<V>; 4],
        from: [Lanes<V>; 4],
        to: [Lanes<V>; 4],
        half_run_per_rise: &'q [Lanes<V>; 4],
    ) -> Self {
        let mut all = width;
        for e in 0..4 {
            all[e] = halved(width[e] * (from[e] + to[e]));
        }
        Self {
            width,
            from,
            to,
            all,
            half_run_per_rise,
        }
    }

    /// The area below the line at `y`: under an edge that is cut by the line, what is missing between them is a
    /// difference of triangles.
    #[inline(always)]
    fn below(&self, y: Lanes<V>) -> Lanes<V> {
        let zero = y.same(0.0);
        let mut areas = self.width;
        for e in 0..4 {
            let (from, to) = (self.from[e], self.to[e]);
            let (a, b) = ((y - from).max(zero), (y - to).max(zero));
            let cut = self.width[e] * y + (a + b) * (a - b) * self.half_run_per_rise[e];
            areas[e] = from.max(to).up_to(y, self.all[e], cut);
        }
        (areas[0] + areas[2]) + (areas[1] + areas[3])
    }

    /// All of the area.
    #[inline(always)]
    fn all(&self) -> Lanes<V> {
        (self.all[0] + self.all[2]) + (self.all[1] + self.all[3])
    }

    /// The shares of the pixels of one column. `left` has what lies left of it and below each row's
    /// edges, and is given what lies left of the next. `cut` tells whether there is something below the first row,
    /// and whether there is nothing above the last.
    #[inline(always)]
    fn fill(
        &self,
        simd: V,
        cut: (bool, bool),
        per_area: Lanes<V>,
        left: &mut [V::f64s],
        shares: &mut [V::f64s],
    ) {
        let mut below = Lanes::splat(simd, 0.0);
        if cut.0 {
            below = self.below(below);
        }
        let rows = shares.len();
        let (Some((lowest, left)), true) = (left.split_first_mut(), rows > 0) else {
            return;
        };
        let mut left_below = Lanes::of(simd, std::mem::replace(lowest, below.raw()));
        for (row, (share, left)) in shares.iter_mut().zip(left).enumerate() {
            let here = if cut.1 && row + 1 == rows {
                self.all()
            } else {
                self.below(Lanes::splat(simd, (row + 1) as f64))
            };
            let left_here = Lanes::of(simd, std::mem::replace(left, here.raw()));
            *share = (((here - below) - (left_here - left_below)) * per_area).raw();
            (below, left_below) = (here, left_here);
        }
    }
}
