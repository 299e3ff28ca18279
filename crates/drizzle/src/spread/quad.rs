//! The area that a quadrilateral has in common with each pixel around it.
//!
//! What of the quadrilateral lies left of a line and below another follows from its edges: each contributes the
//! area between what of it is left of the line and the axis, cut off at the other line, and going round the outline
//! these add up. A pixel's share is the difference of four such areas. All of it is arithmetic without branches, on
//! as many quadrilaterals at a time as the processor has lanes.

use super::lot::Shares;
use super::slanted::Outline;
use crate::lanes::Lanes;
use pulp::Simd;

/// What is known of a quadrilateral, to tell what of it lies left of a line.
pub(super) trait Edges<V: Simd> {
    type Part<'q>: Area<V>
    where
        Self: 'q;
    /// What of it lies left of the line at `x`.
    fn left_of(&self, x: Lanes<V>) -> Self::Part<'_>;
    fn whole(&self) -> Self::Part<'_>;
}

/// A part of a quadrilateral.
pub(super) trait Area<V: Simd> {
    /// The area below the line at `y`.
    fn below(&self, y: Lanes<V>) -> Lanes<V>;
    /// All of the area: what is below any line above its top, to the last bit.
    fn all(&self) -> Lanes<V>;
}

/// The shares of the pixels of a box of `W` columns and `H` rows around the whole quadrilateral, column after column.
#[inline(always)]
pub(super) fn shares<V: Simd, const W: usize, const H: usize>(
    simd: V,
    edges: &impl Edges<V>,
    per_area: Lanes<V>,
) -> Shares<V, W, H> {
    let zero = Lanes::splat(simd, 0.0);
    let mut shares = [[zero.raw(); H]; W];
    let mut left = [zero; H];
    for (column, shares) in shares.iter_mut().enumerate() {
        let part = if column + 1 == W {
            edges.whole()
        } else {
            edges.left_of(zero.same((column + 1) as f64))
        };
        let (mut below, mut left_below) = (zero, zero);
        for row in 0..H {
            let here = if row + 1 == H {
                part.all()
            } else {
                part.below(zero.same((row + 1) as f64))
            };
            shares[row] = (((here - below) - (left[row] - left_below)) * per_area).raw();
            left_below = left[row];
            left[row] = here;
            below = here;
        }
    }
    shares
}

/// The shares of the pixels of one column, of which `part` is all that is not right of it. `left` has what lies left of
/// it and below each row's edges, and is given what lies left of the next. `cut` tells whether there is something below
/// the first row, and whether there is nothing above the last.
#[inline(always)]
pub(super) fn fill<V: Simd>(
    simd: V,
    part: &impl Area<V>,
    cut: (bool, bool),
    per_area: Lanes<V>,
    left: &mut [V::f64s],
    shares: &mut [V::f64s],
) {
    let mut below = Lanes::splat(simd, 0.0);
    if cut.0 {
        below = part.below(below);
    }
    let rows = shares.len();
    let (Some((lowest, left)), true) = (left.split_first_mut(), rows > 0) else {
        return;
    };
    let mut left_below = Lanes::of(simd, std::mem::replace(lowest, below.raw()));
    for (row, (share, left)) in shares.iter_mut().zip(left).enumerate() {
        let here = if cut.1 && row + 1 == rows {
            part.all()
        } else {
            part.below(Lanes::splat(simd, (row + 1) as f64))
        };
        let left_here = Lanes::of(simd, std::mem::replace(left, here.raw()));
        *share = (((here - below) - (left_here - left_below)) * per_area).raw();
        (below, left_below) = (here, left_here);
    }
}

/// The four edges in order around the outline.
pub(super) struct Quad<V: Simd> {
    x: [Lanes<V>; 4],
    y: [Lanes<V>; 4],
    rise_per_run: [Lanes<V>; 4],
    half_run_per_rise: [Lanes<V>; 4],
}

impl<V: Simd> Quad<V> {
    #[inline(always)]
    pub(super) fn new(&Outline { x, y }: &Outline<V>) -> Self {
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
}

impl<V: Simd> Edges<V> for Quad<V> {
    type Part<'q> = Part<'q, V>;

    #[inline(always)]
    fn whole(&self) -> Part<'_, V> {
        let (mut width, mut to) = (self.x, self.y);
        for e in 0..4 {
            width[e] = self.x[e] - self.x[(e + 1) % 4];
            to[e] = self.y[(e + 1) % 4];
        }
        Part::new(width, self.y, to, &self.half_run_per_rise)
    }

    /// An edge that does not cross the line keeps its ends exactly.
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
pub(super) struct Part<'q, V: Simd> {
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
}

impl<V: Simd> Area<V> for Part<'_, V> {
    /// Under an edge that is cut by the line, what is missing between them is a
    /// difference of triangles.
    #[inline(always)]
    fn below(&self, y: Lanes<V>) -> Lanes<V> {
        let zero = y.same(0.0);
        let mut areas = self.width;
        for (e, area) in areas.iter_mut().enumerate() {
            let (from, to) = (self.from[e], self.to[e]);
            let (a, b) = ((y - from).max(zero), (y - to).max(zero));
            let cut = self.width[e] * y + (a + b) * (a - b) * self.half_run_per_rise[e];
            *area = from.max(to).up_to(y, self.all[e], cut);
        }
        (areas[0] + areas[2]) + (areas[1] + areas[3])
    }

    #[inline(always)]
    fn all(&self) -> Lanes<V> {
        (self.all[0] + self.all[2]) + (self.all[1] + self.all[3])
    }
}
