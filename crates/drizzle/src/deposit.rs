//! The deposit loop.

use crate::accumulator::Band;
use crate::spread::{Clip, Gaussian, Lanczos, Point, Points, Spread, Square, Turbo};
use crate::{Accumulator, DropOptions, Error, Input, Kernel, PixelMapping, Result, Rules};
use rayon::prelude::*;
use std::ops::Range;

/// Adds an input to the output.
///
/// Detector rows that are mapped off the output cost nothing but their mapping. Inputs add up in the order of
/// the calls; one detector may come in several runs of rows.
///
/// # Errors
/// [`Error::Shape`] where arrays do not agree, [`Error::OutOfRange`] for impossible numbers in `drop`,
/// [`Error::NoScaleRatio`] where the ratio of scales is asked of a map that is not finite,
/// [`Error::TooLarge`] where the context finds no room. The output is then as it was.
pub fn drizzle_exposure(
    input: &Input,
    map: &impl PixelMapping,
    drop: &DropOptions,
    output: &mut Accumulator,
) -> Result<()> {
    input.check()?;
    drop.check()?;
    if output.carries_variance() && input.variance.is_none() {
        return Err(Error::Shape {
            what: "variance",
            expected: input.data.len(),
            found: 0,
        });
    }
    if input.data.is_empty() || output.nx() == 0 || output.ny() == 0 {
        return Ok(());
    }
    let scale = match (drop.kernel, drop.pixel_scale_ratio) {
        // Neither looks at it.
        (Kernel::Square | Kernel::Point, ratio) => ratio.unwrap_or(1.0),
        (_, Some(ratio)) => ratio,
        (_, None) => scale_ratio(input, map)?,
    };
    output.reserve_image(input.image)?;
    let (pixfrac, rules) = (drop.pixfrac, drop.rules);
    let mut task = Task {
        input,
        map,
        drop,
        output,
    };
    match drop.kernel {
        Kernel::Square => task.run(&Corners { half: 0.5 * pixfrac }, &Square),
        Kernel::Turbo => task.run(&Centres, &Turbo::new(pixfrac, scale)),
        Kernel::Point => task.run(&Centres, &Point),
        Kernel::Gaussian => task.run(&Centres, &Gaussian::new(pixfrac, scale)),
        Kernel::Lanczos2 => task.run(&Centres, &Lanczos::new(2, pixfrac, scale, rules)),
        Kernel::Lanczos3 => task.run(&Centres, &Lanczos::new(3, pixfrac, scale, rules)),
    }
    Ok(())
}

/// The size of an output pixel in input pixels at the centre of the input, from the area that one input pixel
/// covers there.
fn scale_ratio(input: &Input, map: &impl PixelMapping) -> Result<f64> {
    let (x, y) = ((input.nx / 2) as f64, (input.first_row + input.ny() / 2) as f64);
    let (mut x0, mut y0, mut x1, mut y1) = ([0.0; 2], [0.0; 2], [0.0; 2], [0.0; 2]);
    map.map_row(y - 0.5, x - 0.5, &mut x0, &mut y0);
    map.map_row(y + 0.5, x - 0.5, &mut x1, &mut y1);
    let area = (x0[1] - x0[0]) * (y1[0] - y0[0]) - (x1[0] - x0[0]) * (y0[1] - y0[0]);
    let ratio = 1.0 / area.abs().sqrt();
    if ratio.is_finite() && ratio > 0.0 {
        Ok(ratio)
    } else {
        Err(Error::NoScaleRatio)
    }
}

/// Which points of the input pixels a kernel needs, and how many rows of them.
trait Pick<const N: usize>: Sync {
    /// Points in the mapped row of points for `nx` pixels.
    fn points(&self, nx: usize) -> usize;
    /// Maps the points of detector row `y`, into `points` positions.
    fn map(&self, map: &impl PixelMapping, y: f64, out_x: &mut [f64], out_y: &mut [f64]);
    /// The points of pixel `i` among those of its row of `nx` pixels.
    fn of(&self, i: usize, nx: usize, x: &[f64], y: &[f64]) -> Points<N>;
}

struct Centres;

impl Pick<1> for Centres {
    fn points(&self, nx: usize) -> usize {
        nx
    }
    fn map(&self, map: &impl PixelMapping, y: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        map.map_row(y, 0.0, out_x, out_y);
    }
    #[inline]
    fn of(&self, i: usize, _: usize, x: &[f64], y: &[f64]) -> Points<1> {
        [(x[i], y[i])]
    }
}

/// The corners of the shrunken pixel: a row of points below and one above. Unshrunken pixels share theirs
/// with their neighbours.
struct Corners {
    half: f64,
}

impl Corners {
    fn shared(&self) -> bool {
        self.half == 0.5
    }
}

impl Pick<4> for Corners {
    fn points(&self, nx: usize) -> usize {
        if self.shared() { 2 * (nx + 1) } else { 4 * nx }
    }
    fn map(&self, map: &impl PixelMapping, y: f64, out_x: &mut [f64], out_y: &mut [f64]) {
        let (below, above) = (y - self.half, y + self.half);
        if self.shared() {
            let n = out_x.len() / 2;
            map.map_row(below, -0.5, &mut out_x[..n], &mut out_y[..n]);
            map.map_row(above, -0.5, &mut out_x[n..], &mut out_y[n..]);
            return;
        }
        let n = out_x.len() / 4;
        let corners = [
            (below, -self.half),
            (below, self.half),
            (above, -self.half),
            (above, self.half),
        ];
        for (k, (y, x0)) in corners.into_iter().enumerate() {
            map.map_row(
                y,
                x0,
                &mut out_x[k * n..(k + 1) * n],
                &mut out_y[k * n..(k + 1) * n],
            );
        }
    }
    #[inline]
    fn of(&self, i: usize, nx: usize, x: &[f64], y: &[f64]) -> Points<4> {
        let at = if self.shared() {
            [i, i + 1, nx + 2 + i, nx + 1 + i]
        } else {
            [i, nx + i, 3 * nx + i, 2 * nx + i]
        };
        at.map(|at| (x[at], y[at]))
    }
}

struct Task<'t, 'i, M> {
    input: &'t Input<'i>,
    map: &'t M,
    drop: &'t DropOptions,
    output: &'t mut Accumulator,
}

/// Detector rows whose points are mapped.
struct Mapped {
    rows: Range<usize>,
    x: Vec<f64>,
    y: Vec<f64>,
    /// For each row the output rows its points span, or `None` where none is finite.
    spans: Vec<Option<(f64, f64)>>,
}

impl<M: PixelMapping> Task<'_, '_, M> {
    fn run<const N: usize>(&mut self, pick: &impl Pick<N>, kernel: &impl Spread<N>) {
        let samples = Samples::new(self.input, self.drop);
        let threads = rayon::current_num_threads();
        // Enough rows that the threads' bands are much higher than a drop, few enough to stay in the cache.
        let at_once = (32 * threads).clamp(64, 512);
        let ny = self.input.ny();
        let mut mapped = Mapped {
            rows: 0..0,
            x: Vec::new(),
            y: Vec::new(),
            spans: Vec::new(),
        };
        for start in (0..ny).step_by(at_once) {
            mapped.rows = start..(start + at_once).min(ny);
            self.map_rows(pick, &mut mapped);
            let rows = self.output_rows(&mapped, kernel.reach());
            if rows.is_empty() {
                continue;
            }
            let height = rows.len().div_ceil(threads).max(1);
            let mut bands = self.output.bands(rows, height, self.input.image);
            bands
                .par_iter_mut()
                .for_each(|band| deposit(&samples, &mapped, pick, kernel, band));
        }
    }

    fn map_rows<const N: usize>(&self, pick: &impl Pick<N>, mapped: &mut Mapped) {
        let (points, rows) = (pick.points(self.input.nx), mapped.rows.clone());
        mapped.x.resize(points * rows.len(), 0.0);
        mapped.y.resize(points * rows.len(), 0.0);
        let lines = mapped
            .x
            .par_chunks_mut(points)
            .zip(mapped.y.par_chunks_mut(points))
            .zip(rows);
        lines
            .map(|((x, y), row)| {
                pick.map(self.map, (self.input.first_row + row) as f64, x, y);
                let finite = y.iter().filter(|y| y.is_finite());
                let (lo, hi) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), &y| {
                    (lo.min(y), hi.max(y))
                });
                (lo <= hi).then_some((lo, hi))
            })
            .collect_into_vec(&mut mapped.spans);
    }

    /// The output rows that these detector rows can reach.
    fn output_rows(&self, mapped: &Mapped, reach: f64) -> Range<usize> {
        let spans = mapped.spans.iter().flatten();
        let (lo, hi) = spans.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), s| {
            (lo.min(s.0), hi.max(s.1))
        });
        // The casts saturate: what lies beyond the output is cut off on either side, and an empty span stays so.
        let end = ((hi + reach + 1.0) as usize).min(self.output.ny());
        let start = ((lo - reach) as usize).min(end);
        start..end
    }
}

/// Spreads every sample of the mapped rows that can reach the band. The one place where output pixels grow.
fn deposit<const N: usize>(
    samples: &Samples,
    mapped: &Mapped,
    pick: &impl Pick<N>,
    kernel: &impl Spread<N>,
    band: &mut Band,
) {
    let (nx, points) = (samples.input.nx, pick.points(samples.input.nx));
    let clip = Clip {
        nx: band.nx as i64,
        y0: band.first as i64,
        y1: (band.first + band.ny()) as i64,
    };
    let (lowest, highest) = (clip.y0 as f64 - kernel.reach(), clip.y1 as f64 + kernel.reach());
    let mut scratch = Vec::new();
    for (k, row) in mapped.rows.clone().enumerate() {
        let Some((lo, hi)) = mapped.spans[k] else { continue };
        if hi < lowest || lo > highest {
            continue;
        }
        let (x, y) = (
            &mapped.x[k * points..(k + 1) * points],
            &mapped.y[k * points..(k + 1) * points],
        );
        for i in 0..nx {
            let points = pick.of(i, nx, x, y);
            if !points.iter().all(|(x, y)| x.is_finite() && y.is_finite()) {
                continue;
            }
            let Some(sample) = samples.at(row * nx + i) else {
                continue;
            };
            kernel.spread(&points, clip, &mut scratch, |x, y, share| {
                let weight = share * sample.weight;
                band.add(
                    x as usize,
                    (y - clip.y0) as usize,
                    sample.value,
                    weight,
                    sample.variance,
                );
            });
        }
    }
}

/// The input in the units of the output.
struct Samples<'a> {
    input: &'a Input<'a>,
    factor: f64,
    weight_scale: f64,
    keep_unweighted: bool,
}

/// One input pixel, in the units of the output.
struct Sample {
    value: f64,
    weight: f64,
    variance: f64,
}

impl<'a> Samples<'a> {
    fn new(input: &'a Input<'a>, drop: &DropOptions) -> Self {
        let keep_unweighted = drop.rules == Rules::AstroDrizzle;
        Self {
            input,
            factor: drop.factor(),
            weight_scale: drop.weight_scale,
            keep_unweighted,
        }
    }

    /// `None` where there is nothing to add.
    #[inline]
    fn at(&self, at: usize) -> Option<Sample> {
        let value = self.input.data[at];
        let weight = f64::from(self.input.weight.map_or(1.0, |weight| weight[at])) * self.weight_scale;
        if !value.is_finite() || !weight.is_finite() || (weight == 0.0 && !self.keep_unweighted) {
            return None;
        }
        let variance = self.input.variance.map_or(0.0, |variance| variance[at]);
        let variance = if variance.is_finite() {
            f64::from(variance)
        } else {
            0.0
        };
        let factor = self.factor;
        Some(Sample {
            value: f64::from(value) * factor,
            weight,
            variance: variance * factor * factor,
        })
    }
}
