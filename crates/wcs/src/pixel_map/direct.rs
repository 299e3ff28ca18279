//! The map point by point.

use crate::Wcs;
use crate::arctangent::LANES;
use crate::corrections::{Corrections, RUN, Run};
use crate::linear::Linear;
use crate::lookup::LookupPair;
use crate::projection::Projection;
use crate::sphere::{Matrix3, product, rotate, transposed};

/// The input with all its distortions, and the way from its undistorted pixels to the output's.
#[derive(Debug, Clone)]
pub(super) struct Direct {
    pub input: Wcs,
    pub corrections: Corrections,
    pub planes: Planes,
}

/// Some points, x and y.
pub(super) type Points = ([f64; LANES], [f64; LANES]);

/// From the undistorted pixels of one image to those of another.
#[derive(Debug, Clone)]
pub(super) enum Planes {
    /// Between two gnomonic planes straight lines stay straight: one matrix in homogeneous coordinates.
    Homography(Matrix3),
    /// By way of directions on the sky.
    Sky(Box<Sky>),
}

#[derive(Debug, Clone)]
pub(super) struct Sky {
    from: (Linear, Projection),
    to: (Linear, Projection),
    /// From the native directions of the one projection to those of the other.
    turn: Matrix3,
}

impl Planes {
    fn new(input: &Wcs, output: &Wcs) -> Self {
        let turn = product(&transposed(&output.frame), &input.frame);
        if input.projection == Projection::Tan && output.projection == Projection::Tan {
            let from = product(&turn, &input.linear.forward_matrix());
            return Planes::Homography(product(&output.linear.backward_matrix(), &from));
        }
        Planes::Sky(Box::new(Sky {
            from: (input.linear.clone(), input.projection),
            to: (output.linear.clone(), output.projection),
            turn,
        }))
    }

    /// Output pixels of undistorted input pixels.
    pub(super) fn map(&self, x: [f64; LANES], y: [f64; LANES]) -> Points {
        let (mut ox, mut oy) = (x, y);
        match self {
            Planes::Homography(h) => {
                for k in 0..LANES {
                    let w = h[2][0] * x[k] + h[2][1] * y[k] + h[2][2];
                    // The far half of the sky has no place in the plane.
                    let scale = if w > 0.0 { 1.0 / w } else { f64::NAN };
                    ox[k] = (h[0][0] * x[k] + h[0][1] * y[k] + h[0][2]) * scale;
                    oy[k] = (h[1][0] * x[k] + h[1][1] * y[k] + h[1][2]) * scale;
                }
            }
            Planes::Sky(sky) => {
                let (p, q) = sky.from.0.to_plane(x, y);
                let v = sky.from.1.unproject(p, q);
                for k in 0..LANES {
                    let v = rotate(&sky.turn, [v[0][k], v[1][k], v[2][k]]);
                    let length = (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt();
                    let (p, q) = sky.to.1.project(v.map(|c| c / length));
                    (ox[k], oy[k]) = sky.to.0.to_pixels(p, q);
                }
            }
        }
        (ox, oy)
    }
}

impl Direct {
    pub(super) fn new(input: &Wcs, output: &Wcs) -> Self {
        let planes = Planes::new(input, output);
        Self {
            planes,
            corrections: Corrections::of(input),
            input: input.clone(),
        }
    }

    /// The same way without the input's look-up tables.
    pub(super) fn without_tables(&self) -> Self {
        let none = LookupPair::default;
        let input = Wcs {
            npol: none(),
            d2im: none(),
            ..self.input.clone()
        };
        Self {
            planes: self.planes.clone(),
            corrections: Corrections::of(&input),
            input,
        }
    }

    /// Some points of a row.
    pub(super) fn points(&self, x: [f64; LANES], y: f64) -> Points {
        let (mut ix, mut iy) = (x, [y; LANES]);
        let (mut nx, mut ny) = ([0.0; LANES], [0.0; LANES]);
        if !self.corrections.is_empty() {
            for k in 0..LANES {
                let shift = self.corrections.at(x[k], y);
                ix[k] += shift.d2im.0;
                iy[k] += shift.d2im.1;
                (nx[k], ny[k]) = shift.npol;
            }
        }
        self.moved((ix, iy), (nx, ny))
    }

    pub(super) fn row(&self, y: f64, x0: f64, xs: &mut [f64], ys: &mut [f64]) {
        let mut run = Run::new();
        for (part, (xs, ys)) in xs.chunks_mut(RUN).zip(ys.chunks_mut(RUN)).enumerate() {
            let first = part * RUN;
            if !self.corrections.is_empty() {
                self.corrections
                    .fill(y, (x0, first), xs.len().min(ys.len()), &mut run);
            }
            for (group, (xs, ys)) in xs.chunks_mut(LANES).zip(ys.chunks_mut(LANES)).enumerate() {
                let start = group * LANES;
                let (ox, oy) = self.lanes(y, x0, first + start, start, &run);
                let n = xs.len().min(ys.len());
                xs.copy_from_slice(&ox[..n]);
                ys.copy_from_slice(&oy[..n]);
            }
        }
    }

    /// The points `x0 + first`, …, whose corrections begin at `start` of `run`.
    fn lanes(&self, y: f64, x0: f64, first: usize, start: usize, run: &Run) -> Points {
        let (mut ix, mut iy) = ([0.0; LANES], [y; LANES]);
        let (mut nx, mut ny) = ([0.0; LANES], [0.0; LANES]);
        for k in 0..LANES {
            ix[k] = x0 + (first + k) as f64 + run.d2im.0[start + k];
            iy[k] += run.d2im.1[start + k];
            (nx[k], ny[k]) = (run.npol.0[start + k], run.npol.1[start + k]);
        }
        self.moved((ix, iy), (nx, ny))
    }

    /// Points that D2IM has moved, with what NPOL changes.
    #[inline(always)]
    fn moved(&self, (x, y): Points, (nx, ny): Points) -> Points {
        let (mut fx, mut fy) = (x, y);
        if let Some(sip) = &self.input.sip {
            sip.add_to(x, y, &mut fx, &mut fy);
        }
        for k in 0..LANES {
            fx[k] += nx[k];
            fy[k] += ny[k];
        }
        self.planes.map(fx, fy)
    }
}
