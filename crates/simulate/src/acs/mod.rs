//! Raw exposures of ACS, WFC, HRC and SBC, of a globular cluster's field, with all reference files that their
//! calibration asks for, and the truth.
//!
//! Everything runs in nature's direction: light, sensitivity, dark current, cosmic rays, full wells, the transfer of
//! charge with its losses, the amplifiers, the converter. The reference files tell what the simulated camera is like.

mod bias;
mod camera;

mod expose;
mod geometry;
mod header;
mod optics;
mod options;
mod readout;
mod references;
mod silicon;
mod sky;
pub mod star_image;

mod traps;
mod truth;

pub use camera::{Amplifier, Detector, Electronics, Era, electronics};
pub use expose::Exposed;
pub use geometry::{Region, Section, Subarray};
pub use options::{AcsOptions, Set};
pub use sky::{Pointing, Star};
pub use truth::{ExposureTruth, StarTruth, Truth};

use crate::streams::{Purpose, Streams};
use crate::{Result, SimulatedFile};
use camera::electronics as electronics_of;
use geometry::{CHIP_GAP, sections};
use optics::Optics;
use silicon::Silicon;
use sky::{Field, TARGET_DEG};

/// Electrons/s (counts/s) of the sky in a pixel.
fn sky_rate(detector: Detector) -> f64 {
    match detector {
        Detector::Wfc => 0.115,
        Detector::Hrc => 0.03,
        Detector::Sbc => 2.5e-4,
    }
}

/// A visit: everything that is decided before the first photon is drawn.
#[derive(Debug, Clone)]
pub struct AcsVisit {
    options: AcsOptions,
    streams: Streams,
    sections: Vec<Section>,
    electronics: [Electronics; 4],
    /// Distortion; `None` for optics without.
    optics: Option<Optics>,
    stars: Vec<Star>,
    exposures: Vec<Plan>,
}

/// One exposure as it is planned.
#[derive(Debug, Clone)]
struct Plan {
    number: usize,
    rootname: String,
    start_mjd: f64,
    pointing: Pointing,
    /// Offset of the field on the detector from the first exposure's, pixels.
    dither: (f64, f64),
    /// By how much the header's pointing is wrong, pixels along x and y.
    error: (f64, f64),
}

impl Plan {
    /// The reference point's place on the sky as the header has it, degrees.
    fn claimed_deg(&self) -> (f64, f64) {
        match self.error {
            (0.0, 0.0) => self.pointing.centre_deg,
            (x, y) => self.pointing.sky(x, y),
        }
    }
}

/// Where the pointings of a dither lie, pixels.
const DITHER: [(f64, f64); 9] = [
    (0.0, 0.0),
    (5.25, 1.5),
    (2.75, 4.75),
    (-2.5, 3.25),
    (-5.5, -1.75),
    (1.25, -4.5),
    (6.5, 7.25),
    (-7.25, 5.5),
    (3.5, -8.25),
];

impl AcsVisit {
    /// Plans a visit.
    ///
    /// # Errors
    /// [`crate::Error::Option`] for options outside their range or that contradict each other.
    pub fn plan(options: &AcsOptions) -> Result<Self> {
        let options = options.checked()?;
        let streams = Streams::new(options.seed);
        let sections = sections(options.detector, options.subarray);
        let exposures: Vec<Plan> = (0..options.members).map(|n| plan(&options, streams, n)).collect();
        let optics = options.distortion.then(|| Optics::of(options.detector));
        let field = field(&options, &sections, optics.as_ref());
        let stars = match exposures.first() {
            Some(first) => field.draw(&first.pointing, streams),
            None => Vec::new(),
        };
        Ok(Self {
            electronics: electronics_of(options.detector, options.era, options.gain),
            optics,
            streams,
            sections,
            stars,
            exposures,
            options,
        })
    }

    /// The options, with what follows from others put right.
    pub fn options(&self) -> &AcsOptions {
        &self.options
    }

    /// What is read of each chip, in the order of the imsets.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Number of exposures.
    pub fn exposure_count(&self) -> usize {
        self.exposures.len()
    }

    /// Names of the raw files and of the truth images.
    pub fn exposure_names(&self) -> Vec<[String; 2]> {
        let names = |plan: &Plan| {
            [
                format!("{}_raw.fits", plan.rootname),
                format!("{}_truth.fits", plan.rootname),
            ]
        };
        self.exposures.iter().map(names).collect()
    }

    /// Takes the `index`-th exposure; `None` beyond the last.
    ///
    /// # Errors
    /// [`crate::Error::Header`], never for the cards this crate makes.
    pub fn expose(&self, index: usize) -> Option<Result<Exposed>> {
        self.exposures.get(index).map(|plan| expose::expose(self, plan))
    }

    /// Names of the reference files.
    pub fn reference_names(&self) -> Vec<String> {
        references::names(self)
    }

    /// Makes the `index`-th reference file; `None` beyond the last.
    ///
    /// # Errors
    /// As [`AcsVisit::expose`].
    pub fn reference(&self, index: usize) -> Option<Result<SimulatedFile>> {
        references::file(self, index)
    }

    /// The association; `None` for single exposures.
    ///
    /// # Errors
    /// As [`AcsVisit::expose`].
    pub fn association(&self) -> Result<Option<SimulatedFile>> {
        header::association(self)
    }

    /// What was put in.
    pub fn truth(&self) -> Truth {
        truth::truth(self)
    }

    /// The silicon behind a section.
    fn silicon(&self, section: &Section) -> Silicon {
        let AcsOptions { detector, era, .. } = self.options;
        Silicon::new(detector, era, section.chip_number(), self.streams)
    }

    /// Area of the pixel at a place on the imaging area of a section, relative to the nominal one.
    fn area(&self, section: &Section, x: f64, y: f64) -> f64 {
        let (x, y) = offset_of(self.options.detector, section, x, y);
        self.optics.map_or(1.0, |optics| optics.area(x, y))
    }

    /// Seconds during which dark current gathers: after SM4 it goes on while the chip waits to be read.
    fn dark_time_s(&self) -> f64 {
        let overhead = match (self.options.era, self.options.flash > 0.0) {
            _ if self.options.set == Set::Bias || self.options.detector != Detector::Wfc => 0.0,
            (Era::BeforeSm4, _) => 0.0,
            (Era::AfterSm4, false) => references::UNFLASHED_OVERHEAD_S,
            (Era::AfterSm4, true) => references::FLASHED_OVERHEAD_S,
        };
        self.options.exptime + overhead
    }
}

fn plan(options: &AcsOptions, streams: Streams, number: usize) -> Plan {
    let dither = if options.set == Set::Dither {
        DITHER[number]
    } else {
        (0.0, 0.0)
    };
    let mut pointing = Pointing {
        centre_deg: TARGET_DEG,
        orientation_deg: options.era.pa_v3_deg() - 182.5,
        scale_arcsec: options.detector.scale_arcsec(),
    };
    pointing.centre_deg = pointing.sky(-dither.0, -dither.1);
    let mut random = streams.of(Purpose::Pointing, 0, number as u64, 0);
    let error = match number {
        0 => (0.0, 0.0),
        _ => (
            options.pointing_error * random.normal(),
            options.pointing_error * random.normal(),
        ),
    };
    let start = options.era.start_mjd() + number as f64 * (options.exptime + 160.0) / 86_400.0;
    Plan {
        number,
        rootname: format!("{}a{}q", stem(options), number + 1),
        start_mjd: start,
        pointing,
        dither,
        error,
    }
}

/// Six characters that the names of a visit begin with.
fn stem(options: &AcsOptions) -> String {
    let subarray = options.subarray.is_some();
    let camera = match (options.detector, options.era) {
        (Detector::Wfc, Era::BeforeSm4) if subarray => "jfls",
        (Detector::Wfc, Era::AfterSm4) if subarray => "jflt",
        (Detector::Wfc, Era::BeforeSm4) => "jflw",
        (Detector::Wfc, Era::AfterSm4) => "jflx",
        (Detector::Hrc, _) => "jflh",
        (Detector::Sbc, _) => "jflm",
    };
    let visit = match options.set {
        Set::CrSplit => 1,
        Set::Dither => 2,
        Set::Repeat => 3,
        Set::Single => 4,
        Set::Bias => 5,
    };
    format!("{camera}{visit:02}")
}

/// The stars' field: what the sections see.
fn field(options: &AcsOptions, sections: &[Section], optics: Option<&Optics>) -> Field {
    let corners = sections.iter().flat_map(|section| {
        let (ny, nx) = section.shape;
        let (right, top) = (nx as f64 - 0.5, ny as f64 - 0.5);
        [(-0.5, -0.5), (right, -0.5), (-0.5, top), (right, top)].map(|(x, y)| {
            let (x, y) = offset_of(options.detector, section, x, y);
            optics.map_or((x, y), |optics| optics.plane(x, y))
        })
    });
    let (mut low, mut high) = ((f64::MAX, f64::MAX), (f64::MIN, f64::MIN));
    for (x, y) in corners {
        low = (low.0.min(x), low.1.min(y));
        high = (high.0.max(x), high.1.max(y));
    }
    Field {
        stars: options.stars,
        half: (0.5 * (high.0 - low.0) + 8.0, 0.5 * (high.1 - low.1) + 8.0),
        centre: (0.5 * (low.0 + high.0), 0.5 * (low.1 + high.1)),
        rates: match options.detector {
            Detector::Wfc => (1.5, 5000.0),
            Detector::Hrc => (1.0, 4000.0),
            Detector::Sbc => (0.03, 20.0),
        },
    }
}

/// Offset in pixels from the pointing of a place on the imaging area of a section.
fn offset_of(detector: Detector, section: &Section, x: f64, y: f64) -> (f64, f64) {
    let (x, y) = (x + section.origin.0 as f64, y + section.origin.1 as f64);
    let (rx, ry) = reference_point(detector, section.chip_number());
    (x - rx, y - ry)
}

/// Where the pointing falls on a chip, 0-based pixels of its imaging area: the middle of the gap between the WFC's
/// chips, of the others the middle of the chip.
fn reference_point(detector: Detector, chip: i64) -> (f64, f64) {
    match (detector, chip) {
        (Detector::Wfc, 1) => (2047.5, -0.5 - 0.5 * CHIP_GAP),
        (Detector::Wfc, _) => (2047.5, 2047.5 + 0.5 * CHIP_GAP),
        _ => (511.5, 511.5),
    }
}
