//! The fit of a fringe frame to a frame, with a plane of the sky in each box.

use super::{FringeOptions, FringeReport};
use crate::ccd::Real;
use crate::ccd::background::Parts;
use crate::{Error, Result};
use firstlight_frame::Image;
use firstlight_stats::{MAD_TO_SIGMA, median_of_finite};
use nalgebra::{Matrix3, Vector3};
use rayon::prelude::*;
use std::ops::Range;

/// Most rounds of rejection.
const ROUNDS: usize = 10;
/// A fringe frame shows fringes where the products of pixels and neighbours are so many standard errors above zero.
const SHOWS: f64 = 5.0;
/// A box with fewer samples has no plane.
const LEAST: usize = 32;

pub(super) struct Fit<'a, T, U> {
    sci: &'a Image<T>,
    fringe: &'a Image<U>,
    /// Means of the pixels around, of the fringe frame; NaN where there are none.
    around: Image<f32>,
    used: Image<bool>,
    rows: Parts,
    columns: Parts,
    sigma: f64,
}

/// Where a round ended.
struct Round {
    scale: f64,
    error: f64,
    pixels: usize,
    /// The plane of each box, of frame less scaled fringe frame.
    planes: Vec<Option<Vector3<f64>>>,
}

/// Sums over a box, of the kept samples.
#[derive(Default)]
struct Sums {
    pixels: usize,
    /// Of 1, x, y with one another.
    square: Matrix3<f64>,
    /// Of 1, x, y with the frame, the fringe frame, and the means around.
    frame: Vector3<f64>,
    fringe: Vector3<f64>,
    around: Vector3<f64>,
    /// Of the means around with the frame, the fringe frame, and themselves.
    products: [f64; 3],
    /// Of squares of frame and fringe frame, and of their products.
    squares: [f64; 3],
}

/// What a box tells of the scale, freed of its plane.
struct Told {
    sums: Sums,
    /// Of the means around with frame, fringe frame, themselves.
    products: [f64; 3],
    /// Of frame with itself, fringe frame with itself, and of both.
    squares: [f64; 3],
    of_frame: Vector3<f64>,
    of_fringe: Vector3<f64>,
}

impl<'a, T: Real, U: Real> Fit<'a, T, U> {
    pub(super) fn new(
        sci: &'a Image<T>,
        fringe: &'a Image<U>,
        (used, of_fringe): (Image<bool>, &Image<bool>),
        options: &FringeOptions,
    ) -> Self {
        Self {
            sci,
            fringe,
            around: around(fringe, of_fringe),
            used,
            rows: Parts::new(sci.ny(), Some(options.box_size)),
            columns: Parts::new(sci.nx(), Some(options.box_size)),
            sigma: options.sigma,
        }
    }

    /// Fits again without the samples that are far off, until that changes nothing.
    pub(super) fn robust(&self) -> Result<FringeReport> {
        let mut round = self.round(None)?;
        for _ in 0..ROUNDS {
            let limit = self.sigma * MAD_TO_SIGMA * self.mad(&round);
            let next = self.round(Some((&round, limit)))?;
            let done = next.pixels == round.pixels;
            round = next;
            if done {
                break;
            }
        }
        Ok(FringeReport {
            scale: round.scale,
            scale_error: Some(round.error),
            pixels: round.pixels,
        })
    }

    /// Fits the samples that are within a limit of the round before.
    fn round(&self, before: Option<(&Round, f64)>) -> Result<Round> {
        let told: Vec<Option<Told>> = (0..self.rows.boxes * self.columns.boxes)
            .into_par_iter()
            .map(|n| self.sums(n, before).told())
            .collect();
        let (mut products, mut squares, mut pixels) = ([0.0; 3], [0.0; 3], 0);
        for of in told.iter().flatten() {
            pixels += of.sums.pixels;
            for i in 0..3 {
                products[i] += of.products[i];
                squares[i] += of.squares[i];
            }
        }
        let refuse = |reason: &str| {
            Err(Error::NoFringes {
                reason: reason.to_owned(),
            })
        };
        if pixels == 0 {
            return refuse("no box has enough pixels that are neither masked nor stars");
        }
        let [of_frame, of_fringe, of_around] = products;
        let chance = (of_around * squares[1] / pixels as f64).sqrt();
        if of_fringe.is_nan() || of_fringe <= SHOWS * chance {
            return refuse("the fringe frame shows no pattern beyond its noise");
        }
        let scale = of_frame / of_fringe;
        let rest = squares[0] - 2.0 * scale * squares[2] + scale * scale * squares[1];
        let variance = rest.max(0.0) / pixels as f64;
        Ok(Round {
            scale,
            error: (variance * of_around).sqrt() / of_fringe,
            pixels,
            planes: told
                .into_iter()
                .map(|of| of.map(|of| of.of_frame - scale * of.of_fringe))
                .collect(),
        })
    }

    /// The median absolute deviation of all usable samples from a fit.
    fn mad(&self, round: &Round) -> f64 {
        let boxes: Vec<Vec<f64>> = (0..round.planes.len())
            .into_par_iter()
            .map(|n| {
                let mut of_box = Vec::new();
                if let Some(plane) = &round.planes[n] {
                    self.each(n, |at, place| {
                        of_box.push(self.deviation(at, &place, round.scale, plane).abs());
                    });
                }
                of_box
            })
            .collect();
        median_of_finite(&mut boxes.concat()).unwrap_or(0.0)
    }

    fn sums(&self, n: usize, before: Option<(&Round, f64)>) -> Sums {
        let mut sums = Sums::default();
        if before.is_some_and(|(round, _)| round.planes[n].is_none()) {
            return sums;
        }
        self.each(n, |at, place| {
            if let Some((round, limit)) = before
                && let Some(plane) = &round.planes[n]
                && self.deviation(at, &place, round.scale, plane).abs() > limit
            {
                return;
            }
            let frame = self.sci.as_slice()[at].wide();
            let fringe = self.fringe.as_slice()[at].wide();
            sums.add(place, frame, fringe, f64::from(self.around.as_slice()[at]));
        });
        sums
    }

    fn deviation(&self, at: usize, place: &Vector3<f64>, scale: f64, plane: &Vector3<f64>) -> f64 {
        let fringe = self.fringe.as_slice()[at].wide();
        self.sci.as_slice()[at].wide() - scale * fringe - plane.dot(place)
    }

    /// Every usable pixel of a box: where it is in the frame, and 1, x, y within the box, -1 to 1.
    fn each(&self, n: usize, mut work: impl FnMut(usize, Vector3<f64>)) {
        let rows = self.rows.range(n / self.columns.boxes);
        let columns = self.columns.range(n % self.columns.boxes);
        let within = |pixel: usize, range: &Range<usize>| {
            (2.0 * (pixel - range.start) as f64 + 1.0) / range.len() as f64 - 1.0
        };
        for y in rows.clone() {
            for x in columns.clone() {
                let at = y * self.sci.nx() + x;
                if self.used.as_slice()[at] && self.around.as_slice()[at].is_finite() {
                    work(at, Vector3::new(1.0, within(x, &columns), within(y, &rows)));
                }
            }
        }
    }
}

impl Sums {
    fn add(&mut self, place: Vector3<f64>, frame: f64, fringe: f64, around: f64) {
        self.pixels += 1;
        self.square += place * place.transpose();
        self.frame += place * frame;
        self.fringe += place * fringe;
        self.around += place * around;
        for (sum, value) in self.products.iter_mut().zip([frame, fringe, around]) {
            *sum += around * value;
        }
        let squares = [frame * frame, fringe * fringe, frame * fringe];
        for (sum, value) in self.squares.iter_mut().zip(squares) {
            *sum += value;
        }
    }

    /// Nothing of a box with few samples, or samples on one line.
    fn told(self) -> Option<Told> {
        if self.pixels < LEAST {
            return None;
        }
        let solve = self.square.cholesky()?;
        let of_frame = solve.solve(&self.frame);
        let of_fringe = solve.solve(&self.fringe);
        let of_around = solve.solve(&self.around);
        let free = |whole: f64, sums: &Vector3<f64>, plane: &Vector3<f64>| whole - sums.dot(plane);
        let [with_frame, with_fringe, with_self] = self.products;
        Some(Told {
            products: [
                free(with_frame, &self.around, &of_frame),
                free(with_fringe, &self.around, &of_fringe),
                free(with_self, &self.around, &of_around),
            ],
            squares: [
                free(self.squares[0], &self.frame, &of_frame),
                free(self.squares[1], &self.fringe, &of_fringe),
                free(self.squares[2], &self.frame, &of_fringe),
            ],
            of_frame,
            of_fringe,
            sums: self,
        })
    }
}

/// Means of the eight pixels around each, of those that are usable.
fn around<U: Real>(fringe: &Image<U>, usable: &Image<bool>) -> Image<f32> {
    let (ny, nx) = fringe.shape();
    let mut means = Image::filled(ny, nx, f32::NAN);
    let rows = means.as_mut_slice().par_chunks_mut(nx.max(1)).enumerate();
    rows.for_each(|(y, row)| {
        for (x, mean) in row.iter_mut().enumerate() {
            let (mut sum, mut count) = (0.0, 0u32);
            for near in y.saturating_sub(1)..(y + 2).min(ny) {
                for at in x.saturating_sub(1)..(x + 2).min(nx) {
                    if (at, near) != (x, y) && usable[(near, at)] {
                        sum += fringe[(near, at)].wide();
                        count += 1;
                    }
                }
            }
            *mean = (sum / f64::from(count)) as f32;
        }
    });
    means
}
