//! Finding stars, as DAOFIND does.
//!
//! The image is convolved with a Gaussian lowered to no sum, so that the result is the height of a star
//! above its surroundings (Stetson 1987, PASP 99, 191). Pixels above the threshold that touch make one
//! source; its position is that of Gaussians fitted to the sums along rows and columns of the image
//! itself. The rules, and with them the list of sources, are those of TweakReg's source finding.

mod blobs;
mod centre;
mod convolve;
mod convolved_box;
mod field;
mod kernel;
mod levels;
mod options;
mod peaks;
mod separate;
mod shape;

pub use field::{FieldOptions, FieldStar, FieldStars, field_stars};
pub use levels::saturation_level;
pub use options::FindOptions;
pub use shape::{Shape, shape};

use crate::{Plane, Planes, Result};
use blobs::Blob;
use centre::Stamp;
use firstlight_stats::imagestats::{Clipped, ImageStatsOptions};
use kernel::Kernel;
use options::require;
use peaks::{Above, Samples};
use rayon::prelude::*;
use serde::Serialize;

/// A source in an image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Source {
    /// Column, 0-based.
    pub x: f64,
    /// Row, 0-based.
    pub y: f64,
    /// Sum of the image in the kernel's box, sky included.
    pub flux: f64,
    /// The image's greatest value there.
    pub peak: f64,
    /// The middle pixel above its neighbours, over the height of the fitted star: about 0.2 to 1 for
    /// stars, more for hot pixels, less for what is extended. None where it cannot be measured.
    pub sharpness: Option<f64>,
    /// Two-fold over four-fold symmetry of the convolved image; zero for what is round.
    pub roundness1: Option<f64>,
    /// Difference of the heights fitted along the two axes over their mean; zero for what is round.
    pub roundness2: f64,
}

/// Finds the sources of an image.
///
/// `sky_sigma` is the standard deviation of the sky in the unit of the image; the convolved image has to
/// exceed [`FindOptions::threshold`] times that. Masked pixels are not above it, but count in the
/// convolution of their neighbours; pixels that are not finite make the convolution near them NaN, and
/// sources with one in their box are left out, as are those within half a kernel of the edges. Of
/// sources nearer to one another than half of `conv_width` times `nsigma` one is kept. `computesig`,
/// `skysigma` and `dqbits` are not looked at: what they say is in the other arguments.
///
/// The result is in the order of `y`, or where `nbright` is given of flux, brightest first; it is empty
/// where nothing is above the threshold, and the same for any number of threads.
///
/// # Errors
/// [`Error::BadFindOption`](crate::Error::BadFindOption) for options out of range, and for a `sky_sigma`
/// that is negative or not finite.
pub fn find_sources(image: &Planes<'_, f32>, sky_sigma: f64, options: &FindOptions) -> Result<Vec<Source>> {
    let kernel = Kernel::new(options)?;
    require(
        sky_sigma >= 0.0 && sky_sigma.is_finite(),
        "skysigma",
        "zero or a positive number",
        sky_sigma,
    )?;
    let (ny, nx) = image.data().shape();
    if nx == 0 || ny == 0 {
        return Ok(Vec::new());
    }
    let mask = image.mask();
    let samples = Samples {
        nx,
        ny,
        data: image.data().samples(),
        mask: mask.as_ref().map(|mask| mask.samples()),
    };
    let above = Above::threshold(samples, &kernel, sky_sigma * options.threshold);
    let search = Search {
        image: samples,
        kernel: &kernel,
        above: &above,
        sky: sky_sigma * sky_sigma,
        options,
    };
    let found: Vec<Source> = blobs::blobs(&above, ny)
        .par_iter()
        .filter_map(|blob| search.source(blob))
        .collect();
    let mut found = separate::separate(found, options.conv_width * options.nsigma / 2.0);
    if let Some(most) = options.nbright {
        separate::keep_brightest(&mut found, most);
    }
    Ok(found)
}

/// Standard deviation of an image's sky as TweakReg takes it: the square root of twice the mode of its
/// samples, or what the options say. Nothing where no sample is finite.
///
/// This suits images of counts in electrons whose sky is not subtracted.
///
/// # Errors
/// [`Error::BadFindOption`](crate::Error::BadFindOption) where the samples are spread too widely for a mode.
pub fn sky_sigma(data: Plane<'_, f32>, options: &FindOptions) -> Result<Option<f64>> {
    if !options.computesig {
        return Ok(Some(options.skysigma));
    }
    let settings = ImageStatsOptions {
        nclip: 3,
        binwidth: 0.01,
        ..ImageStatsOptions::default()
    };
    let Ok(clipped) = Clipped::of(data.samples(), &settings) else {
        return Ok(None);
    };
    let Ok(histogram) = clipped.histogram() else {
        let spread = clipped.max - clipped.min;
        require(
            false,
            "computesig",
            "off, as the samples are spread too widely",
            spread,
        )?;
        return Ok(None);
    };
    Ok(Some((2.0 * histogram.mode().abs()).sqrt()))
}

/// What a source is measured with.
struct Search<'a> {
    image: Samples<'a>,
    kernel: &'a Kernel,
    above: &'a Above,
    sky: f64,
    options: &'a FindOptions,
}

impl Search<'_> {
    fn source(&self, blob: &Blob) -> Option<Source> {
        let (column, row) = self.middle(blob)?;
        let (half_x, half_y) = self.kernel.half();
        let (x0, y0) = (column.checked_sub(half_x)?, row.checked_sub(half_y)?);
        if column + half_x >= self.image.nx || row + half_y >= self.image.ny {
            return None;
        }
        let stamp = self.stamp(x0, y0)?;
        let peak = f64::from(stamp.high);
        if !within(peak, self.options.peakmin, self.options.peakmax)
            || !within(stamp.flux, self.options.fluxmin, self.options.fluxmax)
        {
            return None;
        }
        let centre = centre::centre(&stamp, self.kernel, self.sky)?;
        let round = self.options.roundlo..=self.options.roundhi;
        if self.options.use_sharp_round && !round.contains(&centre.roundness) {
            return None;
        }
        let convolved = convolved_box::convolved_box(self.image, self.kernel, x0, y0);
        let sharpness = centre::sharpness(&stamp, &convolved, self.kernel);
        let roundness1 = centre::symmetry(&convolved, self.kernel);
        if self.options.use_sharp_round {
            let sharp = self.options.sharplo..=self.options.sharphi;
            let passes = sharp.contains(&sharpness?) && round.contains(&roundness1?);
            if !passes {
                return None;
            }
        }
        Some(Source {
            x: column as f64 + centre.dx,
            y: row as f64 + centre.dy,
            flux: stamp.flux,
            peak,
            sharpness,
            roundness1,
            roundness2: centre.roundness,
        })
    }

    /// The pixel of the centroid of what is above the threshold in the blob's box, widened by half a kernel.
    fn middle(&self, blob: &Blob) -> Option<(usize, usize)> {
        let (half_x, half_y) = self.kernel.half();
        let widen = |range: &std::ops::Range<usize>, half: usize, size: usize| {
            let start = range.start.checked_sub(half).filter(|&start| start > 0)?;
            let end = range.end + half + 1;
            (range.len() + 1 < size && end < size).then_some(start..end)
        };
        let columns = widen(&blob.columns, half_x, self.image.nx)?;
        let rows = widen(&blob.rows, half_y, self.image.ny)?;
        let (x, y) = self.above.centroid(columns.clone(), rows.clone());
        let inside =
            |at: f64, length: usize| (at >= 0.0 && at < length as f64).then_some((at + 0.5) as usize);
        let (x, y) = (inside(x, columns.len())?, inside(y, rows.len())?);
        Some((columns.start + x, rows.start + y))
    }

    /// The kernel's box from its first column and row; nothing where a sample is not finite.
    fn stamp(&self, x0: usize, y0: usize) -> Option<Stamp> {
        let mut stamp = Stamp {
            data: Vec::with_capacity(self.kernel.nx * self.kernel.ny),
            flux: 0.0,
            high: f32::NEG_INFINITY,
        };
        for row in y0..y0 + self.kernel.ny {
            for &value in &self.image.data[row * self.image.nx + x0..][..self.kernel.nx] {
                stamp.data.push(value);
                stamp.flux += f64::from(value);
                stamp.high = stamp.high.max(value);
            }
        }
        stamp.flux.is_finite().then_some(stamp)
    }
}

fn within(value: f64, low: Option<f64>, high: Option<f64>) -> bool {
    low.is_none_or(|low| value > low) && high.is_none_or(|high| value < high)
}
