//! Areas of quadrilaterals whose edges all lie well off both axes.
//!
//! What of a quadrilateral lies left of a line and below another is a sum of squares: of how far each corner left of the
//! line is below the other, times half the change of the edges' run per rise there; and of how far each of the two
//! crossings of outline and line is, times half the run per rise of the edge that crosses. (Each edge contributes an area
//! that is a difference of two triangles; what is the same for all edges adds up to nothing.) That is half the arithmetic
//! of [`Quad`](super::quad::Quad), but triangles along an edge that is nearly level are large beside what is left of them.

use super::quad::{Area, Edges};
use crate::lanes::{Lanes, Mask};
use pulp::Simd;

/// How many times longer along one axis than along the other an edge may be: the largest triangle is so small then that
/// shares are known to 1e-13.
const MOST_SLOPE: f64 = 16.0;
/// Shorter edges are too short for the inverse of what all of them span.
const LEAST_RUN: f64 = 1e-15;

/// Corners in order around quadrilaterals.
pub(super) struct Outline<V: Simd> {
    pub(super) x: [Lanes<V>; 4],
    pub(super) y: [Lanes<V>; 4],
}

impl<V: Simd> Outline<V> {
    /// Which have no edge next to an axis. Where a corner is NaN, that is not so.
    #[inline(always)]
    pub(super) fn is_off_axes(&self) -> Mask<V> {
        let mut all = Mask::all(self.x[0].simd());
        for e in 0..4 {
            let run = (self.x[(e + 1) % 4] - self.x[e]).abs();
            let rise = (self.y[(e + 1) % 4] - self.y[e]).abs();
            let most = run.same(MOST_SLOPE);
            all = all
                .and(run.is_at_most(rise * most))
                .and(rise.is_at_most(run * most));
            all = all.and(run.same(LEAST_RUN).is_at_most(run));
        }
        all
    }

    /// Which begin with their leftmost corner, and have another on the way to the rightmost and one on the way back.
    #[inline(always)]
    pub(super) fn goes_right_and_back(&self) -> Mask<V> {
        let [first, there, rightmost, back] = self.x;
        let there = first.is_at_most(there).and(there.is_at_most(rightmost));
        there.and(back.is_at_most(rightmost)).and(first.is_at_most(back))
    }

    /// Begins with the next corner.
    #[inline(always)]
    pub(super) fn turn(&mut self) {
        self.x.rotate_left(1);
        self.y.rotate_left(1);
    }
}

/// Quadrilaterals that are off the axes and go to the right and back.
pub(super) struct Slanted<V: Simd> {
    x: [Lanes<V>; 4],
    y: [Lanes<V>; 4],
    /// Where the lines through the edges meet the axis, and how they rise.
    at_axis: [Lanes<V>; 4],
    rise_per_run: [Lanes<V>; 4],
    half_run_per_rise: [Lanes<V>; 4],
    /// Of the edge that begins at a corner, less that of the edge that ends there.
    bend: [Lanes<V>; 4],
    top: Lanes<V>,
}

impl<V: Simd> Slanted<V> {
    #[inline(always)]
    pub(super) fn new(&Outline { x, y }: &Outline<V>) -> Self {
        let (mut run, mut rise, mut product) = (x, x, x);
        for e in 0..4 {
            run[e] = x[(e + 1) % 4] - x[e];
            rise[e] = y[(e + 1) % 4] - y[e];
            product[e] = run[e] * rise[e];
        }
        // One division for all.
        let pairs = [product[0] * product[1], product[2] * product[3]];
        let inverse = (pairs[0] * pairs[1]).inverse();
        let of_pairs = [inverse * pairs[1], inverse * pairs[0]];
        let (mut at_axis, mut rise_per_run, mut half_run_per_rise, mut bend) = (x, x, x, x);
        for e in 0..4 {
            let inverse = of_pairs[e / 2] * product[e ^ 1];
            rise_per_run[e] = rise[e] * rise[e] * inverse;
            at_axis[e] = y[e] - rise_per_run[e] * x[e];
            half_run_per_rise[e] = (run[e] * x[e].same(0.5)) * (run[e] * inverse);
        }
        for v in 0..4 {
            bend[v] = half_run_per_rise[v] - half_run_per_rise[(v + 3) % 4];
        }
        Self {
            at_axis,
            rise_per_run,
            half_run_per_rise,
            bend,
            top: y[0].max(y[1]).max(y[2].max(y[3])),
            x,
            y,
        }
    }

    /// Where the line at `x` meets the left or the right of two edges that meet at a corner, and that edge's half run per
    /// rise.
    #[inline(always)]
    fn crossing(&self, x: Lanes<V>, [left, right, corner]: [usize; 3]) -> (Lanes<V>, Lanes<V>) {
        let on_left = self.rise_per_run[left].times_plus(x, self.at_axis[left]);
        let on_right = self.rise_per_run[right].times_plus(x, self.at_axis[right]);
        let is_right = self.x[corner].is_at_most(x);
        (
            is_right.choose(on_right, on_left),
            is_right.choose(self.half_run_per_rise[right], self.half_run_per_rise[left]),
        )
    }

    /// 0 where the line at `x` does not cross the outline.
    #[inline(always)]
    fn where_crossed(&self, x: Lanes<V>, half_run_per_rise: Lanes<V>) -> Lanes<V> {
        let zero = x.same(0.0);
        let begun = self.x[0].up_to(x, half_run_per_rise, zero);
        self.x[2].up_to(x, zero, begun)
    }
}

/// What is left of a line.
pub(super) struct LeftOf<'q, V: Simd> {
    of: &'q Slanted<V>,
    /// The bends of the corners that are.
    bend: [Lanes<V>; 4],
    /// The crossings on the way to the rightmost corner and back, and the edges' half run per rise; 0 where the line does
    /// not cross.
    crossing: [Lanes<V>; 2],
    half_run_per_rise: [Lanes<V>; 2],
}

impl<V: Simd> Edges<V> for Slanted<V> {
    type Part<'q> = LeftOf<'q, V>;

    #[inline(always)]
    fn left_of(&self, x: Lanes<V>) -> LeftOf<'_, V> {
        let zero = x.same(0.0);
        let mut bend = self.bend;
        for (bend, corner) in bend.iter_mut().zip(self.x) {
            *bend = corner.up_to(x, *bend, zero);
        }
        let (there, of_edge_there) = self.crossing(x, [0, 1, 1]);
        let (back, of_edge_back) = self.crossing(x, [3, 2, 3]);
        LeftOf {
            of: self,
            bend,
            crossing: [there, back],
            // Edges that lead there leave what is left of the line, and those that lead back come into it.
            half_run_per_rise: [
                self.where_crossed(x, zero - of_edge_there),
                self.where_crossed(x, of_edge_back),
            ],
        }
    }

    #[inline(always)]
    fn whole(&self) -> LeftOf<'_, V> {
        let zero = self.top.same(0.0);
        LeftOf {
            of: self,
            bend: self.bend,
            crossing: [zero; 2],
            half_run_per_rise: [zero; 2],
        }
    }
}

impl<V: Simd> Area<V> for LeftOf<'_, V> {
    #[inline(always)]
    fn below(&self, y: Lanes<V>) -> Lanes<V> {
        // Above its top there is no more of it.
        let y = y.min(self.of.top);
        let zero = y.same(0.0);
        let squared = |from: Lanes<V>| {
            let above = (y - from).max(zero);
            above * above
        };
        let corners = self.of.y;
        let near = (
            squared(corners[0]) * self.bend[0],
            squared(corners[1]) * self.bend[1],
        );
        let of_corners = (
            squared(corners[2]).times_plus(self.bend[2], near.0),
            squared(corners[3]).times_plus(self.bend[3], near.1),
        );
        let [there, back] = self.crossing;
        let of_there = squared(there).times_plus(self.half_run_per_rise[0], of_corners.0);
        let of_back = squared(back).times_plus(self.half_run_per_rise[1], of_corners.1);
        of_there + of_back
    }

    #[inline(always)]
    fn all(&self) -> Lanes<V> {
        self.below(self.of.top)
    }
}

#[cfg(test)]
mod tests {
    use super::super::quad::{Quad, shares};
    use super::*;
    use pulp::Scalar;

    /// The shares in a box of eight by eight, added up as well.
    fn of(corners: [(f64, f64); 4]) -> (Outline<Scalar>, [[f64; 8]; 8]) {
        let simd = Scalar::new();
        let outline = Outline {
            x: corners.map(|(x, _)| Lanes::splat(simd, x)),
            y: corners.map(|(_, y)| Lanes::splat(simd, y)),
        };
        let one = Lanes::splat(simd, 1.0);
        let areas = shares::<Scalar, 8, 8>(simd, &Quad::new(&outline), one);
        (outline, areas)
    }

    #[test]
    fn shares_are_those_of_edges_looked_at_one_by_one() {
        let simd = Scalar::new();
        let one = Lanes::splat(simd, 1.0);
        let mut found = 0;
        for turn in 0..360 {
            let (sin, cos) = f64::from(turn).to_radians().sin_cos();
            for mirrored in [1.0, -1.0] {
                let corners = [(-1.3, -1.1), (1.2, -1.15), (1.25, 1.3), (-1.1, 1.2)]
                    .map(|(x, y)| (4.1 + mirrored * (cos * x - sin * y), 3.9 + sin * x + cos * y));
                let (mut outline, expected) = of(corners);
                for _ in 0..4 {
                    let slanted = outline.is_off_axes().and(outline.goes_right_and_back());
                    if slanted.is_all() {
                        found += 1;
                        let areas = shares::<Scalar, 8, 8>(simd, &Slanted::new(&outline), one);
                        for (area, expected) in areas.as_flattened().iter().zip(expected.as_flattened()) {
                            assert!(
                                (area - expected).abs() < 2e-13,
                                "turned by {turn}: {area}, {expected}"
                            );
                        }
                    }
                    outline.turn();
                }
            }
        }
        // All but those within four degrees of an axis, or with a corner straight above another one.
        assert!((550..720).contains(&found), "{found}");
    }

    #[test]
    fn level_upright_and_unknown_edges_are_not_slanted() {
        for corners in [
            [(1.0, 1.0), (3.0, 1.0), (3.5, 3.0), (1.5, 3.1)],
            [(1.0, 1.0), (3.0, 1.5), (3.0, 3.0), (1.5, 3.1)],
            [(1.0, 1.0), (3.0, 1.1), (3.5, 3.0), (1.5, 3.1)],
            [(1.0, 1.0), (f64::NAN, 2.0), (3.5, 4.0), (0.5, 3.1)],
            [(2.0, 2.0); 4],
        ] {
            assert!(of(corners).0.is_off_axes().is_none(), "{corners:?}");
        }
    }
}
