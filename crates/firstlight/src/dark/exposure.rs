//! An exposure, science or dark, as its dark rate is measured.

use crate::{Error, Result};
use firstlight_calibrate::dark::{BoxRate, PixelBox, box_rate};
use firstlight_fits::{Array, Pixels};
use firstlight_frame::{Exposure, Image, PixelUnit};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What the headers of an exposure tell about its dark rate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DarkExposure {
    /// The file.
    pub file: PathBuf,
    /// `ROOTNAME`, or from the file's name.
    pub rootname: String,
    /// Instrument and detector, such as `ACS/SBC`, where `INSTRUME` is there.
    pub detector: Option<String>,
    /// `FILTER1`.
    pub filter1: Option<String>,
    /// `EXPSTART`, Modified Julian Date.
    pub expstart: Option<f64>,
    /// `EXPTIME`, s.
    pub exptime_s: f64,
    /// `MDECODT1`, °C: the detector's temperature as the exposure began.
    pub mdecodt1: Option<f64>,
    /// `MDECODT2`, °C: as it ended.
    pub mdecodt2: Option<f64>,
    /// Mean of the two, °C.
    pub avgtemp: Option<f64>,
    /// Whether pixels are rates rather than counts, by `BUNIT`.
    pub per_second: bool,
}

impl DarkExposure {
    /// Reads the headers of `[SCI,1]` and the primary.
    ///
    /// # Errors
    /// [`Error::Frame`] where `EXPTIME` is missing or there is no image; [`Error::InFile`] where `EXPTIME`
    /// is not positive.
    pub fn of(exposure: &Exposure) -> Result<Self> {
        let version = exposure.imsets().first().map_or(1, |imset| imset.version);
        let sci = exposure.sci_header(version)?;
        let real = |keyword| sci.real(keyword).or_else(|| exposure.primary().real(keyword));
        let text = |keyword| exposure.primary().text(keyword).or_else(|| sci.text(keyword));
        let exptime_s = exposure.exptime_s(version)?;
        if !(exptime_s > 0.0 && exptime_s.is_finite()) {
            let (name, found) = (exposure.rootname(), exptime_s);
            let error = firstlight_calibrate::Error::ExposureTime { name, found };
            return Err(Error::Calibrate(error).in_file(exposure.path()));
        }
        let (mdecodt1, mdecodt2) = (real("MDECODT1"), real("MDECODT2"));
        let unit = sci.text("BUNIT").and_then(|unit| PixelUnit::from_bunit(&unit));
        Ok(Self {
            file: exposure.path().to_owned(),
            rootname: exposure.rootname(),
            detector: exposure
                .detector()
                .is_named()
                .then(|| exposure.detector().to_string()),
            filter1: text("FILTER1").map(|name| name.trim().to_owned()),
            expstart: real("EXPSTART"),
            exptime_s,
            mdecodt1,
            mdecodt2,
            avgtemp: mdecodt1.zip(mdecodt2).map(|(start, end)| 0.5 * (start + end)),
            per_second: unit.is_some_and(|unit| unit.per_second),
        })
    }

    /// The dark rate of SCI in a box, less what is `excluded(x, y)`. Integers are summed as integers.
    ///
    /// # Errors
    /// [`Error::InFile`] where the box lies outside, nothing of it is left, or nothing in it is finite.
    pub fn box_rate(
        &self,
        pixels: &Pixels,
        within: &PixelBox,
        excluded: &dyn Fn(usize, usize) -> bool,
    ) -> Result<BoxRate> {
        macro_rules! by_type {
            ($($variant:ident),*) => {
                match pixels {
                    $(Pixels::$variant(array) => {
                        let image = plane(array.clone(), &self.file)?;
                        box_rate(&image, within, self.exptime_s, self.per_second, excluded)
                    })*
                    other => {
                        let image = plane(other.to_f64(), &self.file)?;
                        box_rate(&image, within, self.exptime_s, self.per_second, excluded)
                    }
                }
            };
        }
        by_type!(U8, I16, U16, I32, U32, I64, F32)
            .map_err(|error| Error::Calibrate(error).in_file(&self.file))
    }
}

/// An array of two axes as an image.
fn plane<T>(array: Array<T>, path: &Path) -> Result<Image<T>> {
    let (ny, nx) = array.plane()?;
    Image::from_vec(ny, nx, array.data).map_err(|error| Error::InFile {
        path: path.to_owned(),
        source: Box::new(Error::Usage(error.to_string())),
    })
}

/// Opens an exposure and reads the pixels of its first SCI.
pub(super) fn open_with_pixels(path: &Path) -> Result<(DarkExposure, Exposure, Pixels)> {
    let exposure = Exposure::open(path)?;
    let header = DarkExposure::of(&exposure)?;
    let version = exposure.imsets().first().map_or(1, |imset| imset.version);
    // Fails with a message of its own where there are not two axes.
    exposure.shape(version)?;
    let index = exposure.imset(version)?.sci;
    let pixels = exposure.file().pixels(index)?;
    Ok((header, exposure, pixels))
}

/// Pixels as the f32 that arithmetic is done in.
pub(super) fn to_image(pixels: Pixels, path: &Path) -> Result<Image<f32>> {
    match pixels {
        Pixels::F32(array) => plane(array, path),
        other => {
            let array = other.to_f64();
            let data = array.data.into_iter().map(|v| v as f32).collect();
            plane(
                Array {
                    shape: array.shape,
                    data,
                },
                path,
            )
        }
    }
}
