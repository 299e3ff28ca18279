//! Where a reference frame's stars, or its light, are in other frames of the field.

mod by_light;
mod by_wcs;
mod maps;
mod stars;
mod table;

pub use by_light::without_saturated;
pub use firstlight_align::register::{Described, Geometry, Projective, RegisterOptions as MatchOptions};
pub use firstlight_measure::find::FieldOptions;
pub(crate) use maps::{MapsFrom, each_registered, maps};
pub(crate) use stars::field;
pub use table::{KnownMap, read_registrations};

use crate::ccd::{CcdFile, CcdOpenOptions};
use crate::input::Failure;
use crate::progress::go_on;
use crate::{Error, ErrorClass, Progress, Result};
use firstlight_align::phase::PhaseReference;
use firstlight_align::register::register_stars;
use firstlight_frame::Table;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
pub(crate) use stars::FrameStars;
use std::path::{Path, PathBuf};

/// What frames are registered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Method {
    /// Their stars: triangles alike.
    #[default]
    Stars,
    /// The world coordinates of their headers.
    Wcs,
    /// All of their light, where there are no stars to match: a shift and no more, whatever the geometry.
    Phase,
}

/// How frames are registered.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct RegisterOptions {
    /// The frame that the others are registered to; it may be one of them. [default: the first]
    #[cfg_attr(feature = "clap", arg(long, short, value_name = "FILE"))]
    pub reference: Option<PathBuf>,
    /// What frames are registered by.
    #[cfg_attr(feature = "clap", arg(long, value_enum, default_value_t = RegisterOptions::default().method))]
    pub method: Method,
    /// How stars are matched.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    pub matching: MatchOptions,
    /// How stars are found.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    pub stars: FieldOptions,
    /// Which image of a file is the frame.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten))]
    pub open: CcdOpenOptions,
}

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is the reference.
    Reference,
    /// The map to it is known.
    Registered,
    /// It could not be registered.
    Failed,
}

/// A frame that was to be registered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Registered {
    /// The frame.
    pub file: PathBuf,
    /// What became of it.
    pub status: Status,
    /// From the reference's pixels to the frame's, 0-based.
    pub map: Option<Projective>,
    /// What the map does about the reference's middle.
    pub described: Option<Described>,
    /// Stars that were found.
    pub stars: Option<usize>,
    /// Stars, or points of the coordinate system, that the map was fitted to.
    pub matches: Option<usize>,
    /// Root of the mean square of their distances from where the map puts them, pixels of the frame.
    pub rms: Option<f64>,
    /// Full width at half maximum of the stars, pixels.
    pub fwhm: Option<f64>,
    /// Correlation of the frame's light with the reference's, where frames are registered by it.
    pub correlation: Option<f64>,
    /// Standard deviation of that shift along x and y, pixels.
    pub sigma: Option<[f64; 2]>,
    /// Why it could not be registered.
    pub why: Option<String>,
    /// What can be done about that.
    pub class: Option<ErrorClass>,
}

/// What became of all frames.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegisterReport {
    /// The frame that the others were registered to.
    pub reference: PathBuf,
    /// Its shape, `(ny, nx)`.
    pub shape: (usize, usize),
    /// The frames, in the order given.
    pub frames: Vec<Registered>,
}

impl RegisterReport {
    /// The report as a table, one row a frame; [`read_registrations`] reads it back.
    ///
    /// # Errors
    /// None but those of columns of unequal length, which they are not.
    pub fn table(&self) -> Result<Table> {
        table::of(self)
    }

    /// Frames that could not be registered.
    pub fn failed(&self) -> impl Iterator<Item = &Registered> {
        self.frames.iter().filter(|frame| frame.status == Status::Failed)
    }
}

/// Registers frames to one of them, or to another. They are not changed.
///
/// A frame that cannot be registered is reported, and the others go on.
///
/// # Errors
/// What is wrong with the options or the reference; what is wrong with the frame, where there is but one beside it.
pub fn register(
    files: &[PathBuf],
    options: &RegisterOptions,
    progress: &dyn Progress,
) -> Result<RegisterReport> {
    let (reference, frames) = to_reference(files, options, progress)?;
    Ok(RegisterReport {
        reference: reference.path().to_owned(),
        shape: reference.shape(),
        frames,
    })
}

/// As [`register`]: the opened reference, and the frames.
pub(crate) fn to_reference(
    files: &[PathBuf],
    options: &RegisterOptions,
    progress: &dyn Progress,
) -> Result<(CcdFile, Vec<Registered>)> {
    options.matching.check()?;
    let named = options.reference.as_ref().or(files.first());
    let reference = named
        .ok_or_else(|| Error::Usage("no frame is given to register".to_owned()))?
        .clone();
    let target = Target::open(&reference, options)?;
    progress.start("registering", Some(files.len() as u64));
    let frames: Vec<(Registered, Option<Error>)> = files
        .par_iter()
        .map(|file| {
            let result = go_on(progress)
                .map_err(Error::from)
                .and_then(|()| target.register(file, &reference, options));
            progress.advance(1);
            match result {
                Ok(frame) => (frame, None),
                Err(error) => (failed(file, &error), Some(error)),
            }
        })
        .collect();
    progress.finish();
    go_on(progress)?;
    let others = files.iter().filter(|file| **file != reference).count();
    let mut registered = Vec::with_capacity(frames.len());
    for (frame, error) in frames {
        match error {
            Some(error) if others == 1 => return Err(error),
            _ => registered.push(frame),
        }
    }
    Ok((target.file, registered))
}

fn failed(file: &Path, error: &Error) -> Registered {
    Registered {
        why: Some(error.to_string()),
        class: Some(error.class()),
        ..Registered::blank(file, Status::Failed)
    }
}

impl Registered {
    /// What is told of a frame that failed.
    pub fn failure(&self) -> Option<Failure> {
        Some(Failure {
            file: self.file.clone(),
            error: self.why.clone()?,
            class: self.class?,
        })
    }

    /// A frame of which nothing more is known.
    pub(crate) fn blank(file: &Path, status: Status) -> Self {
        Self {
            file: file.to_owned(),
            status,
            map: None,
            described: None,
            stars: None,
            matches: None,
            rms: None,
            fwhm: None,
            correlation: None,
            sigma: None,
            why: None,
            class: None,
        }
    }
}

/// The reference, as what frames are compared with.
struct Target {
    file: CcdFile,
    own: Own,
}

/// What of the reference frames are compared with.
enum Own {
    Stars(FrameStars),
    Wcs,
    Light(PhaseReference),
}

impl Target {
    fn open(path: &Path, options: &RegisterOptions) -> Result<Self> {
        let file = CcdFile::open(path, &options.open)?;
        let own = match options.method {
            Method::Stars => Own::Stars(FrameStars::find(&file, &options.stars)?),
            Method::Wcs => Own::Wcs,
            Method::Phase => Own::Light(by_light::reference(&file, options.stars.saturation)?),
        };
        Ok(Self { file, own })
    }

    fn register(&self, path: &Path, reference: &Path, options: &RegisterOptions) -> Result<Registered> {
        if path == reference {
            let stars = match &self.own {
                Own::Stars(own) => Some(own),
                Own::Wcs | Own::Light(_) => None,
            };
            return Ok(Registered {
                stars: stars.map(|own| own.stars.len()),
                fwhm: stars.map(|own| own.fwhm),
                ..self.registered(path, Projective::IDENTITY, Status::Reference)
            });
        }
        let file = CcdFile::open(path, &options.open)?;
        match &self.own {
            Own::Stars(own) => {
                let found = FrameStars::find(&file, &options.stars)?;
                let registration = register_stars(&found.stars, &own.stars, &options.matching)
                    .map_err(|error| Error::from(error).in_file(path))?;
                Ok(Registered {
                    stars: Some(found.stars.len()),
                    matches: Some(registration.pairs.len()),
                    rms: Some(registration.rms),
                    fwhm: Some(found.fwhm),
                    ..self.registered(path, registration.map, Status::Registered)
                })
            }
            Own::Wcs => {
                let (map, points, rms) = by_wcs::map(&self.file, &file, options.matching.geometry)?;
                Ok(Registered {
                    matches: Some(points),
                    rms: Some(rms),
                    ..self.registered(path, map, Status::Registered)
                })
            }
            Own::Light(own) => {
                let found = by_light::shift(own, &file, options.stars.saturation)?;
                Ok(Registered {
                    correlation: Some(found.correlation),
                    sigma: Some(found.sigma),
                    ..self.registered(path, by_light::map(found.shift), Status::Registered)
                })
            }
        }
    }

    fn registered(&self, path: &Path, map: Projective, status: Status) -> Registered {
        Registered {
            map: Some(map),
            described: Some(map.described(self.file.shape())),
            ..Registered::blank(path, status)
        }
    }
}
