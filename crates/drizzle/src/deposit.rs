//! The deposit loop.

use crate::band::Band;
use crate::mapped::{Centres, Mapped, OwnCorners, Pick, SharedCorners};
use crate::samples::Samples;
use crate::spread::{Clip, Gaussian, Lanczos, Point, Row, SpreadRow, Square, Turbo};
use crate::{Accumulator, DropOptions, Error, Input, Kernel, PixelMapping, Result, Rules};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Rows that one thread maps before it spreads them, so that they are still in the cache.
const ROWS_AT_ONCE: usize = 32;

/// Columns of the output that are filled in one go: so many that memory is walked through in long steps, so few that
/// what is filled stays in the cache.
const COLUMNS_AT_ONCE: usize = 1024;

/// Detector rows for which the output is brought into the cache at a time.
const FETCHED_ROWS: usize = 16;

/// Adds an input to the output, on all threads.
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
    add(input, map, drop, output, true)
}

/// As [`drizzle_exposure`], on the calling thread: for outputs that are made part by part, each thread making its
/// own. The result has the same bits.
///
/// # Errors
/// As [`drizzle_exposure`].
pub fn drizzle_block(
    input: &Input,
    map: &impl PixelMapping,
    drop: &DropOptions,
    output: &mut Accumulator,
) -> Result<()> {
    add(input, map, drop, output, false)
}

fn add(
    input: &Input,
    map: &impl PixelMapping,
    drop: &DropOptions,
    output: &mut Accumulator,
    parallel: bool,
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
    // The Lanczos kernels have zeros of their own.
    let zeros = matches!(drop.kernel, Kernel::Lanczos2 | Kernel::Lanczos3);
    if zeros || drop.rules == Rules::AstroDrizzle && input.has_unweighted(drop.weight_scale) {
        output.reserve_left()?;
    }
    let (pixfrac, rules) = (drop.pixfrac, drop.rules);
    let mut task = Task {
        input,
        map,
        drop,
        output,
        parallel,
    };
    match drop.kernel {
        Kernel::Square if pixfrac == 1.0 => task.run(&SharedCorners, &Square),
        Kernel::Square => task.run(&OwnCorners { half: 0.5 * pixfrac }, &Square),
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
    let x = (input.first_column + input.nx / 2) as f64;
    let y = (input.first_row + input.ny() / 2) as f64;
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

struct Task<'t, 'i, M> {
    input: &'t Input<'i>,
    map: &'t M,
    drop: &'t DropOptions,
    output: &'t mut Accumulator,
    parallel: bool,
}

impl<M: PixelMapping> Task<'_, '_, M> {
    fn run<const N: usize>(&mut self, pick: &impl Pick<N>, kernel: &impl SpreadRow<N>) {
        let samples = Samples::new(self.input, self.drop);
        let threads = if self.parallel {
            rayon::current_num_threads()
        } else {
            1
        };
        let arch = Arch::new();
        // Enough rows that the threads' bands are much higher than a drop, few enough to stay in the cache.
        let at_once = if threads > 1 {
            (32 * threads).clamp(64, 512)
        } else {
            ROWS_AT_ONCE
        };
        let ny = self.input.ny();
        let mut mapped = Mapped::default();
        for start in (0..ny).step_by(at_once) {
            let rows = start..(start + at_once).min(ny);
            mapped.fill(pick, self.map, self.input, rows, threads > 1);
            let rows = self.output.held(mapped.reach(kernel.reach(), self.output.of()));
            if rows.is_empty() {
                continue;
            }
            let height = rows.len().div_ceil(threads).max(1);
            let mut bands = self.output.bands(rows, height, self.input.image);
            let (samples, mapped) = (&samples, &mapped);
            let spread = |band: &mut Band<'_>| {
                arch.dispatch(Of::<N, _>(Deposit {
                    samples,
                    mapped,
                    pick,
                    kernel,
                    band,
                }));
            };
            match bands.as_mut_slice() {
                [band] => spread(band),
                bands => bands.par_iter_mut().for_each(spread),
            }
        }
    }
}

/// One band and what is spread over it. Compiled for several generations of processors, of which the right one is
/// chosen when it runs; all give the same bits.
struct Deposit<'d, 'a, 'b, P, S> {
    samples: &'d Samples<'a>,
    mapped: &'d Mapped,
    pick: &'d P,
    kernel: &'d S,
    band: &'d mut Band<'b>,
}

/// `N` belongs to the kernel, and is written down only because the trait of dispatching has no place for it.
struct Of<const N: usize, T>(T);

impl<const N: usize, P: Pick<N>, S: SpreadRow<N>> WithSimd for Of<N, Deposit<'_, '_, '_, P, S>> {
    type Output = ();
    #[inline(always)]
    fn with_simd<V: Simd>(self, simd: V) {
        let Deposit {
            samples,
            mapped,
            pick,
            kernel,
            band,
        } = self.0;
        deposit(simd, samples, mapped, pick, kernel, band);
    }
}

/// Spreads every sample of the mapped rows that can reach the band. The one place where output pixels grow.
#[inline(always)]
fn deposit<const N: usize, V: Simd, P: Pick<N>, S: SpreadRow<N>>(
    simd: V,
    samples: &Samples,
    mapped: &Mapped,
    pick: &P,
    kernel: &S,
    band: &mut Band,
) {
    let nx = samples.input.nx;
    let (y0, y1) = (band.first, band.first + band.ny());
    let (lowest, highest) = (y0 as f64 - kernel.reach(), y1 as f64 + kernel.reach());
    let mut scratch = S::Scratch::<V>::default();
    let Some((left, right)) = mapped.across() else {
        return;
    };
    for x0 in (0..band.nx).step_by(COLUMNS_AT_ONCE) {
        let x1 = (x0 + COLUMNS_AT_ONCE).min(band.nx);
        let (leftmost, rightmost) = (x0 as f64 - kernel.reach(), x1 as f64 + kernel.reach());
        if right < leftmost || left > rightmost {
            continue;
        }
        let clip = Clip {
            nx: band.nx as i64,
            ny: band.of as i64,
            x0: x0 as i64,
            x1: x1 as i64,
            y0: y0 as i64,
            y1: y1 as i64,
        };
        for (k, row) in mapped.rows.clone().enumerate() {
            if k % FETCHED_ROWS == 0 {
                let rows = k..(k + FETCHED_ROWS).min(mapped.rows.len());
                for piece in mapped.boxes(rows, P::LINES, (leftmost, rightmost)) {
                    band.fetch(piece, &(x0..x1));
                }
            }
            let meets = |(lo, hi): (f64, f64)| hi >= lowest && lo <= highest;
            if !mapped.span(k, P::LINES).is_some_and(meets) {
                continue;
            }
            let (x, y) = mapped.row(k, P::LINES);
            for pixels in mapped.runs(k, P::LINES, (leftmost, rightmost)) {
                let row = Row {
                    pick,
                    x,
                    y,
                    samples,
                    first: row * nx,
                    nx,
                    pixels,
                };
                kernel.spread_row(simd, &row, clip, &mut scratch, band);
            }
        }
    }
}
