//! The stars of a frame in a file.

use crate::ccd::CcdFile;
use crate::{Error, Result};
use firstlight_align::register::Star;
use firstlight_measure::Planes;
use firstlight_measure::find::{FieldOptions, FieldStars, field_stars};

/// The stars of a frame.
pub(crate) struct FrameStars {
    /// Brightest first.
    pub stars: Vec<Star>,
    /// Their full width at half maximum, pixels.
    pub fwhm: f64,
}

impl FrameStars {
    pub(crate) fn find(file: &CcdFile, options: &FieldOptions) -> Result<Self> {
        let field = field(file, options)?;
        let stars = field.stars.iter().map(|star| Star {
            position: [star.x, star.y],
            brightness: star.flux,
            sigma: star.sigma,
            exact: !star.saturated,
        });
        Ok(Self {
            stars: stars.collect(),
            fwhm: field.fwhm,
        })
    }
}

/// The stars of a frame, its masked pixels left out.
pub(crate) fn field(file: &CcdFile, options: &FieldOptions) -> Result<FieldStars> {
    let frame = file.read::<f32>()?;
    let mask = frame.mask();
    let within = |error: firstlight_measure::Error| Error::from(error).in_file(file.path());
    let planes = Planes::new(&frame.sci);
    let planes = match &mask {
        Some(mask) => planes.with_mask(mask).map_err(within)?,
        None => planes,
    };
    field_stars(&planes, options).map_err(within)
}
