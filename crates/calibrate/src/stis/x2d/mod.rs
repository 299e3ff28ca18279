//! X2DCORR: the image with wavelength along x and place along the slit along y, both linear.
//!
//! The order is that of [`x2d`]: [`grid`] lays out the rectified image, [`rectify`] fills it from where its pixels come
//! from, [`bars`] flags what the slit hides, [`flux`] turns counts into surface brightness.

pub mod bars;
mod exposure;
pub mod flux;
pub mod grid;
mod record;
pub mod rectify;

pub(in crate::stis) use exposure::NOT_RECTIFIED;
pub use exposure::{RectifiedExposure, x2d_exposure};
pub use flux::SurfaceBrightness;
pub use grid::OutputGrid;
pub use record::{record, record_imset};

use super::tables::apdestab::Aperture;
use super::tables::sdctab::RectifiedGrid;
use super::{SpectralImset, SpectralMode, SpectralSwitches, heliocentric_factor, heliocentric_velocity};
use crate::References;
use crate::Result;
use crate::steps::{Statistics, check_shapes_of, statistics};
use firstlight_frame::Frame;
use firstlight_frame::fits::Header;
use serde::{Deserialize, Serialize};

/// Parameters of X2DCORR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default, deny_unknown_fields)]
pub struct X2dOptions {
    /// Put the target, and not the nominal middle of the slit, on the middle row
    #[cfg_attr(feature = "clap", arg(long))]
    pub center: bool,
    /// Whether statistics of the good pixels are recorded, where the header (STATFLAG) wants them
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "BOOL", action = clap::ArgAction::Set, default_value_t = Self::default().statflag)
    )]
    pub statflag: bool,
}

impl Default for X2dOptions {
    fn default() -> Self {
        Self {
            center: false,
            statflag: true,
        }
    }
}

/// A rectified imset and how it was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Rectified {
    /// Its planes.
    pub frame: Frame,
    /// What was done.
    pub report: X2dReport,
}

impl X2dReport {
    /// What is to be said of it: tables that have no row for the mode.
    pub fn doubts(&self) -> &[String] {
        self.flux.as_ref().map_or(&[], |flux| &flux.left_out)
    }
}

/// How an imset was rectified.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct X2dReport {
    /// Its coordinates.
    pub grid: OutputGrid,
    /// V_HELIO, km/s; None where wavelengths are as observed.
    pub v_helio_km_s: Option<f64>,
    /// Units of surface brightness; None where the pixels are counts.
    pub flux: Option<SurfaceBrightness>,
    /// Statistics of the good pixels, where they were asked for.
    pub statistics: Option<Statistics>,
}

/// Rectifies an imset, whose unit is DN. A wavecal is not shifted, and its wavelengths are as observed.
///
/// # Errors
/// [`crate::Error::NotSupported`] for other detectors and gratings; [`crate::Error::NoReference`],
/// [`crate::Error::NoRow`], [`crate::Error::ReferenceTable`] and [`crate::Error::ReferenceValue`] of the tables;
/// [`crate::Error::Keyword`] of the headers; [`crate::Error::Shape`] where the planes of the frame differ in shape.
pub fn x2d(
    frame: &Frame,
    primary: &Header,
    sci: &Header,
    references: &References,
    switches: &SpectralSwitches,
    options: &X2dOptions,
) -> Result<Rectified> {
    let mode = SpectralMode::of(primary)?;
    let imset = SpectralImset::of(&mode.name, sci)?;
    check_shapes_of(frame)?;
    let table = |keyword| references.require("X2DCORR", keyword);
    let aperture = Aperture::of(&mode.aperture, table("APDESTAB")?)?;
    let nominal = RectifiedGrid::of(&mode, table("SDCTAB")?)?;
    let grid = OutputGrid::of(
        &nominal,
        &imset,
        frame.sci.shape(),
        options.center,
        table("SDCTAB")?,
    )?;
    let velocity = (switches.helcorr && !imset.is_wavecal).then(|| {
        let middle = (imset.expstart + imset.expend) / 2.0;
        heliocentric_velocity(mode.ra_targ, mode.dec_targ, middle)
    });
    let factor = velocity.map_or(1.0, heliocentric_factor);

    let map = rectify::Map::of(&mode, &imset, &aperture, &grid, references)?;
    let mut rectified = map.rectify(frame, factor);
    bars::flag(&mut rectified, &aperture, &grid);
    let calibration = match switches.fluxcorr && imset.exptime_s > 0.0 {
        true => flux::Calibration::of(&mode, &imset, references)?,
        false => None,
    };
    let flux =
        calibration.map(|calibration| calibration.apply(&mut rectified, &imset, &aperture, &grid, factor));
    let statistics = match switches.statflag && options.statflag {
        true => Some(statistics(&rectified, imset.sdqflags)?),
        false => None,
    };
    Ok(Rectified {
        frame: rectified,
        report: X2dReport {
            grid,
            v_helio_km_s: velocity,
            flux,
            statistics,
        },
    })
}
