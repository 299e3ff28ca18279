//! The stars of a field whose seeing, sky and saturation nobody tells.

use super::kernel::FWHM_PER_SIGMA;
use super::levels::{Levels, unmasked};
use super::{FindOptions, Source, find_sources, separate, shape};
use crate::exponential::exp;
use crate::{Plane, Planes, Result};
use firstlight_frame::Image;
use firstlight_stats::median_of_finite;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Width that is looked for before the stars' own is known, pixels.
const FIRST_WIDTH: f64 = 4.0;
/// The widths that a star's image may have, pixels.
const WIDTHS: std::ops::RangeInclusive<f64> = 1.5..=30.0;
/// So many bright stars tell the width, and so many times the threshold makes them bright.
const TELLING: usize = 30;
const TELLING_THRESHOLD: f64 = 4.0;
/// So many sources are measured for each star that is wanted, those of the most light as the search saw it.
const MEASURED: usize = 2;
/// The radius of fluxes, in widths.
const FLUX_RADIUS: f64 = 1.5;
/// Sigma of the window of centroids, in widths along the longer diameter: wide enough to hold a trailed star whole, whose
/// head would be followed otherwise.
const WINDOW: f64 = 0.9;
/// Half a stamp's side, in sigmas of the window.
const HALF_STAMP: f64 = 3.0;
/// Steps of a centroid at most, and the step that is the last, pixels.
const MOST_STEPS: usize = 30;
const AT_REST: f64 = 1e-4;

/// What is known beforehand of the stars of a field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct FieldOptions {
    /// Full width at half maximum of a star, pixels. [default: that of the bright stars]
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS"))]
    pub fwhm: Option<f64>,
    /// How far above the sky a star is, in standard deviations of the sky, in the image smoothed to its width.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SIGMAS", default_value_t = FieldOptions::default().threshold))]
    pub threshold: f64,
    /// Level from which on a pixel is saturated, in the unit of the image. [default: the highest value, where several
    /// pixels have it]
    #[cfg_attr(feature = "clap", arg(long, value_name = "LEVEL"))]
    pub saturation: Option<f64>,
    /// How many of the brightest stars are kept.
    #[cfg_attr(feature = "clap", arg(long, value_name = "STARS", default_value_t = FieldOptions::default().max_stars))]
    pub max_stars: usize,
}

impl Default for FieldOptions {
    fn default() -> Self {
        Self {
            fwhm: None,
            threshold: 5.0,
            saturation: None,
            max_stars: 300,
        }
    }
}

/// A star of a field.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FieldStar {
    /// Column, 0-based.
    pub x: f64,
    /// Row, 0-based.
    pub y: f64,
    /// Light within 1.5 widths above the sky around, in the unit of the image.
    pub flux: f64,
    /// Standard deviation that the noise of the sky gives to `x` and to `y`, pixels.
    pub sigma: f64,
    /// The highest pixel, sky included.
    pub peak: f64,
    /// Whether a pixel is saturated.
    pub saturated: bool,
}

/// The stars of a field, and what was found out about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldStars {
    /// The stars, brightest first.
    pub stars: Vec<FieldStar>,
    /// Full width at half maximum that was looked for, pixels.
    pub fwhm: f64,
    /// The sky, and its standard deviation.
    pub sky: f64,
    /// Standard deviation of the sky.
    pub sky_sigma: f64,
    /// Level of saturation, where there is one.
    pub saturation: Option<f64>,
}

/// Finds the stars of a field.
///
/// Sources narrower than a star (hot pixels, cosmic rays) are left out, as is what lies on the edge. Masked samples and
/// those that are not finite are taken as sky. Positions are centroids under a Gaussian wide enough to hold a trailed star. The result
/// has no stars where nothing stands out, and is the same for any number of threads.
///
/// # Errors
/// [`Error::BadFindOption`](crate::Error::BadFindOption) for options out of range; where no sample can be used.
pub fn field_stars(image: &Planes<'_, f32>, options: &FieldOptions) -> Result<FieldStars> {
    let plane = image.data();
    let (ny, nx) = plane.shape();
    let mut samples = unmasked(image);
    let Levels {
        sky,
        sky_sigma,
        saturation,
    } = Levels::of(&samples, options.saturation)?;
    for sample in samples.iter_mut().filter(|sample| !sample.is_finite()) {
        *sample = sky as f32;
    }
    let smooth = Image::from_vec(ny, nx, samples).map_err(|_| crate::Error::SampleCount {
        expected: (ny, nx),
        found: plane.samples().len(),
    })?;
    let found = |width: f64, threshold: f64| -> Result<Vec<Source>> {
        let how = FindOptions {
            computesig: false,
            conv_width: width,
            threshold,
            use_sharp_round: true,
            roundlo: -2.0,
            roundhi: 2.0,
            ..FindOptions::default()
        };
        find_sources(&Planes::new(&smooth), sky_sigma, &how)
    };
    let field = |[width, longest]: [f64; 2], threshold: f64, most: usize| -> Result<Vec<FieldStar>> {
        let field = Field {
            image: &smooth,
            width,
            window: WINDOW * longest,
            sky_sigma,
            saturation,
        };
        Ok(field.stars(found(width, threshold)?, most))
    };
    let widths = match options.fwhm {
        Some(fwhm) => [fwhm; 2],
        None => {
            // Bright stars tell enough, if there are any.
            let told = |threshold: f64| -> Result<Option<[f64; 2]>> {
                let stars = field([FIRST_WIDTH; 2], threshold, 2 * TELLING)?;
                Ok(usual_widths(&smooth, &stars))
            };
            let bright = told(TELLING_THRESHOLD * options.threshold)?;
            let any = if bright.is_none() {
                told(options.threshold)?
            } else {
                bright
            };
            any.unwrap_or([FIRST_WIDTH; 2])
        }
    };
    Ok(FieldStars {
        stars: field(widths, options.threshold, options.max_stars)?,
        fwhm: widths[0],
        sky,
        sky_sigma,
        saturation,
    })
}

/// The median width of bright stars that are not saturated, that of the round star of the same area and that along the
/// longer diameter.
fn usual_widths(image: &Image<f32>, stars: &[FieldStar]) -> Option<[f64; 2]> {
    let telling = stars.iter().filter(|star| !star.saturated).take(TELLING);
    let widths: Vec<[f64; 2]> = telling
        .filter_map(|star| {
            let stamp = Stamp::about(image, [star.x, star.y], 10)?;
            let sky = stamp.border()? as f32;
            let samples: Vec<f32> = stamp.samples().map(|(_, _, sample)| sample - sky).collect();
            let fitted = shape(Plane::new((stamp.side, stamp.side), &samples).ok()?)?;
            WIDTHS
                .contains(&fitted.fwhm)
                .then_some([fitted.fwhm, fitted.fwhm_axes[0]])
        })
        .collect();
    let median = |axis: usize| median_of_finite(&mut widths.iter().map(|w| w[axis]).collect::<Vec<_>>());
    Some([median(0)?, median(1)?])
}

fn brightest_first(a: &FieldStar, b: &FieldStar) -> std::cmp::Ordering {
    let place = a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x));
    b.flux.total_cmp(&a.flux).then(place)
}

/// What stars are measured in.
struct Field<'a> {
    image: &'a Image<f32>,
    width: f64,
    /// Sigma of the window of centroids.
    window: f64,
    sky_sigma: f64,
    saturation: Option<f64>,
}

impl<'a> Field<'a> {
    /// The brightest of the sources, measured. The search has seen their light already, if with another sky: those that
    /// are far from the brightest there are not measured, but where too few of the others are stars.
    fn stars(&self, mut sources: Vec<Source>, most: usize) -> Vec<FieldStar> {
        separate::brightest_first(&mut sources);
        let mut centred: Vec<FieldStar> = Vec::with_capacity(most.min(sources.len()));
        for sources in sources.chunks(MEASURED * most.max(1)) {
            if centred.len() >= most {
                break;
            }
            self.add_brightest(sources, most, &mut centred);
        }
        centred.sort_by(brightest_first);
        centred
    }

    /// Adds the brightest of the sources until there are as many as wanted.
    fn add_brightest(&self, sources: &[Source], most: usize, centred: &mut Vec<FieldStar>) {
        let arch = pulp::Arch::new();
        let mut stars: Vec<(FieldStar, f64)> = sources
            .par_iter()
            .filter_map(|source| {
                let place = [source.x, source.y];
                let stamp = self.stamp(place)?;
                let sky = stamp.border()?;
                Some((self.at(place, source.peak, (&stamp, sky))?, sky))
            })
            .collect();
        stars.sort_by(|a, b| brightest_first(&a.0, &b.0));
        // Some have no centroid, and the next brightest take their places.
        let mut rest = stars.as_slice();
        while !rest.is_empty() && centred.len() < most {
            let (now, later) = rest.split_at((most - centred.len()).min(rest.len()));
            let now = now
                .par_iter()
                .filter_map(|star| arch.dispatch(Centring { field: self, star }));
            centred.par_extend(now);
            rest = later;
        }
    }

    fn stamp(&self, place: [f64; 2]) -> Option<Stamp<'a>> {
        let half = (HALF_STAMP * self.window).max(FLUX_RADIUS * self.width + 1.0);
        Stamp::about(self.image, place, half.ceil() as usize)
    }

    /// A star at a place, with its highest pixel, on its stamp above the sky there; nothing where it has no light.
    fn at(&self, place: [f64; 2], peak: f64, (stamp, sky): (&Stamp<'_>, f64)) -> Option<FieldStar> {
        let radius = FLUX_RADIUS * self.width;
        let mut flux = 0.0;
        for row in 0..stamp.side {
            let dy = (stamp.bottom + row) as f64 - place[1];
            let reach = radius * radius - dy * dy;
            if reach < 0.0 {
                continue;
            }
            for (column, sample) in stamp.row(row).iter().enumerate() {
                let dx = (stamp.left + column) as f64 - place[0];
                let light = f64::from(*sample) - sky;
                flux += if dx * dx <= reach { light } else { 0.0 };
            }
        }
        (flux > 0.0).then(|| FieldStar {
            x: place[0],
            y: place[1],
            flux,
            sigma: self.centroid_sigma(flux),
            peak,
            saturated: self.saturation.is_some_and(|level| peak >= level),
        })
    }

    /// What the noise of the sky makes of a centroid under the window, along either axis, for a star that is a round Gaussian of
    /// this flux: the noise of the weighted moment, over how fast that changes with the place.
    fn centroid_sigma(&self, flux: f64) -> f64 {
        let (star, window) = ((self.width / FWHM_PER_SIGMA).powi(2), self.window * self.window);
        let slope = flux * window / (star + window).powi(2);
        // The sum over the pixels of (weight x)² is the integral π window² / 2.
        self.sky_sigma * (0.5 * std::f64::consts::PI).sqrt() / slope
    }

    /// A star, with the sky about it, at its centroid; nothing where that runs away.
    #[inline(always)]
    fn centred(&self, (star, sky): &(FieldStar, f64)) -> Option<FieldStar> {
        let stamp = self.stamp([star.x, star.y])?;
        let light: Vec<f64> = (0..stamp.side)
            .flat_map(|row| stamp.row(row))
            .map(|sample| f64::from(*sample) - sky)
            .collect();
        let stride = 1.0 + (self.width / (FWHM_PER_SIGMA * self.window)).powi(2);
        let [mut x, mut y] = [star.x, star.y];
        let mut columns = vec![[0.0; 2]; stamp.side];
        for _ in 0..MOST_STEPS {
            let from = [x - stamp.left as f64, y - stamp.bottom as f64];
            let (total, along) = self.moments((&light, &mut columns), from);
            // The window draws the moment to its own middle: for a Gaussian star this step undoes that at once.
            let step = along.map(|sum| stride * sum / total);
            if total <= 0.0 || !step.iter().all(|step| step.is_finite()) {
                return None;
            }
            x += step[0];
            y += step[1];
            if (x - star.x).hypot(y - star.y) > self.width {
                return None;
            }
            if step[0].hypot(step[1]) < AT_REST {
                break;
            }
        }
        let now = self.stamp([x, y])?;
        let moved = (now.left, now.bottom) != (stamp.left, stamp.bottom);
        let sky = if moved { now.border()? } else { *sky };
        self.at([x, y], star.peak, (&now, sky))
    }

    /// The light of a stamp under the window about a place, and its moments along x and y from there. `columns` is as long as
    /// a row.
    #[inline(always)]
    fn moments(&self, (light, columns): (&[f64], &mut [[f64; 2]]), [x, y]: [f64; 2]) -> (f64, [f64; 2]) {
        let weight = |away: f64| exp(-0.5 * (away / self.window).powi(2));
        columns.fill([0.0; 2]);
        for (row, light) in light.chunks_exact(columns.len()).enumerate() {
            let away = row as f64 - y;
            let weight = weight(away);
            for (sums, light) in columns.iter_mut().zip(light) {
                sums[0] += weight * light;
                sums[1] += weight * away * light;
            }
        }
        let (mut total, mut along) = (0.0, [0.0; 2]);
        for (column, [light, moment]) in columns.iter().enumerate() {
            let away = column as f64 - x;
            let weight = weight(away);
            total += weight * light;
            along[0] += weight * away * light;
            along[1] += weight * moment;
        }
        (total, along)
    }
}

/// A star to be centred, with the sky about it, by the instructions that the processor has.
struct Centring<'f, 'a> {
    field: &'f Field<'a>,
    star: &'f (FieldStar, f64),
}

impl pulp::NullaryFnOnce for Centring<'_, '_> {
    type Output = Option<FieldStar>;

    #[inline(always)]
    fn call(self) -> Self::Output {
        self.field.centred(self.star)
    }
}

/// A square about a star, wholly inside the image.
#[derive(Clone, Copy)]
struct Stamp<'a> {
    image: &'a Image<f32>,
    left: usize,
    bottom: usize,
    side: usize,
}

impl<'a> Stamp<'a> {
    fn about(image: &'a Image<f32>, [x, y]: [f64; 2], half: usize) -> Option<Self> {
        // A cast of a negative number or of NaN gives zero, which is too near to the edge.
        let (column, row) = (x.round() as usize, y.round() as usize);
        let (left, bottom) = (column.checked_sub(half)?, row.checked_sub(half)?);
        let side = 2 * half + 1;
        (left + side <= image.nx() && bottom + side <= image.ny()).then_some(Self {
            image,
            left,
            bottom,
            side,
        })
    }

    /// The samples of a row, the lowest being row 0.
    fn row(&self, row: usize) -> &'a [f32] {
        &self.image.row(self.bottom + row)[self.left..self.left + self.side]
    }

    /// Columns, rows and samples.
    fn samples(self) -> impl Iterator<Item = (usize, usize, f32)> + 'a {
        let image = self.image;
        (self.bottom..self.bottom + self.side).flat_map(move |row| {
            (self.left..self.left + self.side).map(move |column| (column, row, image[(row, column)]))
        })
    }

    /// The median of the outermost pixels: the sky about the star.
    fn border(self) -> Option<f64> {
        let last = self.side - 1;
        let mut border: Vec<f32> = Vec::with_capacity(4 * self.side);
        border.extend_from_slice(self.row(0));
        if last > 0 {
            border.extend_from_slice(self.row(last));
        }
        border.extend((1..last).flat_map(|row| [self.row(row)[0], self.row(row)[last]]));
        median_of_finite(&mut border)
    }
}
