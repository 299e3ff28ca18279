//! Nights at a small telescope on the ground: a globular cluster through several filters, flats of the twilight sky, darks
//! and bias frames, and the truth.
//!
//! Light goes from the stars through atmosphere, optics and filter to the silicon, where dark current and cosmic rays join
//! it, and becomes numbers. Headers are as an amateur's camera has them, without world coordinates.

mod cluster;
mod detector;
mod expose;
mod filter;
mod geometry;
mod header;
mod optics;
mod options;
mod plan;
mod star_image;
mod truth;
mod variables;
mod weather;

pub use cluster::Star;
pub use detector::{DEAD, HOT};
pub use filter::Filter;
pub use geometry::{Affine, Projection};
pub use options::CcdOptions;
pub use plan::Kind;
pub use truth::{FrameTruth, ScienceTruth, StarTruth, Truth};
pub use variables::{Variability, Variable};
pub use weather::Weather;

use crate::streams::Streams;
use crate::{Extension, Result};
use detector::Detector;
use plan::Frame;
use rayon::prelude::*;

/// Everything that is decided before the first photon is drawn.
#[derive(Debug, Clone)]
pub struct CcdNights {
    options: CcdOptions,
    streams: Streams,
    detector: Detector,
    /// What of even light each pixel sees through each filter; the mean is 1.
    responses: Vec<(Filter, Vec<f32>)>,
    stars: Vec<Star>,
    variables: Vec<Variable>,
    frames: Vec<Frame>,
}

impl CcdNights {
    /// Plans the nights.
    ///
    /// # Errors
    /// [`crate::Error::Option`] for options outside their range or that contradict each other.
    pub fn plan(options: &CcdOptions) -> Result<Self> {
        options.check()?;
        let streams = Streams::new(options.seed);
        let detector = Detector::new(options, streams);
        let respond = |&filter: &Filter| (filter, response(options, filter, &detector, streams));
        let responses = options.filters.par_iter().map(respond).collect();
        let stars = cluster::draw(options, streams);
        Ok(Self {
            variables: variables::choose(options, &stars),
            frames: plan::schedule(options, streams),
            options: options.clone(),
            streams,
            detector,
            responses,
            stars,
        })
    }

    /// The options.
    pub fn options(&self) -> &CcdOptions {
        &self.options
    }

    /// Folders of the nights.
    pub fn folders(&self) -> Vec<String> {
        (0..self.options.nights).map(plan::folder).collect()
    }

    /// Kinds of the raw files and their paths, a night's folder and a name, in the order in which they are taken.
    pub fn raw_files(&self) -> Vec<(Kind, String)> {
        self.frames
            .iter()
            .map(|frame| (frame.kind, frame.path()))
            .collect()
    }

    /// Takes the `index`-th frame: the only HDU of its file, of `height` rows and `width` columns, and the overscan's;
    /// `None` beyond the last.
    ///
    /// # Errors
    /// [`crate::Error::Header`], never for the cards this crate makes.
    pub fn expose(&self, index: usize) -> Option<Result<Extension>> {
        let frame = self.frames.get(index)?;
        let shape = (self.options.height, self.options.width + self.options.overscan);
        let header = header::raw(self, frame);
        Some(header.map(|header| Extension::Unsigned(header, shape, expose::expose(self, frame))))
    }

    /// Electrons that the light of the `index`-th frame is expected to give in each pixel, were all pixels alike and
    /// dark; `None` beyond the last and for frames without light. Shape `(height, width)`.
    pub fn light(&self, index: usize) -> Option<Vec<f32>> {
        expose::light(self, self.frames.get(index)?)
    }

    /// What was put in.
    pub fn truth(&self) -> Truth {
        truth::truth(self)
    }

    /// Names of the truth images: bias (ADU), dark rate (electrons/s at the temperature that was set), bad pixels ([`DEAD`]
    /// and [`HOT`]), and of each filter what of even light each pixel sees, 1 in the mean.
    pub fn truth_image_names(&self) -> Vec<String> {
        truth::image_names(self)
    }

    /// The truth images in the order of their names, each the only HDU of its file.
    ///
    /// # Errors
    /// As [`CcdNights::expose`].
    pub fn truth_images(&self) -> Result<Vec<Extension>> {
        truth::images(self)
    }

    /// See [`CcdNights::responses`].
    fn response(&self, filter: Filter) -> Option<&[f32]> {
        let of_filter = self.responses.iter().find(|(of, _)| *of == filter);
        of_filter.map(|(_, response)| response.as_slice())
    }

    /// Electrons expected of a star in a science frame, in pixels of mean sensitivity; 0 in others.
    fn star_electrons(&self, index: usize, frame: &Frame) -> f64 {
        let (Some(filter), Some(weather)) = (frame.filter, frame.weather) else {
            return 0.0;
        };
        let mut magnitude = self.stars[index].magnitude(filter);
        if let Some(variable) = self.variables.iter().find(|variable| variable.star == index + 1) {
            magnitude += variable.change(frame.middle_mjd(), filter);
        }
        let rate = 10.0_f64.powf(-0.4 * (magnitude - filter.zero_point()));
        rate * weather.extinction * frame.exptime_s
    }
}

/// Throughput times sensitivity, 1 in the mean.
fn response(options: &CcdOptions, filter: Filter, detector: &Detector, streams: Streams) -> Vec<f32> {
    let mut response = optics::throughput(options, filter, streams);
    let mut sum = 0.0;
    for (value, sensitivity) in response.iter_mut().zip(&detector.sensitivity) {
        *value *= sensitivity;
        sum += f64::from(*value);
    }
    let mean = (sum / response.len() as f64) as f32;
    response.iter_mut().for_each(|value| *value /= mean);
    response
}
