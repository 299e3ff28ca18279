//! Opening the darks of a camera, and writing what is made of them.

mod acs;
mod ccd;
mod stis;

use super::exposure::why_left_out;
use super::{Base, LeftOut, OcrrejectOptions, SuperdarkOptions, candidates};
use crate::{Error, Progress, Result};
use firstlight_calibrate::superdark::{Camera, Darks, Superdark};
use firstlight_calibrate::{Error as StepError, References};
use firstlight_frame::Exposure;
use std::path::{Path, PathBuf};

/// Darks that are ready to be combined.
pub(super) struct Opened {
    pub camera: Camera,
    pub darks: Darks,
    /// CRREJTAB, where there is one.
    pub references: References,
    pub left_out: Vec<LeftOut>,
    /// Darks that were calibrated on the way: they go with it.
    _calibrated: Option<firstlight_fits::Scratch>,
}

/// Opens darks, without those of too short an exposure and, of Hubble's, without second files of an exposure; raw ones of ACS
/// are calibrated into a folder beside `output`.
///
/// # Errors
/// Those of [`Darks`]; [`Error::MissingReferences`]; [`StepError::MembersDiffer`] for darks of several cameras.
pub(super) fn open(
    inputs: &[PathBuf],
    output: &Path,
    options: &SuperdarkOptions,
    how: &OcrrejectOptions,
    progress: &dyn Progress,
) -> Result<Opened> {
    let mut left_out = Vec::new();
    let mut exposures = Vec::with_capacity(inputs.len());
    for path in inputs {
        let exposure = Exposure::open(path)?;
        let key = options.exposure_key();
        match options
            .min_exptime
            .and_then(|least| candidates::too_short(&exposure, key, least))
        {
            Some(reason) => left_out.push(LeftOut::new(path, reason)),
            None => exposures.push(exposure),
        }
    }
    let camera = one_camera(&exposures)?;
    options.check(camera)?;
    if camera != Camera::Ccd {
        exposures = candidates::once(exposures, candidates::Which::of, &mut left_out);
    }
    let opened = open_of(camera, exposures, (output, options, how), progress);
    let (darks, references, calibrated) =
        opened.map_err(|error| match is_too_few(&error) && !left_out.is_empty() {
            true => Error::Usage(format!("{error}{}", why_left_out(&left_out))),
            false => error,
        })?;
    Ok(Opened {
        camera,
        darks,
        references,
        left_out,
        _calibrated: calibrated,
    })
}

/// Whether an error says that there are too few darks.
fn is_too_few(error: &Error) -> bool {
    match error {
        Error::Calibrate(StepError::TooFewExposures { .. }) => true,
        Error::InFile { source, .. } => is_too_few(source),
        _ => false,
    }
}

type OfCamera = (Darks, References, Option<firstlight_fits::Scratch>);

fn open_of(
    camera: Camera,
    exposures: Vec<Exposure>,
    (output, options, how): (&Path, &SuperdarkOptions, &OcrrejectOptions),
    progress: &dyn Progress,
) -> Result<OfCamera> {
    let (darks, references, calibrated) = match camera {
        Camera::Stis => {
            let (darks, references) = stis::open(exposures, options, how)?;
            (darks, references, None)
        }
        Camera::Acs => acs::open(exposures, output, options, progress)?,
        Camera::Ccd => {
            let (darks, references) = ccd::open(&exposures, options)?;
            (darks, references, None)
        }
    };
    Ok((darks, references, calibrated))
}

/// The camera of all darks.
fn one_camera(exposures: &[Exposure]) -> Result<Camera> {
    let first = exposures.first().ok_or(StepError::NoDarks)?;
    let name = |of: &Exposure| of.path().display().to_string();
    for other in exposures {
        if other.detector() != first.detector() {
            return Err(Error::from(StepError::MembersDiffer {
                first: name(first),
                name: name(other),
                what: "detector".to_owned(),
                expected: first.detector().to_string(),
                found: other.detector().to_string(),
                way_out: "leave it out: a superdark is of one detector",
            }));
        }
    }
    Ok(Camera::of(&name(first), first.primary())?)
}

/// The frames of a baseline dark, one for each chip.
pub(super) fn open_base(path: &Path, opened: &Opened) -> Result<Base> {
    let name = crate::input::file_name(path);
    let frames = match opened.camera {
        Camera::Ccd => vec![ccd::open_base(path, &opened.darks)?],
        Camera::Acs => acs::open_base(path, &opened.darks)?,
        Camera::Stis => vec![stis::open_base(path)?],
    };
    Ok(Base { name, frames })
}

/// Writes a superdark as the camera's frames are written.
pub(super) fn write(
    made: &Superdark,
    camera: Camera,
    output: &Path,
    options: &SuperdarkOptions,
) -> Result<()> {
    match camera {
        Camera::Stis | Camera::Acs => {
            crate::calibrate::product::write(&made.image, output, options.overwrite.into())
        }
        Camera::Ccd => ccd::write(made, output, options),
    }
}
