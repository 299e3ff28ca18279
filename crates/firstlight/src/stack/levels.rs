//! What brings a frame to the level of the reference: its sky, and what its stars are short of.

use super::StackOptions;
use crate::ccd::{CcdFile, CcdFrame, CcdOpenOptions, number, unusable};
use crate::register::{FieldOptions, Registered, field};
use crate::{Error, Result};
use firstlight_align::register::Projective;
use firstlight_frame::Image;
use firstlight_measure::find::{FieldStar, FieldStars};
use firstlight_measure::{
    Aperture, ApertureSet, BackgroundStatistic, LocalBackground, Measured, Planes, Settings, Shapes,
    aperture_photometry,
};
use firstlight_stats::median_of_finite;

/// Stars that tell the zero point at most: the brightest that both frames have.
const MOST_STARS: usize = 60;
/// Stars without which there is no zero point.
const FEWEST_STARS: usize = 3;
/// The radius that their light is summed in, in widths of the frame whose stars are wider.
const APERTURE: f64 = 2.5;
/// A star is the reference's where it is no farther than this from its place, pixels.
const NEAR: f64 = 1.5;

/// What a frame is subtracted of and multiplied by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Level {
    /// The clipped median of its sky, in its unit.
    pub(super) sky: f64,
    /// Standard deviation of the sky.
    pub(super) sky_sigma: f64,
    pub(super) exptime_s: f64,
    /// The reference's exposure time over its own.
    pub(super) of_time: f64,
    /// What its stars are short of beyond that.
    pub(super) of_zero_point: f64,
    /// How many stars told so.
    pub(super) stars: usize,
}

impl Level {
    /// What samples above the sky are multiplied by.
    pub(super) fn factor(&self) -> f64 {
        self.of_time * self.of_zero_point
    }
}

/// Stars of a frame, with what their fluxes are measured in.
struct Seen {
    field: FieldStars,
    frame: CcdFrame<f32>,
    bad: Image<bool>,
}

impl Seen {
    fn of(file: &CcdFile, stars: &FieldOptions) -> Result<Self> {
        let frame = file.read::<f32>()?;
        Ok(Self {
            field: field(file, stars)?,
            bad: unusable(&frame),
            frame,
        })
    }

    /// Fluxes at places within a radius, above the sky about them.
    fn fluxes(&self, places: &[(f64, f64)], radius: f64) -> Result<Vec<f64>> {
        let planes = Planes::new(&self.frame.sci).with_mask(&self.bad)?;
        let set = ApertureSet {
            apertures: vec![Aperture::CircularAperture { r: radius }],
            background: Some(Aperture::CircularAnnulus {
                r_in: radius + 2.0,
                r_out: 2.0 * radius + 6.0,
            }),
        };
        // Whole numbers have a median that is one too, and off by up to a half in each pixel.
        let settings = Settings {
            background: LocalBackground {
                statistic: BackgroundStatistic::Mean,
                ..LocalBackground::default()
            },
            ..Settings::default()
        };
        let measured = aperture_photometry(&planes, places, &Shapes::Same(set), &settings)?;
        let flux = |measured: &Measured| measured.net(0, false).map_or(f64::NAN, |(flux, _)| flux);
        Ok(measured.iter().map(flux).collect())
    }
}

/// The reference, as what frames are compared with.
pub(super) struct Standard {
    pub(super) exptime_s: f64,
    seen: Seen,
}

impl Standard {
    pub(super) fn of(reference: &CcdFile, options: &StackOptions, stars: &FieldOptions) -> Result<Self> {
        Ok(Self {
            exptime_s: exposure(reference, options)?,
            seen: Seen::of(reference, stars)?,
        })
    }

    /// The level of a frame that is registered.
    pub(super) fn level(
        &self,
        frame: &Registered,
        map: &Projective,
        (options, open, stars): (&StackOptions, &CcdOpenOptions, &FieldOptions),
    ) -> Result<Level> {
        let file = CcdFile::open(&frame.file, open)?;
        let exptime_s = exposure(&file, options)?;
        let seen = Seen::of(&file, stars)?;
        let of_time = self.exptime_s / exptime_s;
        let ratios = self.ratios(map, &seen)?;
        let of_zero_point = match (options.no_zero_point, ratios.len()) {
            (true, _) => 1.0,
            (false, n) if n < FEWEST_STARS => {
                return Err(Error::Contradiction {
                    path: frame.file.clone(),
                    reason: format!(
                        "{n} of its stars are the reference's and not saturated, {FEWEST_STARS} are needed for its zero point; \
                         leave it out, or scale by exposure times alone (--no-zero-point)"
                    ),
                });
            }
            (false, _) => median_of_finite(&mut ratios.clone()).unwrap_or(1.0) / of_time,
        };
        Ok(Level {
            sky: seen.field.sky,
            sky_sigma: seen.field.sky_sigma,
            exptime_s,
            of_time,
            of_zero_point,
            stars: ratios.len(),
        })
    }

    /// Fluxes of the reference's stars over those of the same stars in a frame, in one aperture that holds the wider ones.
    fn ratios(&self, map: &Projective, other: &Seen) -> Result<Vec<f64>> {
        let usable = |star: &&FieldStar| !star.saturated && star.flux > 0.0;
        let pair = |star: &FieldStar| {
            let [x, y] = map.to_image([star.x, star.y]);
            let away = |other: &FieldStar| (other.x - x).hypot(other.y - y);
            let found = other.field.stars.iter().filter(usable);
            let nearest = found.min_by(|a, b| away(a).total_cmp(&away(b)))?;
            (away(nearest) <= NEAR).then_some(((star.x, star.y), (nearest.x, nearest.y)))
        };
        let stars = self.seen.field.stars.iter().filter(usable);
        let (own, others): (Vec<_>, Vec<_>) = stars.filter_map(pair).take(MOST_STARS).unzip();
        let radius = APERTURE * self.seen.field.fwhm.max(other.field.fwhm);
        let fluxes = self.seen.fluxes(&own, radius)?.into_iter();
        let both = fluxes.zip(other.fluxes(&others, radius)?);
        let ratios = both.map(|(own, other)| own / other);
        Ok(ratios.filter(|ratio| ratio.is_finite() && *ratio > 0.0).collect())
    }
}

/// The exposure time, s.
fn exposure(file: &CcdFile, options: &StackOptions) -> Result<f64> {
    let seconds = number(file.header(), &options.exposure_key).ok_or_else(|| Error::MissingKeyword {
        path: file.path().to_owned(),
        keyword: options.exposure_key.clone(),
    })?;
    match seconds.is_finite() && seconds > 0.0 {
        true => Ok(seconds),
        false => Err(Error::Contradiction {
            path: file.path().to_owned(),
            reason: format!(
                "{} is {seconds}, but frames are scaled by it; correct it ('firstlight header set'), or leave the file out",
                options.exposure_key
            ),
        }),
    }
}
