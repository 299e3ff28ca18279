//! An anneal period of the STIS CCD: darks whose hot pixels appear and heal, bias frames, a star's spectrum in two parts
//! with its lamp exposure, all reference files that their calibration asks for, and the truth.
//!
//! Light goes from the star through slit and grating to the silicon, where dark current and cosmic rays join it, loses on
//! its way to the amplifier, and becomes numbers.

mod charge_transfer;
mod detector;
mod header;
mod light;
mod options;
mod plan;
mod readout;
mod references;
mod scene;
mod spectrograph;
mod truth;
mod velocity;

pub use detector::{HotPixel, SIDE};
pub use options::{Grating, StisOptions};
pub use plan::Kind;
pub use scene::TrueColumn;
pub use spectrograph::SHIFT;
pub use truth::{FrameTruth, Truth};

use crate::streams::Streams;
use crate::{Result, SimulatedFile};
use detector::{Detector, dark_factor};
use light::Lamp;
use plan::{Frame, Plan};
use scene::Star;
use spectrograph::Spectrograph;

/// Where the star stands.
const TARGET_DEG: (f64, f64) = (150.0, 20.0);
/// Electrons/s in a bright pixel of the lamp.
const LAMP_BRIGHTNESS: f64 = 60.0;

/// Everything that is decided before the first photon is drawn.
#[derive(Debug, Clone)]
pub struct StisPeriod {
    options: StisOptions,
    streams: Streams,
    detector: Detector,
    optics: Spectrograph,
    plans: Vec<Plan>,
}

impl StisPeriod {
    /// Plans a period.
    ///
    /// # Errors
    /// [`crate::Error::Option`] for options outside their range.
    pub fn plan(options: &StisOptions) -> Result<Self> {
        options.check()?;
        let streams = Streams::new(options.seed);
        Ok(Self {
            detector: Detector::new(streams),
            optics: Spectrograph::new(options.grating),
            plans: plan::schedule(options, streams),
            streams,
            options: options.clone(),
        })
    }

    /// Kinds and names of the raw files: the spectrum, its lamp exposure, long darks, short ones, bias frames.
    pub fn raw_files(&self) -> Vec<(Kind, String)> {
        self.plans
            .iter()
            .map(|plan| (plan.kind, plan.file_name()))
            .collect()
    }

    /// Takes the `index`-th raw file; `None` beyond the last.
    ///
    /// # Errors
    /// [`crate::Error::Header`], never for the cards this crate makes.
    pub fn expose(&self, index: usize) -> Option<Result<SimulatedFile>> {
        let plan = self.plans.get(index)?;
        let light = self.light(plan);
        let pixels = plan.frames.iter().map(|frame| self.read(plan, frame, &light));
        Some(header::raw(self, plan, pixels.collect()))
    }

    /// Names of the reference files.
    pub fn reference_names(&self) -> Vec<String> {
        references::named().map(|(_, name)| name).collect()
    }

    /// Makes the `index`-th reference file; `None` beyond the last.
    ///
    /// # Errors
    /// As [`StisPeriod::expose`].
    pub fn reference(&self, index: usize) -> Option<Result<SimulatedFile>> {
        references::file(self, index)
    }

    /// Name of the table of engineering temperatures and the table; `None` where it was not asked for.
    ///
    /// # Errors
    /// As [`StisPeriod::expose`].
    pub fn engineering(&self) -> Option<Result<SimulatedFile>> {
        let plan = self.plans.first().filter(|_| self.options.epc)?;
        Some(truth::engineering(plan))
    }

    /// Start and end of the anneals before and after the period, MJD; each takes a day.
    pub fn anneals(&self) -> [(f64, f64); 2] {
        let end = plan::PERIOD_START + detector::PERIOD_DAYS;
        [(plan::PERIOD_START - 1.0, plan::PERIOD_START), (end, end + 1.0)]
    }

    /// What was put in.
    pub fn truth(&self) -> Truth {
        truth::truth(self)
    }

    fn optics(&self) -> &Spectrograph {
        &self.optics
    }

    /// Electrons/s that come from outside.
    fn light(&self, plan: &Plan) -> Option<Vec<f32>> {
        let light = match plan.kind {
            Kind::Dark | Kind::ShortDark | Kind::Bias => return None,
            Kind::Spectrum => scene::star(&self.star(plan)),
            Kind::Lamp => {
                let lamp = Lamp::new(&self.optics, self.streams);
                scene::lamp(&self.optics, &lamp, LAMP_BRIGHTNESS)
            }
        };
        let sensitivity = self.detector.sensitivity();
        let detected = light.iter().zip(&sensitivity).map(|(light, share)| light * share);
        Some(detected.collect())
    }

    fn star(&self, plan: &Plan) -> Star {
        let (ra, dec) = TARGET_DEG;
        let middle = 0.5 * (plan.start() + plan.end());
        let temperature_c = plan.frames.first().map_or(0.0, |frame| frame.temperature_c);
        let exptime_s = self.options.exptime;
        let mut rates = self.detector.dark_rate(plan.day());
        rates.sort_by(f32::total_cmp);
        let median = f64::from(rates[rates.len() / 2]) * dark_factor(temperature_c);
        Star {
            optics: self.optics,
            brightness: self.options.flux,
            mjd: plan.start(),
            exptime_s,
            temperature_c,
            velocity: velocity::heliocentric(ra, dec, middle),
            dark_e: (!self.options.no_cti).then_some(median * exptime_s),
        }
    }

    fn read(&self, plan: &Plan, frame: &Frame, light: &Option<Vec<f32>>) -> Vec<u16> {
        let factor = dark_factor(frame.temperature_c) as f32;
        let mut rate = self.detector.dark_rate(plan.day());
        rate.iter_mut().for_each(|rate| *rate *= factor);
        if let Some(light) = light {
            rate.iter_mut()
                .zip(light)
                .for_each(|(rate, light)| *rate += light);
        }
        let exposure = readout::Exposure {
            number: frame.number,
            exptime_s: frame.exptime_s,
            gain: self.options.atodgain,
            cosmic_rays: !self.options.no_cosmic_rays && plan.kind != Kind::Bias,
        };
        readout::expose(&self.detector, &exposure, &rate, self.streams)
    }
}
