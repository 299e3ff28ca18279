//! A visit with ACS/SBC like the one in which elevated dark rate was first taught: four long-pass
//! filters, two exposures each, while the detector warms through 25 °C, and a programme of darks.

mod detector;
mod expose;
mod header;
pub(crate) mod optics;
mod scene;
mod schedule;
mod truth;

pub use detector::{DarkState, Detector, FULL_SIZE, glow_peak, glow_shape};
pub use optics::Pointing;
pub use scene::{BANDS, Band, Galaxy};
pub use schedule::Planned;
pub use truth::{FilterTruth, FrameTruth, SkyEllipse, Truth};

use crate::{Error, Random, Result, SimulatedFile};
use serde::{Deserialize, Serialize};

/// What to simulate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct SbcVisitOptions {
    /// Seed of all random numbers: the same seed gives the same files, byte for byte.
    #[cfg_attr(feature = "clap", arg(long, default_value_t = SbcVisitOptions::default().seed))]
    pub seed: u64,
    /// Number of 1000 s darks in the dark programme, 0 to 40.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = SbcVisitOptions::default().darks))]
    pub darks: usize,
    /// Factor on the galaxy's flux.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FACTOR", default_value_t = SbcVisitOptions::default().flux))]
    pub flux: f64,
    /// Factor on the glow of the science exposures over that of darks of the same temperature: the
    /// glow depends on the detector's history, so that temperature alone does not find a dark.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FACTOR", default_value_t = SbcVisitOptions::default().glow))]
    pub glow: f64,
    /// Side of the detector in pixels, 64 to 1024: a smaller one has the same pixels and the same galaxy, and
    /// its glow at the same fraction of the side.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PIXELS", default_value_t = SbcVisitOptions::default().size))]
    pub size: usize,
}

impl Default for SbcVisitOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            darks: 20,
            flux: 1.0,
            glow: 2.5,
            size: FULL_SIZE,
        }
    }
}

impl SbcVisitOptions {
    fn check(&self) -> Result<()> {
        let bad = |option, expected, found: String| {
            Err(Error::Option {
                option,
                expected,
                found,
            })
        };
        if self.darks > 40 {
            return bad("darks", "at most 40", self.darks.to_string());
        }
        if !(64..=FULL_SIZE).contains(&self.size) {
            return bad("size", "between 64 and 1024 pixels", self.size.to_string());
        }
        if !(0.0..=1.0e4).contains(&self.flux) {
            return bad("flux", "between 0 and 10000", self.flux.to_string());
        }
        if !(0.0..=100.0).contains(&self.glow) {
            return bad("glow", "between 0 and 100", self.glow.to_string());
        }
        Ok(())
    }
}

/// A visit: everything that is decided before the first photon is drawn.
#[derive(Debug, Clone)]
pub struct Visit {
    options: SbcVisitOptions,
    detector: Detector,
    galaxy: Galaxy,
    bands: Vec<Band>,
    science: Vec<Frame>,
    darks: Vec<Frame>,
}

/// One exposure of a visit, science or dark.
#[derive(Debug, Clone)]
struct Frame {
    cards: header::ExposureCards,
    pointing: Pointing,
    dark: DarkState,
    /// The band; `None` for a dark.
    band: Option<Band>,
    stream: u64,
}

/// Target of the simulated visit.
const TARGET: &str = "SIMULATED-LYA-GALAXY";
/// Where it is: that of the visit it imitates, degrees.
const TARGET_DEG: (f64, f64) = (165.558_562_5, 38.043_113_888_89);
/// Position angle of the detector's y axis, degrees east of north.
const ORIENTATION_DEG: f64 = -42.975;
/// `PA_V3`: the SBC's y axis lies a tenth of a degree from it.
const PA_V3_DEG: f64 = 360.0 + ORIENTATION_DEG + 0.098;
/// Where the galaxy lies from the first pointing, arcsec along the undistorted detector axes.
const GALAXY_OFFSET: (f64, f64) = (0.835, 0.855);
/// Start of the visit and of the darks, Modified Julian Date.
const VISIT_START_MJD: f64 = 57_085.412_5;
/// See [`VISIT_START_MJD`].
const DARKS_START_MJD: f64 = 57_084.088_102_4;

impl Visit {
    /// Plans a visit.
    ///
    /// # Errors
    /// [`Error::Option`] for options outside their range.
    pub fn plan(options: &SbcVisitOptions) -> Result<Self> {
        options.check()?;
        let bands = BANDS
            .map(|band| Band {
                galaxy_rate: band.galaxy_rate * options.flux,
                ..band
            })
            .to_vec();
        let science = schedule::VISIT.iter().enumerate().filter_map(|(n, planned)| {
            let band = *bands.iter().find(|band| band.filter == planned.filter)?;
            Some(science_frame(options, n as u64, planned, band))
        });
        let science: Vec<Frame> = science.collect();
        let darks = (0..options.darks).map(|n| dark_frame(options, n)).collect();
        let detector = Detector { size: options.size };
        Ok(Self {
            galaxy: galaxy(detector),
            detector,
            bands,
            science,
            darks,
            options: options.clone(),
        })
    }

    /// The detector.
    pub fn detector(&self) -> Detector {
        self.detector
    }

    /// Number of science exposures.
    pub fn science_count(&self) -> usize {
        self.science.len()
    }

    /// Number of darks.
    pub fn dark_count(&self) -> usize {
        self.darks.len()
    }

    /// Exposes the `index`-th science frame: a calibrated `_flt` file; `None` beyond the last.
    ///
    /// # Errors
    /// [`Error::Header`], never for the cards this crate makes.
    pub fn science(&self, index: usize) -> Option<Result<SimulatedFile>> {
        self.science
            .get(index)
            .map(|frame| expose::flt(frame, self.detector, &self.galaxy, self.options.seed))
    }

    /// The `index`-th science frame as it was read out, a `_raw` file with the counts that [`Visit::science`] is
    /// calibrated from; `None` beyond the last.
    ///
    /// # Errors
    /// [`Error::Header`], never for the cards this crate makes.
    pub fn science_raw(&self, index: usize) -> Option<Result<SimulatedFile>> {
        self.science
            .get(index)
            .map(|frame| expose::science_raw(frame, self.detector, &self.galaxy, self.options.seed))
    }

    /// Exposes the `index`-th dark: a `_raw` file; `None` beyond the last.
    ///
    /// # Errors
    /// [`Error::Header`], never for the cards this crate makes.
    pub fn dark(&self, index: usize) -> Option<Result<SimulatedFile>> {
        self.darks
            .get(index)
            .map(|frame| expose::raw(frame, self.detector, self.options.seed))
    }

    /// The four association tables.
    ///
    /// # Errors
    /// [`Error::Header`], never for the cards this crate makes.
    pub fn associations(&self) -> Result<Vec<SimulatedFile>> {
        schedule::ASSOCIATIONS
            .iter()
            .map(|&(number, filter)| expose::association(self, number, filter))
            .collect()
    }

    /// What went into the frames.
    pub fn truth(&self) -> Truth {
        truth::of(self)
    }
}

/// The galaxy, with its major axis 8° from the undistorted detector's y axis.
fn galaxy(detector: Detector) -> Galaxy {
    let centre = pointing((0.0, 0.0), detector);
    let (sin, cos) = ORIENTATION_DEG.to_radians().sin_cos();
    let (x, y) = GALAXY_OFFSET;
    let (ra_deg, dec_deg) = centre.plane_to_sky(-cos * x + sin * y, sin * x + cos * y);
    Galaxy {
        ra_deg,
        dec_deg,
        axis_ratio: 0.55,
        position_angle_deg: ORIENTATION_DEG + 8.0,
    }
}

/// The pointing for a dither in detector pixels: what is under the reference pixel moves by as much.
fn pointing(dither: (f64, f64), detector: Detector) -> Pointing {
    let base = Pointing {
        ra_deg: TARGET_DEG.0,
        dec_deg: TARGET_DEG.1,
        orientation_deg: ORIENTATION_DEG,
        vafactor: 1.000_031,
        reference_pixel: detector.reference_pixel(),
    };
    let centre = detector.reference_pixel() - 1.0;
    let (xi, eta) = base.detector_to_plane(centre + dither.0, centre + dither.1);
    let (ra_deg, dec_deg) = base.plane_to_sky(xi, eta);
    Pointing {
        ra_deg,
        dec_deg,
        ..base
    }
}

fn science_frame(options: &SbcVisitOptions, n: u64, planned: &Planned, band: Band) -> Frame {
    let number = schedule::ASSOCIATIONS
        .iter()
        .find(|a| a.1 == planned.filter)
        .map_or("", |a| a.0);
    let mut random = Random::new(options.seed, 1000 + n);
    Frame {
        cards: header::ExposureCards {
            rootname: format!("jsim11{}q", planned.suffix),
            suffix: "flt",
            image_type: "EXT",
            target: TARGET,
            target_deg: TARGET_DEG,
            proposal: 0,
            filter: planned.filter.to_owned(),
            expstart: VISIT_START_MJD + planned.start_s / 86400.0,
            pa_v3_deg: PA_V3_DEG,
            exptime_s: planned.exptime_s,
            association: format!("JSIM11{number}"),
            member_type: "EXP-DTH",
            temperatures_c: (planned.temperature_start_c, planned.temperature_end_c),
            size: options.size,
            seed: options.seed,
        },
        pointing: pointing(planned.dither, Detector { size: options.size }),
        dark: DarkState::at(planned.temperature_c(), options.glow, &mut random),
        band: Some(band),
        stream: 2000 + n,
    }
}

fn dark_frame(options: &SbcVisitOptions, n: usize) -> Frame {
    let temperatures_c = (
        schedule::dark_temperature_c(n as f64),
        schedule::dark_temperature_c(n as f64 + 1.0),
    );
    let mut random = Random::new(options.seed, 3000 + n as u64);
    Frame {
        cards: header::ExposureCards {
            rootname: format!("jsim01{}q", schedule::dark_suffix(n)),
            suffix: "raw",
            image_type: "DARK",
            target: "DARK",
            target_deg: (0.0, 0.0),
            proposal: 0,
            filter: "BLOCK1".to_owned(),
            expstart: DARKS_START_MJD + n as f64 * schedule::DARK_CADENCE_S / 86400.0,
            pa_v3_deg: PA_V3_DEG,
            exptime_s: schedule::DARK_EXPTIME_S,
            association: "JSIM01010".to_owned(),
            member_type: "EXP-RPT",
            temperatures_c,
            size: options.size,
            seed: options.seed,
        },
        pointing: pointing((0.0, 0.0), Detector { size: options.size }),
        dark: DarkState::at(0.5 * (temperatures_c.0 + temperatures_c.1), 1.0, &mut random),
        band: None,
        stream: 4000 + n as u64,
    }
}
